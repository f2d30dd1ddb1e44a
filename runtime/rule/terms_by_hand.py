"""From what a Python user writes to the terms of a plan record, checked: sides, sizes, distances, protection.

Fractions are fractions (0.03 is 3%), prices in the contract's currency, ATR multiples of the 14-bar ATR.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any

from ...dsl.plan import (
    Action as AnyAction,
)
from ...dsl.plan import (
    Distance,
    DistanceUnit,
    Indicator,
    Money,
    MoveStop,
    Number,
    Percent,
    Product,
    Protection,
    Side,
    Size,
    SizeUnit,
    Symbol,
    Target,
    Trail,
    TrailStop,
)
from ..order.base import OrderType

_SIDES = {"BUY": Side.LONG, "SELL": Side.SHORT}
_ATR_PERIOD = 14.0


def ratchet(values: Mapping[str, Any], symbol: Symbol | None) -> AnyAction:
    """What moves a trade's one stop: a trail by its distance, or a price."""
    if values["order_type"] is OrderType.TRAIL:
        fraction = fraction_of(values["trail_pct"], "trail_pct")
        if fraction is None:
            fraction = fraction_of(values["stop_loss_pct"], "stop_loss_pct")
        if fraction is None:
            raise ValueError("a trailing stop needs its distance: trail_pct or stop_loss_pct")
        return TrailStop(percent(fraction), symbol)
    if values["order_type"] is OrderType.STOP:
        price = positive(values["stop_price"], "stop_price")
        if price is None:
            raise ValueError("a STOP order needs its stop_price")
        return MoveStop(Distance(DistanceUnit.PRICE, Money(price)), symbol)
    raise ValueError(f"a trade's stop is a STOP or TRAIL order, not {values['order_type'].value}")


def protection_of(values: Mapping[str, Any]) -> Protection:
    """The protection of an entry; none with `auto_create_stops` off."""
    stop = _distance(values, "stop_loss_pct", "atr_stop_multiplier")
    target = _distance(values, "take_profit_pct", "atr_target_multiplier")
    trail = fraction_of(values["trail_pct"], "trail_pct")
    if stop is not None and stop.unit is DistanceUnit.PERCENT:
        fraction_of(values["stop_loss_pct"], "stop_loss_pct")
    if not values["auto_create_stops"]:
        return Protection()
    return Protection(
        stop=stop,
        targets=() if target is None else (Target(target),),
        trail=None if trail is None else Trail(percent(trail)),
    )


def _distance(values: Mapping[str, Any], fraction_name: str, times_name: str) -> Distance | None:
    fraction, times = positive(values[fraction_name], fraction_name), positive(values[times_name], times_name)
    if fraction is not None and times is not None:
        raise ValueError(f"the distance is {fraction_name} or {times_name}, not both")
    if fraction is not None:
        return percent(fraction)
    if times is not None:
        atr = Indicator("atr", (_ATR_PERIOD,))
        return Distance(DistanceUnit.AMOUNT, Product((("*", Number(float(times))), ("*", atr))))
    return None


def percent(fraction: float) -> Distance:
    """A distance that is a fraction of the price."""
    return Distance(DistanceUnit.PERCENT, Percent(float(fraction)))


def side_of(value: object) -> Side:
    """The side of `BUY` or `SELL`."""
    side = _SIDES.get(value) if isinstance(value, str) else None
    if side is None:
        raise ValueError(f"a side is 'BUY' or 'SELL', not {value!r}")
    return side


def size_of(value: object) -> Size:
    """Whole shares above 0, or a size that is one already."""
    if isinstance(value, Size):
        return value
    if isinstance(value, bool) or not hasattr(value, "__index__") or operator.index(value) <= 0:
        raise ValueError(f"a quantity is a whole number of shares above 0, not {value!r}; the side says which way")
    return Size(SizeUnit.SHARES, Number(float(operator.index(value))))


def symbol_of(value: object) -> Symbol | None:
    """The symbol as a plan names it; None for the event's."""
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise ValueError(f"not a symbol: {value!r}")
    return Symbol(value)


def positive(value: Any, name: str) -> float | None:
    """A number above 0, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be a number above 0, not {value!r}")
    return float(value)


def fraction_of(value: Any, name: str) -> float | None:
    """A number between 0 and 1, or None."""
    checked = positive(value, name)
    if checked is not None and checked >= 1:
        raise ValueError(f"{name} is a fraction below 1, not {value!r}: 3% is 0.03")
    return checked
