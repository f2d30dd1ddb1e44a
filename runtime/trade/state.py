"""What a trade is made of.

A trade is held as slices, because at IB the complete fill of one member of an OCA group cancels all others whatever
their size: two targets need two groups. A slice is a bracket of its own, parent, one stop and at most one target, all
of one size. Everything that is wanted of the orders can be read off this state; `settle` compares it with what the
broker confirmed and sends the difference.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

import attrs

from ...dsl.plan import Action, DoubleDown, Enter, Reverse, ScaleIn
from ..broker.port import OrderSide
from ..numbers import MICROS, US_STOCK_TICKS, TickBand
from ..order.working import Role, WorkingOrder


class TradeStatus(enum.Enum):
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    REVERSING = "reversing"


class CloseReason(enum.Enum):
    """The cause of the order that closed a trade."""

    STOP = "stop"
    TARGET = "target"
    TRAIL = "trail"
    EXIT = "exit"
    TIME = "time"
    REVERSE = "reverse"
    MANUAL = "manual"


@attrs.frozen
class Origin:
    """Which rule asked, on which event: what a later decision of an armed action or a second half refers to.

    `event` is whatever the rule fired on; None for what was asked for by hand.
    """

    rule: str
    identity: str
    at: str
    event: object = attrs.field(eq=False, repr=False)
    seq: int = attrs.field(default=0, eq=False)


class TermUnit(enum.Enum):
    FRACTION = "fraction"
    AMOUNT = "amount"
    PRICE = "price"
    R = "R"


@attrs.frozen
class Term:
    """A distance with its expression evaluated: a fraction of the price, currency a share, a price, or times R."""

    unit: TermUnit
    value: float


@attrs.frozen
class TrailTerm:
    distance: Term
    after: Term | None = None


@attrs.frozen
class TargetTerm:
    distance: Term
    fraction: float | None


@attrs.frozen
class Terms:
    """The protection a trade was entered with, evaluated at the decision. `exit_after` in microseconds."""

    stop: Term | None = None
    targets: tuple[TargetTerm, ...] = ()
    trail: TrailTerm | None = None
    breakeven_after: Term | None = None
    exit_after: int | None = None

    @property
    def broker_trails(self) -> bool:
        """A trail alone is the broker's TRAIL; beside a stop, `after` or breakeven the runtime ratchets one STP."""
        trail = self.trail
        return trail is not None and trail.after is None and self.stop is None and self.breakeven_after is None

    @property
    def wants_stop(self) -> bool:
        return self.stop is not None or self.trail is not None or self.breakeven_after is not None


@attrs.define(eq=False)
class Slice:
    """One bracket: its parent opened `size` shares or less, its stop and target close them.

    `closed` counts the shares that stops, the target and exits took from it; `reserved` those that a partial exit is
    about to sell. `target` is the trade's target it goes with, None for shares that no target covers.
    """

    size: int
    parent: WorkingOrder
    stop: WorkingOrder | None = None
    limit: WorkingOrder | None = None
    target: int | None = None
    closed: int = 0
    reserved: int = 0
    written_off: int = 0  # of the closed shares: those that somebody else closed
    target_given_up: bool = False  # filled, rejected, or cancelled on purpose
    stop_losses: int = 0  # how often its stop was rejected or died while shares were held
    retry_stop_at: int = 0  # microseconds since 1970 UTC: no new stop before
    origin: Origin | None = None  # who asked for it, where that was not the entry

    restart_trail_at: int | None = None  # micros: where the broker's TRAIL is to start from, not sent yet
    adopted: int | None = None  # shares taken over from another slice, where it was split
    exit_at: int | None = None  # micros: `exit at limit` put its target here
    exit_detail: str | None = None
    exit_name: str | None = None  # what the user called the order that took the place of the target
    stop_at: int | None = None  # micros: a stop of its own for these shares; the tighter of it and the trade's counts
    stop_name: str | None = None  # what the user called that stop

    @property
    def held(self) -> int:
        """Shares of the position that are this slice's; negative where more was closed than opened."""
        opened = self.parent.filled if self.adopted is None else self.adopted
        return opened - self.closed

    @property
    def to_protect(self) -> int:
        return max(0, self.held - self.reserved)

    def orders(self) -> Iterator[WorkingOrder]:
        yield self.parent
        if self.stop is not None:
            yield self.stop
        if self.limit is not None:
            yield self.limit


