"""The compiler's product: a rule file as frozen records, with nothing left to look up.

A plan is data. It holds no callables, no files and no names that still mean something elsewhere: lets, params and
imports are inlined, units are resolved (`6 atr` is `6 * atr(14)`, `3%` is 0.03), every rule stands in the order in
which it is tried. It prints, compares and hashes; where a rule stood in its file takes no part in equality, so that
moving a rule changes nothing.

    on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%

becomes

    Rule(trigger=SignalTrigger(kinds=("BUY",)),
         condition=Compare((EventName("confidence", Kind.PERCENT), Number(0.8)), (">",)),
         actions=(Enter(Side.LONG, Size(SizeUnit.SHARES, Number(100.0)), …),))

The meaning of the expression nodes is defined by the reference evaluator of `runtime.rule`.
"""

from __future__ import annotations

import enum

import attrs

from .record import Record


class Kind(enum.Enum):
    """The type of a value, unit included."""

    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    DURATION = "duration"
    TIME = "time"
    DATE = "date"
    MOMENT = "date and time"
    TEXT = "text"
    FLAG = "flag"
    SYMBOL = "symbol"
    WORD = "word"
    R = "multiple of R"
    LIST = "list"
    TABLE = "table"
    CONDITION = "condition"


# ---- expressions ---------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Number(Record):
    value: float


@attrs.frozen(eq=False, repr=False)
class Percent(Record):
    """A fraction: `3%` is 0.03."""

    value: float


@attrs.frozen(eq=False, repr=False)
class Money(Record):
    """An amount or a price in the contract's currency."""

    value: float


@attrs.frozen(eq=False, repr=False)
class Duration(Record):
    """Elapsed time in seconds."""

    seconds: float


@attrs.frozen(eq=False, repr=False)
class TimeOfDay(Record):
    """Seconds after midnight, exchange time."""

    seconds: int


@attrs.frozen(eq=False, repr=False)
class Date(Record):
    """A date of the exchange, in days since 1970-01-01."""

    days: int


@attrs.frozen(eq=False, repr=False)
class Moment(Record):
    """A date and time as the exchange's clocks show it, in seconds since they showed 1970-01-01 00:00."""

    seconds: int


@attrs.frozen(eq=False, repr=False)
class Truth(Record):
    value: bool


@attrs.frozen(eq=False, repr=False)
class RMultiple(Record):
    """A multiple of the entry's initial risk."""

    value: float


@attrs.frozen(eq=False, repr=False)
class Symbol(Record):
    name: str


@attrs.frozen(eq=False, repr=False)
class Word(Record):
    """A signal's kind or another bare word, compared as text."""

    text: str


@attrs.frozen(eq=False, repr=False)
class Text(Record):
    """A text with `{name}` places; a part is literal text or a value to print."""

    parts: tuple[str | Expression, ...]


@attrs.frozen(eq=False, repr=False)
class EventName(Record):
    """A value that the trigger brings: symbol, confidence, price, close, reason, and the like."""

    name: str
    kind: Kind

    def __hash__(self) -> int:
        return hash(self.name)  # the part of conditions that is looked up most


@attrs.frozen(eq=False, repr=False)
class FieldName(Record):
    """A declared field of a signal."""

    name: str
    kind: Kind


@attrs.frozen(eq=False, repr=False)
class TableLookup(Record):
    """`table[key]`: the entry of that symbol, else the default; unknown when there is neither."""

    entries: tuple[tuple[str, Expression], ...]
    default: Expression | None
    key: Expression


@attrs.frozen(eq=False, repr=False)
class Indicator(Record):
    """`atr(14)`, of the event's symbol unless another is named, as it was `ago` completed bars before now.

    The timeframe is in seconds; None is the configured one, else that of the symbol's only series, else a minute.
    """

    name: str
    arguments: tuple[float, ...]
    timeframe: float | None = None
    symbol: str | None = None
    ago: int = 0


@attrs.frozen(eq=False, repr=False)
class BarField(Record):
    """`close[1]`: open, high, low, close or volume of a completed bar; 0 bars ago is the last one.

    Timeframe and symbol as for indicators.
    """

    name: str
    ago: int
    timeframe: float | None = None
    symbol: str | None = None


@attrs.frozen(eq=False, repr=False)
class QuoteField(Record):
    """`last`, `bid`, `ask` or `spread`, of the event's symbol unless another is named."""

    name: str
    symbol: str | None = None


@attrs.frozen(eq=False, repr=False)
class PreviousPrice(Record):
    """The price of the event's symbol before the one that is being handled; what `crosses` looks back to."""


@attrs.frozen(eq=False, repr=False)
class PositionField(Record):
    """`position.profit` and the like, of the event's symbol.

    `unit` says how profit and peak profit are told: PERCENT of the entry, MONEY in all, or R.
    """

    name: str
    unit: Kind = Kind.PERCENT


