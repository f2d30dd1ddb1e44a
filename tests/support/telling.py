"""Cases of the language as data: a rule file, events, and the story that a replay of them must tell, line for line.

The tests replay the cases; `tests/replay/test_grammar_coverage.py` reads the same cases to say what of the grammar none
of them uses. Times are those of New York's clocks.

A story has a line for each decision, each fill, each opening order that ends unfilled, each position that closes and
each notice, in the order in which they happened; then what still stands and what is held at the end.

    10:00:01 #1 AAPL: enter acted
    10:00:02 bought 100 AAPL at 150 as main
    stands: stop AAPL sell 100 at 145.5
    holds: AAPL long 100 at 150
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import attrs

from .replaying import Replayed, replay

NEW_YORK = ZoneInfo("America/New_York")
DAY = "2026-01-05"
"""A Monday with a session from 09:30 to 16:00: the day of an event that names none."""

TIMEFRAMES = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "1d": 86_400}
"""Seconds of a bar, by how a feed calls them."""

Event = dict[str, Any]
Truth = bool | str
"""What a condition is expected to be: true, false, or unknown with the words that tell what was missing."""


@attrs.frozen
class Case:
    """A replayed case.

    What it is for stands in `sentence`. `story` is compared line by line, blank ends taken off. `files` are further
    files beside the rule file, by name; `options` go to `rulec replay`, where `{folder}` is the folder of them all.
    """

    sentence: str
    rules: str
    events: Sequence[Event]
    story: str
    options: tuple[str, ...] = ()
    files: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.story.strip().splitlines() if line.strip()]

    def texts(self) -> list[str]:
        """Every rule text of the case."""
        return [self.rules, *(text for name, text in self.files.items() if name.endswith(".rules"))]

    def told(self, folder: Path) -> list[str]:
        """Replays the case, and what it told."""
        return story(_replayed(self, folder))

    def check(self, folder: Path) -> None:
        """Replays the case.

        Raises:
            AssertionError: it told another story; the message shows where.
        """
        told = self.told(folder)
        assert told == self.lines, "\n".join(["another story:", *difflib.ndiff(self.lines, told)])


@attrs.frozen
class Asked:
    """Conditions that are asked on a signal ASK once the events are over, and what each is expected to be."""

    sentence: str
    conditions: Mapping[str, Truth]
    events: Sequence[Event]
    declarations: str = ""
    options: tuple[str, ...] = ()
    files: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def rules(self) -> str:
        """A rule for each condition, which logs that it is true."""
        asked = "\n".join(f'on signal ASK where {condition} -> log "yes"' for condition in self.conditions)
        return f"{self.declarations}\n{asked}\n"

    def texts(self) -> list[str]:
        """Every rule text of the case."""
        return [self.rules]

    def answered(self, folder: Path) -> dict[str, Truth]:
        """Replays the case: each condition with what it was at the last event at which its rule was tried."""
        run = _replayed(self, folder)
        before = len([line for line in self.declarations.splitlines() if " -> " in line])
        answers: dict[str, Truth] = dict.fromkeys(self.conditions, False)
        names = {f"card#{number}": condition for number, condition in enumerate(self.conditions, before + 1)}
        for line in run.of("decision"):
            if line["rule"] in names:
                answers[names[line["rule"]]] = line["outcome"] == "acted" or str(line["reason"])
        return answers

    def check(self, folder: Path) -> None:
        """Replays the case.

        Raises:
            AssertionError: a condition was something else; the message names each that was.
        """
        answers = self.answered(folder)
        wrong = [f"{one}: {answers[one]!r}, not {due!r}" for one, due in self.conditions.items() if answers[one] != due]
        assert not wrong, "\n".join(["other answers:", *wrong])


class AnyCase(Protocol):
    """What every case is, whatever it expects."""

    @property
    def sentence(self) -> str: ...

    def texts(self) -> list[str]: ...

    def check(self, folder: Path) -> None: ...


def _replayed(case: Case | Asked, folder: Path) -> Replayed:
    for name, text in case.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    options = [option.replace("{folder}", str(folder)) for option in case.options]
    return replay(folder, case.rules, case.events, *options)


# ---- events, on New York's clocks ----------------------------------------------------------------------------------


def moment(clock: str) -> datetime.datetime:
    """`10:00`, `10:00:01` or `2025-11-28 12:59`, in New York."""
    day, _, time = clock.rpartition(" ")
    return datetime.datetime.fromisoformat(f"{day or DAY}T{time}").replace(tzinfo=NEW_YORK)


def tick(clock: str, value: float, symbol: str = "AAPL", **more: Any) -> Event:
    """A trade's price; with `size=`, a volume print too."""
    return {"type": "price", "time": moment(clock).isoformat(), "symbol": symbol, "price": value, **more}


def quote(clock: str, bid: float, ask: float, symbol: str = "AAPL") -> Event:
    return {"type": "quote", "time": moment(clock).isoformat(), "symbol": symbol, "bid": bid, "ask": ask}


def says(clock: str, kind: str, symbol: str = "AAPL", **more: Any) -> Event:
    """A signal with a confidence of 0.9."""
    event = {"type": "signal", "time": moment(clock).isoformat(), "symbol": symbol, "signal": kind, "confidence": 0.9}
    return {**event, **more}