@attrs.define(eq=False)
class PartialExit:
    """Shares on their way out: first the protection shrinks, then they are sold.

    With `limit` or `stop` they are not sold at once: they become a slice of their own, with its target or its stop
    there.
    """

    taken: list[tuple[Slice, int]]
    reason: CloseReason
    detail: str | None
    origin: Origin
    wanted: int
    limit: int | None = None  # micros
    stop: int | None = None  # micros
    name: str | None = None  # what the user called the order
    order: WorkingOrder | None = None

    @property
    def splits(self) -> bool:
        return self.limit is not None or self.stop is not None


@attrs.define(eq=False)
class Closing:
    """A full exit under way: targets and openings die, then stops, then what is held is sold."""

    reason: CloseReason
    detail: str | None
    origin: Origin
    order: WorkingOrder | None = None
    abandon: bool = False  # the close was not accepted in time: withdraw it, then restore the stop
    must_confirm: bool = False  # shares that filled after the conclusion: the broker's position must agree first
    asked_position: bool = False
    confirmed_net: int | None = None
    sent_at: int | None = None
    retry_at: int = 0  # microseconds since 1970 UTC: no closing order before


@attrs.define(eq=False)
class ArmedScaleIn:
    action: ScaleIn
    origin: Origin
    key: tuple[str, int]
    left: int
    at_profit: Term | None


@attrs.define(eq=False)
class RestingDoubleDown:
    """A double-down wanted while its trade lives: placed as DAY, and again at each open until it fills."""

    action: DoubleDown
    origin: Origin
    key: tuple[str, int]
    at_loss: Term | None
    to_stop: float | None = None
    slice: Slice | None = None
    spent: bool = False
    resting_until: int = 0  # not to be placed before this time (the next open, after it expired)
    announced: bool = False


@attrs.define(eq=False)
class SecondHalf:
    """What a reversal enters once it is flat, and the actions of the same rule that wait for it."""

    action: Enter
    origin: Origin
    followers: list[tuple[int, Action]] = attrs.Factory(list)


@attrs.define(eq=False)
class WaitingAction:
    """An action of the entering rule that needs the position: done once the entry is complete. `number` is its place
    in the rule.
    """

    action: Action
    origin: Origin
    number: int


@attrs.define(eq=False)
class OpenEntry:
    """An entry that waits, with the actions that follow it: one that a bar delivered at the close decided, for the next
    open; at a broker one of a symbol just met, for its first quote.

    `held` are the shares that a `reverse` was decided with.
    """

    symbol: str
    action: Enter | Reverse
    origin: Origin
    held: int = 0
    awaits_quote: bool = False
    followers: list[tuple[int, Action]] = attrs.Factory(list)