@attrs.frozen(eq=False, repr=False)
class AccountField(Record):
    """`account.equity` and the like, and `trades_today`."""

    name: str


@attrs.frozen(eq=False, repr=False)
class SignalCount(Record):
    """`signals(BUY, 5m)`: how many of that kind came for the event's symbol within the last seconds, this one too."""

    kind: str
    seconds: float


@attrs.frozen(eq=False, repr=False)
class ClockField(Record):
    """What the exchange's clock shows: now (a Moment), time (of day), today (a Date), weekday, minutes_since_open, …"""

    name: str


@attrs.frozen(eq=False, repr=False)
class Call(Record):
    """`abs`, `min`, `max`, `round`."""

    function: str
    arguments: tuple[Expression, ...]


@attrs.frozen(eq=False, repr=False)
class And(Record):
    items: tuple[Expression, ...]


@attrs.frozen(eq=False, repr=False)
class Or(Record):
    items: tuple[Expression, ...]


@attrs.frozen(eq=False, repr=False)
class Not(Record):
    item: Expression


@attrs.frozen(eq=False, repr=False)
class Compare(Record):
    """A chain: `0.2 < x <= 0.7` has three operands and two operators (`== != < <= > >=`)."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]


@attrs.frozen(eq=False, repr=False)
class Member(Record):
    """`x in [a, b]`; negated for `not in`."""

    item: Expression
    members: tuple[Expression, ...]
    negated: bool = False


@attrs.frozen(eq=False, repr=False)
class Within(Record):
    """`x in low..high`, both ends included; times exclude the high end."""

    item: Expression
    low: Expression
    high: Expression
    negated: bool = False
    open_end: bool = False


@attrs.frozen(eq=False, repr=False)
class Sum(Record):
    """A flat chain of `+` and `-`: each term with the sign it is added with."""

    terms: tuple[tuple[int, Expression], ...]


@attrs.frozen(eq=False, repr=False)
class Product(Record):
    """A flat chain of `*` and `/`: each factor with the operator before it, the first with `*`."""

    factors: tuple[tuple[str, Expression], ...]


@attrs.frozen(eq=False, repr=False)
class Negate(Record):
    item: Expression


Expression = (
    Number
    | Percent
    | Money
    | Duration
    | TimeOfDay
    | Date
    | Moment
    | Truth
    | RMultiple
    | Symbol
    | Word
    | Text
    | EventName
    | FieldName
    | TableLookup
    | Indicator
    | BarField
    | QuoteField
    | PreviousPrice
    | PositionField
    | AccountField
    | SignalCount
    | ClockField
    | Call
    | And
    | Or
    | Not
    | Compare
    | Member
    | Within
    | Sum
    | Product
    | Negate
)


# ---- triggers ------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class SignalTrigger(Record):
    """Kinds in the order written; empty means any. `of` is None for every symbol."""

    kinds: tuple[str, ...]
    of: tuple[str, ...] | None = None


@attrs.frozen(eq=False, repr=False)
class PriceTrigger(Record):
    of: tuple[str, ...] | None = None


@attrs.frozen(eq=False, repr=False)
class VolumeTrigger(Record):
    of: tuple[str, ...] | None = None


@attrs.frozen(eq=False, repr=False)
class BarTrigger(Record):
    """A completed bar; timeframe in seconds, None for the feed's own."""

    timeframe: float | None = None
    of: tuple[str, ...] | None = None


class PositionMoment(enum.Enum):
    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"


@attrs.frozen(eq=False, repr=False)
class PositionTrigger(Record):
    moment: PositionMoment
    of: tuple[str, ...] | None = None


class OrderMoment(enum.Enum):
    CREATED = "created"
    SUBMITTED = "submitted"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


@attrs.frozen(eq=False, repr=False)
class OrderTrigger(Record):
    moment: OrderMoment
    of: tuple[str, ...] | None = None


@attrs.frozen(eq=False, repr=False)
class TimeTrigger(Record):
    """A time of day on trading days, in seconds after midnight of the exchange; once for each symbol of `of`."""

    at: int
    of: tuple[str, ...] | None = None


@attrs.frozen(eq=False, repr=False)
class EveryTrigger(Record):
    """Each time that so many seconds of a session have gone by since its open."""

    seconds: float
    of: tuple[str, ...] | None = None


class MarketMoment(enum.Enum):
    OPEN = "open"
    CLOSE = "close"


@attrs.frozen(eq=False, repr=False)
class MarketTrigger(Record):
    """So many seconds after the open, or before the close, of a session."""

    moment: MarketMoment
    seconds: float = 0.0
    of: tuple[str, ...] | None = None


@attrs.frozen(eq=False, repr=False)
class StartTrigger(Record):
    """The system has started."""


