"""What is wrong with tests: values of the wrong type, rules and fields that are not there, what can never happen.

    price AAPL 5m                       E201
    wait 5                              E202: 5 what?
    expect fired folow_buys             E101: did you mean `follow_buys`?
    bar AAPL $10 $9 $11 $10 100         E304: the high lies below the low

A price may be written without its `$`: in a test it can be nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from . import nodes as n
from .diagnostics import Diagnostic
from .kinds import FIELD_TYPES
from .lower_scenarios import value_of
from .nodes import ExpectationKind, StepKind
from .plan import Kind
from .source import SourceFile
from .span import Span
from .spelling import nearest
from .suggest import did_you_mean, replacement

OF_EVERY_SIGNAL: Mapping[str, Kind] = {"confidence": Kind.PERCENT, "price": Kind.MONEY, "source": Kind.TEXT}
"""What a signal may carry without a `field` that declares it."""

MOST_BARS = 100_000
"""Bars that one step may stand for."""

_LITERALS: Mapping[type, Kind] = {
    n.Number: Kind.NUMBER,
    n.Percent: Kind.PERCENT,
    n.Money: Kind.MONEY,
    n.Duration: Kind.DURATION,
    n.TimeOfDay: Kind.TIME,
    n.Truth: Kind.FLAG,
    n.String: Kind.TEXT,
    n.Symbol: Kind.SYMBOL,
}
_ALSO: Mapping[Kind, frozenset[Kind]] = {
    Kind.MONEY: frozenset({Kind.NUMBER}),
    Kind.PERCENT: frozenset({Kind.NUMBER}),
    Kind.SYMBOL: frozenset({Kind.TEXT}),
    Kind.TEXT: frozenset({Kind.SYMBOL}),
}
"""Literals that may stand for a kind beside its own."""

_WRITTEN: Mapping[Kind, str] = {
    Kind.NUMBER: "100",
    Kind.PERCENT: "0.9` or `90%",
    Kind.MONEY: "$150",
    Kind.DURATION: "5m",
    Kind.TIME: "09:35",
    Kind.FLAG: "true",
    Kind.TEXT: '"text"',
    Kind.SYMBOL: "AAPL",
    Kind.MOMENT: "2026-01-05 10:00",
}
_ARTICLES: Mapping[Kind, str] = {
    Kind.NUMBER: "a number",
    Kind.PERCENT: "a fraction or a percentage",
    Kind.MONEY: "an amount of money",
    Kind.DURATION: "a duration",
    Kind.TIME: "a time of day",
    Kind.DATE: "a date",
    Kind.MOMENT: "a date and time",
    Kind.FLAG: "true or false",
    Kind.TEXT: "a text",
    Kind.SYMBOL: "a symbol",
}


def check_tests(
    file: n.File, source: SourceFile, rules: Mapping[str, str], fields: Mapping[str, Kind], lost: Collection[str]
) -> list[Diagnostic]:
    """What is wrong with the tests of a file: E101, E103, E201, E202, E304.

    `rules` are the names of rules that the file may say, `fields` those that signals may carry; `lost` are names whose
    definition is wrong, which is reported already.
    """
    checker = _Checker(source, rules, fields, lost)
    names: dict[str, n.String] = {}
    for statement in file.statements:
        if isinstance(statement, n.Test):
            first = names.setdefault(statement.name.value, statement.name)
            if first is not statement.name:
                line = source.position(first.span.start).line
                message = f"a test named “{first.value}” stands already on line {line}"
                checker.report("E103", message, statement.name.span, "second", "say in each what it is about")
            checker.test(statement)
    return checker.diagnostics


def declared_fields(files: Iterable[n.File]) -> dict[str, Kind]:
    """The fields that files declare, with their kinds."""
    found: dict[str, Kind] = {}
    for file in files:
        for statement in file.statements:
            if isinstance(statement, n.Field) and statement.kind.name in FIELD_TYPES:
                kind = FIELD_TYPES[statement.kind.name].kind
                if kind is not None:
                    found[statement.name.name] = kind
    return found


class _Checker:
    def __init__(
        self, source: SourceFile, rules: Mapping[str, str], fields: Mapping[str, Kind], lost: Collection[str]
    ) -> None:
        self.source = source
        self.rules = rules
        self.fields = {**fields, **OF_EVERY_SIGNAL}
        self.lost = lost
        self.diagnostics: list[Diagnostic] = []
        self._began = False
        self._latest: int | None = None

    def report(self, code: str, message: str, span: Span, label: str = "", help_text: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, self.source.path, span, label, help_text))

    def test(self, test: n.Test) -> None:
        self._began, self._latest = False, None
        for step in test.steps:
            if isinstance(step, n.Expect):
                self._expectation(step)
            elif isinstance(step, n.SignalStep):
                self._signal(step)
            else:
                self._step(step)
            self._began = self._began or not (isinstance(step, n.Step) and step.kind in (StepKind.AT, StepKind.EQUITY))

    # ---- what happens

    def _step(self, step: n.Step) -> None:
        values = step.values
        match step.kind:
            case StepKind.AT:
                self._moment(step)
            case StepKind.WAIT:
                if self._fits(values[0], Kind.DURATION, "`wait`"):
                    self._above_zero(values[0], "`wait`")
            case StepKind.EQUITY:
                if self._fits(values[0], Kind.MONEY, "`equity`"):
                    self._above_zero(values[0], "`equity`")
                if self._began:
                    message = "`equity` is what the account begins with"
                    self.report("E304", message, step.span, "after something happened", "write it first in the test")
            case StepKind.PRICE:
                self._prices(values[:1], "`price`")
                if len(values) > 1 and self._fits(values[1], Kind.NUMBER, "`size`"):
                    self._above_zero(values[1], "`size`")
            case StepKind.QUOTE:
                if self._prices(values, "`quote`") and value_of(values[0]) > value_of(values[1]):
                    self.report("E304", "the bid lies above the ask", step.span, "", "write the bid, then the ask")
            case StepKind.BAR:
                self._bar(step)
            case StepKind.PARTIAL:
                self._shares(values[0], "`partial fill`")
            case StepKind.REJECT | StepKind.DISCONNECT | StepKind.RECONNECT:
                return

    def _moment(self, step: n.Step) -> None:
        (value,) = step.values
        if isinstance(value, n.Date) and not value.has_time:
            help_text = f"write `at {value.text} 10:00`"
            self.report("E202", "`at` needs a time of day", value.span, "at what time?", help_text)
            return
        if not isinstance(value, n.Date | n.TimeOfDay):
            self._fits(value, Kind.MOMENT, "`at`")
            return
        seconds = value.value
        if isinstance(value, n.TimeOfDay):
            seconds += 0 if self._latest is None else self._latest // 86_400 * 86_400
            if self._latest is None:
                return  # the day that a test begins on is not known here
        if self._latest is not None and seconds < self._latest:
            self.report("E304", "time does not run backwards", value.span, "before the time of the step before")
        self._latest = seconds

    def _bar(self, step: n.Step) -> None:
        *prices, volume = step.values
        if self._prices(prices, "`bar`"):
            opens, high, low, close = (value_of(price) for price in prices)
            if high < low:
                message = "the high of this bar lies below its low"
                self.report("E304", message, step.span, "", "write open, high, low, close and volume")
            elif not (low <= opens <= high and low <= close <= high):
                message = "the open and the close of a bar lie between its low and its high"
                self.report("E304", message, step.span, "", "write open, high, low, close and volume")
        if self._fits(volume, Kind.NUMBER, "the volume of a bar") and value_of(volume) < 0:
            self.report("E304", "a volume is not negative", volume.span, "below zero")
        if step.timeframe is not None:
            self._timeframe(step.timeframe)
        if step.times is not None:
            self._shares(step.times, "`for … bars`", most=MOST_BARS)

    def _timeframe(self, timeframe: n.Duration) -> None:
        seconds = timeframe.value
        if not 1 <= seconds <= 86_400 or seconds != int(seconds):
            message = "a bar lasts a whole number of seconds, and a day at most"
            self.report("E304", message, timeframe.span, "", "write `bar 5m` or `bar 1d`")

    def _signal(self, step: n.SignalStep) -> None:
        seen: set[str] = set()
        for one in step.given:
            name = one.name.name
            kind = self.fields.get(name)
            if name in seen:
                self.report("E103", f"`{name}` is given twice", one.name.span, "second", "leave one of them out")
            seen.add(name)
            if kind is None:
                if name not in self.lost:
                    self._unknown_field(one.name)
            elif self._fits(one.value, kind, f"`{name}`"):
                if name == "confidence" and not 0 <= value_of(one.value) <= 1:
                    message = "a confidence lies between 0 and 1"
                    self.report("E304", message, one.value.span, "", "write `0.9` or `90%`")
                elif name == "price":
                    self._above_zero(one.value, "a price")

    def _unknown_field(self, name: n.Name) -> None:
        near = nearest(name.name, self.fields)
        known = ", ".join(f"`{one}`" for one in OF_EVERY_SIGNAL)
        help_text = did_you_mean(near) or f"a signal carries {known} and what a `field` declares"
        message = f"signals have no field `{name.name}`"
        fixes = replacement(near, name.span)
        self.diagnostics.append(
            Diagnostic("E101", message, self.source.path, name.span, "not declared", help_text, fixes=fixes)
        )

    # ---- what is expected

    def _expectation(self, expect: n.Expect) -> None:
        noun = f"`{expect.kind.value}`"
        if expect.rule:
            self._rule(expect.rule)
        elif expect.value is not None:
            if expect.kind in (ExpectationKind.STOP, ExpectationKind.TARGET, ExpectationKind.ORDER):
                self._prices((expect.value,), noun)
            else:
                self._shares(expect.value, noun)

    def _rule(self, names: tuple[n.Name, ...]) -> None:
        name = ".".join(part.name for part in names)
        if name in self.rules or names[-1].name in self.lost:
            return
        span = Span(names[0].span.start, names[-1].span.end)
        near = nearest(name, self.rules)
        listed = ", ".join(f"`{rule}`" for rule in list(self.rules)[:6] if "." not in rule)
        help_text = did_you_mean(near) or (
            f"there are {listed}" if listed else "give a rule its name: `rule flow on …`"
        )
        fixes = replacement(near, span)
        message = f"there is no rule `{name}`"
        self.diagnostics.append(
            Diagnostic("E101", message, self.source.path, span, "not known", help_text, fixes=fixes)
        )

    # ---- values

    def _prices(self, values: Iterable[Any], noun: str) -> bool:
        """Whether these are prices above zero; what is wrong is reported."""
        found = [self._fits(value, Kind.MONEY, noun) and self._above_zero(value, "a price") for value in values]
        return all(found)

    def _shares(self, value: Any, noun: str, most: float = float("inf")) -> None:
        if not self._fits(value, Kind.NUMBER, noun):
            return
        count = value_of(value)
        if count < 1 or count != int(count) or count > most:
            bound = "" if most == float("inf") else f", at most {most:,}"
            self.report("E304", f"{noun} needs a whole number{bound}", value.span, "", "write a number such as `100`")

    def _above_zero(self, value: Any, noun: str) -> bool:
        if value_of(value) > 0:
            return True
        self.report("E304", f"{noun} must be above zero", value.span, "never so")
        return False

    def _fits(self, value: Any, kind: Kind, noun: str) -> bool:
        """Whether a literal is of a kind; what is wrong is reported."""
        found = _kind_of(value)
        if found is kind or found in _ALSO.get(kind, ()):
            return True
        written = self.source.text[value.span.start : value.span.end]
        help_text = f"write a value such as `{_WRITTEN[kind]}`"
        if found is Kind.NUMBER and kind is Kind.DURATION:
            help_text = f"write `{written}s` or `{written}m`"
            self.report("E202", f"{noun} needs a unit", value.span, f"{written} what?", help_text)
        else:
            message = f"{noun} asks for {_ARTICLES[kind]}, and `{written}` is {_ARTICLES[found]}"
            self.report("E201", message, value.span, _ARTICLES[found], help_text)
        return False


def _kind_of(value: Any) -> Kind:
    if isinstance(value, n.Negate):
        return _kind_of(value.item)
    if isinstance(value, n.Date):
        return Kind.MOMENT if value.has_time else Kind.DATE
    return _LITERALS[type(value)]
