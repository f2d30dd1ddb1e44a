"""Which arguments each indicator takes: the table behind `sma(20)`, `bollinger_upper(20, 2)` and `macd()`.

The compiler knows the same shapes for its own messages; what comes from a rule file has been checked there already.
Here they are checked once more, because indicators are asked for from Python, too.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

LONGEST = 100_000
"""The most bars that an indicator may look back."""


@attrs.frozen
class Argument:
    """One argument: from `least` up to `LONGEST`, a whole number unless it says otherwise."""

    name: str
    least: float
    default: float | None = None
    whole: bool = True

    def takes(self, value: float) -> bool:
        return self.least <= value <= LONGEST and (not self.whole or float(value).is_integer())


@attrs.frozen
class Shape:
    """The arguments of an indicator, and how many of them may be written; the rest have their defaults."""

    arguments: tuple[Argument, ...]
    counts: tuple[int, ...]

    def usage(self, name: str) -> str:
        """How it is written: `macd()` or `macd(fast, slow)` or `macd(fast, slow, signal)`."""
        names = [argument.name for argument in self.arguments]
        return " or ".join(f"`{name}({', '.join(names[:count])})`" for count in self.counts)


def _length(least: int) -> Shape:
    return Shape((Argument("length", least),), (1,))


_BOLLINGER = Shape((Argument("length", 2), Argument("deviations", 0, default=2, whole=False)), (1, 2))
_MACD = Shape(
    (Argument("fast", 2, default=12), Argument("slow", 2, default=26), Argument("signal", 1, default=9)), (0, 2, 3)
)

SHAPES: Mapping[str, Shape] = {
    "sma": _length(1),
    "ema": _length(1),
    "rsi": _length(2),
    "atr": _length(1),
    "vwap": Shape((), (0,)),
    "highest": _length(1),
    "lowest": _length(1),
    "change": _length(1),
    "stdev": _length(2),
    "bollinger_upper": _BOLLINGER,
    "bollinger_lower": _BOLLINGER,
    "macd": _MACD,
    "macd_signal": _MACD,
}


def complete(name: str, given: tuple[float, ...]) -> tuple[float, ...]:
    """All arguments of an indicator, with the defaults of those that were not given.

    Raises:
        ValueError: there is no such indicator, or it does not take such arguments.
    """
    shape = SHAPES.get(name)
    if shape is None:
        raise ValueError(f"there is no indicator `{name}`; there is {', '.join(sorted(SHAPES))}")
    shown = f"{name}({', '.join(f'{value:g}' for value in given)})"
    if len(given) not in shape.counts:
        raise ValueError(f"{shown}: write {shape.usage(name)}")
    found = []
    for place, argument in enumerate(shape.arguments):
        value = given[place] if place < len(given) else argument.default
        if value is None or not argument.takes(value):
            sort = "whole number" if argument.whole else "number"
            raise ValueError(f"{shown}: {argument.name} must be a {sort} from {argument.least:g} to {LONGEST}")
        found.append(float(value))
    return tuple(found)
