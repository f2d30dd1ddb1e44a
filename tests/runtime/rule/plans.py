"""Random expressions, events and facts, well typed or not, with unknowns."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import settings
from hypothesis import strategies as st

from rulec.dsl.plan import (
    AccountField,
    And,
    BarField,
    Call,
    ClockField,
    Compare,
    Date,
    Duration,
    EventName,
    Expression,
    FieldName,
    Indicator,
    Kind,
    Member,
    Moment,
    Money,
    Negate,
    Not,
    Number,
    Or,
    OrderMoment,
    Percent,
    PositionField,
    PositionMoment,
    PreviousPrice,
    Product,
    QuoteField,
    RMultiple,
    SignalCount,
    Sum,
    Symbol,
    TableLookup,
    Text,
    TimeOfDay,
    Truth,
    Within,
    Word,
)
from rulec.runtime.event.happenings import ClockTick, OrderTurn, PositionTurn, Started
from rulec.runtime.event.inputs import Bar, BrokerLink, FieldValue, LinkEvent, Price, Quote, Signal

CONFIDENCE = EventName("confidence", Kind.PERCENT)
PRICE = EventName("price", Kind.MONEY)
SYMBOL = EventName("symbol", Kind.SYMBOL)
PREMIUM = FieldName("premium", Kind.MONEY)

SYMBOLS = ("AAPL", "MSFT", "SPY")
KINDS = ("BUY", "SELL", "NEWS")


def at_least(examples: int) -> settings:
    """So many examples, or the profile's own number when that is more."""
    return settings(max_examples=max(examples, settings.default.max_examples if settings.default else 0))


@attrs.frozen
class Answers:
    """Facts out of tables; what isn't in them is unknown."""

    quotes: dict[tuple[str, str], float] = attrs.Factory(dict)
    indicators: dict[tuple[str, str], float] = attrs.Factory(dict)
    asked: dict[object, float] = attrs.Factory(dict)
    words: dict[str, str] = attrs.Factory(dict)

    def quote(self, name: str, symbol: str) -> float | None:
        return self.quotes.get((name, symbol))

    def indicator(
        self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None, ago: int
    ) -> float | None:
        value = self.indicators.get((symbol, name))
        return None if value is None else value + ago

    def bar(self, symbol: str, name: str, timeframe: float | None, ago: int) -> float | None:
        return self.asked.get((symbol, name, ago))

    def previous_price(self, symbol: str) -> float | None:
        return self.asked.get(symbol)

    def position(self, symbol: str, name: str, unit: Kind) -> float | str | None:
        return self.words.get(symbol) if name == "side" else self.asked.get((symbol, name, 0))

    def account(self, name: str) -> float | None:
        return self.asked.get(name)

    def signals(self, symbol: str, kind: str, seconds: float) -> float | None:
        return self.asked.get((symbol, kind, 0))

    def clock(self, name: str) -> float | str | None:
        return self.words.get(name) if name == "weekday" else self.asked.get(name)

    def equity(self) -> float | None:
        return None


NUMBERS = st.sampled_from((0.0, -0.0, 0.3, 0.5, 0.8, 1.0, -1.0, 2.5, 100.0, 1e-300, 1e308, -1e308))
ANY_NUMBERS = st.one_of(NUMBERS, st.floats())
TEXTS = st.sampled_from(("", "flow", "10:30", "90s", *SYMBOLS, *KINDS))
EVENT_NAMES = st.sampled_from(
    ("symbol", "signal", "source", "confidence", "price", "size", "close", "reason", "pnl", "role", "time")
)
FIELD_KINDS = st.sampled_from(
    (
        ("premium", Kind.MONEY),
        ("premium", Kind.TEXT),
        ("tag", Kind.TEXT),
        ("tag", Kind.NUMBER),
        ("hot", Kind.FLAG),
        ("hot", Kind.NUMBER),
        ("premium", Kind.DATE),
        ("tag", Kind.TIME),
        ("hot", Kind.DURATION),
    )
)
OPERATORS = st.sampled_from(("==", "!=", "<", "<=", ">", ">="))
SOME_SYMBOL = st.sampled_from((None, *SYMBOLS))


