"""What happens without a message from outside: to positions and orders of ours, on the clock, at the start.

Rules are tried on these within the step in which they happen, after what brought them about. Times are microseconds
since 1970 UTC; prices and profits floats in the currency, as conditions read them.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ...dsl.plan import OrderMoment, PositionMoment

NOTHING_BEFORE: Mapping[str, float | str | None] = {}


@attrs.frozen
class PositionTurn:
    """A position was opened, changed or closed.

    `reason` is the cause of the close, None before; `pnl` is net of commission, that of a close the whole trade's.
    `before` is what the position was just before it closed, by the names after `position.`.
    """

    time: int
    symbol: str
    moment: PositionMoment
    reason: str | None = None
    pnl: float | None = None
    before: Mapping[str, float | str | None] = attrs.field(default=NOTHING_BEFORE, eq=False, repr=False)


@attrs.frozen
class OrderTurn:
    """An order of ours came to a turn of its life. `quantity` in shares, `fill_price` their average, None unfilled."""

    time: int
    symbol: str
    moment: OrderMoment
    role: str
    quantity: float
    fill_price: float | None = None
    reason: str | None = None


@attrs.frozen
class ClockTick:
    """A clock trigger is due, for one symbol of its `of` or for none.

    `schedule` names what is due, as `core.schedules` does; `due` is when it should have fired, `time` when it did, and
    `late` tells that this is too much later for anything but reducing risk.
    """

    time: int
    schedule: str
    due: int
    symbol: str | None = None
    late: bool = False


@attrs.frozen
class Started:
    """The system has started: an input of its own, before any other."""

    time: int


Happening = PositionTurn | OrderTurn | ClockTick
