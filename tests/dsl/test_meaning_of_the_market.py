"""What the compiler reports of conditions on bars, positions and the clock, and of the actions that manage a trade.

Each case is a text, the code it gets, and what is underlined; beside them what is fine.
"""

from __future__ import annotations

import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.diagnostics import Severity


def errors(text: str) -> list[tuple[str, str]]:
    """Code and underlined text of each error."""
    found = compile_text(text, "flow.rules")
    assert (found.plan is None) == any(one.severity is Severity.ERROR for one in found.diagnostics)
    return [
        (one.code, text[one.span.start : one.span.end]) for one in found.diagnostics if one.severity is Severity.ERROR
    ]


BAR_ERRORS = [
    ("sma > $3", "E204", "sma"),
    ("SPY.sma > $3", "E204", "SPY.sma"),
    ("sma() > $3", "E204", "sma()"),
    ("sma(20, 5) > $3", "E204", "sma(20, 5)"),
    ("sma(20, 2d) > $3", "E204", "2d"),
    ("sma(20, 0.5s) > $3", "E204", "0.5s"),
    ("sma(close) > $3", "E204", "close"),
    ("sma(0) > $3", "E204", "0"),
    ("sma(100_001) > $3", "E204", "100_001"),
    ("rsi(1) > 50", "E204", "1"),
    ("rsi(14) > 70%", "E201", "70%"),
    ("stdev(1) > $1", "E204", "1"),
    ("vwap(20) > $3", "E204", "vwap(20)"),
    ("macd(26, 12) > $0", "E204", "26"),
    ("macd(12) > $0", "E204", "macd(12)"),
    ("macd_signal(12, 12) > $0", "E204", "12"),
    ("bollinger_upper(20, -1) > $3", "E204", "-1"),
    ("bollinger_lower(20, 2%) > $3", "E204", "2%"),
    ("change(10) > 3", "E202", "3"),
    ("change(10) > $3", "E201", "$3"),
    ("smaa(20) > $3", "E104", "smaa"),
    ("SPY.abs(close) > $3", "E204", "SPY"),
    ("signals(buy, 5m) > 1", "E101", "buy"),
    ("signals(BUY) > 1", "E204", "signals(BUY)"),
    ("signals(BUY, 5) > 1", "E204", "5"),
    ("signals(BUY, -5m) > 1", "E204", "-5m"),
    ("signals(close, 5m) > 1", "E204", "close"),
    ("SPY.signals(BUY, 5m) > 1", "E204", "SPY"),
    ("close[1.5] > $3", "E204", "1.5"),
    ("close[-1] > $3", "E204", "-1"),
    ("close[volume] > $3", "E204", "volume"),
    ("close[1m] > $3", "E204", "1m"),
    ("last[1] > $3", "E201", "last"),
    ("position.profit[1] > 3%", "E201", "position.profit"),
    ("abs(close)[1] > $3", "E201", "abs(close)"),
    ("signals(BUY, 5m)[1] > 3", "E201", "signals(BUY, 5m)"),
    ("SPY.last[1] > $3", "E201", "SPY.last"),
    ("price > $3", "E107", "price"),
    ("confidence > 0.5", "E107", "confidence"),
    ("reason is stop", "E107", "reason"),
    ("SPY.closs > $3", "E101", "closs"),
    ("SPY.profit > 3%", "E101", "profit"),
    ("position.proft > 3%", "E101", "proft"),
    ("positon.profit > 3%", "E101", "positon"),
    ("account.equty > $3", "E101", "equty"),
    ("position > 3", "E101", "position"),
    ("profit > 3%", "E101", "profit"),
    ("position.profit > 2", "E202", "2"),
    ("position.profit > 5m", "E201", "5m"),
    ("1% < position.profit < $500", "E201", "$500"),
    ("position.profit in 1%..2R", "E201", "2R"),
    ("position.profit in [1%, $2]", "E201", "$2"),
    ("position.profit + $3 > $4", "E201", "$3"),
    ("-position.profit > $4", "E201", "$4"),
    ("abs(position.profit) > $4", "E201", "$4"),
    ("max(position.profit, 1%) > $4", "E201", "$4"),
    ("position.pnl > 2%", "E201", "2%"),
    ("position.age > 5", "E202", "5"),
    ("position.side == long", "E101", "long"),
    ("position.side is up", "E201", "up"),
    ("position.side is LONG", "E201", "LONG"),
    ("weekday is fryday", "E201", "fryday"),
    ("close is high", "E201", "close"),
    ("3 is stop", "E201", "3"),
    ("flat == true", "E201", "flat"),
    ("weekday", "E203", "weekday"),
    ("now", "E203", "now"),
    ("now > 2026-01-05", "E201", "2026-01-05"),
    ("today > 2026-01-05 10:00", "E201", "2026-01-05 10:00"),
    ("today > 10:00", "E201", "10:00"),
    ("2026-01-05 10:00 > 10:00", "E201", "2026-01-05 10:00"),
    ("09:35 < now < 2026-01-05 10:00", "E201", "2026-01-05 10:00"),
    ("now in [10:00, 2026-01-05 10:00]", "E201", "2026-01-05 10:00"),
    ("now + 5m > 10:00", "E201", "5m"),
    ("minutes_to_close < 30m", "E201", "30m"),
    ("close crosses above 150", "E202", "150"),
    ("close crosses above 3%", "E201", "3%"),
    ("confidence crosses above 0.5", "E107", "confidence"),
    ("$3 crosses above $4", "E203", "$3 crosses above $4"),
    ("position.entry_price crosses above $4", "E203", "position.entry_price crosses above $4"),
    ("now crosses above 10:00", "E203", "now crosses above 10:00"),
    ("weekday crosses above weekday", "E203", "weekday"),
    ("position.profit crosses above 2%", "E203", "position.profit"),
    ("last crosses above sma(20)", "E203", "last crosses above sma(20)"),
    ("close crosses above SPY.last", "E203", "close crosses above SPY.last"),
]


