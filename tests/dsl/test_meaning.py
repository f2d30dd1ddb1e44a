"""What the compiler reports once a text parses: each case is a text, the code it gets, and what is underlined."""

from __future__ import annotations

import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.diagnostics import Severity

ENTER = "enter long 100 stop 3%"


def errors(text: str) -> list[tuple[str, str]]:
    """Code and underlined text of each error."""
    found = compile_text(text, "flow.rules")
    assert (found.plan is None) == any(one.severity is Severity.ERROR for one in found.diagnostics)
    return [
        (one.code, text[one.span.start : one.span.end]) for one in found.diagnostics if one.severity is Severity.ERROR
    ]


WHERE_ERRORS = [
    ("confidense > 0.8", "E101", "confidense"),
    ("confidence > SPY.lst", "E101", "lst"),
    ("size > 100", "E107", "size"),
    ("atr > $3", "E204", "atr"),
    ("price > SPY.atr", "E204", "SPY.atr"),
    ("price > atrr(14)", "E104", "atrr"),
    ("price(3) > $1", "E104", "price"),
    ("price > 3%", "E201", "3%"),
    ("3% < price", "E201", "3%"),
    ("price > confidence", "E201", "confidence"),
    ("price > AAPL", "E201", "AAPL"),
    ("symbol < AAPL", "E201", "symbol"),
    ("symbol == 3", "E201", "3"),
    ("symbol == signal", "E201", "signal"),
    ("(price > $3) == true", "E201", "price > $3"),
    ("price + 3% > $3", "E201", "3%"),
    ("price * price > $3", "E201", "price"),
    ("3 / price > 1", "E201", "price"),
    ("-symbol == AAPL", "E201", "-symbol"),
    ("confidence + 5m > 3", "E201", "5m"),
    ("symbol in AAPL", "E201", "AAPL"),
    ("symbol in [AAPL, 3]", "E201", "3"),
    ("confidence in [AAPL]", "E201", "AAPL"),
    ("symbol in AAPL..MSFT", "E201", "symbol"),
    ("price in $1..3%", "E201", "3%"),
    ("price > 150", "E202", "150"),
    ("150 < price", "E202", "150"),
    ("price > -150", "E202", "-150"),
    ("price in 100..$200", "E202", "100"),
    ("$1 < price < 200", "E202", "200"),
    ("price in [150]", "E202", "150"),
    ("price / last * 3% > 3", "E202", "3"),
    ("confidence", "E203", "confidence"),
    ("5", "E203", "5"),
    ("not price", "E203", "price"),
    ("confidence > 0.8 and price", "E203", "price"),
    ("confidence > 0.8 or (price > $3 and 7)", "E203", "7"),
    ("[AAPL]", "E203", "[AAPL]"),
    ("price > atr()", "E204", "atr()"),
    ("price > atr(0)", "E204", "0"),
    ("price > atr(1.5)", "E204", "1.5"),
    ("price > atr(14, 3)", "E204", "atr(14, 3)"),
    ("price > atr(price)", "E204", "price"),
    ("price > atr(14, 0m)", "E204", "0m"),
    ("price > 2 atr(0)", "E204", "0"),
    ("price > min($1)", "E204", "min($1)"),
    ("price > min($1, 3)", "E204", "3"),
    ("price > max(AAPL, MSFT)", "E204", "AAPL"),
    ("price > SPY.abs($1)", "E204", "SPY"),
    ("price > round($1.5, $1)", "E204", "round($1.5, $1)"),
    ("price > $3 atr", "E201", "$3"),
    ("price / 0 > $1", "E304", "0"),
]


@pytest.mark.parametrize(("condition", "code", "underlined"), WHERE_ERRORS, ids=[case[0] for case in WHERE_ERRORS])
def test_a_wrong_condition_is_reported_once_where_it_breaks(condition: str, code: str, underlined: str) -> None:
    assert errors(f"on signal BUY where {condition} -> {ENTER}") == [(code, underlined)]


