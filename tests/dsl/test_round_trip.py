"""Printing a tree and reading the print gives the same tree; printing that again gives the same text."""

from __future__ import annotations

import re
import typing

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rulec.dsl import nodes as n
from rulec.dsl.lexer import RESERVED
from rulec.dsl.parser import parse
from rulec.dsl.plan import (
    BrokerMoment,
    Cancelled,
    LimitKind,
    MarketMoment,
    OrderMoment,
    Period,
    PositionMoment,
    PricingKind,
    Side,
)
from rulec.dsl.printer import WIDEST, print_file
from rulec.dsl.source import SourceFile

WORDS = (
    "price",
    "confidence",
    "stop",
    "target",
    "max",
    "atr_x",
    "equity",
    "away",
    "a",
    "b1",
    "_x",
    "longest",
    "no",
    "per",
    "buy",
    "with",
    "bar",
    "position",
    "breakeven",
    "crosses",
    "above",
    "signal",
    "to",
    "for",
    "as",
)


def optional(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def several(strategy: st.SearchStrategy, least: int = 0, most: int = 3) -> st.SearchStrategy:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


def chain(node: type, part: st.SearchStrategy, signs: str) -> st.SearchStrategy:
    def build(parts: list[tuple[str, n.Expression]]) -> n.Node:
        built: n.Node = node(tuple(p for _, p in parts), tuple(sign for sign, _ in parts[1:]))
        return built

    return st.lists(st.tuples(st.sampled_from(signs.split()), part), min_size=2, max_size=4).map(build)


assert not RESERVED & set(WORDS)
text_values = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\t{}\\"'), max_size=8)
names = st.builds(n.Name, st.sampled_from(WORDS))
symbols = st.builds(n.Symbol, st.sampled_from(["AAPL", "BRK.B", "BF-B", "A", "SPY_1"]))
any_symbols = symbols | st.builds(n.Symbol, text_values)
numbers = st.builds(n.Number, st.sampled_from(["0", "100", "0.8", "1_000", "3.25"]))
literals = (
    numbers
    | st.builds(n.Percent, st.sampled_from(["3%", "0.5%"]))
    | st.builds(n.Money, st.sampled_from(["$2.50", "$10_000"]))
    | st.builds(n.Duration, st.sampled_from(["30s", "5m", "1h", "2d"]))
    | st.builds(n.TimeOfDay, st.sampled_from(["09:35", "15:59:30"]))
    | st.builds(n.Date, st.sampled_from(["2026-01-05", "2026-01-05 10:00", "2024-02-29T15:59:30"]))
    | st.builds(n.RMultiple, st.sampled_from(["2R", "0.5R"]))
    | st.builds(n.Truth, st.booleans())
    | st.builds(n.String, text_values)
)


attributes = st.builds(n.Attribute, any_symbols | names, names)
words = st.builds(n.Word, st.sampled_from(["BUY", "SHORT", "buy", "very strong", 'a"b']) | text_values)


def calls(inner: st.SearchStrategy[n.Expression]) -> st.SearchStrategy[n.Call]:
    return st.builds(n.Call, names, several(inner), optional(any_symbols))


def grown(inner: st.SearchStrategy[n.Expression]) -> st.SearchStrategy[n.Expression]:
    return (
        st.builds(n.ListLiteral, several(inner))
        | st.builds(n.Index, names | attributes | calls(inner), inner)
        | attributes
        | calls(inner)
        | st.builds(n.AtrMultiple, inner, optional(inner))
        | st.builds(n.Negate, inner)
        | chain(n.Product, inner, "* /")
        | chain(n.Sum, inner, "+ -")
        | chain(n.Compare, inner, "== != < <= > >=")
        | st.builds(n.Member, inner, inner, st.booleans())
        | st.builds(n.Within, inner, inner, inner, st.booleans())
        | st.builds(n.Is, inner, words, st.booleans())
        | st.builds(n.Crosses, inner, inner, st.booleans())
        | st.builds(n.Not, inner)
        | st.builds(n.And, several(inner, 2))
        | st.builds(n.Or, several(inner, 2))
    )


expressions: st.SearchStrategy[n.Expression] = st.recursive(literals | names | symbols, grown, max_leaves=12)


def merged(parts: list[str | n.Name | n.Attribute]) -> tuple[str | n.Name | n.Attribute, ...]:
    """Two literal parts beside one another are one, and an empty one is none."""
    result: list[str | n.Name | n.Attribute] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        elif part != "":
            result.append(part)
    return tuple(result)


kinds_of_signals = words
texts = st.builds(n.Text, st.lists(text_values | names | st.builds(n.Attribute, names, names), max_size=4).map(merged))
strings = st.builds(n.String, text_values)
periods = st.sampled_from(Period)
lists = st.builds(n.ListLiteral, several(expressions))
distances = st.builds(n.Distance, expressions, st.sampled_from(n.DistanceForm))
sizes = st.builds(n.Size, expressions, st.booleans(), st.booleans())
at_market = st.just(n.Pricing(PricingKind.MARKET))
exit_pricings = at_market | st.builds(n.Pricing, st.just(PricingKind.LIMIT), expressions)
pricings = (
    at_market
    | st.builds(n.Pricing, st.just(PricingKind.LIMIT), expressions, st.none(), optional(expressions))
    | st.builds(n.Pricing, st.just(PricingKind.STOP), st.none(), expressions, optional(expressions))
    | st.builds(n.Pricing, st.just(PricingKind.STOP_LIMIT), expressions, expressions, optional(expressions))
)
place_pricings = exit_pricings | st.builds(n.Pricing, st.just(PricingKind.STOP), st.none(), expressions)
protections = (
    st.builds(n.Stop, distances)
    | st.builds(n.Target, distances, optional(expressions))
    | st.builds(n.Trail, distances, optional(distances))
    | st.builds(n.Breakeven, distances)
    | st.builds(n.ExitAfter, expressions)
)
actions = (
    st.builds(
        n.Enter, st.sampled_from(Side), sizes, optional(any_symbols | names), optional(pricings), several(protections)
    )
    | st.builds(n.ScaleIn, sizes, optional(distances), optional(expressions))
    | st.builds(n.DoubleDown, sizes, distances, st.none())
    | st.builds(n.DoubleDown, sizes, st.none(), expressions)
    | st.builds(n.Exit, optional(expressions), optional(any_symbols | names), optional(exit_pricings), optional(texts))
    | st.builds(n.ExitEverything, optional(texts))
    | st.builds(n.Reverse, several(protections))
    | st.builds(n.MoveStop, expressions)
    | st.just(n.MoveStopToBreakeven())
    | st.builds(n.MoveStopToBreakeven, distances, st.booleans())
    | st.builds(n.MoveTarget, expressions)
    | st.builds(n.TrailStop, distances)
    | st.builds(n.Cancel, st.sampled_from(Cancelled))
    | st.builds(n.Place, st.sampled_from(Side), sizes, place_pricings, optional(names))
    | st.builds(n.Emit, kinds_of_signals, optional(any_symbols | names), optional(expressions))
    | st.builds(n.ResetCooldown, optional(names))
    | st.builds(n.CallAction, names, several(expressions | st.builds(n.Binding, names, expressions)))
    | st.builds(n.Notify, texts)
    | st.builds(n.Log, texts)
    | st.builds(n.Halt, optional(texts))
)
options = (
    st.builds(n.Priority, expressions)
    | st.builds(n.Cooldown, expressions, optional(names))
    | st.builds(n.AtMost, expressions, periods, st.booleans())
    | st.builds(n.During, expressions, expressions)
    | st.just(n.Disabled())
)
of_sets = optional(any_symbols | names | lists)
triggers = (
    st.builds(n.SignalTrigger, several(kinds_of_signals), of_sets)
    | st.builds(n.PriceTrigger, of_sets)
    | st.builds(n.VolumeTrigger, of_sets)
    | st.builds(n.BarTrigger, optional(expressions), of_sets)
    | st.builds(n.PositionTrigger, st.sampled_from(PositionMoment), of_sets)
    | st.builds(n.OrderTrigger, st.sampled_from(OrderMoment), of_sets)
    | st.builds(n.TimeTrigger, expressions, of_sets)
    | st.builds(n.EveryTrigger, expressions, of_sets)
    | st.builds(n.MarketTrigger, st.sampled_from(MarketMoment), optional(expressions), of_sets)
    | st.just(n.StartTrigger())
    | st.builds(n.BrokerTrigger, st.sampled_from(BrokerMoment))
)
rules = st.builds(n.Rule, triggers, several(actions, 1), optional(expressions)) | st.builds(
    n.Rule, triggers, several(actions, 1), optional(expressions), names, optional(strings), several(options)
)
tables = st.builds(n.Table, several(st.builds(n.TableEntry, optional(any_symbols), expressions), 1))
AMOUNTS = (LimitKind.POSITION, LimitKind.SECTOR, LimitKind.EXPOSURE, LimitKind.ORDER, LimitKind.DAILY_LOSS)
limit_lines = (
    st.builds(n.Limit, st.sampled_from(AMOUNTS), expressions, st.booleans())
    | st.builds(n.Limit, st.sampled_from([LimitKind.POSITIONS, LimitKind.ONLY_SYMBOLS]), expressions)
    | st.builds(n.Limit, st.just(LimitKind.ORDERS), expressions, st.just(False), periods)
    | st.just(n.Limit(LimitKind.NO_SHORTING))
)
ranges = st.builds(n.ParamRange, expressions, expressions, optional(expressions))
modules = st.lists(names | st.just(n.Name("risk")), max_size=2).flatmap(
    lambda rest: names.map(lambda first: (first, *rest))
)
bindings = st.builds(n.Binding, names, expressions)
plain_values = numbers | st.sampled_from(
    [n.Percent("3%"), n.Money("$2.50"), n.Duration("5m"), n.TimeOfDay("09:35"), n.Date("2026-01-05 10:00")]
)
given_values = plain_values | st.builds(n.Negate, plain_values) | strings | st.builds(n.Truth, st.booleans())
durations = st.sampled_from([n.Duration("5m"), n.Duration("1d")])
of_values = st.sampled_from([n.StepKind.AT, n.StepKind.WAIT, n.StepKind.EQUITY, n.StepKind.PARTIAL])
alone = st.sampled_from([n.StepKind.DISCONNECT, n.StepKind.RECONNECT])
at_prices = st.sampled_from([n.ExpectationKind.STOP, n.ExpectationKind.TARGET, n.ExpectationKind.ORDER])
of_rules = st.sampled_from([n.ExpectationKind.FIRED, n.ExpectationKind.NOT_FIRED, n.ExpectationKind.REFUSED])
sides = st.sampled_from(Side)
steps = (
    st.builds(n.Step, of_values, st.none(), st.tuples(given_values))
    | st.builds(n.Step, alone)
    | st.builds(n.Step, st.just(n.StepKind.REJECT), st.none(), st.tuples(strings))
    | st.builds(
        n.Step, st.just(n.StepKind.PRICE), any_symbols, st.tuples(given_values) | st.tuples(given_values, given_values)
    )
    | st.builds(n.Step, st.just(n.StepKind.QUOTE), any_symbols, st.tuples(given_values, given_values))
    | st.builds(
        n.Step,
        st.just(n.StepKind.BAR),
        any_symbols,
        st.tuples(*[given_values] * 5),
        optional(durations),
        optional(given_values),
    )
    | st.builds(n.SignalStep, kinds_of_signals, any_symbols, several(st.builds(n.Binding, names, given_values)))
    | st.builds(n.Expect, st.just(n.ExpectationKind.ENTER), any_symbols, sides, optional(given_values))
    | st.builds(n.Expect, st.just(n.ExpectationKind.EXIT), any_symbols, st.none(), optional(given_values))
    | st.builds(n.Expect, at_prices, any_symbols, st.none(), given_values)
    | st.builds(n.Expect, st.just(n.ExpectationKind.POSITION), any_symbols, sides, given_values)
    | st.builds(n.Expect, st.just(n.ExpectationKind.FLAT), any_symbols)
    | st.builds(n.Expect, st.just(n.ExpectationKind.NO_ORDERS), optional(any_symbols))
    | st.builds(n.Expect, of_rules, rule=st.tuples(names) | st.tuples(names, names))
    | st.just(n.Expect(n.ExpectationKind.HALTED))
)
tests = st.builds(n.Test, strings, several(steps))
statements = (
    st.builds(n.Use, strings | modules, several(bindings))
    | st.builds(n.Let, names, expressions | tables)
    | st.builds(n.Param, names, expressions, optional(ranges | lists), optional(strings))
    | st.builds(n.Field, names, names, optional(strings))
    | st.builds(n.Limits, several(limit_lines))
    | rules
    | tests
)
files = st.builds(n.File, several(statements, most=4), optional(numbers))


@settings(max_examples=max(200, settings().max_examples))
@given(files)
def test_a_printed_tree_reads_back(file: n.File) -> None:
    printed = print_file(file)
    read, diagnostics = parse(SourceFile("a.rules", printed))
    assert diagnostics == []
    assert read == file
    assert print_file(read) == printed


def test_the_layout() -> None:
    text = """language 1
let   watch=[AAPL,MSFT]  # a comment
param m=0.8 in 0.5..0.95 step .05
limits{max position 20%of equity no shorting}
on signal BUY where (confidence>0.8) -> enter long 100 stop 3% target 8%
rule flow "Follow" cooldown 3m priority 1 on signal any->exit->halt
on price where price > $100 and symbol in watch and not (confidence > 0.8 or confidence < 0.2) and a -> exit
"""
    file = parse(SourceFile("a.rules", text.replace(" .05", " 0.05").replace("%of", "% of")))[0]
    assert (
        print_file(file)
        == """language 1
let watch = [AAPL, MSFT]
param m = 0.8 in 0.5..0.95 step 0.05

limits {
  max position 20% of equity
  no shorting
}

on signal BUY where confidence > 0.8 -> enter long 100 stop 3% target 8%

rule flow "Follow"
  cooldown 3m priority 1
  on signal any
  -> exit
  -> halt

on price where price > $100 and symbol in watch and not (confidence > 0.8 or confidence < 0.2) and a
  -> exit
"""
    )


def test_only_a_short_rule_of_one_action_stays_on_one_line() -> None:
    one_line = "on price where " + "a" * (WIDEST - 23) + " -> exit\n"
    assert len(one_line) == WIDEST + 1
    assert print_file(parse(SourceFile("a.rules", one_line))[0]) == one_line
    longer = one_line.replace("where a", "where aa")
    assert print_file(parse(SourceFile("a.rules", longer))[0]) == longer.replace(" ->", "\n  ->")


def test_every_class_of_node_is_made_by_the_generator() -> None:
    """The classes that a tree without errors can hold."""
    classes = {one for one in typing.get_args(n.Node) if one not in (n.Broken, n.Comment)}
    seen: set[str] = set()

    @settings(max_examples=1_000, database=None, derandomize=True, phases=[Phase.generate])
    @given(files)
    def collect(file: n.File) -> None:
        seen.update(re.findall(r"\w+(?=\()", repr(file)))

    collect()
    assert {one.__name__ for one in classes} - seen == set()
