"""What the syntax tree of each construct is, and where its parts stand."""

from __future__ import annotations

import pytest

from rulec.dsl import nodes as n
from rulec.dsl.parser import parse
from rulec.dsl.plan import LimitKind, Period, PricingKind, Side
from rulec.dsl.source import SourceFile


def well(text: str) -> n.File:
    file, diagnostics = parse(SourceFile("a.rules", text))
    assert diagnostics == []
    return file


def only(text: str) -> n.Statement:
    (statement,) = well(text).statements
    return statement


def condition(text: str) -> n.Expression:
    rule = only(f"on price where {text} -> exit")
    assert isinstance(rule, n.Rule)
    assert rule.condition is not None
    return rule.condition


def actions(text: str) -> tuple[n.Action, ...]:
    rule = only(f"on price {text}")
    assert isinstance(rule, n.Rule)
    return rule.actions


A, B, C = n.Name("a"), n.Name("b"), n.Name("c")
ONE, TWO = n.Number("1"), n.Number("2")
THREE_PERCENT = n.Distance(n.Percent("3%"))


def test_the_card() -> None:
    assert only("on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%") == n.Rule(
        trigger=n.SignalTrigger((n.Word("BUY"),)),
        condition=n.Compare((n.Name("confidence"), n.Number("0.8")), (">",)),
        actions=(
            n.Enter(
                Side.LONG,
                n.Size(n.Number("100")),
                protections=(n.Stop(THREE_PERCENT), n.Target(n.Distance(n.Percent("8%")))),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a", A),
        ("a or b or c", n.Or((A, B, C))),
        ("(a or b) or c", n.Or((n.Or((A, B)), C))),
        ("a and b or c", n.Or((n.And((A, B)), C))),
        ("not a and b", n.And((n.Not(A), B))),
        ("not a == b", n.Not(n.Compare((A, B), ("==",)))),
        ("1 < a <= 2", n.Compare((ONE, A, TWO), ("<", "<="))),
        ("a in [1, 2]", n.Member(A, n.ListLiteral((ONE, TWO)))),
        ("a not in b", n.Member(A, B, negated=True)),
        ("a in 1..2", n.Within(A, ONE, TWO)),
        ("a not in 1..2", n.Within(A, ONE, TWO, negated=True)),
        ("a + b - c", n.Sum((A, B, C), ("+", "-"))),
        ("a - (b - c)", n.Sum((A, n.Sum((B, C), ("-",))), ("-",))),
        ("a + b * c / 1", n.Sum((A, n.Product((B, C, ONE), ("*", "/"))), ("+",))),
        ("-a * b", n.Product((n.Negate(A), B), ("*",))),
        ("6 atr", n.AtrMultiple(n.Number("6"))),
        ("2 * 6 atr(20)", n.Product((TWO, n.AtrMultiple(n.Number("6"), n.Number("20"))), ("*",))),
        ("-6 atr", n.AtrMultiple(n.Negate(n.Number("6")))),
        ("atr(20)", n.Call(n.Name("atr"), (n.Number("20"),))),
        ("max(a, b,)", n.Call(n.Name("max"), (A, B))),
        ("f()", n.Call(n.Name("f"), ())),
        ("a[symbol]", n.Index(A, n.Name("symbol"))),
        ("BRK.B.last", n.Attribute(n.Symbol("BRK.B"), n.Name("last"))),
        ("SPY.atr(14)", n.Call(n.Name("atr"), (n.Number("14"),), n.Symbol("SPY"))),
        ('"x y".last', n.Attribute(n.Symbol("x y"), n.Name("last"))),
        ('a == "x y"', n.Compare((A, n.String("x y")), ("==",))),
        ("a == AAPL", n.Compare((A, n.Symbol("AAPL")), ("==",))),
        ("BF-B - AAPL", n.Sum((n.Symbol("BF-B"), n.Symbol("AAPL")), ("-",))),
        ("true and false", n.And((n.Truth(True), n.Truth(False)))),
        ("stop > price", n.Compare((n.Name("stop"), n.Name("price")), (">",))),
    ],
)
def test_a_condition(text: str, node: n.Expression) -> None:
    assert condition(text) == node


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (n.Number("1_000"), 1000.0),
        (n.Number("0.8"), 0.8),
        (n.Percent("3%"), 0.03),
        (n.Percent("0.7%"), 0.007),
        (n.Money("$10_000"), 10_000.0),
        (n.Money("$2.50"), 2.5),
        (n.Duration("30s"), 30.0),
        (n.Duration("1.5h"), 5400.0),
        (n.Duration("2d"), 172_800.0),
        (n.TimeOfDay("09:35"), 34_500),
        (n.TimeOfDay("15:59:30"), 57_570),
        (n.RMultiple("2R"), 2.0),
    ],
)
def test_a_literal_has_its_value(literal: n.Number, value: float) -> None:
    assert literal.value == value
    assert condition(f"a == {literal.text}") == n.Compare((A, literal), ("==",))