@pytest.mark.parametrize(("condition", "code", "underlined"), BAR_ERRORS, ids=[case[0] for case in BAR_ERRORS])
def test_a_wrong_condition_on_bars_is_reported_once_where_it_breaks(condition: str, code: str, underlined: str) -> None:
    assert errors(f"on bar 5m where {condition} -> exit") == [(code, underlined)]


RIGHT_ON_BARS = [
    "close > sma(20) and close[1] <= sma(20)[1]",
    "close crosses above sma(20) and rsi(14) crosses below 30",
    "sma(20) crosses above SPY.ema(50, 1h)",
    "volume crosses above 2 * volume[1]",
    "close crosses above position.entry_price",
    "high > highest(20, 1h)[1] or low < lowest(20)",
    "close > bollinger_upper(20) or close < bollinger_lower(20, 2.5, 5m) or close > bollinger_upper(20, 1h)",
    "macd() > macd_signal() and macd(12, 26) > $0 and macd_signal(12, 26, 9, 1h) < -$0.50",
    "vwap() < close and vwap(5m) < SPY.vwap()",
    "change(10) > 3% and stdev(20) < $2 and atr(14) > 1 atr(20)",
    "(close - sma(50)) / atr(14) > 2",
    "SPY.close > SPY.sma(200, 1d) and SPY.last > SPY.close[1]",
    'signals(BUY, 5m) >= 3 and signals("very strong", 1h) == 0',
    "position.profit > 2% and position.profit > $500 and position.profit >= 2R",
    "position.profit in 1%..2% or position.profit not in [$1, $2] or 1R <= position.profit < 2R",
    "$500 < position.profit and 2% in [position.profit, 3%]",
    "position.profit < position.peak_profit / 2 and position.profit <= position.peak_profit",
    "position.side is long and position.side is not flat and holding and not flat",
    "position.quantity > 100 and position.age > 2h and position.scale_ins < 3 and position.pnl > $5",
    "close < position.stop_price * 101% or close > position.target_price",
    "account.equity > $50_000 and account.exposure / account.equity < 150% and account.open_positions < 10",
    "trades_today < 20 and account.day_pnl > -2% * account.equity and account.cash > $0 and account.buying_power > $1",
    "now in 09:35..10:00 and now < 15:30 and 10:00 in 09:30..now",
    "now > 2026-01-05 10:00 and today >= 2026-01-05 and today in 2026-01-05..2026-02-01",
    "weekday is monday or weekday is not friday",
    "minutes_since_open > 30 and minutes_to_close < 30",
    'symbol is AAPL or symbol is not "TRUE"',
]