def fault(clock: str, event: str, **more: Any) -> Event:
    return {"type": "fault", "time": moment(clock).isoformat(), "event": event, **more}


def broker(clock: str, event: str) -> Event:
    return {"type": "broker", "time": moment(clock).isoformat(), "event": event}


def bar(clock: str, *prices: float, timeframe: str = "1m", symbol: str = "AAPL", volume: float = 1000) -> Event:
    """A bar that begins at that time and goes through these prices in turn."""
    return {
        "type": "bar",
        "time": moment(clock).isoformat(),
        "symbol": symbol,
        "open": prices[0],
        "high": max(prices),
        "low": min(prices),
        "close": prices[-1],
        "volume": volume,
        "timeframe": timeframe,
    }


def bars(
    clock: str, closes: Iterable[float], *, timeframe: str = "1m", symbol: str = "AAPL", volume: float = 1000
) -> list[Event]:
    """One bar after another, each from the close before it to its own; the first opens where it closes."""
    made: list[Event] = []
    begin, before = moment(clock), None
    for close in closes:
        prices = (close if before is None else before, close)
        clock = begin.strftime("%Y-%m-%d %H:%M:%S")
        made.append(bar(clock, *prices, timeframe=timeframe, symbol=symbol, volume=volume))
        begin, before = begin + datetime.timedelta(seconds=TIMEFRAMES[timeframe]), close
    return made


def merged(*streams: Iterable[Event]) -> list[Event]:
    """Events of several streams in the order of their times, the earlier stream's first at one time."""
    return sorted((event for stream in streams for event in stream), key=lambda event: str(event["time"]))


def entered(kind: str = "BUY", value: float = 150.0) -> list[Event]:
    """A price at 10:00, a signal a second later, and the price at which a market order then fills at 10:00:02."""
    return [tick("10:00", value), says("10:00:01", kind), tick("10:00:02", value)]


# ---- the story of a replay -----------------------------------------------------------------------------------------

_OPENING_ROLES = ("main", "scale", "doubledown")
_ENDS_UNFILLED = ("cancelled", "expired", "rejected")


def story(run: Replayed) -> list[str]:
    """What a replay printed, as lines to compare."""
    told: list[str] = []
    roles = {line["id"]: line["role"] for line in run.of("order")}
    sides: dict[str, tuple[str, int, float]] = {}
    days: set[str] = set()
    for line in run.lines:
        said = ""
        if line["type"] == "decision":
            said = _decision(line)
        elif line["type"] == "fill":
            verb = "bought" if line["side"] == "BUY" else "sold"
            said = f"{verb} {line['quantity']} {line['symbol']} at {line['price']:g} as {roles[line['order']]}"
        elif line["type"] == "order" and line["role"] in _OPENING_ROLES and line["status"] in _ENDS_UNFILLED:
            said = f"{line['role']} {line['symbol']} {line['side'].lower()} {line['quantity']} {line['status']}"
        elif line["type"] == "notice":
            said = f"{line['level']}: {line['text']}"
        elif line["type"] == "position":
            if line["event"] == "closed":
                detail = f' "{line["detail"]}"' if line.get("detail") else ""
                said = f"{line['symbol']} closed by {line['reason']}{detail}: {line['pnl']:+g}"
                sides.pop(line["symbol"], None)
            else:
                side = "long" if line["side"] == "BUY" else "short"
                sides[line["symbol"]] = (side, line["quantity"], line["entry_price"])
        if said:
            told.append(f"{_clock(line['time'], days)} {said}")
    return [*told, *_standing(run), *(f"holds: {name} {s} {n} at {p:g}" for name, (s, n, p) in sides.items())]


def _clock(time: str, days: set[str]) -> str:
    """The time in New York, with the date where a day begins that is not the first."""
    shown = datetime.datetime.fromisoformat(time).astimezone(NEW_YORK)
    day = shown.strftime("%Y-%m-%d")
    is_new = bool(days) and day not in days
    days.add(day)
    clock = shown.strftime("%H:%M:%S") + (f".{shown.microsecond:06d}".rstrip("0") if shown.microsecond else "")
    return f"{day} {clock}" if is_new else clock


def _decision(line: Mapping[str, Any]) -> str:
    done = [
        f"{one['action']} {one['outcome']}"
        + (f" ({one['reason']})" if one["reason"] else "")
        + (f' "{one["text"]}"' if one.get("text") is not None else "")
        for one in line["actions"]
    ]
    if not done:
        done = [line["outcome"] + (f" ({line['reason']})" if line["reason"] else "")]
    rule = line["rule"].removeprefix("card")
    return f"{rule} {line['symbol']}: {', '.join(done)}" if line["symbol"] else f"{rule}: {', '.join(done)}"


def _standing(run: Replayed) -> list[str]:
    """The orders that still work: those of one role, symbol, side and price together."""
    sums: dict[tuple[str, str, str, str], int] = {}
    for line in run.working():
        prices = [f"{line[key]:g}" for key in ("stop_price", "limit_price") if line[key] is not None]
        price = " limit ".join(prices) or "market"
        key = (line["role"], line["symbol"], line["side"].lower(), price)
        sums[key] = sums.get(key, 0) + line["quantity"] - line["filled"]
    return [
        f"stands: {role} {symbol} {side} {left} at {price}"
        for (role, symbol, side, price), left in sorted(sums.items())
    ]