class BrokerMoment(enum.Enum):
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


@attrs.frozen(eq=False, repr=False)
class BrokerTrigger(Record):
    moment: BrokerMoment


ClockTrigger = TimeTrigger | EveryTrigger | MarketTrigger
Trigger = (
    SignalTrigger
    | PriceTrigger
    | VolumeTrigger
    | BarTrigger
    | PositionTrigger
    | OrderTrigger
    | ClockTrigger
    | StartTrigger
    | BrokerTrigger
)


def symbols_of(trigger: Trigger) -> tuple[str, ...] | None:
    """The symbols that a trigger is narrowed to, None for all of them, or where it has no symbol at all."""
    return None if isinstance(trigger, StartTrigger | BrokerTrigger) else trigger.of


# ---- sizes, distances, prices --------------------------------------------------------------------------------------


class Side(enum.Enum):
    LONG = "long"
    SHORT = "short"


class SizeUnit(enum.Enum):
    SHARES = "shares"
    ALLOCATION = "allocation"
    EQUITY = "of equity"
    RISK_EQUITY = "risk of equity"
    RISK_MONEY = "risk money"
    POSITION = "of position"


@attrs.frozen(eq=False, repr=False)
class Size(Record):
    unit: SizeUnit
    value: Expression


class DistanceUnit(enum.Enum):
    """How far: a fraction of the price, an amount a share, a multiple of R, or an exact price."""

    PERCENT = "percent"
    AMOUNT = "amount"
    R = "R"
    PRICE = "price"


@attrs.frozen(eq=False, repr=False)
class Distance(Record):
    unit: DistanceUnit
    value: Expression


class PricingKind(enum.Enum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop limit"


@attrs.frozen(eq=False, repr=False)
class Pricing(Record):
    """`at market`, `at limit P`, `at stop P [limit P]`; `lasts` in seconds from `for D`."""

    kind: PricingKind
    limit: Expression | None = None
    stop: Expression | None = None
    lasts: float | None = None


@attrs.frozen(eq=False, repr=False)
class Target(Record):
    """One target; the fraction of the shares entered, None where the rule states none (100%)."""

    distance: Distance
    fraction: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class Trail(Record):
    distance: Distance
    after: Distance | None = None


@attrs.frozen(eq=False, repr=False)
class Protection(Record):
    stop: Distance | None = None
    targets: tuple[Target, ...] = ()
    trail: Trail | None = None
    breakeven_after: Distance | None = None
    exit_after: Expression | None = None


# ---- actions -------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Enter(Record):
    side: Side
    size: Size
    symbol: Expression | None = None
    pricing: Pricing = Pricing(PricingKind.MARKET)
    protection: Protection = Protection()


@attrs.frozen(eq=False, repr=False)
class ScaleIn(Record):
    size: Size
    at_profit: Distance | None = None
    at_most: int = 1


@attrs.frozen(eq=False, repr=False)
class DoubleDown(Record):
    """A resting limit order on the losing side: `at loss DIST`, or a fraction of the way to the stop."""

    size: Size
    at_loss: Distance | None = None
    to_stop: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class Exit(Record):
    """Size None is the whole position; NUMBER is shares, PERCENT of the position."""

    size: Size | None = None
    symbol: Expression | None = None
    pricing: Pricing = Pricing(PricingKind.MARKET)
    because: Text | None = None


@attrs.frozen(eq=False, repr=False)
class ExitEverything(Record):
    because: Text | None = None


@attrs.frozen(eq=False, repr=False)
class Notify(Record):
    text: Text


@attrs.frozen(eq=False, repr=False)
class Log(Record):
    text: Text


@attrs.frozen(eq=False, repr=False)
class Halt(Record):
    text: Text | None = None


@attrs.frozen(eq=False, repr=False)
class Reverse(Record):
    """Closes the symbol's trade and enters the other way, with the shares held when it was decided."""

    protection: Protection = Protection()
    symbol: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class MoveStop(Record):
    """Moves a trade's stop, never looser: to a price, or (from Python) to a distance from the average entry."""

    to: Distance
    symbol: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class MoveStopToBreakeven(Record):
    """Moves a trade's stop to its average entry, or so far into profit (`gain`) or into loss; never looser."""

    offset: Distance | None = None
    gain: bool = True
    symbol: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class MoveTarget(Record):
    """Moves a trade's nearest unfilled target to a price."""

    to: Expression
    symbol: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class TrailStop(Record):
    """Lets a trade's one stop trail the price from now on; never looser."""

    distance: Distance
    symbol: Expression | None = None


class Cancelled(enum.Enum):
    """Which linked orders an action cancels; a stop is moved, never cancelled."""

    TARGETS = "targets"
    SCALES = "scales"
    ENTRIES = "entries"
    ORDERS = "orders"


@attrs.frozen(eq=False, repr=False)
class CancelOrders(Record):
    what: Cancelled
    symbol: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class PlaceOrder(Record):
    """Any other order of a trade, under a role of the user's; `side` is what the order trades toward."""

    side: Side
    size: Size
    pricing: Pricing
    role: str
    symbol: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class EmitSignal(Record):
    """Puts a signal on the bus, for the event's symbol unless another is named."""

    kind: str
    symbol: Expression | None = None
    confidence: Expression | None = None


@attrs.frozen(eq=False, repr=False)
class ResetCooldown(Record):
    """Forgets the symbol's cooldowns: of the rule with this identity or this shared name, or all of them."""

    name: str | None = None


@attrs.frozen(eq=False, repr=False)
class CallAction(Record):
    """A Python action that the user registered, with its arguments by position and by name."""

    name: str
    arguments: tuple[Expression, ...] = ()
    named: tuple[tuple[str, Expression], ...] = ()


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
    | CancelOrders
    | PlaceOrder
    | EmitSignal
    | Notify
    | Log
    | Halt
    | ResetCooldown
    | CallAction
)