@pytest.mark.parametrize("condition", RIGHT_ON_BARS)
def test_a_condition_on_bars_that_a_trader_would_write_is_fine(condition: str) -> None:
    assert errors(f"on bar 5m where {condition} -> exit") == []


NO_SYMBOL = ["last", "spread", "atr(14)", "6 atr", "6 atr(20)", "close[1]", "position.entry_price"]


@pytest.mark.parametrize("asked", NO_SYMBOL)
@pytest.mark.parametrize("trigger", ["time 10:00", "every 5m", "market open", "start", "broker connected"])
def test_what_is_asked_of_the_events_symbol_needs_one(trigger: str, asked: str) -> None:
    assert errors(f"on {trigger} where {asked} > $3 -> exit everything") == [("E107", asked)]
    assert errors(f"let wide = {asked} > $3\non {trigger} where wide -> exit everything") == [("E107", "wide")]


@pytest.mark.parametrize("asked", ["flat", "holding", "signals(BUY, 5m) > 3"])
def test_a_flag_or_a_count_of_no_symbol_is_reported(asked: str) -> None:
    assert errors(f'on start where {asked} -> log "x"') == [("E107", asked.removesuffix(" > 3"))]
    assert errors(f'on time 10:00 of AAPL where {asked} -> log "x"') == []


FINE_WITHOUT_A_SYMBOL = [
    "on time 10:00 where SPY.last > $3 and SPY.atr(14) > $1 and SPY.close[1] > $3 -> exit everything",
    "on time 10:00 of [AAPL, MSFT] where last > sma(20) and position.profit > 2% -> exit",
    "on time 10:00 -> enter long 100 of SPY stop 6 atr target at last * 110%",
    "on market open + 5m -> enter long 100 of SPY at limit close[1] stop 6 atr -> scale in 50 at profit 2%",
    "on time 10:00 -> exit 50% of SPY at limit last * 101%",
    "on start -> exit of SPY -> exit everything -> reset cooldown -> emit signal BUY for SPY",
    "on broker disconnected where account.equity > $3 and now > 10:00 -> halt",
]


@pytest.mark.parametrize("text", FINE_WITHOUT_A_SYMBOL)
def test_a_rule_without_a_symbol_may_name_one(text: str) -> None:
    assert errors(text) == []


NEEDS_A_SYMBOL = [
    "enter long 100 stop 3%",
    "exit",
    "exit 50%",
    "scale in 50",
    "double down 100% at loss 2%",
    "reverse stop 3%",
    "move stop to breakeven",
    "move stop to $3",
    "move target to $3",
    "trail 2%",
    "cancel orders",
    "place buy 50 at limit $3",
    "emit signal STRONG",
]


@pytest.mark.parametrize("action", NEEDS_A_SYMBOL)
def test_an_action_on_no_symbol_is_reported(action: str) -> None:
    assert errors(f"on time 10:00 -> {action}") == [("E303", action)]
    assert errors(f"on time 10:00 of AAPL -> {action}") == []


ACTION_ERRORS = [
    ("move stop to 3%", "E202", "3%"),
    ("move stop to 2R", "E202", "2R"),
    ("move stop to 145", "E202", "145"),
    ("move stop to AAPL", "E201", "AAPL"),
    ("move stop to $0", "E304", "$0"),
    ("move target to 3%", "E202", "3%"),
    ("move target to breakeven", "E101", "breakeven"),
    ("move stop to breakeven + 3", "E202", "3"),
    ("move stop to breakeven + $1", "E202", "$1"),
    ("move stop to breakeven - at $145", "E202", "at $145"),
    ("trail 2", "E202", "2"),
    ("trail $2", "E202", "$2"),
    ("trail at $145", "E202", "at $145"),
    ("trail 0%", "E304", "0%"),
    ("enter long 100 stop 3% trail at $145", "E202", "at $145"),
    ("reverse stop 3", "E202", "3"),
    ("reverse target 2R", "E301", "2R"),
    ("reverse stop 2R", "E301", "2R"),
    ("reverse stop 3% target 4% target 8%", "E302", "target 8%"),
    ("reverse stop 3% stop 4%", "E304", "stop 4%"),
    ("place sell 50 at limit 160", "E202", "160"),
    ("place sell 50 at limit $0", "E304", "$0"),
    ("place sell 0 at market", "E304", "0"),
    ("place sell 5m at market", "E201", "5m"),
    ("place sell 50 at limit $160 as stop", "E304", "stop"),
    ("place sell 50 at limit $160 for 5m", "E001", "for"),
    ("emit signal STRONG confidence 80", "E304", "80"),
    ("emit signal STRONG confidence $3", "E201", "$3"),
    ("emit signal STRONG confidence position.profit", "E201", "position.profit"),
    ("emit signal STRONG for close", "E201", "close"),
    ("reset cooldown of nobody", "E101", "nobody"),
    ("call nobody()", "E104", "nobody"),
    ('log "{position.proft}"', "E101", "proft"),
    ('log "{nobody.profit}"', "E101", "nobody"),
    ('log "{position}"', "E101", "position"),
]


