"""How often rules may act: cooldowns, `at most`, and the hours of `during`.

Only decisions that acted or reversed count. Every such decision is noted, whatever the options of its rule are now:
counters follow the rule's identity, so an `at most` that is added later counts what happened before. Minute and hour
slide; a day is the exchange's date. All of it is plain data that can be written down and restored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Protocol, TypedDict

import attrs

from ...dsl.plan import AtMost, Cooldown, During, Period

_SECOND = 1_000_000
_WINDOWS = {Period.MINUTE: 60 * _SECOND, Period.HOUR: 3600 * _SECOND}

COOLDOWN = "cooldown"
AT_MOST = "at most"


class ExchangeDays(Protocol):
    """What the trading calendar says of a moment (microseconds since 1970 UTC) in exchange time."""

    def day(self, now: int) -> date: ...

    def seconds_of_day(self, now: int) -> int: ...

    def is_trading_day(self, day: date) -> bool: ...


class Counted(Protocol):
    """A rule as far as it is counted."""

    @property
    def identity(self) -> str: ...

    @property
    def cooldown(self) -> Cooldown | None: ...

    @property
    def at_most(self) -> tuple[AtMost, ...]: ...


@attrs.frozen
class _Act:
    time: int
    day: int
    symbol: str


class CountersState(TypedDict):
    """Everything counters know, for a journal: lists and texts and numbers only.

    `cooldowns` are [rule or shared name, symbol, time of the last act]; `shared` marks which of both kinds the name
    is. `acts` are, by rule, [time, day, symbol]; a day is the proleptic ordinal of the exchange's date.
    """

    cooldowns: list[tuple[str, bool, str, int]]
    acts: dict[str, list[tuple[int, int, str]]]


class Counters:
    """What rules did lately, by identity and symbol. A rule that acts on no symbol has the symbol None."""

    def __init__(self, days: ExchangeDays) -> None:
        self._days = days
        # By name, whether the name is a shared one, and symbol.
        self._last: dict[tuple[str, bool, str], int] = {}
        self._acts: dict[str, deque[_Act]] = {}

    def check(self, rule: Counted, symbol: str | None, now: int) -> str | None:
        """Why the rule may not act now: `cooldown` or `at most`; None when it may."""
        if rule.cooldown is not None and self._rests(rule.identity, rule.cooldown, symbol or "", now):
            return COOLDOWN
        if any(self._used_up(rule.identity, limit, symbol or "", now) for limit in rule.at_most):
            return AT_MOST
        return None

    def count(self, rule: Counted, symbol: str | None, now: int) -> None:
        """Notes that the rule acted or reversed."""
        place = symbol or ""
        self._last[rule.identity, False, place] = now
        if rule.cooldown is not None and rule.cooldown.shared is not None:
            self._last[rule.cooldown.shared, True, place] = now
        day = self._days.day(now).toordinal()
        acts = self._acts.setdefault(rule.identity, deque())
        while acts and acts[0].day != day and acts[0].time <= now - _WINDOWS[Period.HOUR]:
            acts.popleft()
        acts.append(_Act(now, day, place))

    def reset(self, symbol: str | None, name: str | None = None) -> None:
        """Forgets a symbol's cooldowns: of the rule with this identity and of this shared name, or all of them."""
        place = symbol or ""
        for key in [key for key in self._last if key[2] == place and name in (None, key[0])]:
            del self._last[key]

    def reset_everywhere(self, name: str | None = None) -> None:
        """Forgets the cooldowns of every symbol, as `reset` does those of one."""
        for key in [key for key in self._last if name in (None, key[0])]:
            del self._last[key]

    def state(self) -> CountersState:
        """A copy of everything, in a fixed order."""
        return {
            "cooldowns": [(*key, time) for key, time in sorted(self._last.items())],
            "acts": {
                identity: [(act.time, act.day, act.symbol) for act in acts]
                for identity, acts in sorted(self._acts.items())
            },
        }

    def restore(self, state: CountersState) -> None:
        """Takes over what `state` gave, in place of everything known."""
        self._last = {(name, shared, symbol): time for name, shared, symbol, time in state["cooldowns"]}
        self._acts = {identity: deque(_Act(*act) for act in acts) for identity, acts in state["acts"].items()}

    def _rests(self, identity: str, cooldown: Cooldown, symbol: str, now: int) -> bool:
        shared = cooldown.shared is not None
        last = self._last.get((cooldown.shared or identity, shared, symbol))
        return last is not None and now < last + round(cooldown.seconds * _SECOND)

    def _used_up(self, identity: str, limit: AtMost, symbol: str, now: int) -> bool:
        used = 0
        for act in self._latest(identity, limit.period, now):
            used += not limit.each_symbol or act.symbol == symbol
            if used >= limit.count:
                return True
        return limit.count <= 0

    def _latest(self, identity: str, period: Period, now: int) -> Iterator[_Act]:
        """The rule's acts within the period that ends now, the last first."""
        today = self._days.day(now).toordinal() if period is Period.DAY else None
        for act in reversed(self._acts.get(identity, ())):
            if act.day != today if today is not None else act.time <= now - _WINDOWS[period]:
                return
            yield act


def is_during(during: During, now: int, days: ExchangeDays) -> bool:
    """Whether now lies in the window: its start included, its end not, on trading days only.

    A window whose end is before its start runs past midnight and belongs to the day on which it began.
    """
    day, seconds = days.day(now), days.seconds_of_day(now)
    if during.start <= during.end:
        return during.start <= seconds < during.end and days.is_trading_day(day)
    if seconds >= during.start:
        return days.is_trading_day(day)
    return seconds < during.end and days.is_trading_day(day - timedelta(days=1))
