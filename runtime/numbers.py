"""Prices and cash as integers, and the one function that makes a float a legal price.

Conditions and indicators are float64; what is sent, filled and booked is an integer of 1e-6 of the currency (here:
micros), so that sums are exact. `legal_price` is the only way from the one to the other for an order's price. Naive
floor and ceil of `price / tick` give a wrong tick for one stop in a hundred or more, because 0.97 * 150 need not be
145.5: a value within 1e-6 of a tick counts as that tick.
"""

from __future__ import annotations

import enum
import math

import attrs

MICROS = 1_000_000


class Rounding(enum.Enum):
    """Toward which side a price that is no multiple of the tick moves."""

    DOWN = "down"
    UP = "up"


@attrs.frozen
class TickBand:
    """From this price (micros, included) up, prices are multiples of `tick` (micros)."""

    low: int
    tick: int


# US stocks: a cent, and a hundredth of one below a dollar (Regulation NMS, rule 612).
US_STOCK_TICKS: tuple[TickBand, ...] = (TickBand(0, 100), TickBand(MICROS, 10_000))


def to_micros(value: float) -> int:
    """The nearest 1e-6 of the currency to a float that stands for an exact decimal."""
    return round(value * MICROS)


def to_float(micros: int) -> float:
    """The shortest float of an amount in micros."""
    return micros / MICROS


def tick_at(price: int, bands: tuple[TickBand, ...] = US_STOCK_TICKS) -> int:
    """The tick (micros) in force at a price (micros)."""
    tick = bands[0].tick
    for band in bands:
        if price < band.low:
            break
        tick = band.tick
    return tick


def legal_price(value: float, rounding: Rounding, bands: tuple[TickBand, ...] = US_STOCK_TICKS) -> int:
    """The legal price (micros) next to a value in currency, in the given direction.

    A value within 1e-6 of a tick is that tick. The result may be 0 or negative where the value is: whoever asked must
    refuse such a price.

    Raises:
        ValueError: the value is infinite or not a number.
    """
    if not math.isfinite(value):
        raise ValueError(f"not a price: {value}")
    exact = value * MICROS
    tick = tick_at(math.floor(exact + 0.5), bands)
    ticks = exact / tick
    nearest = round(ticks)
    if abs(ticks - nearest) <= 1e-6:
        return nearest * tick
    return (math.floor(ticks) if rounding is Rounding.DOWN else math.ceil(ticks)) * tick


def decimal_text(micros: int) -> str:
    """The shortest exact decimal of an amount in micros: 150020000 is `150.02`."""
    sign = "-" if micros < 0 else ""
    whole, rest = divmod(abs(micros), MICROS)
    return f"{sign}{whole}.{f'{rest:06d}'.rstrip('0') or '0'}"