@pytest.mark.parametrize(("action", "code", "underlined"), ACTION_ERRORS, ids=[case[0] for case in ACTION_ERRORS])
def test_a_wrong_action_is_reported_once_where_it_breaks(action: str, code: str, underlined: str) -> None:
    assert errors(f"on bar -> {action}") == [(code, underlined)]


TRIGGER_ERRORS = [
    ("bar 5", "E202", "5"),
    ("bar 2d", "E204", "2d"),
    ("bar 0s", "E204", "0s"),
    ("bar AAPL", "E204", "AAPL"),
    ("bar of 3 * 2", "E001", ""),
    ("time 5", "E201", "5"),
    ("time 5m", "E201", "5m"),
    ("every 5", "E202", "5"),
    ("every 0m", "E304", "0m"),
    ("every 7h", "E304", "7h"),
    ("market open + 5", "E202", "5"),
    ("market open + 7h", "E304", "7h"),
    ("market close - 10:00", "E201", "10:00"),
    ("time 10:00 of symbol", "E304", "symbol"),
    ("price of symbol", "E304", "symbol"),
]


@pytest.mark.parametrize(("trigger", "code", "underlined"), TRIGGER_ERRORS, ids=[case[0] for case in TRIGGER_ERRORS])
def test_a_wrong_trigger_is_reported_once(trigger: str, code: str, underlined: str) -> None:
    of = "" if " of " in trigger else " of AAPL"
    found = errors(f'on {trigger}{of} -> notify "x"')
    assert len(found) == 1
    assert found[0][0] == code
    assert not underlined or found[0][1] == underlined


CYCLES = [
    ("on signal BUY -> emit signal BUY", 1),
    ("on signal any -> emit signal X", 1),
    ("on signal BUY of AAPL -> emit signal BUY for MSFT", 0),
    ("on signal BUY of AAPL -> emit signal BUY for symbol", 1),
    ("on bar -> emit signal BUY\non signal BUY -> emit signal STRONG", 0),
    ("on signal A -> emit signal B\non signal B -> emit signal C\non signal C -> emit signal A", 1),
    ("on signal A -> emit signal B\non signal B -> emit signal A\non signal X -> emit signal X", 2),
    ("on signal A of AAPL -> emit signal B\non signal B of MSFT -> emit signal A for AAPL", 0),
    ("rule off disabled on signal A -> emit signal A", 0),
]


@pytest.mark.parametrize(("text", "cycles"), CYCLES, ids=[case[0] for case in CYCLES])
def test_rules_that_fire_each_other_for_ever_are_refused(text: str, cycles: int) -> None:
    assert [code for code, _ in errors(text)] == ["E305"] * cycles


def test_a_reserved_name_is_not_blamed_again_where_it_is_used() -> None:
    text = "let size = 3\nlet two = size * 2\non signal BUY where confidence > two -> exit"
    assert errors(text) == [("E103", "size")]


def test_a_crossing_below_a_wrong_trigger_is_not_looked_into() -> None:
    assert errors("on bar 5m + [AAPL] where close crosses above $3 -> exit") == [("E201", "[AAPL]")]


def test_two_names_of_one_let_that_an_event_lacks_are_told_once() -> None:
    text = "field premium: money\nlet strong = confidence > 0.5 and premium > $3\non price where strong -> exit"
    assert errors(text) == [("E107", "strong")]
