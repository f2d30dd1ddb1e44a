"""Scalar functions over integer prices: is an order met, and where. No state, no time.

A price meets an order at a point (a tick, a bar's open) or on a leg between two points of a bar's path, where it passes
through every value in between. Prices are micros; `sign` is +1 for a buy and -1 for a sell.
"""

from __future__ import annotations

from ...numbers import TickBand, tick_at
from .orders import LIMITED, TOUCHED, OrderKind


def stop_reached(sign: int, stop: int, price: int) -> bool:
    """A buy stop triggers at or above its stop, a sell stop at or below."""
    return sign * price >= sign * stop


def limit_reached(sign: int, limit: int, price: int) -> bool:
    """A buy limit is met at or below its limit, a sell limit at or above."""
    return sign * price <= sign * limit


def met_at(kind: OrderKind, sign: int, limit: int | None, stop: int | None, triggered: bool, price: int) -> bool:
    """Whether a price seen meets an order: fills it, or triggers one with a limit. No price meets one at the close."""
    if kind is OrderKind.MARKET:
        return True
    if kind is OrderKind.LIMIT:
        return limit is not None and limit_reached(sign, limit, price)
    if triggered:
        return kind not in LIMITED or (limit is not None and limit_reached(sign, limit, price))
    if kind in TOUCHED:
        return stop is not None and limit_reached(sign, stop, price)
    return stop is not None and stop_reached(sign, stop, price)


def met_between(
    kind: OrderKind, sign: int, limit: int | None, stop: int | None, triggered: bool, start: int, end: int
) -> int | None:
    """The first price on the way from `start` to `end` (both included) that meets an order, or None."""
    if met_at(kind, sign, limit, stop, triggered, start):
        return start
    if not met_at(kind, sign, limit, stop, triggered, end):
        return None
    # Not met at the start but at the end: the way crosses the one price it waits for.
    if kind is OrderKind.LIMIT or triggered:
        return limit
    return stop


def trail_stop(
    sign: int, price: int, amount: int | None, fraction: float | None, ticks: tuple[TickBand, ...] | None
) -> int:
    """The stop of a trailing order at a price, on a legal tick, rounded toward the market as a protective stop is."""
    distance = amount if amount is not None else round(price * (fraction or 0.0))
    stop = price + sign * distance
    if ticks is None:
        return stop
    tick = tick_at(stop, ticks)
    return stop // tick * tick if sign > 0 else -(-stop // tick) * tick


def reduced(remaining: int, filled_now: int, remaining_before: int, by_fraction: bool) -> int:
    """What remains of an order when a partial fill of another one of its group reduces it.

    `filled_now` and `remaining_before` are of the order that filled. A fraction is rounded down: too few shares left is
    safe, too many would overfill.
    """
    if by_fraction:
        return remaining * (remaining_before - filled_now) // remaining_before
    return max(0, remaining - filled_now)