RIGHT_CONDITIONS = [
    "confidence > 0.8",
    "confidence > 80%",
    "0.2 < confidence <= 70%",
    "confidence in 0.5..90%",
    "confidence * 2 - 0.5 > 80%",
    "confidence in [0.5, 80%]",
    "price > $150",
    "price > last * 103%",
    "price - last > 2 atr",
    "price > SPY.last - SPY.atr(14, 5m)",
    "spread / last < 0.1%",
    "spread / last < 0.001",
    "symbol == AAPL",
    'symbol != "TRUE"',
    'symbol in [AAPL, "TRUE"]',
    "symbol not in [AAPL, MSFT]",
    'signal == BUY or signal == "strong buy"',
    'source == "webhook"',
    "not (price > $1 and true)",
    "max(price, last) > min($1, $2, $3)",
    "round(price, 2) == $150.25",
    "abs(price - last) < $1",
    "last > bid",
]


@pytest.mark.parametrize("condition", RIGHT_CONDITIONS)
def test_a_condition_that_a_trader_would_write_is_fine(condition: str) -> None:
    assert errors(f"on signal any where {condition} -> {ENTER}") == []


ACTION_ERRORS = [
    ("enter long 100 stop 3", "E202", "3"),
    ("enter long 100 stop $145", "E202", "$145"),
    ("enter long 100 stop price - 2 atr", "E202", "price - 2 atr"),
    ("enter long 100 stop at 145", "E202", "145"),
    ("enter long 100 stop at 3%", "E201", "3%"),
    ("enter long 100 stop 3 away", "E202", "3"),
    ("enter long 100 stop 3% away", "E202", "3%"),
    ("enter long 100 stop AAPL", "E201", "AAPL"),
    ("enter long 100 stop confidence", "E201", "confidence"),
    ("enter long 100 stop 3% target 8", "E202", "8"),
    ("enter long 100 stop 3% target 8% for 50", "E202", "50"),
    ("enter long 100 stop 3% trail 2", "E202", "2"),
    ("enter long 100 stop 3% trail 2% after 3", "E202", "3"),
    ("enter long 100 stop 3% breakeven after 3", "E202", "3"),
    ("enter long 100 stop 3% exit after 3", "E202", "3"),
    ("enter long 100 at limit 150 stop 3%", "E202", "150"),
    ("enter long 100 at limit 3% stop 3%", "E201", "3%"),
    ("enter long 100 at limit $150 for 5 stop 3%", "E202", "5"),
    ("enter long 50% stop 3%", "E202", "50%"),
    ("enter long 2 of equity stop 3%", "E202", "2"),
    ("enter long $3 of equity stop 3%", "E201", "$3"),
    ("enter long risk 1% stop 3%", "E202", "1%"),
    ("enter long risk 500 stop 3%", "E202", "500"),
    ("enter long risk 5m stop 3%", "E201", "5m"),
    ("enter long AAPL stop 3%", "E201", "AAPL"),
    ("enter long 5m stop 3%", "E201", "5m"),
    ("enter long 100 of price stop 3%", "E201", "price"),
    ("scale in 50 at profit 2", "E202", "2"),
    ("scale in 50 at profit 2% at most 5m", "E201", "5m"),
    ("scale in confidence at profit 2%", "E202", "confidence"),
    ("double down 100% at loss 2", "E202", "2"),
    ("double down 100% at 50 to stop", "E202", "50"),
    ("exit $300", "E202", "$300"),
    ("exit 5m", "E201", "5m"),
    ("exit of price", "E201", "price"),
    ("exit at limit 160", "E202", "160"),
    ('notify "{nobody}"', "E101", "nobody"),
    ('log "{size}"', "E107", "size"),
    ("enter long risk 1% of equity target 8%", "E301", "risk 1% of equity"),
    ("enter long risk 1% of equity trail 2%", "E301", "risk 1% of equity"),
    ("enter long 100 target 2R", "E301", "2R"),
    ("enter long 100 stop 1R", "E301", "1R"),
    ("enter long 100 trail 1R", "E301", "1R"),
    ("enter long 100 target 3% trail 2% after 1R", "E301", "1R"),
    ("enter long 100 breakeven after 1R", "E301", "1R"),
    ("enter long 100 target 8% -> scale in 50 at profit 1R", "E301", "1R"),
    ("enter long 100 target 8% -> double down 100% at 50% to stop", "E301", "50%"),
    ("enter long 100 target 8% -> scale in risk $500", "E301", "risk $500"),
    ("enter long 100 stop 3% target 4% target 8%", "E302", "target 8%"),
    ("enter long 100 stop 3% target 4% for 60% target 8% for 50%", "E302", "target 8% for 50%"),
    ("enter long 0 stop 3%", "E304", "0"),
    ("enter long 0.5 stop 3%", "E304", "0.5"),
    ("enter long -100 stop 3%", "E304", "-100"),
    ("enter long $0 stop 3%", "E304", "$0"),
    ("enter long 0% of equity stop 3%", "E304", "0%"),
    ("enter long 100 stop 0%", "E304", "0%"),
    ("enter long 100 stop -3%", "E304", "-3%"),
    ("enter long 100 stop 100%", "E304", "100%"),
    ("enter long 100 stop at $0", "E304", "at $0"),
    ("enter short 100 stop 3% target 100%", "E304", "100%"),
    ("enter long 100 stop 3% stop 4%", "E304", "stop 4%"),
    ("enter long 100 stop 3% trail 2% trail 3%", "E304", "trail 3%"),
    ("enter long 100 stop 3% target 8% for 0%", "E304", "0%"),
    ("enter long 100 stop 3% exit after 0m", "E304", "0m"),
    ("enter long 100 at limit $0 stop 3%", "E304", "$0"),
    ("enter long 100 at limit $150 for 0m stop 3%", "E304", "0m"),
    ("enter long 100 at limit $150 stop at $151", "E304", "at $151"),
    ("enter short 100 at limit $150 stop at $149", "E304", "at $149"),
    ("enter long 100 at stop $150 stop 3% target at $149", "E304", "at $149"),
    ("scale in 0%", "E304", "0%"),
    ("scale in 50 at profit -2%", "E304", "-2%"),
    ("scale in 50 at most 0", "E304", "0"),
    ("scale in 50 at most 1.5", "E304", "1.5"),
    ("double down 100% at loss 0%", "E304", "0%"),
    ("double down 100% at 100% to stop", "E304", "100%"),
    ("double down 100% at 0% to stop", "E304", "0%"),
    ("exit 0", "E304", "0"),
    ("exit 150%", "E304", "150%"),
]


