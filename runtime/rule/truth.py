"""Three values: true, false, unknown.

What is known is Python's own True and False; `UNKNOWN` is false in an `if`, and so is its negation: only true fires.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Literal


class Unknown(enum.Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"

    def __bool__(self) -> Literal[False]:
        return False

    def __invert__(self) -> Unknown:
        return self

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN

TernaryValue = bool | Unknown


def as_truth(value: object) -> TernaryValue:
    """What a user's function answered: None is unknown, anything else is what it is in an `if`."""
    return UNKNOWN if value is None or value is UNKNOWN else bool(value)


def both(values: Iterable[TernaryValue]) -> TernaryValue:
    """Kleene's and: false as soon as one is, else unknown where one is. Stops at the first false."""
    outcome: TernaryValue = True
    for value in values:
        if value is False:
            return False
        if value is UNKNOWN:
            outcome = UNKNOWN
    return outcome


def either(values: Iterable[TernaryValue]) -> TernaryValue:
    """Kleene's or: true as soon as one is, else unknown where one is. Stops at the first true."""
    outcome: TernaryValue = False
    for value in values:
        if value is True:
            return True
        if value is UNKNOWN:
            outcome = UNKNOWN
    return outcome


def opposite(value: TernaryValue) -> TernaryValue:
    """Kleene's not: the negation of unknown is unknown."""
    return UNKNOWN if value is UNKNOWN else not value
