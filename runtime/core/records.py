"""What a step leaves behind: frozen records for the journal, the output and whoever watches.

Each record becomes one JSON object a line (`rulec replay --json`); prices are micros here and shortest exact decimals
there, times microseconds since 1970 UTC here and ISO 8601 there.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import attrs

from ..broker.port import OrderSide, OrderType


class Outcome(enum.Enum):
    """What became of a rule that matched, or of one of its actions."""

    ACTED = "acted"
    REVERSED = "reversed"
    IGNORED = "ignored"
    SUPPRESSED = "suppressed"
    REFUSED = "refused"
    SKIPPED = "skipped"
    THROTTLED = "throttled"
    FAILED = "failed"
    ARMED = "armed"


class OrderState(enum.Enum):
    """The status an order record shows."""

    SUBMITTED = "submitted"
    MODIFIED = "modified"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


class PositionChange(enum.Enum):
    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"


ValueText = int | float | str | bool | None  # int by name, so that it reads back from JSON as one


@attrs.frozen
class ActionOutcome:
    """What one action of a rule did: `orders` are the ids it sent; `text` what `log`, `notify` and `halt` said."""

    action: str
    outcome: Outcome
    reason: str | None = None
    orders: tuple[str, ...] = ()
    text: str | None = None


@attrs.frozen
class Decision:
    """A rule matched an event, or an armed action triggered."""

    time: int
    seq: int
    rule: str
    at: str
    symbol: str | None
    outcome: Outcome
    reason: str | None
    values: Mapping[str, ValueText]
    actions: tuple[ActionOutcome, ...] = ()
    event: str = ""


@attrs.frozen
class OrderRecord:
    time: int
    id: str
    trade: str
    role: str
    symbol: str
    side: OrderSide
    quantity: int
    filled: int
    order_type: OrderType
    limit_price: int | None
    stop_price: int | None
    status: OrderState
    rule: str
    reason: str | None = None


@attrs.frozen
class FillRecord:
    time: int
    order: str
    symbol: str
    side: OrderSide
    quantity: int
    price: int
    commission: int


@attrs.frozen
class PositionRecord:
    """`pnl` is net of commission, that of `closed` the whole trade's. `entry_price` is the exact average, a float."""

    time: int
    event: PositionChange
    trade: str
    symbol: str
    side: OrderSide
    quantity: int
    entry_price: float
    pnl: int
    reason: str | None = None
    detail: str | None = None


@attrs.frozen
class Notice:
    """Something a person must hear that no rule said: a halt, a repair, a naked stop, an overfill."""

    time: int
    level: str
    symbol: str | None
    text: str


class RuleChange(enum.Enum):
    """What a reload did to a rule."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Touch(enum.Enum):
    """What a rule has to do with an open trade: it entered it, has something armed on it, or may act on it."""

    ENTERED = "entered"
    ARMED = "armed"
    MAY_ACT = "may act"


@attrs.frozen
class TouchedTrade:
    trade: str
    symbol: str
    touch: Touch


@attrs.frozen
class ChangedRule:
    """A rule that a reload added, changed or removed; `at` is where it stands, of a removed one where it stood."""

    change: RuleChange
    rule: str
    at: str
    trades: tuple[TouchedTrade, ...] = ()


@attrs.frozen
class ReloadRecord:
    """Other rules are in force from now on: `rules` of them; `limits_changed` tells whether the limits are others."""

    time: int
    rules: int
    changes: tuple[ChangedRule, ...]
    limits_changed: bool = False

    def of(self, change: RuleChange) -> tuple[ChangedRule, ...]:
        """The rules that met with this, in their order."""
        return tuple(one for one in self.changes if one.change is change)


Record = Decision | OrderRecord | FillRecord | PositionRecord | Notice | ReloadRecord