@pytest.mark.parametrize(("action", "code", "underlined"), ACTION_ERRORS, ids=[case[0] for case in ACTION_ERRORS])
def test_a_wrong_action_is_reported_once_where_it_breaks(action: str, code: str, underlined: str) -> None:
    assert errors(f"on signal BUY -> {action}") == [(code, underlined)]


RIGHT_ACTIONS = [
    "enter long 100 stop 3% target 8%",
    "enter short 100 stop 100% target 99%",
    "enter long $30_000 stop 6 atr target 4 atr(20)",
    "enter long 2% of equity of AAPL stop $2.50 away",
    "enter long confidence * 2% of equity stop 3%",
    "enter long 100 * confidence stop 3%",
    "enter long risk 1% of equity of symbol stop 2 * atr(14) target 2R breakeven after 1R",
    "enter long risk $500 stop at price - 2 atr target 50%",
    "enter long 100 stop max(2 atr, 1 atr(5)) target 150%",
    "enter long 100 stop 3% target 4% for 50% target 8% for 50%",
    "enter long 100 stop 3% trail 2% after 1R exit after 2h",
    "enter long 100 at limit price * 99% for 5m stop 3%",
    "enter long 100 at stop $151 limit $152 stop at $150 target at $160",
    "scale in 50% at profit 2% at most 3",
    "scale in risk 1% of equity at profit 0%",
    "scale in 50 at profit 1R",
    "double down 100% at loss 3 atr",
    "double down $5_000 at 50% to stop",
    "exit",
    'exit 50% of AAPL at limit $160 because "enough of {symbol}"',
    'exit everything because "done"',
    'notify "{symbol} at {price}, {confidence}"',
    'halt "stop" -> log "x"',
]


