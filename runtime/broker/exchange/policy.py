"""What the exchange is told about the world: how fills are priced, and every fact about IB that nobody has verified.

`ExchangeTerms` is what a user sets (`--fill`, `--slippage`, `--commission`, …). `ExchangePolicy` holds the behaviours
that IB documents badly or not at all, each as a field whose default is the documented or the safest reading.
"""

from __future__ import annotations

import enum
import re
from decimal import Decimal

import attrs

from ...numbers import MICROS, US_STOCK_TICKS, TickBand
from .orders import OcaType


class FillMode(enum.Enum):
    """When a market order meets a tick: at the next one, or at once at the standing price."""

    NEXT = "next"
    STANDING = "standing"


@attrs.frozen
class Slippage:
    """What a market, stop or trailing order pays on top, always against the order. Limits never slip.

    `basis_points` of the price, plus `amount` in micros a share.
    """

    basis_points: float = 0.0
    amount: int = 0

    def against(self, price: int, sign: int) -> int:
        """The price after slippage, at least a millionth; `sign` is +1 for a buy and -1 for a sell."""
        return max(1, price + sign * (self.amount + round(price * self.basis_points / 10_000)))

    @classmethod
    def parse(cls, text: str) -> Slippage:
        """Reads `5bp` or `$0.01`.

        Raises:
            ValueError: neither of the two.
        """
        points = re.fullmatch(r"(\d+(?:\.\d+)?) ?bp", text.strip())
        if points:
            return cls(basis_points=float(points[1]))
        amount = _money(text)
        if amount is None:
            raise ValueError(f"slippage is basis points or money a share, as in `5bp` or `$0.01`, not `{text}`")
        return cls(amount=amount)


@attrs.frozen
class Commission:
    """`per_share` and a `minimum` for each order that fills at all, in micros."""

    per_share: int = 0
    minimum: int = 0

    def due(self, filled: int) -> int:
        """What an order owes in all once this many shares have filled."""
        return max(self.minimum, self.per_share * filled)

    @classmethod
    def parse(cls, text: str) -> Commission:
        """Reads `$0.005` or `$0.005,min $1`.

        Raises:
            ValueError: neither of the two.
        """
        share, comma, rest = text.partition(",")
        least = re.fullmatch(r"min *(.+)", rest.strip())
        per_share = _money(share)
        minimum = _money(least[1]) if least else None if comma else 0
        if per_share is None or minimum is None:
            raise ValueError(f"commission is money a share, as in `$0.005` or `$0.005,min $1`, not `{text}`")
        return cls(per_share, minimum)


def _money(text: str) -> int | None:
    match = re.fullmatch(r"\$(\d+(?:\.\d{1,6})?)", text.strip())
    return int(Decimal(match[1]) * MICROS) if match else None


@attrs.frozen
class ExchangeTerms:
    """How orders fill here. `leverage` times equity is the buying power; `partial_fills` seeds random partial fills."""

    fill: FillMode = FillMode.NEXT
    slippage: Slippage = attrs.field(factory=Slippage)
    commission: Commission = attrs.field(factory=Commission)
    leverage: float = 2.0
    partial_fills: int | None = None


class PartialParent(enum.Enum):
    """What becomes of the children when their parent ends with a part of its shares filled."""

    RESIZE = "resize"
    KEEP = "keep"
    CANCEL = "cancel"


class OcaReduction(enum.Enum):
    """By what a partial fill reduces the others: the fraction of the order that filled, or the shares."""

    FRACTION = "fraction"
    SHARES = "shares"


@attrs.frozen
class ExchangePolicy:
    """Behaviours of IB that are not verified.

    children_capped: while the parent works, its children together fill no more than it has filled.
    partial_parent: what becomes of the children of a parent cancelled or expired after a partial fill.
    rejected_parent_cancels_children: else they stay held for ever.
    cancelled_child_cancels_siblings: when a client cancels one child by hand.
    child_oca_type: of the group that all children of one parent share.
    oca_reduction: how a partial fill reduces the others of its group.
    cancel_window: for how long (microseconds) an order can still fill after its cancel was asked for, by its client or
        by a group of type 3. A group with block (types 1 and 2) never races.
    filled_group_refuses: an order that joins a group of which a member has filled whole is rejected.
    others_may_cancel: a client may cancel another client's order.
    ticks: the legal prices; an order at any other is refused with code 110. None: every price is legal.
    """

    children_capped: bool = True
    partial_parent: PartialParent = PartialParent.RESIZE
    rejected_parent_cancels_children: bool = True
    cancelled_child_cancels_siblings: bool = False
    child_oca_type: OcaType = OcaType.REDUCE_WITHOUT_BLOCK
    oca_reduction: OcaReduction = OcaReduction.FRACTION
    cancel_window: int = 0
    filled_group_refuses: bool = True
    others_may_cancel: bool = True
    ticks: tuple[TickBand, ...] | None = US_STOCK_TICKS
