"""The language's types and units, and what may be done with them.

A type is a kind of value with its unit: `3%` and `$3` are both three of something, and the compiler exists to keep
them apart. The rules of arithmetic and comparison stand here as plain functions from types to a type, or None where
the text could be read in two ways; the type checker turns a None into a diagnostic.

    price * 103%        money * percent   -> money
    price + 3%          money + percent   -> None: three per cent of what?
    spread / last       money / money     -> a fraction, which compares with 0.001 and with 0.1% alike
"""

from __future__ import annotations

import attrs

from .plan import Kind
from .record import Record


@attrs.frozen(eq=False, repr=False)
class Type(Record):
    """The type of an expression.

    `kind` is None for the failed type: something below was reported already, and whatever is built on it says nothing
    more. `fraction` marks a ratio such as `confidence`, which reads as a number and as a percentage. `literal` marks a
    bare symbol or string written in the rule, which may stand for a symbol, a word or a text. `element` is the type of
    a list's elements or of a table's values. `words` are all that a word can be, where they are known. `profit` marks
    the profit of a position: a percentage of its entry that compares with money and with R as well.
    """

    kind: Kind | None
    fraction: bool = False
    literal: bool = False
    element: Type | None = None
    words: tuple[str, ...] = ()
    profit: bool = False

    def __str__(self) -> str:
        if self.kind is None:
            return "unknown"
        if self.fraction:
            return "a fraction"
        if self.profit:
            return "a profit"
        return DESCRIPTIONS[self.kind]


DESCRIPTIONS: dict[Kind, str] = {
    Kind.NUMBER: "a number",
    Kind.PERCENT: "a percentage",
    Kind.MONEY: "an amount of money",
    Kind.DURATION: "a duration",
    Kind.TIME: "a time of day",
    Kind.DATE: "a date",
    Kind.MOMENT: "a date and time",
    Kind.TEXT: "a text",
    Kind.FLAG: "true or false",
    Kind.SYMBOL: "a symbol",
    Kind.WORD: "a word",
    Kind.R: "a multiple of R",
    Kind.LIST: "a list",
    Kind.TABLE: "a table",
    Kind.CONDITION: "a condition",
}

