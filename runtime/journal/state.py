"""An engine's whole state as text, so that two engines can be compared.

Everything that an engine holds is walked, so that state which is added one day is compared from that day on: trades,
orders, context, counters, cooldowns, halts, seen signals, portfolio, ids, timers, prices, indicators. What an engine
works with but does not own (the calendar, the rules and their index, its settings) is left out.

An object that can change is described where it is met first and referred to by number after that: that two places
hold the same order is part of the state.
"""

from __future__ import annotations

import enum
import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Set
from datetime import date

import attrs

from ...dsl.plan import Rule
from ..core.engine import Engine
from ..core.timers import Timers

_PLAIN = (str, bytes, int, float, bool, type(None), enum.Enum, date)


def describe_state(engine: Engine) -> list[str]:
    """The state of an engine, a line for each value: `desk.trades['AAPL'].status = <TradeStatus.OPEN: 'open'>`."""
    walk = _Walk()
    walk.leave_out(engine.desk.hours, engine.runner.index, engine.settings)
    return [f"{path} = {text}" for path, text in walk.lines("", engine)]


def state_digest(engine: Engine) -> str:
    """A hash of the state: equal for two engines of the same rules exactly when they will go on the same way."""
    return hashlib.sha256("\n".join(describe_state(engine)).encode()).hexdigest()


class _Walk:
    def __init__(self) -> None:
        self._met: dict[int, str] = {}
        self._kept: list[object] = []  # so that no number is given twice

    def leave_out(self, *owned_elsewhere: object) -> None:
        for value in owned_elsewhere:
            self._meet(value, "not its own")

    def lines(self, path: str, value: object, *, by_value: bool = False) -> Iterator[tuple[str, str]]:
        if isinstance(value, _PLAIN):
            yield path, repr(value)
        elif isinstance(value, Rule):
            yield path, f"rule {value.fingerprint}"
        elif callable(value):
            yield path, "something to call"
        elif id(value) in self._met:
            yield path, self._met[id(value)]
        elif _is_frozen(value):
            yield from self._parts(path, value, by_value=True)
        elif isinstance(value, tuple) or (by_value and isinstance(value, (list, Mapping))):
            yield from self._parts(path, value, by_value=by_value)
        else:
            self._meet(value, f"the same as {path or 'the engine'}")
            yield from self._parts(path, value, by_value=False)

    def _meet(self, value: object, text: str) -> None:
        self._met[id(value)] = text
        self._kept.append(value)

    def _parts(self, path: str, value: object, *, by_value: bool) -> Iterator[tuple[str, str]]:
        if isinstance(value, Mapping):
            yield path, f"{len(value)} entries"
            for key, part in value.items():
                yield from self.lines(f"{path}[{key!r}]", part, by_value=by_value)
        elif isinstance(value, Set):
            yield path, f"a set of {sorted(map(repr, value))}"
        elif isinstance(value, (list, tuple, deque)):
            yield path, f"{len(value)} items"
            for number, part in enumerate(value):
                yield from self.lines(f"{path}[{number}]", part, by_value=by_value)
        else:
            yield path, type(value).__name__
            for name in _names(value):
                yield from self.lines(f"{path}.{name}" if path else name, getattr(value, name), by_value=by_value)


def _is_frozen(value: object) -> bool:
    return attrs.has(type(value)) and type(value).__setattr__ is not object.__setattr__


# The heap is a way to the first timer that runs: it drops the others when somebody looks.
_FOUND_AGAIN: Mapping[type, Set[str]] = {Timers: {"_heap"}}


def _names(value: object) -> Iterator[str]:
    """The attributes of an object, in the order in which they are declared or were set."""
    found_again = _FOUND_AGAIN.get(type(value), set())
    yield from (name for name in _all_names(value) if name not in found_again)


def _all_names(value: object) -> Iterator[str]:
    for made in reversed(type(value).__mro__):
        for name in getattr(made, "__slots__", ()):
            if not name.startswith("__") and hasattr(value, name):
                yield name
    yield from getattr(value, "__dict__", {})