@pytest.mark.parametrize("action", RIGHT_ACTIONS)
def test_an_action_that_a_trader_would_write_is_fine(action: str) -> None:
    assert errors(f"on signal any -> {action}") == []


FILE_ERRORS = [
    ("language 2\non price -> exit", [("E304", "2")]),
    ("let price = $3", [("E103", "price")]),
    ("let where = 3", [("E103", "where")]),
    ("let close = $3", [("E103", "close")]),
    ("param atr = 3", [("E103", "atr")]),
    ("let a = 1\nparam a = 2", [("E103", "a")]),
    ("let a = a + 1", [("E103", "a")]),
    ("let a = b\nlet b = c\nlet c = a", [("E103", "a")]),
    ("let a = { AAPL: $1, AAPL: $2 }", [("E103", "AAPL: $2")]),
    ("let a = { AAPL: $1, MSFT: 2 }", [("E201", "2")]),
    ("let a = { else: $1, else: $2 }", [("E103", "else: $2")]),
    ("field premium: mony", [("E101", "mony")]),
    ("rule a on signal BUY -> exit\nrule a on signal SELL -> exit", [("E102", "a")]),
    ("param p = 0.3 in 0.5..0.95", [("E304", "0.3")]),
    ("param p = 0.6 in 0.95..0.5", [("E304", "0.95..0.5")]),
    ("param p = 0.6 in 0.5..0.9 step 0", [("E304", "0")]),
    ("param p = 0.6 in 50%..90%", [("E202", "0.6"), ("E202", "0.6")]),
    ("param p = AAPL in [MSFT, SPY]", [("E304", "AAPL")]),
    ("param p = AAPL in MSFT..SPY", [("E201", "MSFT..SPY")]),
    ("param p = last", [("E304", "last")]),
    ("param p = price", [("E107", "price")]),
    ("param p = [AAPL]", [("E201", "[AAPL]")]),
    ("limits { max position 20% }", [("E202", "20%")]),
    ("limits { max position 500 }", [("E202", "500")]),
    ("limits { max position 500 of equity }", [("E202", "500")]),
    ("limits { max order $0 }", [("E304", "$0")]),
    ("limits { max positions 0 }", [("E304", "0")]),
    ("limits { max positions 2.5 }", [("E304", "2.5")]),
    ("limits { max positions $3 }", [("E201", "$3")]),
    ("limits { max orders 30 per minute only symbols 3 }", [("E201", "3")]),
    ("limits { max order price }", [("E107", "price")]),
    ("limits { max order last }", [("E304", "last")]),
    ("rule a priority 1.5 on signal BUY -> exit", [("E304", "1.5")]),
    ("rule a priority 5m on signal BUY -> exit", [("E201", "5m")]),
    ("rule a priority 5 priority 6 on signal BUY -> exit", [("E304", "priority 6")]),
    ("rule a cooldown 3 on signal BUY -> exit", [("E202", "3")]),
    ("rule a cooldown 0m on signal BUY -> exit", [("E304", "0m")]),
    ("rule a at most 0 per day on signal BUY -> exit", [("E304", "0")]),
    ("rule a at most confidence per day on signal BUY -> exit", [("E304", "confidence")]),
    ("rule a during 09:35..09:35 on signal BUY -> exit", [("E304", "during 09:35..09:35")]),
    ("rule a during 9..10 on signal BUY -> exit", [("E201", "9"), ("E201", "10")]),
    ("rule a during 09:35..25:00 on signal BUY -> exit", [("E001", "25:00")]),
    ("let w = 3\non signal BUY of w -> exit", [("E201", "w")]),
    ("on signal BUY of symbol -> exit", [("E304", "symbol")]),
    ("on signal BUY of [AAPL, 3] -> exit", [("E201", "3")]),
    ("on price where confidence > 0.8 -> exit", [("E107", "confidence")]),
    ("field premium: money\non price where premium > $3 -> exit", [("E107", "premium")]),
    ("let strong = confidence > 0.8\non price where strong and strong -> exit", [("E107", "strong")]),
    ("let a = confidence > 0.8\nlet b = a\non price where b -> exit", [("E107", "b")]),
    ("let a = price > 3\non price where a and not a -> exit", [("E202", "3")]),
    ("let a = { AAPL: $1 }\non price where a > $3 -> exit", [("E201", "a")]),
    ("let a = $1\non price where a[symbol] > $3 -> exit", [("E201", "a")]),
    ("let a = { AAPL: $1 }\non price where a[price] > $3 -> exit", [("E201", "price")]),
    ('let a = [AAPL]\non price -> log "{a}"', [("E201", "a")]),
    ("let zero = 0\non price where price / zero > $1 -> exit", [("E304", "zero")]),
]


