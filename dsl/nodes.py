"""The syntax tree: what a rule file says, before anything is looked up.

Every node is a frozen record with the span it stands at. Spans and comments take no part in equality, so a tree
equals the one parsed from its own print. Names are only names here: `resolve.py` says what they mean, in tables beside
the tree.

    on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%

is

    Rule(trigger=SignalTrigger((Word("BUY"),)),
         condition=Compare((Name("confidence"), Number("0.8")), (">",)),
         actions=(Enter(Side.LONG, Size(Number("100")),
                        protections=(Stop(Distance(Percent("3%"))), Target(Distance(Percent("8%")))),),))

Chains of `and`, `or`, `+ -`, `* /` and comparisons are flat, however long; a bracket in the text starts a node of its
own. Literals keep the text they were written as and give their value on request.
"""

from __future__ import annotations

import enum
from typing import Any

import attrs

from .plan import (
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
from .record import Record
from .span import NOWHERE, Span

_SPAN: Any = attrs.field(default=NOWHERE, eq=False, repr=False)
"""The last field of every node; shared, because attrs takes the order of fields from the class body."""


# ---- literals ------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Number(Record):
    """`100`, `0.8`, `1_000`."""

    text: str
    span: Span = _SPAN

    @property
    def value(self) -> float:
        return float(self.text)


@attrs.frozen(eq=False, repr=False)
class Percent(Record):
    """`3%`; the value is the fraction 0.03."""

    text: str
    span: Span = _SPAN

    @property
    def value(self) -> float:
        return float(self.text[:-1] + "e-2")


@attrs.frozen(eq=False, repr=False)
class Money(Record):
    """`$2.50`, `$10_000`; the value is in the contract's currency."""

    text: str
    span: Span = _SPAN

    @property
    def value(self) -> float:
        return float(self.text[1:])


_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@attrs.frozen(eq=False, repr=False)
class Duration(Record):
    """`30s 5m 1h 2d`; the value is in seconds."""

    text: str
    span: Span = _SPAN

    @property
    def value(self) -> float:
        return float(self.text[:-1]) * _UNIT_SECONDS[self.text[-1]]


@attrs.frozen(eq=False, repr=False)
class TimeOfDay(Record):
    """`09:35`, `15:59:30`; the value is in seconds after midnight, exchange time."""

    text: str
    span: Span = _SPAN

    @property
    def value(self) -> int:
        hours, minutes, *seconds = (int(part) for part in self.text.split(":"))
        return hours * 3600 + minutes * 60 + sum(seconds)


@attrs.frozen(eq=False, repr=False)
class Date(Record):
    """`2026-01-05`, `2026-01-05 10:00`: a date, or a date and time as the exchange's clocks show them."""

    text: str
    span: Span = _SPAN

    @property
    def has_time(self) -> bool:
        return len(self.text) > len("2026-01-05")

    @property
    def value(self) -> int:
        """Days since 1970-01-01, with a time seconds since then; ValueError where the calendar has no such day."""
        from datetime import datetime  # only who writes a date pays for the calendar

        passed = datetime.fromisoformat(self.text) - datetime.fromisoformat("1970-01-01")
        return passed.days * 86_400 + passed.seconds if self.has_time else passed.days


@attrs.frozen(eq=False, repr=False)
class RMultiple(Record):
    """`2R`: a multiple of the entry's initial risk."""

    text: str
    span: Span = _SPAN

    @property
    def value(self) -> float:
        return float(self.text[:-1])


@attrs.frozen(eq=False, repr=False)
class Truth(Record):
    """`true`, `false`."""

    value: bool
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class String(Record):
    """A text in quotes without places to fill in; `value` has its escapes undone."""

    value: str
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Text(Record):
    """A text to be said: literal parts, and in `{…}` the names and `position.*` whose values are to be printed."""

    parts: tuple[str | Name | Attribute, ...]
    span: Span = _SPAN


# ---- names ---------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Name(Record):
    """A name in lower case, used or defined."""

    name: str
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Symbol(Record):
    """`AAPL`, `BRK.B`; as `"TRUE"` only where nothing but a symbol can stand (elsewhere that is a String)."""

    name: str
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Word(Record):
    """The kind of a signal: `BUY`, `"strong buy"`."""

    text: str
    span: Span = _SPAN


# ---- expressions ---------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class ListLiteral(Record):
    """`[AAPL, MSFT]`."""

    items: tuple[Expression, ...]
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class TableEntry(Record):
    """`CVNA: $30_000`; the key None is `else`."""

    key: Symbol | None
    value: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Table(Record):
    """`{ CVNA: $30_000, else: $10_000 }`, only after `let x =`; entries as written, repeated keys included."""

    entries: tuple[TableEntry, ...]
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Index(Record):
    """`alloc[symbol]`, `close[1]`, `SPY.sma(20)[3]`: an entry of a table, or a value so many bars ago."""

    item: Name | Attribute | Call
    key: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Attribute(Record):
    """`SPY.last`, `position.profit`: something of a symbol, of the position or of the account."""

    owner: Symbol | Name
    name: Name
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Call(Record):
    """`atr(20)`, `max(1, 2)`, and with a symbol `SPY.atr(14)`."""

    function: Name
    arguments: tuple[Expression, ...]
    symbol: Symbol | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class AtrMultiple(Record):
    """`6 atr`, `6 atr(20)`; the length None is the default of 14."""

    factor: Expression
    length: Expression | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Negate(Record):
    """`-x`."""

    item: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Product(Record):
    """`a * b / c`: n operands with n-1 operators between them, each `*` or `/`."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Sum(Record):
    """`a + b - c`: n operands with n-1 operators between them, each `+` or `-`."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Compare(Record):
    """`0.2 < x <= 0.7`: n operands with n-1 operators between them (`== != < <= > >=`)."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Member(Record):
    """`symbol in watch`, `symbol not in [AAPL, MSFT]`."""

    item: Expression
    members: Expression
    negated: bool = False
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Within(Record):
    """`x in low..high`, `x not in low..high`."""

    item: Expression
    low: Expression
    high: Expression
    negated: bool = False
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Is(Record):
    """`position.side is long`, `reason is not stop`."""

    item: Expression
    word: Word
    negated: bool = False
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Crosses(Record):
    """`sma(20) crosses above sma(50)`; not above is below."""

    left: Expression
    right: Expression
    above: bool
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Not(Record):
    item: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class And(Record):
    items: tuple[Expression, ...]
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Or(Record):
    items: tuple[Expression, ...]
    span: Span = _SPAN


Literal = Number | Percent | Money | Duration | TimeOfDay | Date | RMultiple | Truth | String
Expression = (
    Literal
    | Name
    | Symbol
    | ListLiteral
    | Index
    | Attribute
    | Call
    | AtrMultiple
    | Negate
    | Product
    | Sum
    | Compare
    | Member
    | Within
    | Is
    | Crosses
    | Not
    | And
    | Or
)


# ---- declarations --------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Binding(Record):
    """`minutes_before_close = 10`: a value for a param of a used file, or for an argument of an action."""

    name: Name
    value: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Use(Record):
    """`use std.exits with (minutes_before_close = 10)`, `use "shared/limits.rules"`: a module's names, or a path."""

    target: String | tuple[Name, ...]
    bindings: tuple[Binding, ...] = ()
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Let(Record):
    """`let strong = confidence > 0.8`."""

    name: Name
    value: Expression | Table
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class ParamRange(Record):
    """`0.5..0.95 step 0.05`."""

    low: Expression
    high: Expression
    step: Expression | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Param(Record):
    """`param min_confidence = 0.8 in 0.5..0.95 step 0.05 "Least confidence to act on"`."""

    name: Name
    value: Expression
    choices: ParamRange | ListLiteral | None = None
    description: String | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Field(Record):
    """`field premium: money "Option premium behind the signal"`; the kind is a word to be checked."""

    name: Name
    kind: Name
    description: String | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Limit(Record):
    """One line of `limits`.

    `value` is what follows the words: an amount, a count, for `only symbols` the list or the name of one, and None
    for `no shorting`. `of_equity` tells `20% of equity`; `period` only for `max orders`.
    """

    kind: LimitKind
    value: Expression | None = None
    of_equity: bool = False
    period: Period | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Limits(Record):
    limits: tuple[Limit, ...]
    span: Span = _SPAN


# ---- rule options and triggers -------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Priority(Record):
    """`priority 100`."""

    value: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Cooldown(Record):
    """`cooldown 3m`, `cooldown 3m shared exits`."""

    duration: Expression
    shared: Name | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class AtMost(Record):
    """`at most 5 per day`, with `each` per symbol."""

    count: Expression
    period: Period
    each: bool = False
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class During(Record):
    """`during 09:35..15:45`."""

    start: Expression
    end: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Disabled(Record):
    span: Span = _SPAN


Option = Priority | Cooldown | AtMost | During | Disabled

OfSet = Symbol | Name | ListLiteral


@attrs.frozen(eq=False, repr=False)
class SignalTrigger(Record):
    """`signal BUY or SHORT of watch`; no kinds is `signal any`."""

    kinds: tuple[Word, ...] = ()
    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class PriceTrigger(Record):
    """`price of AAPL`."""

    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class VolumeTrigger(Record):
    """`volume of AAPL`."""

    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class BarTrigger(Record):
    """`bar 5m of watch`; without a timeframe the feed's own."""

    timeframe: Expression | None = None
    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class PositionTrigger(Record):
    """`position closed of AAPL`."""

    moment: PositionMoment
    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class OrderTrigger(Record):
    """`order rejected`."""

    moment: OrderMoment
    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class TimeTrigger(Record):
    """`time 15:59 of watch`."""

    at: Expression
    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class EveryTrigger(Record):
    """`every 5m of watch`."""

    duration: Expression
    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class MarketTrigger(Record):
    """`market open + 5m`, `market close - 10m of watch`."""

    moment: MarketMoment
    offset: Expression | None = None
    of: OfSet | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class StartTrigger(Record):
    """`start`."""

    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class BrokerTrigger(Record):
    """`broker disconnected`."""

    moment: BrokerMoment
    span: Span = _SPAN


Trigger = (
    SignalTrigger
    | PriceTrigger
    | VolumeTrigger
    | BarTrigger
    | PositionTrigger
    | OrderTrigger
    | TimeTrigger
    | EveryTrigger
    | MarketTrigger
    | StartTrigger
    | BrokerTrigger
)


def set_of(trigger: Trigger) -> OfSet | None:
    """What stands after a trigger's `of`; None where nothing does, or nothing can."""
    return None if isinstance(trigger, StartTrigger | BrokerTrigger) else trigger.of


# ---- sizes, distances, prices --------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Size(Record):
    """`100`, `$30_000`, `50%`, `2% of equity`, `risk 1% of equity`, `risk $500`: the value and the words around it."""

    value: Expression
    risk: bool = False
    of_equity: bool = False
    span: Span = _SPAN


class DistanceForm(enum.Enum):
    """How a distance is written: `3%` or `6 atr`, `$2.50 away`, `at $145`."""

    PLAIN = "plain"
    AWAY = "away"
    AT = "at"


@attrs.frozen(eq=False, repr=False)
class Distance(Record):
    value: Expression
    form: DistanceForm = DistanceForm.PLAIN
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Pricing(Record):
    """`at market`, `at limit P for D`, `at stop P limit P for D`."""

    kind: PricingKind
    limit: Expression | None = None
    stop: Expression | None = None
    lasts: Expression | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Stop(Record):
    """`stop 3%`."""

    distance: Distance
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Target(Record):
    """`target 8%`, `target 4% for 50%`."""

    distance: Distance
    fraction: Expression | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Trail(Record):
    """`trail 2%`, `trail 2% after 4%`."""

    distance: Distance
    after: Distance | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Breakeven(Record):
    """`breakeven after 1R`."""

    after: Distance
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class ExitAfter(Record):
    """`exit after 2h`."""

    duration: Expression
    span: Span = _SPAN


Protection = Stop | Target | Trail | Breakeven | ExitAfter


# ---- actions -------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Enter(Record):
    """`enter long 100 of AAPL at limit $150 for 5m stop 3% target 8%`; protections in the order written."""

    side: Side
    size: Size
    symbol: Symbol | Name | None = None
    pricing: Pricing | None = None
    protections: tuple[Protection, ...] = ()
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class ScaleIn(Record):
    """`scale in 50 at profit 2% at most 3`."""

    size: Size
    at_profit: Distance | None = None
    at_most: Expression | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class DoubleDown(Record):
    """`double down 100% at loss 2%` or `double down 100% at 50% to stop`: exactly one of the two is given."""

    size: Size
    at_loss: Distance | None = None
    to_stop: Expression | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Exit(Record):
    """`exit 50% of AAPL at limit $160 because "enough"`; no amount is all of it. Pricing is market or limit."""

    amount: Expression | None = None
    symbol: Symbol | Name | None = None
    pricing: Pricing | None = None
    because: Text | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class ExitEverything(Record):
    because: Text | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Reverse(Record):
    """`reverse stop 3% target 8%`; protections in the order written."""

    protections: tuple[Protection, ...] = ()
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class MoveStop(Record):
    """`move stop to $145`."""

    price: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class MoveStopToBreakeven(Record):
    """`move stop to breakeven`, `… + 0.5%`, `… - $1 away`: without `gain` the offset lies on the losing side."""

    offset: Distance | None = None
    gain: bool = True
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class MoveTarget(Record):
    """`move target to $160`."""

    price: Expression
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class TrailStop(Record):
    """`trail 2%`, as an action."""

    distance: Distance
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Cancel(Record):
    """`cancel targets`."""

    what: Cancelled
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Place(Record):
    """`place sell 50 at limit $160 as hedge`; the side that it trades toward."""

    side: Side
    size: Size
    pricing: Pricing
    role: Name | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Emit(Record):
    """`emit signal BUY for AAPL confidence 0.9`."""

    kind: Word
    symbol: Symbol | Name | None = None
    confidence: Expression | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class ResetCooldown(Record):
    """`reset cooldown of entries`; without a name all cooldowns of the symbol."""

    name: Name | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class CallAction(Record):
    """`call rebalance(symbol, weight = 20%)`; arguments with a name are bindings, in the order written."""

    name: Name
    arguments: tuple[Expression | Binding, ...] = ()
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Notify(Record):
    text: Text
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Log(Record):
    text: Text
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Halt(Record):
    text: Text | None = None
    span: Span = _SPAN


Action = (
    Enter
    | ScaleIn
    | DoubleDown
    | Exit
    | ExitEverything
    | Reverse
    | MoveStop
    | MoveStopToBreakeven
    | MoveTarget
    | TrailStop
    | Cancel
    | Place
    | Emit
    | Notify
    | Log
    | Halt
    | ResetCooldown
    | CallAction
)


# ---- tests ---------------------------------------------------------------------------------------------------------


class StepKind(enum.Enum):
    """A step of a test that makes something happen, by the words it begins with."""

    AT = "at"
    WAIT = "wait"
    EQUITY = "equity"
    PRICE = "price"
    QUOTE = "quote"
    BAR = "bar"
    REJECT = "reject next order"
    PARTIAL = "partial fill"
    DISCONNECT = "disconnect"
    RECONNECT = "reconnect"


@attrs.frozen(eq=False, repr=False)
class Step(Record):
    """`price AAPL $150`, `wait 3m`, `bar 5m SPY $500 $501 $499 $500 1000 for 20 bars`.

    `values` are what follows the symbol, in order. `timeframe` and `times` belong to bars, `times` after `for`; the
    `size` of a price is its second value.
    """

    kind: StepKind
    symbol: Symbol | None = None
    values: tuple[Expression, ...] = ()
    timeframe: Duration | None = None
    times: Expression | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class SignalStep(Record):
    """`signal BUY AAPL with (confidence = 0.9)`."""

    kind: Word
    symbol: Symbol
    given: tuple[Binding, ...] = ()
    span: Span = _SPAN


class ExpectationKind(enum.Enum):
    """What a test expects, by the words after `expect`."""

    ENTER = "enter"
    EXIT = "exit"
    STOP = "stop"
    TARGET = "target"
    ORDER = "order"
    POSITION = "position"
    FLAT = "flat"
    NO_ORDERS = "no orders"
    FIRED = "fired"
    NOT_FIRED = "not fired"
    REFUSED = "refused"
    HALTED = "halted"


@attrs.frozen(eq=False, repr=False)
class Expect(Record):
    """`expect enter long 100 of AAPL`, `expect fired flow.follow_buys`.

    `value` is the price or the number of shares; `rule` the name of a rule, after the stem of its file where that is
    written.
    """

    kind: ExpectationKind
    symbol: Symbol | None = None
    side: Side | None = None
    value: Expression | None = None
    rule: tuple[Name, ...] = ()
    span: Span = _SPAN


TestStep = Step | SignalStep | Expect


@attrs.frozen(eq=False, repr=False)
class Test(Record):
    """`test "a strong signal enters long" { steps }`."""

    __test__ = False  # pytest collects classes by this name

    name: String
    steps: tuple[TestStep, ...] = ()
    span: Span = _SPAN


# ---- the file ------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Rule(Record):
    """A rule; name, description and options only with a header. The span starts at `rule`, else at `on`."""

    trigger: Trigger
    actions: tuple[Action, ...]
    condition: Expression | None = None
    name: Name | None = None
    description: String | None = None
    options: tuple[Option, ...] = ()
    span: Span = _SPAN


Statement = Use | Let | Param | Field | Limits | Rule | Test


@attrs.frozen(eq=False, repr=False)
class Comment(Record):
    """From `#` to the end of its line, as written."""

    text: str
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class Broken(Record):
    """A statement that a syntax error left without a meaning. Nothing is said about it but the error.

    `keyword` is the word it begins with; `name` what it would have declared, so that no use of it is blamed.
    """

    keyword: str
    name: Name | None = None
    span: Span = _SPAN


@attrs.frozen(eq=False, repr=False)
class File(Record):
    """A whole file, statements in order; `language` is the number on its first line, if that is given.

    Statements with a syntax error are left out and noted in `broken`.
    """

    statements: tuple[Statement, ...] = ()
    language: Number | None = None
    comments: tuple[Comment, ...] = attrs.field(default=(), eq=False)
    broken: tuple[Broken, ...] = attrs.field(default=(), eq=False)
    span: Span = _SPAN


Node = (
    Expression
    | Text
    | Word
    | Binding
    | TableEntry
    | Table
    | ParamRange
    | Limit
    | Option
    | Trigger
    | Size
    | Distance
    | Pricing
    | Protection
    | Action
    | TestStep
    | Statement
    | Comment
    | Broken
    | File
)
