"""From distances to prices: pure functions, side-aware.

A long's stop lies below and its target above, a short's the other way round. Protective stops round toward the entry,
targets in our favour; a distance in R is currency once R is known.
"""

from __future__ import annotations

from ..numbers import US_STOCK_TICKS, Rounding, TickBand, legal_price
from .state import Term, TermUnit


def offset(term: Term, base: float, risk: float | None) -> float | None:
    """How far `term` reaches from a price, in currency; None for an exact price, or R while R is unknown."""
    if term.unit is TermUnit.FRACTION:
        return term.value * base
    if term.unit is TermUnit.AMOUNT:
        return term.value
    if term.unit is TermUnit.R and risk is not None:
        return term.value * risk
    return None


def level(term: Term, base: float, direction: int, risk: float | None = None) -> float | None:
    """The price that lies `term` away from `base`, up for +1 and down for -1; None where it cannot be known."""
    if term.unit is TermUnit.PRICE:
        return term.value
    distance = offset(term, base, risk)
    return None if distance is None else base + direction * distance


def legal_stop(price: float, sign: int, ticks: tuple[TickBand, ...] = US_STOCK_TICKS) -> int:
    """A protective stop in micros: rounded toward the entry (up for a long, whose sign is 1)."""
    return legal_price(price, Rounding.UP if sign > 0 else Rounding.DOWN, ticks)


def legal_target(price: float, sign: int, ticks: tuple[TickBand, ...] = US_STOCK_TICKS) -> int:
    """A target in micros: a long sells at it, so up; a short buys, so down."""
    return legal_price(price, Rounding.UP if sign > 0 else Rounding.DOWN, ticks)


def legal_entry_limit(price: float, sign: int, ticks: tuple[TickBand, ...] = US_STOCK_TICKS) -> int:
    """An opening limit in micros: a buy rounds down, a sell up."""
    return legal_price(price, Rounding.DOWN if sign > 0 else Rounding.UP, ticks)


def legal_entry_stop(price: float, sign: int, ticks: tuple[TickBand, ...] = US_STOCK_TICKS) -> int:
    """An entry stop in micros: rounded away from the market (a buy stop lies above it, so up)."""
    return legal_price(price, Rounding.UP if sign > 0 else Rounding.DOWN, ticks)


def tighter(sign: int, first: int, second: int) -> int:
    """The stop that gives up less: the higher for a long, the lower for a short."""
    return max(first, second) if sign > 0 else min(first, second)


def is_tighter(sign: int, new: int, old: int) -> bool:
    return (new - old) * sign > 0


def profit_per_share(sign: int, average: float, price: float) -> float:
    return (price - average) * sign