def some(parts: st.SearchStrategy[Any], least: int = 0, most: int = 4) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(parts, min_size=least, max_size=most).map(tuple)


def _compares(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    sizes = st.integers(0, 3)
    return sizes.flatmap(lambda size: st.builds(Compare, some(parts, size + 1, size + 1), some(OPERATORS, size, size)))


LEAVES: dict[type, st.SearchStrategy[Expression]] = {
    Number: st.builds(Number, ANY_NUMBERS),
    Percent: st.builds(Percent, NUMBERS),
    Money: st.builds(Money, NUMBERS),
    Duration: st.builds(Duration, NUMBERS),
    TimeOfDay: st.builds(TimeOfDay, st.integers(0, 86_399)),
    Truth: st.builds(Truth, st.booleans()),
    RMultiple: st.builds(RMultiple, NUMBERS),
    Symbol: st.builds(Symbol, st.sampled_from(SYMBOLS)),
    Word: st.builds(Word, TEXTS),
    EventName: st.builds(EventName, EVENT_NAMES, st.just(Kind.NUMBER)),
    FieldName: FIELD_KINDS.map(lambda item: FieldName(*item)),
    Indicator: st.builds(Indicator, st.just("atr"), st.just((14.0,)), st.just(None), SOME_SYMBOL),
    BarField: st.builds(BarField, st.sampled_from(("close", "open")), st.integers(0, 1), st.just(None), SOME_SYMBOL),
    PreviousPrice: st.builds(PreviousPrice),
    PositionField: st.builds(PositionField, st.sampled_from(("side", "profit", "quantity"))),
    AccountField: st.builds(AccountField, st.sampled_from(("equity", "cash"))),
    SignalCount: st.builds(SignalCount, st.sampled_from(KINDS), st.just(300.0)),
    ClockField: st.builds(ClockField, st.sampled_from(("weekday", "today", "now", "minutes_since_open"))),
    Date: st.builds(Date, st.integers(0, 30_000)),
    Moment: st.builds(Moment, st.integers(0, 2_000_000_000)),
    QuoteField: st.builds(QuoteField, st.sampled_from(("last", "bid")), SOME_SYMBOL),
}


def inner(parts: st.SearchStrategy[Expression]) -> dict[type, st.SearchStrategy[Expression]]:
    """A strategy for each node that has parts."""
    entries = some(st.tuples(st.sampled_from(SYMBOLS), parts))
    return {
        And: st.builds(And, some(parts)),
        Or: st.builds(Or, some(parts)),
        Not: st.builds(Not, parts),
        Compare: _compares(parts),
        Member: st.builds(Member, parts, some(parts), st.booleans()),
        Within: st.builds(Within, parts, parts, parts, st.booleans(), st.booleans()),
        Sum: st.builds(Sum, some(st.tuples(st.sampled_from((1, -1)), parts))),
        Product: st.builds(Product, some(st.tuples(st.sampled_from(("*", "/")), parts))),
        Negate: st.builds(Negate, parts),
        Call: st.builds(Call, st.sampled_from(("abs", "min", "max", "round", "sqrt")), some(parts)),
        TableLookup: st.builds(TableLookup, entries, st.one_of(st.none(), parts), parts),
        Text: st.builds(Text, some(st.one_of(TEXTS, parts))),
    }


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(*LEAVES.values()), lambda parts: st.one_of(*inner(parts).values()), max_leaves=12
)