@pytest.mark.parametrize(
    ("text", "action"),
    [
        (
            "enter short risk 1% of equity of AAPL at limit $3 for 5m stop at $2",
            n.Enter(
                Side.SHORT,
                n.Size(n.Percent("1%"), risk=True, of_equity=True),
                n.Symbol("AAPL"),
                n.Pricing(PricingKind.LIMIT, limit=n.Money("$3"), lasts=n.Duration("5m")),
                (n.Stop(n.Distance(n.Money("$2"), n.DistanceForm.AT)),),
            ),
        ),
        (
            "enter long $5 at stop $3 limit $2 target 3% for 50% trail $1 away after 3% breakeven after 3%"
            " exit after 2h",
            n.Enter(
                Side.LONG,
                n.Size(n.Money("$5")),
                None,
                n.Pricing(PricingKind.STOP_LIMIT, limit=n.Money("$2"), stop=n.Money("$3")),
                (
                    n.Target(THREE_PERCENT, n.Percent("50%")),
                    n.Trail(n.Distance(n.Money("$1"), n.DistanceForm.AWAY), THREE_PERCENT),
                    n.Breakeven(THREE_PERCENT),
                    n.ExitAfter(n.Duration("2h")),
                ),
            ),
        ),
        (
            "enter long 1 of watch at market",
            n.Enter(Side.LONG, n.Size(ONE), n.Name("watch"), n.Pricing(PricingKind.MARKET)),
        ),
        (
            "enter long 1 at stop $3",
            n.Enter(Side.LONG, n.Size(ONE), None, n.Pricing(PricingKind.STOP, stop=n.Money("$3"))),
        ),
        ("scale in 1 at profit 3% at most 2", n.ScaleIn(n.Size(ONE), THREE_PERCENT, TWO)),
        ("scale in 1", n.ScaleIn(n.Size(ONE))),
        ("double down 1 at loss 3%", n.DoubleDown(n.Size(ONE), at_loss=THREE_PERCENT)),
        ("double down 1 at 50% to stop", n.DoubleDown(n.Size(ONE), to_stop=n.Percent("50%"))),
        ("exit", n.Exit()),
        (
            'exit 50% of AAPL at limit $3 because "so {a}"',
            n.Exit(
                n.Percent("50%"),
                n.Symbol("AAPL"),
                n.Pricing(PricingKind.LIMIT, limit=n.Money("$3")),
                n.Text(("so ", A)),
            ),
        ),
        ('exit everything because "x"', n.ExitEverything(n.Text(("x",)))),
        ('notify "{a}{b} \\{c\\} \\"q\\" \\\\ \\n"', n.Notify(n.Text((A, B, ' {c} "q" \\ \n')))),
        ('log ""', n.Log(n.Text(()))),
        ("halt", n.Halt()),
        ('halt "x"', n.Halt(n.Text(("x",)))),
    ],
)
def test_an_action(text: str, action: n.Action) -> None:
    assert actions(f"-> {text}") == (action,)


def test_actions_keep_their_order() -> None:
    assert actions("-> exit -> halt -> exit") == (n.Exit(), n.Halt(), n.Exit())