# ---- rules and limits ----------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class Cooldown(Record):
    """Seconds of rest per symbol; `shared` is the name under which rules share it."""

    seconds: float
    shared: str | None = None


class Period(enum.Enum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@attrs.frozen(eq=False, repr=False)
class AtMost(Record):
    count: int
    period: Period
    each_symbol: bool = False


@attrs.frozen(eq=False, repr=False)
class During(Record):
    """Seconds after midnight, exchange time; the end is excluded, an end before the start runs past midnight."""

    start: int
    end: int


@attrs.frozen(eq=False, repr=False)
class Place(Record):
    """Where a rule stands, for people: path as given, line and column from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@attrs.frozen(eq=False, repr=False)
class Rule(Record):
    """One rule, ready to run.

    `name` is the full name (`stem.name`) of a named rule, None for an unnamed one; `label` is what people are shown
    (`flow_long`, or `flow#3`). Neither the label of an unnamed rule nor the place counts for equality.
    """

    trigger: Trigger
    condition: Expression | None
    actions: tuple[Action, ...]
    name: str | None = None
    description: str | None = None
    priority: int = 0
    cooldown: Cooldown | None = None
    at_most: tuple[AtMost, ...] = ()
    during: During | None = None
    enabled: bool = True
    label: str = attrs.field(default="", eq=False)
    place: Place = attrs.field(default=Place("", 1, 1), eq=False)

    @property
    def fingerprint(self) -> str:
        """A hash of the lowered form, without names, places and texts: what an unnamed rule is known by."""
        form = (self.trigger, self.condition, self.actions, self.priority, self.cooldown, self.at_most, self.during)
        return _hash_of(form)

    @property
    def identity(self) -> str:
        """What counters and cooldowns are kept under: the name, else the fingerprint."""
        return self.name if self.name is not None else self.fingerprint


def _hash_of(form: object) -> str:
    import hashlib  # a check takes no fingerprint, and starts the sooner

    return hashlib.sha256(repr(form).encode()).hexdigest()[:16]


class LimitKind(enum.Enum):
    """A limit, by the words it is written in."""

    POSITION = "max position"
    SECTOR = "max sector"
    EXPOSURE = "max exposure"
    POSITIONS = "max positions"
    ORDER = "max order"
    ORDERS = "max orders"
    DAILY_LOSS = "max daily loss"
    ONLY_SYMBOLS = "only symbols"
    NO_SHORTING = "no shorting"


@attrs.frozen(eq=False, repr=False)
class Limit(Record):
    """One limit. `of_equity` tells a fraction of the equity from an amount of money, shares or a count.

    `kind_of_value` is PERCENT with `of_equity`, MONEY for amounts, NUMBER for counts; symbols only for ONLY_SYMBOLS.
    """

    kind: LimitKind
    value: float | None = None
    of_equity: bool = False
    period: Period | None = None
    symbols: tuple[str, ...] = ()
    place: Place = attrs.field(default=Place("", 1, 1), eq=False)


@attrs.frozen(eq=False, repr=False)
class Field(Record):
    name: str
    kind: Kind
    description: str | None = None


@attrs.frozen(eq=False, repr=False)
class Plan(Record):
    """All rules of one command in the order in which they are tried: by file as given, then by line.

    Priority is applied by the engine. `fields` are the declared signal fields by name.
    """

    rules: tuple[Rule, ...] = ()
    limits: tuple[Limit, ...] = ()
    fields: tuple[Field, ...] = ()

    @property
    def fingerprint(self) -> str:
        form = (tuple(rule.fingerprint for rule in self.rules), self.limits, self.fields)
        return _hash_of(form)
