"""The options that say where a run's market and signals come from: `--market`, `--signals`, `--speed`, `--hours`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import attrs

from .errors import CommandError

_RANDOM = "random:"
_FILE = "file:"
_SOURCES = ("webhook:", "ws:", "wss:", "optionsflow+http:", "optionsflow+https:", "redis:")


@attrs.frozen
class RandomMarketOption:
    """`random:SEED`: a market made up on the system's clock."""

    seed: int


@attrs.frozen
class FileMarketOption:
    """Recorded bars, prices, quotes and signals."""

    paths: tuple[str, ...]


@attrs.frozen
class FileSignals:
    """`file:PATH`, followed as it grows; live from its end unless `?from=start`."""

    path: str
    from_start: bool


@attrs.frozen
class StandardInputSignals:
    """`-`."""


SignalsOption = FileSignals | StandardInputSignals


def parse_market(values: Sequence[str]) -> RandomMarketOption | FileMarketOption | None:
    """The market that `--market` names; None where it was not given.

    Raises:
        CommandError: a seed that is no number, or `random:` beside another market.
    """
    if not values:
        return None
    made_up = [value for value in values if value.startswith(_RANDOM)]
    if not made_up:
        return FileMarketOption(tuple(values))
    if len(values) > 1:
        raise CommandError(f"--market {made_up[0]}: a market made up goes with no other", "give --market once")
    seed = made_up[0].removeprefix(_RANDOM)
    if not re.fullmatch(r"\d{1,18}", seed, re.ASCII):
        raise CommandError(f"--market {made_up[0]}: the seed is a whole number", "write `--market random:7`")
    return RandomMarketOption(int(seed))


def parse_signals(values: Sequence[str]) -> list[SignalsOption]:
    """The sources that `--signals` names, in order.

    Raises:
        CommandError: a source of another kind, or standard input twice.
    """
    options = [_signals(value) for value in values]
    for option in options:
        if options.count(option) > 1:
            name = f"{_FILE}{option.path}" if isinstance(option, FileSignals) else "-"
            raise CommandError(f"--signals {name}: the same source twice", "give each source once")
    return options


def _signals(value: str) -> SignalsOption:
    if value == "-":
        return StandardInputSignals()
    if value.startswith(_FILE):
        path, question, query = value.removeprefix(_FILE).partition("?")
        if question and query != "from=start":
            raise CommandError(f"--signals {value}: unknown option `{query}`", f"write `{_FILE}{path}?from=start`")
        if not path:
            raise CommandError(f"--signals {value}: the file is missing", "write `--signals file:signals.jsonl`")
        return FileSignals(path, bool(question))
    if value.startswith(_SOURCES):
        raise CommandError(f"--signals {value}: this version reads signals from file:PATH and - (standard input)")
    raise CommandError(f"--signals {value}: not a source of signals", f"for a file write `--signals {_FILE}{value}`")


def parse_speed(speed: float | None) -> float | None:
    """A speed as given, or None.

    Raises:
        CommandError: it is below 0, infinite or not a number.
    """
    if speed is not None and not (math.isfinite(speed) and speed >= 0):
        raise CommandError(f"--speed {speed:g}: 0 is as fast as it goes, N is N times as fast as real time")
    return speed
