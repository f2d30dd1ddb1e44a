"""What conditions on bars, positions and the clock become, and the triggers and actions around them."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.dsl.compile import compile_files, compile_text
from rulec.dsl.registered import read_signatures
from rulec.dsl.source import SourceFile

PRICE = p.EventName("price", p.Kind.MONEY)
CLOSE = p.EventName("close", p.Kind.MONEY)
LAST = p.QuoteField("last")
M5 = 300.0


def rule_of(text: str) -> p.Rule:
    found = compile_text(text, "flow.rules")
    assert found.plan is not None, found.diagnostics
    return found.plan.rules[-1]


def condition_of(text: str, trigger: str = "bar") -> p.Expression | None:
    return rule_of(f"on {trigger} where {text} -> exit").condition


def action_of(text: str, trigger: str = "bar") -> p.Action:
    return rule_of(f"on {trigger} -> {text}").actions[-1]


def compared(left: p.Expression, operator: str, right: p.Expression) -> p.Compare:
    return p.Compare((left, right), (operator,))


def sma(length: float, timeframe: float | None = None, symbol: str | None = None, ago: int = 0) -> p.Indicator:
    return p.Indicator("sma", (length,), timeframe, symbol, ago)


# ---- triggers ------------------------------------------------------------------------------------------------------

TRIGGERS: list[tuple[str, p.Trigger]] = [
    ("volume of AAPL", p.VolumeTrigger(("AAPL",))),
    ("bar", p.BarTrigger()),
    ("bar 5m of [AAPL, MSFT, AAPL]", p.BarTrigger(M5, ("AAPL", "MSFT"))),
    ("bar span", p.BarTrigger(600.0)),
    ("position opened", p.PositionTrigger(p.PositionMoment.OPENED)),
    ("position closed of AAPL", p.PositionTrigger(p.PositionMoment.CLOSED, ("AAPL",))),
    ("order rejected", p.OrderTrigger(p.OrderMoment.REJECTED)),
    ("order filled of watch", p.OrderTrigger(p.OrderMoment.FILLED, ("SPY",))),
    ("time 15:30 of watch", p.TimeTrigger(55_800, ("SPY",))),
    ("every 5m of AAPL", p.EveryTrigger(M5, ("AAPL",))),
    ("market open of AAPL", p.MarketTrigger(p.MarketMoment.OPEN, 0.0, ("AAPL",))),
    ("market open + 2 * 5m of AAPL", p.MarketTrigger(p.MarketMoment.OPEN, 600.0, ("AAPL",))),
    ("market close - span of AAPL", p.MarketTrigger(p.MarketMoment.CLOSE, 600.0, ("AAPL",))),
]


@pytest.mark.parametrize(("text", "expected"), TRIGGERS, ids=[case[0] for case in TRIGGERS])
def test_a_trigger_becomes_a_record(text: str, expected: p.Trigger) -> None:
    assert rule_of(f"param span = 10m\nlet watch = [SPY]\non {text} -> exit").trigger == expected


def test_the_systems_life_has_no_symbol() -> None:
    text = "on start -> halt\non broker connected -> halt\non broker disconnected -> halt\non time 10:00 -> halt"
    plan = compile_text(text).plan
    assert plan is not None
    assert [rule.trigger for rule in plan.rules] == [
        p.StartTrigger(),
        p.BrokerTrigger(p.BrokerMoment.CONNECTED),
        p.BrokerTrigger(p.BrokerMoment.DISCONNECTED),
        p.TimeTrigger(36_000),
    ]


# ---- the past ------------------------------------------------------------------------------------------------------

PAST: list[tuple[str, str, p.Expression]] = [
    ("bar", "close", CLOSE),
    ("bar", "close[1]", p.BarField("close", 1)),
    ("bar 5m", "close[1]", p.BarField("close", 1, M5)),
    ("bar 5m", "close[0]", p.BarField("close", 0, M5)),
    ("price", "close[1 + 1]", p.BarField("close", 2)),
    ("bar 5m", "SPY.close", p.BarField("close", 0, M5, "SPY")),
    ("bar 5m", "SPY.close[1]", p.BarField("close", 1, M5, "SPY")),
    ("bar", "sma(20)", sma(20.0)),
    ("bar 5m", "sma(20)", sma(20.0, M5)),
    ("bar 5m", "sma(20, 1h)", sma(20.0, 3_600.0)),
    ("price", "sma(20)", sma(20.0)),
    ("bar", "sma(20)[2]", sma(20.0, ago=2)),
    ("bar 5m", "SPY.sma(200, 1d)[2]", sma(200.0, 86_400.0, "SPY", 2)),
    ("bar 5m", "SPY.sma(200)", sma(200.0, M5, "SPY")),
    ("bar 5m", "vwap()", p.Indicator("vwap", (), M5)),
    ("bar", "macd(12, 26, 9, 5m)", p.Indicator("macd", (12.0, 26.0, 9.0), M5)),
    ("bar", "bollinger_upper(20, 2.5, 5m)", p.Indicator("bollinger_upper", (20.0, 2.5), M5)),
    ("bar 5m", "2 atr", p.Product((("*", p.Number(2.0)), ("*", p.Indicator("atr", (14.0,), M5))))),
    ("bar", "last", LAST),
    ("bar", "SPY.last", p.QuoteField("last", "SPY")),
]


@pytest.mark.parametrize(("trigger", "text", "expected"), PAST, ids=[f"{case[0]}: {case[1]}" for case in PAST])
def test_a_value_knows_its_timeframe_its_symbol_and_how_long_ago(
    trigger: str, text: str, expected: p.Expression
) -> None:
    assert condition_of(f"{text} > $3", trigger) == compared(expected, ">", p.Money(3.0))


def test_a_let_is_read_with_the_timeframe_of_the_rule_that_reads_it() -> None:
    text = (
        "let up = sma(20) > close[1]\non bar 5m where up -> exit\non bar 1h where up -> exit\non price where up -> exit"
    )
    plan = compile_text(text).plan
    assert plan is not None
    assert [rule.condition for rule in plan.rules] == [
        compared(sma(20.0, timeframe), ">", p.BarField("close", 1, timeframe)) for timeframe in (M5, 3_600.0, None)
    ]


def test_a_let_of_a_used_file_is_read_with_the_readers_timeframe(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("used")
    (folder / "lets.rules").write_text("let base = sma(20)\nlet up = base > close[1]")
    main = str(folder / "main.rules")
    source = SourceFile(main, 'use "lets.rules"\non bar 5m where up and close > base -> exit')
    plan = compile_files([source]).plan
    assert plan is not None
    assert plan.rules[0].condition == p.And(
        (compared(sma(20.0, M5), ">", p.BarField("close", 1, M5)), compared(CLOSE, ">", sma(20.0, M5)))
    )


# ---- crossings -----------------------------------------------------------------------------------------------------


def crossing(before: tuple[p.Expression, p.Expression], now: tuple[p.Expression, p.Expression]) -> p.Expression:
    return p.And((p.Compare(now, (">",)), p.Compare(before, ("<=",))))


def test_in_a_rule_on_bars_both_sides_are_taken_a_bar_back() -> None:
    assert condition_of("close crosses above sma(20)", "bar 5m") == crossing(
        (p.BarField("close", 1, M5), sma(20.0, M5, ago=1)), (CLOSE, sma(20.0, M5))
    )
    assert condition_of("sma(20) crosses below $150") == p.And(
        (compared(sma(20.0), "<", p.Money(150.0)), compared(sma(20.0, ago=1), ">=", p.Money(150.0)))
    )


def test_in_a_rule_on_prices_only_the_price_is_taken_back() -> None:
    for price in ("price", "last"):
        left = PRICE if price == "price" else LAST
        for trigger in ("price", "volume"):
            assert condition_of(f"{price} crosses above sma(20)", trigger) == crossing(
                (p.PreviousPrice(), sma(20.0)), (left, sma(20.0))
            )


def test_each_side_crosses_in_its_own_timeframe_and_from_where_it_is() -> None:
    assert condition_of("close[1] crosses above SPY.ema(50, 1h)[2]", "bar 5m") == crossing(
        (p.BarField("close", 2, M5), p.Indicator("ema", (50.0,), 3_600.0, "SPY", 3)),
        (p.BarField("close", 1, M5), p.Indicator("ema", (50.0,), 3_600.0, "SPY", 2)),
    )


def test_what_a_crossing_is_made_of_is_taken_back_part_by_part() -> None:
    spread = p.Sum(((1, CLOSE), (-1, sma(20.0))))
    before = p.Sum(((1, p.BarField("close", 1)), (-1, sma(20.0, ago=1))))
    level = p.Product((("*", p.Number(2.0)), ("*", p.Indicator("atr", (14.0,)))))
    level_before = p.Product((("*", p.Number(2.0)), ("*", p.Indicator("atr", (14.0,), ago=1))))
    assert condition_of("close - sma(20) crosses above 2 atr") == crossing((before, level_before), (spread, level))


def test_a_crossing_in_a_let_is_that_of_each_rule_that_reads_it() -> None:
    text = "let up = last crosses above sma(20)\non price where up -> exit"
    assert rule_of(text).condition == crossing((p.PreviousPrice(), sma(20.0)), (LAST, sma(20.0)))
    both = "let up = sma(9) crosses above sma(20)\non bar 5m where up -> exit\non bar 1h where up -> exit"
    plan = compile_text(both).plan
    assert plan is not None
    assert [rule.condition for rule in plan.rules] == [
        crossing((sma(9.0, t, ago=1), sma(20.0, t, ago=1)), (sma(9.0, t), sma(20.0, t))) for t in (M5, 3_600.0)
    ]


# ---- positions, account, clock -------------------------------------------------------------------------------------

PROFIT = p.PositionField("profit")
IN_MONEY = p.PositionField("profit", p.Kind.MONEY)
IN_R = p.PositionField("profit", p.Kind.R)
TIME = p.ClockField("time")
VALUES: list[tuple[str, p.Expression]] = [
    ("position.profit > 2%", compared(PROFIT, ">", p.Percent(0.02))),
    ("position.profit > $500", compared(IN_MONEY, ">", p.Money(500.0))),
    ("$500 < position.profit", compared(p.Money(500.0), "<", IN_MONEY)),
    ("position.profit >= 2R", compared(IN_R, ">=", p.RMultiple(2.0))),
    ("gain >= 2R", compared(IN_R, ">=", p.RMultiple(2.0))),
    ("1R < position.profit < 2R", p.Compare((p.RMultiple(1.0), IN_R, p.RMultiple(2.0)), ("<", "<"))),
    ("position.profit in $1..$2", p.Within(IN_MONEY, p.Money(1.0), p.Money(2.0))),
    ("$1 in [position.profit]", p.Member(p.Money(1.0), (IN_MONEY,))),
    ("position.profit < position.peak_profit", compared(PROFIT, "<", p.PositionField("peak_profit"))),
    (
        "position.profit < position.peak_profit < $5",
        p.Compare((IN_MONEY, p.PositionField("peak_profit", p.Kind.MONEY), p.Money(5.0)), ("<", "<")),
    ),
    ("position.profit > $100 * 5", compared(IN_MONEY, ">", p.Money(500.0))),
    (
        "position.profit * 2 > 3%",
        compared(p.Product((("*", PROFIT), ("*", p.Number(2.0)))), ">", p.Percent(0.03)),
    ),
    ("position.side is long", compared(p.PositionField("side"), "==", p.Word("long"))),
    ("position.side is not long", compared(p.PositionField("side"), "!=", p.Word("long"))),
    ("flat", compared(p.PositionField("side"), "==", p.Word("flat"))),
    ("holding", compared(p.PositionField("side"), "!=", p.Word("flat"))),
    ("position.age > 2h", compared(p.PositionField("age"), ">", p.Duration(7_200.0))),
    ("account.equity > $5", compared(p.AccountField("equity"), ">", p.Money(5.0))),
    ("trades_today < 5", compared(p.AccountField("trades_today"), "<", p.Number(5.0))),
    ("signals(BUY, 5m) > 3", compared(p.SignalCount("BUY", M5), ">", p.Number(3.0))),
    ('signals("very strong", 5m) > 3', compared(p.SignalCount("very strong", M5), ">", p.Number(3.0))),
    ("now > 10:00", compared(TIME, ">", p.TimeOfDay(36_000))),
    ("then < 10:00", compared(TIME, "<", p.TimeOfDay(36_000))),
    ("now in 09:35..10:00", p.Within(TIME, p.TimeOfDay(34_500), p.TimeOfDay(36_000), open_end=True)),
    ("10:00 in 09:35..now", p.Within(p.TimeOfDay(36_000), p.TimeOfDay(34_500), TIME, open_end=True)),
    ("now > 2026-01-05 10:00", compared(p.ClockField("now"), ">", p.Moment(1_767_607_200))),
    ("today == 2026-01-05", compared(p.ClockField("today"), "==", p.Date(20_458))),
    ("weekday is friday", compared(p.ClockField("weekday"), "==", p.Word("friday"))),
    ("minutes_to_close < 30", compared(p.ClockField("minutes_to_close"), "<", p.Number(30.0))),
    ("symbol is AAPL", compared(p.EventName("symbol", p.Kind.SYMBOL), "==", p.Word("AAPL"))),
    ("spread < 0.1% * last", compared(p.QuoteField("spread"), "<", p.Product((("*", p.Percent(0.001)), ("*", LAST))))),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[case[0] for case in VALUES])
def test_a_condition_says_what_it_is_told_in(text: str, expected: p.Expression) -> None:
    lets = "let gain = position.profit\nlet then = now\n"
    assert rule_of(f"{lets}on bar where {text} -> exit").condition == expected


# ---- actions -------------------------------------------------------------------------------------------------------

ATR = p.Indicator("atr", (14.0,))
ACTIONS: list[tuple[str, p.Action]] = [
    ("reverse", p.Reverse()),
    (
        "reverse stop 3% target 2R exit after 2h",
        p.Reverse(
            p.Protection(
                stop=p.Distance(p.DistanceUnit.PERCENT, p.Percent(0.03)),
                targets=(p.Target(p.Distance(p.DistanceUnit.R, p.RMultiple(2.0))),),
                exit_after=p.Duration(7_200.0),
            )
        ),
    ),
    ("move stop to $145", p.MoveStop(p.Distance(p.DistanceUnit.PRICE, p.Money(145.0)))),
    ("move stop to breakeven", p.MoveStopToBreakeven()),
    (
        "move stop to breakeven + 0.5%",
        p.MoveStopToBreakeven(p.Distance(p.DistanceUnit.PERCENT, p.Percent(0.005)), gain=True),
    ),
    (
        "move stop to breakeven - $1 away",
        p.MoveStopToBreakeven(p.Distance(p.DistanceUnit.AMOUNT, p.Money(1.0)), gain=False),
    ),
    ("move target to $160", p.MoveTarget(p.Money(160.0))),
    ("trail 2%", p.TrailStop(p.Distance(p.DistanceUnit.PERCENT, p.Percent(0.02)))),
    (
        "trail 2 atr",
        p.TrailStop(p.Distance(p.DistanceUnit.AMOUNT, p.Product((("*", p.Number(2.0)), ("*", ATR))))),
    ),
    ("cancel targets", p.CancelOrders(p.Cancelled.TARGETS)),
    ("cancel orders", p.CancelOrders(p.Cancelled.ORDERS)),
    (
        "place sell 50% at limit $160 as hedge",
        p.PlaceOrder(
            p.Side.SHORT,
            p.Size(p.SizeUnit.POSITION, p.Percent(0.5)),
            p.Pricing(p.PricingKind.LIMIT, p.Money(160.0)),
            "hedge",
        ),
    ),
    (
        "place buy 50 at market",
        p.PlaceOrder(p.Side.LONG, p.Size(p.SizeUnit.SHARES, p.Number(50.0)), p.Pricing(p.PricingKind.MARKET), "placed"),
    ),
    ("emit signal STRONG", p.EmitSignal("STRONG")),
    ("emit signal STRONG for SPY confidence 90%", p.EmitSignal("STRONG", p.Symbol("SPY"), p.Percent(0.9))),
    ("reset cooldown", p.ResetCooldown()),
    ("reset cooldown of shared", p.ResetCooldown("shared")),
    ("reset cooldown of own", p.ResetCooldown("flow.own")),
    ('log "{position.profit} {account.equity}"', p.Log(p.Text((PROFIT, " ", p.AccountField("equity"))))),
]


@pytest.mark.parametrize(("text", "expected"), ACTIONS, ids=[case[0] for case in ACTIONS])
def test_an_action_becomes_a_record(text: str, expected: p.Action) -> None:
    others = "rule own cooldown 5m shared shared on price -> exit\n"
    assert rule_of(f"{others}on bar -> {text}").actions == (expected,)


def test_six_atr_of_an_entry_in_another_symbol_are_that_symbols() -> None:
    atr_of_spy = p.Indicator("atr", (14.0,), M5, "SPY")
    for trigger in ("bar 5m of AAPL", "bar 5m"):
        enter = action_of("enter long 100 of SPY at limit last stop 6 atr target at close[1] * 2", trigger)
        assert isinstance(enter, p.Enter)
        assert enter.pricing.limit == p.QuoteField("last", "SPY")
        assert enter.protection.stop == p.Distance(
            p.DistanceUnit.AMOUNT, p.Product((("*", p.Number(6.0)), ("*", atr_of_spy)))
        )
        close = p.BarField("close", 1, M5, "SPY")
        assert enter.protection.targets[0].distance.value == p.Product((("*", close), ("*", p.Number(2.0))))
    clock = action_of("enter long 100 of SPY stop 6 atr", "time 10:00")
    assert isinstance(clock, p.Enter)
    assert clock.protection.stop == p.Distance(
        p.DistanceUnit.AMOUNT, p.Product((("*", p.Number(6.0)), ("*", p.Indicator("atr", (14.0,), None, "SPY"))))
    )


def test_a_symbol_known_only_at_the_event_changes_nothing_of_an_action() -> None:
    enter = action_of("enter long 100 of symbol stop 6 atr")
    assert isinstance(enter, p.Enter)
    assert enter.protection.stop == p.Distance(p.DistanceUnit.AMOUNT, p.Product((("*", p.Number(6.0)), ("*", ATR))))


def test_a_called_action_keeps_its_arguments_by_place_and_by_name() -> None:
    source = SourceFile("flow.rules", "on bar -> call rebalance(symbol, close > $3, weight = 20%, note = BUY)")
    actions = read_signatures("@rule_action\ndef rebalance(c, symbol, when: bool, *, weight, note: str): ...", "a.py")
    plan = compile_files([source], actions=actions).plan
    assert plan is not None
    assert plan.rules[0].actions == (
        p.CallAction(
            "rebalance",
            (p.EventName("symbol", p.Kind.SYMBOL), compared(CLOSE, ">", p.Money(3.0))),
            (("weight", p.Percent(0.2)), ("note", p.Symbol("BUY"))),
        ),
    )