def test_a_rule_with_everything_before_its_trigger() -> None:
    text = """rule flow "Follow" priority 1 cooldown 3m shared calm at most 5 per day each
      during 09:35..15:45 disabled on signal BUY or "very strong" of [AAPL] -> exit"""
    assert only(text) == n.Rule(
        trigger=n.SignalTrigger((n.Word("BUY"), n.Word("very strong")), n.ListLiteral((n.Symbol("AAPL"),))),
        actions=(n.Exit(),),
        name=n.Name("flow"),
        description=n.String("Follow"),
        options=(
            n.Priority(ONE),
            n.Cooldown(n.Duration("3m"), n.Name("calm")),
            n.AtMost(n.Number("5"), Period.DAY, each=True),
            n.During(n.TimeOfDay("09:35"), n.TimeOfDay("15:45")),
            n.Disabled(),
        ),
    )


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("let a = 1", n.Let(A, ONE)),
        (
            'let a = { CVNA: 1, "x": 2, else: 1, }',
            n.Let(
                A,
                n.Table(
                    (n.TableEntry(n.Symbol("CVNA"), ONE), n.TableEntry(n.Symbol("x"), TWO), n.TableEntry(None, ONE))
                ),
            ),
        ),
        ('param a = 1 in 1..2 step 1 "x"', n.Param(A, ONE, n.ParamRange(ONE, TWO, ONE), n.String("x"))),
        ("param a = 1 in [1, 2]", n.Param(A, ONE, n.ListLiteral((ONE, TWO)))),
        ("param a = 1", n.Param(A, ONE)),
        ('field a: money "x"', n.Field(A, n.Name("money"), n.String("x"))),
        ("limits {}", n.Limits(())),
        (
            """limits { max position 20% of equity max sector $1 max exposure 1 max positions 1 max order $1
               max orders 1 per minute max daily loss 2% of equity only symbols a no shorting }""",
            n.Limits(
                (
                    n.Limit(LimitKind.POSITION, n.Percent("20%"), of_equity=True),
                    n.Limit(LimitKind.SECTOR, n.Money("$1")),
                    n.Limit(LimitKind.EXPOSURE, ONE),
                    n.Limit(LimitKind.POSITIONS, ONE),
                    n.Limit(LimitKind.ORDER, n.Money("$1")),
                    n.Limit(LimitKind.ORDERS, ONE, period=Period.MINUTE),
                    n.Limit(LimitKind.DAILY_LOSS, n.Percent("2%"), of_equity=True),
                    n.Limit(LimitKind.ONLY_SYMBOLS, A),
                    n.Limit(LimitKind.NO_SHORTING),
                )
            ),
        ),
    ],
)
def test_a_declaration(text: str, statement: n.Statement) -> None:
    assert only(text) == statement


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n\t ", "  # said\n", " #\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "# first\n", "\r\n"])
def test_line_ends_marks_and_comments_change_nothing(start: str, ending: str) -> None:
    lines = ["language 1", "let a = 1", "on price", "-> exit", ""]
    source, wrong = SourceFile.from_bytes("a.rules", (start + ending.join(lines)).encode())
    assert wrong == []
    file, wrong = parse(source)
    assert wrong == []
    assert file == n.File((n.Let(A, ONE), n.Rule(n.PriceTrigger(), (n.Exit(),))), ONE)


def test_comments_are_kept_with_their_places() -> None:
    text = "# one\nlet a = 1 # two \n#three"
    comments = well(text).comments
    assert [comment.text for comment in comments] == ["# one", "# two", "#three"]
    assert [comment.span.start for comment in comments] == [0, 16, 23]


def test_every_part_knows_where_it_stands() -> None:
    text = "rule r\non signal BUY where not (a > 1 + 2) -> enter long 2% of equity of AAPL stop 3%"
    rule = only(text)
    assert isinstance(rule, n.Rule)
    (enter,) = rule.actions
    assert isinstance(enter, n.Enter)
    assert isinstance(rule.condition, n.Not)
    parts = (
        rule,
        rule.trigger,
        rule.condition,
        rule.condition.item,
        enter,
        enter.size,
        enter.symbol,
        enter.protections[0],
    )
    assert [text[part.span.start : part.span.end] for part in parts if part is not None] == [
        text,
        "signal BUY",
        "not (a > 1 + 2)",
        "a > 1 + 2",
        "enter long 2% of equity of AAPL stop 3%",
        "2% of equity",
        "AAPL",
        "stop 3%",
    ]


def test_a_name_in_a_text_knows_where_it_stands() -> None:
    text = 'on price -> log "é \\" { a } {b}"'
    (log,) = actions(text.removeprefix("on price "))
    assert isinstance(log, n.Log)
    names = [part for part in log.text.parts if isinstance(part, n.Name)]
    assert [text[name.span.start : name.span.end] for name in names] == ["a", "b"]
