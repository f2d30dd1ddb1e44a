"""An order as the engine follows it: its terms as the broker last confirmed them, and what is still unanswered."""

from __future__ import annotations

import attrs

from ..broker.port import OrderSide, OrderSpec, OrderType
from ..core.records import OrderState
from .lifecycle import OrderHappening, OrderStatus, advance


class Role:
    """What an order is for. A user's own roles are plain texts beside these."""

    MAIN = "main"
    STOP = "stop"
    TARGET = "target"
    TRAIL = "trail"
    SCALE = "scale"
    DOUBLE_DOWN = "doubledown"
    EXIT = "exit"
    PLACED = "placed"  # by `place`, where the user's own name for it would be mistaken for another role


CLOSING_ROLES = frozenset({Role.STOP, Role.TRAIL, Role.TARGET, Role.EXIT})


@attrs.define(eq=False)
class WorkingOrder:
    """One order of ours at the broker.

    `spec` holds the terms that were sent first and then whatever the broker echoed. `role` is what the order is for;
    `name` what the user calls it, where that is something else. `wanted` is a modification that is
    in flight: only one at a time. `awaits_broker` says that the broker will change this order by itself (an OCA
    sibling filled, a parent died), so that a wish of ours would only race with that.
    """

    spec: OrderSpec
    role: str
    trade_id: str
    rule: str
    name: str | None = None
    status: OrderStatus = OrderStatus.CREATED
    filled: int = 0
    filled_value: int = 0  # micros: price times quantity of its fills
    counts_at: float | None = None  # currency: what an opening order without a stated price was reckoned at
    wanted: OrderSpec | None = None
    cancel_sent: bool = False
    unwanted: bool = False  # to be cancelled, also when a cancel could not be sent or was refused
    awaits_broker: bool = False
    refusals: int = 0  # modifications and cancels the broker refused in a row
    retry_at: int = 0  # microseconds since 1970 UTC: no new wish before
    for_the_day: int = 0  # how often the broker kept it for the day only, whatever was asked for
    modify_at: int = 0  # microseconds since 1970 UTC: no new terms before; a cancel need not wait
    confirmed: bool = False
    missing: bool = False  # the broker does not remember it, but is not sure that it never worked
    why_held: str = ""  # the broker's words for why it is not at the market
    shown: tuple[OrderState, int, int, int | None, int | None] | None = None

    @property
    def id(self) -> str:
        return self.spec.order_id

    @property
    def side(self) -> OrderSide:
        return self.spec.side

    @property
    def shown_role(self) -> str:
        """The role as records and the context show it."""
        return self.role if self.name is None else self.name

    @property
    def opens(self) -> bool:
        """Whether its fills add to the trade: a user's own role stands for a bracket on the opening side."""
        return self.role not in CLOSING_ROLES

    @property
    def average_fill(self) -> float | None:
        """The average price of its fills, in micros; None while nothing has filled."""
        return self.filled_value / self.filled if self.filled else None

    @property
    def is_alive(self) -> bool:
        return self.status.is_alive

    @property
    def is_done(self) -> bool:
        return self.status.is_done

    @property
    def is_protecting(self) -> bool:
        """The broker has confirmed that it holds this order, and nothing casts doubt on that."""
        return self.confirmed and self.status in (OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED)

    @property
    def remaining(self) -> int:
        """Shares that may still fill, were it alive."""
        return max(0, self.spec.quantity - self.filled)

    @property
    def is_in_doubt(self) -> bool:
        """What it is doing is unknown: nobody answered, or somebody called it dead."""
        return self.status in (OrderStatus.SUSPECT, OrderStatus.UNKNOWN)

    @property
    def is_settled(self) -> bool:
        """Nothing about it is unanswered."""
        return (
            self.wanted is None
            and not self.cancel_sent
            and not self.awaits_broker
            and self.status not in (OrderStatus.SUBMITTED, OrderStatus.SUSPECT, OrderStatus.UNKNOWN)
        ) or self.is_done

    @property
    def trails(self) -> bool:
        return self.spec.order_type is OrderType.TRAIL

    def happen(self, happening: OrderHappening) -> None:
        self.status = advance(self.status, happening)
        if self.is_done:
            self.wanted = None
            self.cancel_sent = False
            self.awaits_broker = False
