"""Other events than signals that few rules match: prices, bars with indicators, missing fields, all rules matching."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np
from talib import stream

from rulec.runtime.core.engine import Input
from rulec.runtime.core.records import Decision, Record
from rulec.runtime.core.sequencer import Sink
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import Bar, Price, Signal
from rulec.runtime.simulation import Simulation, simulate

from .harness import Contestant, Timing, Work, check, measure
from .report import Aim, Report, Table, figure
from .rules import SYMBOLS, compiled
from .signal_engine import HOURS, OPEN, SIMULATION
from .sizes import Sizes

MEANING = (
    "Rules of one shape, their symbols and thresholds drawn at random, each with the action `log`, through the whole "
    "engine: `on price of SYM where price > $P`; `on bar of SYM where close > sma(20) and rsi(14) < T`; `on signal BUY "
    "of SYM where premium > $X` for signals that come without a premium, so that each rule of the symbol is unknown "
    "and says so once; and `on signal BUY`, which every rule matches. Microseconds of processor time an event, and for "
    "the last a match.",
    "The peers do the same by hand: a dictionary of sorted thresholds (for bars with TA-Lib's own streams beside it), "
    "and a loop that makes a tuple for each match. They keep no books, no records and no cooldowns. Checked first: "
    "each rulec decides what the peer finds, event by event.",
)
AIM = 5.0  # times as long with the most rules as with the fewest here, where no more of them match
_MOST_SYMBOLS = len(SYMBOLS)
_SECOND, _MINUTE = 1_000_000, 60_000_000
_WARM = 22  # bars of each symbol before the first that counts

Event = Price | Bar | Signal
Peer = Callable[[Sequence[Any]], list[int]]


@attrs.frozen
class Case:
    """Rules as text, events in order (those before `first` only warm up), and the same by hand."""

    name: str
    rules: int
    text: str
    events: tuple[Event, ...]
    by_hand: Callable[[], Peer]
    first: int = 0
    per_match: bool = False

    @property
    def title(self) -> str:
        return f"{self.name}, {self.rules:,} rules"


def prices(count: int, events: int) -> Case:
    draw = random.Random(19)
    rules = [(draw.choice(SYMBOLS), draw.randrange(5_000, 50_000) / 100) for _ in range(count)]
    text = "".join(f'on price of {symbol} where price > ${bound} -> log "x"\n' for symbol, bound in rules)
    bounds: dict[str, list[float]] = {}
    for symbol, bound in rules:
        bounds.setdefault(symbol, []).append(bound)
    known = {symbol: sorted(each) for symbol, each in bounds.items()}
    came = []
    for number in range(events):
        symbol, each = draw.choice(list(known.items()))
        at = draw.randrange(min(3, len(each)) + 1)  # none to three of the symbol's rules
        low = each[at - 1] if at else each[0] - 10
        high = each[at] if at < len(each) else each[-1] + 10
        came.append(Price(OPEN + number, symbol, round((low + high) / 2, 4)))

    def by_hand() -> Peer:
        return lambda given: [bisect_left(known.get(one.symbol, ()), one.price) for one in given]

    return Case("prices", count, text, tuple(came), by_hand)


def bars(count: int, events: int) -> Case:
    draw = random.Random(23)
    symbols = SYMBOLS[: max(1, min(_MOST_SYMBOLS, events // 8))]
    rules = [(draw.choice(symbols), draw.randrange(300, 700) / 10) for _ in range(count)]
    text = "".join(
        f'on bar of {symbol} where close > sma(20) and rsi(14) < {bound} -> log "x"\n' for symbol, bound in rules
    )
    bounds: dict[str, list[float]] = {}
    for symbol, bound in rules:
        bounds.setdefault(symbol, []).append(bound)
    known = {symbol: sorted(each) for symbol, each in bounds.items()}
    came: list[Bar] = []
    closes = dict.fromkeys(symbols, 100.0)
    for minute in range(_WARM + max(1, events // len(symbols))):
        for symbol in symbols:
            start = OPEN + minute * _MINUTE
            close = closes[symbol] = round(closes[symbol] * (1 + draw.uniform(-0.004, 0.004)), 2)
            low, high = min(close, 100.0) - 0.2, max(close, 100.0) + 0.2
            came.append(Bar(start, symbol, close, high, low, close, 100.0, _MINUTE, start, start + _MINUTE))

    def by_hand() -> Peer:
        kept: dict[str, tuple[stream.SMA, stream.RSI]] = {}
        history: dict[str, list[float]] = {}

        def find(given: Sequence[Bar]) -> list[int]:
            found = []
            for bar in given:
                streams = kept.get(bar.symbol)
                if streams is None:
                    seen = history.setdefault(bar.symbol, [])
                    seen.append(bar.close)
                    if len(seen) < 20:
                        found.append(0)
                        continue
                    column = np.array(seen, dtype=np.float64)
                    streams = kept[bar.symbol] = (stream.SMA(column, timeperiod=20), stream.RSI(column, timeperiod=14))
                    average, strength = streams[0].value, streams[1].value
                else:
                    average, strength = streams[0].update(bar.close), streams[1].update(bar.close)
                each = known.get(bar.symbol, ())
                found.append(
                    len(each) - bisect_left(each, np.nextafter(strength, np.inf)) if bar.close > average else 0
                )
            return found

        return find

    return Case("bars with indicators", count, text, tuple(came), by_hand, first=_WARM * len(symbols))


def missing(count: int, events: int) -> Case:
    draw = random.Random(29)
    rules = [(draw.choice(SYMBOLS), bound) for bound in draw.sample(range(1, 9_000_000), count)]
    text = "field premium: money\n" + "".join(
        f'on signal BUY of {symbol} where premium > ${bound} -> log "x"\n' for symbol, bound in rules
    )
    of: dict[str, int] = {}
    for symbol, _ in rules:
        of[symbol] = of.get(symbol, 0) + 1
    came = [Signal(OPEN + number, draw.choice(SYMBOLS), "BUY", 0.9, id=f"m{number}") for number in range(events)]

    def by_hand() -> Peer:
        seen: set[str] = set()

        def find(given: Sequence[Signal]) -> list[int]:
            found = []
            for one in given:
                new = "premium" not in one.fields and one.symbol not in seen
                seen.add(one.symbol)
                found.append(of.get(one.symbol, 0) if new else 0)
            return found

        return find

    return Case("a field is missing", count, text, tuple(came), by_hand)


def all_match(count: int, events: int) -> Case:
    text = 'on signal BUY -> log "x"\n' * count
    names = [f"bench#{number}" for number in range(1, count + 1)]
    came = [
        Signal(OPEN + number, SYMBOLS[number % _MOST_SYMBOLS], "BUY", 0.9, id=f"a{number}")
        for number in range(max(2, min(events, 200_000 // count)))
    ]

    def by_hand() -> Peer:
        def find(given: Sequence[Signal]) -> list[int]:
            found = []
            for one in given:
                records = [(one.time, name, one.symbol, "acted") for name in names]
                found.append(len(records))
            return found

        return find

    return Case("all match", count, text, tuple(came), by_hand, per_match=True)


def run(sizes: Sizes) -> Report:
    """Checks every case, then measures rulec and the peers in turn."""
    few, many = max(1, sizes.rule_counts[-1] // 100), sizes.rule_counts[-1]
    cases = [make(count, sizes.events) for make in (prices, bars, missing) for count in (few, many)]
    cases.append(all_match(max(2, many // 10), sizes.events))
    contestants: list[Contestant] = []
    for case in cases:
        _check(case)
        contestants += [
            Contestant(f"rulec {case.title}", _rulec(case)),
            Contestant(f"by hand {case.title}", _peer(case)),
        ]
    timings = measure(contestants, sizes.rounds)
    rows = [_row(case, timings[f"rulec {case.title}"], timings[f"by hand {case.title}"]) for case in cases]
    few_prices, many_prices = (_per_event(case, timings[f"rulec {case.title}"]) for case in cases[:2])
    name = f"prices, {many:,} rules beside {few:,}"
    aim = Aim(name, many_prices.times(few_prices), AIM, " times as long")
    heads = ("rules", "matches an event", "rulec, µs", "by hand, µs", "rulec / by hand", "events/s")
    return Report("Other events", MEANING, (Table(heads, tuple(rows)),), (aim,))


def _engine(case: Case, *sinks: Sink) -> Simulation:
    return simulate(compiled(case.text, "bench.rules"), HOURS, Settings(), SIMULATION, sinks=sinks)


def _feeding(simulation: Simulation, events: Sequence[Event]) -> Work:
    feed = simulation.session.sequencer.feed

    def work() -> None:
        for event in events:
            feed(event, event.end if isinstance(event, Bar) else event.time)

    return work


def _check(case: Case) -> None:
    """Compares how many rules decided something with what the peer finds, event by event."""
    decided: list[int] = []

    def sink(event: Input, records: Sequence[Record]) -> None:
        # a rule that could not tell yet says so once, which the peer by hand does not
        told = [record for record in records if isinstance(record, Decision)]
        decided.append(len(told) if case.first == 0 else sum(one.reason is None for one in told))

    _feeding(_engine(case, sink), case.events)()
    check(case.title, decided, case.by_hand()(case.events))


def _rulec(case: Case) -> Callable[[int], Work]:
    """A fresh engine for each round: a signal counts once, and so does the cause of a skip."""

    def prepare(number: int) -> Work:
        simulation = _engine(case)
        _feeding(simulation, case.events[: case.first])()
        return _feeding(simulation, case.events[case.first :])

    return prepare


def _peer(case: Case) -> Callable[[int], Work]:
    def prepare(number: int) -> Work:
        find = case.by_hand()
        find(case.events[: case.first])
        return lambda: find(case.events[case.first :])

    return prepare


def _per_event(case: Case, timing: Timing) -> Timing:
    counted = len(case.events) - case.first
    return timing.of(counted * case.rules if case.per_match else counted)


def _row(case: Case, rulec: Timing, peer: Timing) -> tuple[str, ...]:
    counted = case.events[case.first :]
    matches = sum(case.by_hand()(case.events)[case.first :]) / len(counted)
    ours, theirs = _per_event(case, rulec), _per_event(case, peer)
    unit = " a match" if case.per_match else ""
    return (
        case.title,
        figure(matches) if matches else "0",
        figure(ours.median * 1e6) + unit,
        figure(theirs.median * 1e6) + unit,
        figure(ours.times(theirs)),
        figure(len(counted) / rulec.median),
    )