@attrs.define(eq=False)
class Trade:
    """One trade of a symbol, from its intent to its conclusion."""

    id: str
    symbol: str
    side: OrderSide
    origin: Origin
    terms: Terms
    reference: float
    steps: tuple[TickBand, ...] = US_STOCK_TICKS  # in which its prices are written
    status: TradeStatus = TradeStatus.OPENING
    atr_stop_multiplier: float | None = None  # of a stop written in multiples of ATR, for the context
    slices: list[Slice] = attrs.Factory(list)
    exits: list[PartialExit] = attrs.Factory(list)
    orders: dict[str, WorkingOrder] = attrs.Factory(dict)
    armed: list[ArmedScaleIn] = attrs.Factory(list)
    double_downs: list[RestingDoubleDown] = attrs.Factory(list)
    used_keys: set[tuple[str, int]] = attrs.Factory(set)  # double-downs, by rule and number of the action
    scale_ins_asked: dict[tuple[str, int], int] = attrs.Factory(dict)  # how often each was armed, by the same
    waiting: list[WaitingAction] = attrs.Factory(list)  # for the entry's fill
    closing: Closing | None = None
    waiting_exit: Closing | None = None  # wanted while the market is closed or the broker away
    second_half: SecondHalf | None = None
    stop_price: int | None = None  # micros: where every stop of this trade stands, or is to stand
    stop_from_trail: bool = False  # a trail set that price
    ratcheted: bool = False  # the market has moved the stop: it is not loosened any more
    filled_targets: set[int] = attrs.Factory(set)  # never revived: what is added later goes with the next
    groups: int = 0  # OCA groups made so far, each for one stop and one target
    synced: bool = True  # false from a disconnection until the broker has told what happened meanwhile
    complete: bool = False  # the entry's orders have all ended
    winding_down: bool = False  # a stop or exit has filled: nothing opens any more
    initial_risk: float | None = None  # R: currency a share, fixed at completion
    trail_active: bool = False
    breakeven_done: bool = False
    best: float | None = None
    peak: float | None = None  # currency: the best price at which it could have been closed since it opened
    shown_quantity: int = 0  # shares at the last turn that was shown before a close
    last_anchor: int | None = None
    anchored: float | None = None  # currency: the average entry that stops and targets were last measured from
    opened_at: int | None = None
    opened_shares: int = 0
    opened_value: int = 0  # micros: price times quantity of opening fills
    average: float = 0.0  # currency: the average entry of the shares held
    cash: int = 0  # micros: what closing fills brought less what opening fills cost
    commission: int = 0  # micros
    cause: CloseReason | None = None
    detail: str | None = None
    banked: int = 0  # micros: what its conclusion added to the realised P&L
    naked_since: int | None = None
    naked_shares: int = 0
    naked_share_seconds: float = 0.0

    @property
    def sign(self) -> int:
        return self.side.sign

    @property
    def held(self) -> int:
        """Shares held on the trade's side; negative after an overfill."""
        return sum(part.held for part in self.slices)

    @property
    def was_cut(self) -> bool:
        """Whether somebody else closed shares of it."""
        return any(part.written_off for part in self.slices)

    def realised(self) -> int:
        """Micros won or lost on shares that have left, less all commission."""
        held = max(0, self.held)
        return self.cash + round(self.sign * self.average * held * MICROS) - self.commission

    def opening_orders(self) -> list[WorkingOrder]:
        return [part.parent for part in self.slices if part.parent.is_alive]

    def alive_orders(self) -> list[WorkingOrder]:
        return [order for order in self.orders.values() if order.is_alive]

    def retire(self, part: Slice) -> None:
        """Lets go of a bracket that ended without a share: one a day would pile up under a long-lived trade."""
        self.slices.remove(part)
        for order in part.orders():
            del self.orders[order.id]

    def recall(self, order: WorkingOrder) -> None:
        """Takes an order that filled after all back among the trade's, as a slice of its own."""
        if order.id not in self.orders:
            self.orders[order.id] = order
            self.slices.append(Slice(size=order.spec.quantity, parent=order))

    def slice_of(self, order: WorkingOrder) -> Slice | None:
        for part in self.slices:
            if order is part.parent or order is part.stop or order is part.limit:
                return part
        for part in self.slices:
            if order.spec.parent_id is not None and order.spec.parent_id == part.parent.id:
                return part
        return None

    @property
    def in_flight(self) -> bool:
        """Being closed or reversed, or about to be."""
        return self.closing is not None or self.waiting_exit is not None


ROLE_KEYS = {Role.TRAIL: "stop"}


def context_of(trade: Trade) -> dict[str, object]:
    """The linked-order context of a trade in the form of `context[symbol]`: a copy, writing to it changes nothing."""
    view: dict[str, object] = {
        "side": trade.side.value,
        "main_orders": [],
        "stop_orders": [],
        "target_orders": [],
        "scale_orders": [],
        "doubledown_orders": [],
        "quantity": max(0, trade.held),
        "entry_price": trade.average if trade.opened_shares else None,
        "atr_stop_multiplier": trade.atr_stop_multiplier,
        "status": "active",
    }
    for order in trade.orders.values():
        role = order.shown_role
        ids = view.setdefault(f"{ROLE_KEYS.get(role, role)}_orders", [])
        assert isinstance(ids, list)
        ids.append(order.id)
    return view