COMPARISONS: st.SearchStrategy[Expression] = st.one_of(
    st.builds(
        lambda left, operator, bound, turned: Compare((bound, left) if turned else (left, bound), (operator,)),
        st.sampled_from((CONFIDENCE, PRICE, PREMIUM, EventName("size", Kind.NUMBER))),
        OPERATORS,
        st.builds(Number, NUMBERS),
        st.booleans(),
    ),
    st.builds(
        lambda low, first, second, high: Compare((low, CONFIDENCE, high), (first, second)),
        st.builds(Number, NUMBERS),
        OPERATORS,
        OPERATORS,
        st.builds(Number, NUMBERS),
    ),
    st.builds(
        Within,
        st.just(CONFIDENCE),
        st.builds(Number, NUMBERS),
        st.builds(Number, NUMBERS),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(lambda symbol: Compare((SYMBOL, Symbol(symbol)), ("==",)), st.sampled_from(SYMBOLS)),
    st.builds(lambda text: Compare((Word(text), EventName("signal", Kind.WORD)), ("==",)), st.sampled_from(KINDS)),
    st.builds(
        lambda symbols, negated: Member(SYMBOL, tuple(map(Symbol, symbols)), negated),
        some(st.sampled_from(SYMBOLS)),
        st.booleans(),
    ),
)

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "premium": st.one_of(NUMBERS, TEXTS),
        "tag": st.one_of(TEXTS, st.booleans()),
        "hot": st.one_of(st.booleans(), NUMBERS),
    },
).map(lambda fields: dict[str, FieldValue](fields))

FINITE = st.one_of(NUMBERS, st.floats(allow_nan=False, allow_infinity=False))
SIGNALS = st.builds(
    Signal,
    time=st.just(0),
    symbol=st.sampled_from((*SYMBOLS, "TSLA")),
    signal=st.sampled_from((*KINDS, "SHORT")),
    confidence=st.one_of(st.none(), FINITE),
    price=st.one_of(st.none(), FINITE),
    source=st.sampled_from(("", "flow")),
    fields=FIELDS,
)
PRICES = st.builds(Price, st.just(0), st.sampled_from((*SYMBOLS, "TSLA")), FINITE, st.one_of(st.none(), FINITE))
QUOTES = st.builds(Quote, st.just(0), st.sampled_from((*SYMBOLS, "TSLA")), NUMBERS, st.just(1.0))
_SOME = st.sampled_from((*SYMBOLS, "TSLA"))
BARS = st.builds(
    Bar,
    time=st.just(0),
    symbol=_SOME,
    open=FINITE,
    high=FINITE,
    low=FINITE,
    close=FINITE,
    volume=FINITE,
    timeframe=st.sampled_from((60_000_000, 300_000_000)),
    start=st.just(0),
    end=st.just(60_000_000),
)
POSITION_TURNS = st.builds(
    PositionTurn,
    st.just(0),
    _SOME,
    st.sampled_from(PositionMoment),
    st.sampled_from((None, "stop", "exit")),
    st.one_of(st.none(), FINITE),
)
ORDER_TURNS = st.builds(
    OrderTurn,
    st.just(0),
    _SOME,
    st.sampled_from(OrderMoment),
    st.sampled_from(("main", "stop")),
    FINITE,
    st.one_of(st.none(), FINITE),
    st.sampled_from((None, "margin")),
)
TICKS = st.builds(ClockTick, st.just(0), st.sampled_from(("time 36000", "every 300")), st.just(0), st.none() | _SOME)
LINKS = st.builds(BrokerLink, st.just(0), st.sampled_from(LinkEvent))
EVENTS = st.one_of(
    SIGNALS, SIGNALS, PRICES, QUOTES, BARS, POSITION_TURNS, ORDER_TURNS, TICKS, LINKS, st.just(Started(0))
)
_ASKED = st.one_of(
    st.sampled_from(("equity", "cash", "today", "now", "minutes_since_open")),
    st.sampled_from(SYMBOLS),
    st.tuples(
        st.sampled_from(SYMBOLS), st.sampled_from(("close", "open", "profit", "quantity", *KINDS)), st.integers(0, 1)
    ),
)
FACTS = st.builds(
    Answers,
    st.dictionaries(st.tuples(st.sampled_from(("last", "bid")), st.sampled_from(SYMBOLS)), FINITE),
    st.dictionaries(st.tuples(st.sampled_from(SYMBOLS), st.just("atr")), FINITE),
    st.dictionaries(_ASKED, FINITE),
    st.dictionaries(st.sampled_from((*SYMBOLS, "weekday")), st.sampled_from(("long", "flat", "friday"))),
)