@pytest.mark.parametrize(("text", "expected"), FILE_ERRORS, ids=[case[0] for case in FILE_ERRORS])
def test_a_wrong_file_is_reported(text: str, expected: list[tuple[str, str]]) -> None:
    assert errors(text) == expected


def test_a_name_that_is_wrong_is_not_wrong_again_in_what_is_built_on_it() -> None:
    text = """
let strong = confidense > 0.8 and price > 3
let stronger = strong and last > $1
on signal BUY where stronger and -strong == 3 -> enter long nobody stop nobody target 2 * nobody
"""
    assert errors(text) == [
        ("E101", "confidense"),
        ("E202", "3"),
        ("E101", "nobody"),
        ("E101", "nobody"),
        ("E101", "nobody"),
    ]


def test_all_errors_of_a_file_are_reported_in_the_order_of_the_text() -> None:
    text = """
on signal BUY where price > 3% -> enter long 100 stop 3
rule a on price where confidence > 0.8 -> exit
rule a on signal SELL -> enter long 100 stop 3% target 4% target 8%
"""
    assert [code for code, _ in errors(text)] == ["E201", "E202", "E107", "E102", "E302"]


def test_a_definition_lost_to_a_syntax_error_is_not_an_unknown_name() -> None:
    text = "let strong = confidence > > 0.8\non signal BUY where strong and weak -> exit\n"
    assert [(code, place) for code, place in errors(text) if code != "E001"] == [("E101", "weak")]


def test_a_misspelt_name_is_answered_with_the_near_one_and_a_fix() -> None:
    found = compile_text("on signal BUY where confidense > 0.8 -> exit", "flow.rules").diagnostics
    assert found[0].help == "did you mean `confidence`?"
    assert found[0].fixes[0].edits[0].text == "confidence"


def test_declarations_may_follow_their_use() -> None:
    assert errors("on signal BUY where strong -> exit\nlet strong = confidence > least\nparam least = 0.8") == []


def test_ten_thousand_lets_in_a_chain_are_no_deeper_than_the_limit() -> None:
    chain = "\n".join(f"let a{i} = not a{i + 1}" for i in range(10_000)) + "\nlet a10000 = true"
    found = errors(f"{chain}\non signal BUY where a0 -> exit")
    assert [code for code, _ in found] == ["E005"]


def test_lets_that_double_each_other_are_refused_before_they_fill_the_memory() -> None:
    doubled = "\n".join(f"let a{i} = a{i + 1} + a{i + 1}" for i in range(60)) + "\nlet a60 = 1"
    assert [code for code, _ in errors(f"{doubled}\nparam p = a0")] == ["E005"]


def test_fifty_lets_in_a_chain_are_fine() -> None:
    chain = "\n".join(f"let a{i} = not a{i + 1}" for i in range(50)) + "\nlet a50 = confidence > 0.5"
    assert errors(f"{chain}\non signal BUY where a0 -> exit") == []