FAILED = Type(None)
NUMBER = Type(Kind.NUMBER)
PERCENT = Type(Kind.PERCENT)
FRACTION = Type(Kind.PERCENT, fraction=True)
MONEY = Type(Kind.MONEY)
DURATION = Type(Kind.DURATION)
TIME = Type(Kind.TIME)
DATE = Type(Kind.DATE)
MOMENT = Type(Kind.MOMENT)
TEXT = Type(Kind.TEXT)
TEXT_LITERAL = Type(Kind.TEXT, literal=True)
FLAG = Type(Kind.FLAG)
SYMBOL = Type(Kind.SYMBOL)
SYMBOL_LITERAL = Type(Kind.SYMBOL, literal=True)
WORD = Type(Kind.WORD)
SIDE = Type(Kind.WORD, words=("long", "short", "flat"))
CLOSE_REASON = Type(Kind.WORD, words=("stop", "target", "trail", "exit", "time", "reverse", "manual"))
WEEKDAY = Type(Kind.WORD, words=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
PROFIT = Type(Kind.PERCENT, profit=True)
R = Type(Kind.R)
CONDITION = Type(Kind.CONDITION)

# The types that a `field` may be declared with, by the word for each.
FIELD_TYPES: dict[str, Type] = {
    "number": NUMBER,
    "percent": PERCENT,
    "money": MONEY,
    "text": TEXT,
    "flag": FLAG,
    "symbol": SYMBOL,
    "duration": DURATION,
    "time": TIME,
}

_NAMES = frozenset({Kind.SYMBOL, Kind.WORD, Kind.TEXT})
_SCALES = frozenset({Kind.NUMBER, Kind.PERCENT, Kind.MONEY, Kind.DURATION, Kind.R})
_ORDERED = _SCALES | {Kind.TIME, Kind.DATE, Kind.MOMENT}
_PROFITS = frozenset({Kind.PERCENT, Kind.MONEY, Kind.R})
_CLOCKS = frozenset({Kind.MOMENT, Kind.TIME})
_RATIO_KINDS = frozenset({Kind.NUMBER, Kind.PERCENT})


def is_condition(type_: Type) -> bool:
    """Whether the value can be asked for: a comparison, or a flag that a signal carries."""
    return type_.kind in (Kind.CONDITION, Kind.FLAG)


def is_scale(type_: Type) -> bool:
    """Whether the value is an amount of something, so that it can be negated and multiplied."""
    return type_.kind in _SCALES


def is_ordered(type_: Type) -> bool:
    """Whether `<` and ranges mean something for the type."""
    return type_.kind in _ORDERED


def comparable(left: Type, right: Type) -> bool:
    """Whether two values can be equal: the same kind, a ratio beside a number, or a literal name beside a name."""
    if left.kind in (Kind.LIST, Kind.TABLE, Kind.CONDITION):
        return False
    if left.kind is right.kind:
        return True
    if left.profit or right.profit:
        return left.kind in _PROFITS and right.kind in _PROFITS
    if clock_readings(left, right):
        return True
    if left.fraction or right.fraction:
        return left.kind in _RATIO_KINDS and right.kind in _RATIO_KINDS
    return (left.literal or right.literal) and left.kind in _NAMES and right.kind in _NAMES


def clock_readings(left: Type, right: Type) -> bool:
    """Whether a time of day is held against `now`, which then tells the time of day."""
    return {left.kind, right.kind} == _CLOCKS


def common(left: Type, right: Type) -> Type | None:
    """The one type of two values that stand for each other: elements of a list, entries of a table, `min` and `max`."""
    if left == right:
        return left
    if not comparable(left, right) or clock_readings(left, right):
        return None
    if left.kind is not right.kind and (left.profit or right.profit):
        return None
    if left.profit or right.profit:
        return PERCENT
    if left.fraction or right.fraction:
        return FRACTION
    return right if left.literal else left


def added(left: Type, right: Type) -> Type | None:
    """The type of `left + right`."""
    if left.kind is Kind.TIME and right.kind is Kind.DURATION:
        return TIME
    return _sum_of_same(left, right)


def subtracted(left: Type, right: Type) -> Type | None:
    """The type of `left - right`."""
    if left.kind is Kind.TIME and right.kind is Kind.DURATION:
        return TIME
    if left.kind is Kind.TIME and right.kind is Kind.TIME:
        return DURATION
    return _sum_of_same(left, right)


def _sum_of_same(left: Type, right: Type) -> Type | None:
    if left.kind not in _SCALES or not comparable(left, right):
        return None
    if left.profit or right.profit:
        return PERCENT if left.kind is right.kind else None
    return FRACTION if left.fraction or right.fraction else left


def multiplied(left: Type, right: Type) -> Type | None:
    """The type of `left * right`: a number or a percentage of anything is some more or less of it."""
    if left.kind not in _SCALES or right.kind not in _SCALES:
        return None
    left, right = plain(left), plain(right)
    if left.kind is Kind.NUMBER or left.fraction:
        return left if right.kind is Kind.NUMBER else right
    if right.kind is Kind.NUMBER or right.fraction:
        return left
    if left.kind is Kind.PERCENT:
        return right
    if right.kind is Kind.PERCENT:
        return left
    return None


def divided(left: Type, right: Type) -> Type | None:
    """The type of `left / right`: a share of something, or the ratio of two amounts of the same kind."""
    if left.kind not in _SCALES or right.kind not in _SCALES:
        return None
    left, right = plain(left), plain(right)
    if right.kind is Kind.NUMBER:
        return left
    if left.kind is right.kind:
        return FRACTION
    if right.kind is Kind.PERCENT:
        return left
    return None


def plain(type_: Type) -> Type:
    """A profit that is reckoned with, or kept in a list, is a percentage like any other."""
    return PERCENT if type_.profit else type_
