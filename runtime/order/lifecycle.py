"""The life of an order: one table, with the ugly realities in it.

An order's status changes only here. What happened is an `OrderHappening`; what that means for an order in a given
status is a row of `TRANSITIONS`, with a comment where the row looks odd. A pair that has no row is an error of ours,
not of the broker's: every happening that a broker can cause has a row in every status that can be met.
"""

from __future__ import annotations

import enum


class OrderStatus(enum.Enum):
    """What is known of an order."""

    CREATED = "created"  # exists here only
    SUBMITTED = "submitted"  # handed to the broker, nothing heard
    WORKING = "working"  # the broker said that it holds it
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUSPECT = "suspect"  # a callback called it dead; asked about, counted as alive
    UNKNOWN = "unknown"  # unanswered, or a modification was refused; asked about, counted as alive

    @property
    def is_done(self) -> bool:
        """Confirmed dead: nothing of it can be cancelled any more (a late fill can still come)."""
        return self in _DONE

    @property
    def is_alive(self) -> bool:
        """May still fill: whatever is not confirmed dead, once it was sent."""
        return self in _ALIVE


# tuples: a look-up by identity, where a set would hash an enumeration's name at every step
_DONE = (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED)
_ALIVE = (
    OrderStatus.WORKING,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.SUBMITTED,
    OrderStatus.SUSPECT,
    OrderStatus.UNKNOWN,
)


class OrderHappening(enum.Enum):
    """What can happen to an order."""

    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    FILL_PART = "fill part"
    FILL_REST = "fill rest"
    CONFIRM_CANCEL = "confirm cancel"
    CONFIRM_EXPIRY = "confirm expiry"
    REJECT = "reject"
    CALL_DEAD = "call dead"  # Inactive, or a library's unconfirmed Cancelled
    LOSE_TRACK = "lose track"  # no answer in time, or a modification or cancel refused
    FIND_MISSING = "find missing"  # asked, and the broker has never heard of it


_S = OrderStatus
_H = OrderHappening

TRANSITIONS: dict[tuple[OrderStatus, OrderHappening], OrderStatus] = {
    (_S.CREATED, _H.SEND): _S.SUBMITTED,
    (_S.CREATED, _H.REJECT): _S.REJECTED,  # a limit of ours refused it before it left
    (_S.CREATED, _H.CONFIRM_CANCEL): _S.CANCELLED,  # dropped before it left
    # ---- sent, nothing heard
    (_S.SUBMITTED, _H.ACKNOWLEDGE): _S.WORKING,
    (_S.SUBMITTED, _H.FILL_PART): _S.PARTIALLY_FILLED,  # executions may overtake the acknowledgement
    (_S.SUBMITTED, _H.FILL_REST): _S.FILLED,  # there may be no status at all around a fast market fill
    (_S.SUBMITTED, _H.CONFIRM_CANCEL): _S.CANCELLED,
    (_S.SUBMITTED, _H.CONFIRM_EXPIRY): _S.EXPIRED,
    (_S.SUBMITTED, _H.REJECT): _S.REJECTED,
    (_S.SUBMITTED, _H.CALL_DEAD): _S.SUSPECT,
    (_S.SUBMITTED, _H.LOSE_TRACK): _S.UNKNOWN,
    (_S.SUBMITTED, _H.FIND_MISSING): _S.CANCELLED,
    # ---- held by the broker
    (_S.WORKING, _H.ACKNOWLEDGE): _S.WORKING,
    (_S.WORKING, _H.FILL_PART): _S.PARTIALLY_FILLED,
    (_S.WORKING, _H.FILL_REST): _S.FILLED,
    (_S.WORKING, _H.CONFIRM_CANCEL): _S.CANCELLED,
    (_S.WORKING, _H.CONFIRM_EXPIRY): _S.EXPIRED,
    (_S.WORKING, _H.REJECT): _S.REJECTED,  # a held order can be thrown out when it is triggered
    (_S.WORKING, _H.CALL_DEAD): _S.SUSPECT,
    (_S.WORKING, _H.LOSE_TRACK): _S.UNKNOWN,
    (_S.WORKING, _H.FIND_MISSING): _S.CANCELLED,
    # ---- partly filled
    (_S.PARTIALLY_FILLED, _H.ACKNOWLEDGE): _S.PARTIALLY_FILLED,
    (_S.PARTIALLY_FILLED, _H.FILL_PART): _S.PARTIALLY_FILLED,
    (_S.PARTIALLY_FILLED, _H.FILL_REST): _S.FILLED,
    (_S.PARTIALLY_FILLED, _H.CONFIRM_CANCEL): _S.CANCELLED,  # its fills stay; only the rest is dead
    (_S.PARTIALLY_FILLED, _H.CONFIRM_EXPIRY): _S.EXPIRED,
    (_S.PARTIALLY_FILLED, _H.REJECT): _S.CANCELLED,  # what was filled was no rejection
    (_S.PARTIALLY_FILLED, _H.CALL_DEAD): _S.SUSPECT,
    (_S.PARTIALLY_FILLED, _H.LOSE_TRACK): _S.UNKNOWN,
    (_S.PARTIALLY_FILLED, _H.FIND_MISSING): _S.CANCELLED,
    # ---- called dead by somebody: it can come back to life
    (_S.SUSPECT, _H.ACKNOWLEDGE): _S.WORKING,
    (_S.SUSPECT, _H.FILL_PART): _S.PARTIALLY_FILLED,
    (_S.SUSPECT, _H.FILL_REST): _S.FILLED,
    (_S.SUSPECT, _H.CONFIRM_CANCEL): _S.CANCELLED,
    (_S.SUSPECT, _H.CONFIRM_EXPIRY): _S.EXPIRED,
    (_S.SUSPECT, _H.REJECT): _S.REJECTED,
    (_S.SUSPECT, _H.CALL_DEAD): _S.SUSPECT,
    (_S.SUSPECT, _H.LOSE_TRACK): _S.UNKNOWN,
    (_S.SUSPECT, _H.FIND_MISSING): _S.CANCELLED,
    # ---- nobody knows: counted as alive until the broker answers
    (_S.UNKNOWN, _H.ACKNOWLEDGE): _S.WORKING,
    (_S.UNKNOWN, _H.FILL_PART): _S.PARTIALLY_FILLED,
    (_S.UNKNOWN, _H.FILL_REST): _S.FILLED,
    (_S.UNKNOWN, _H.CONFIRM_CANCEL): _S.CANCELLED,
    (_S.UNKNOWN, _H.CONFIRM_EXPIRY): _S.EXPIRED,
    (_S.UNKNOWN, _H.REJECT): _S.REJECTED,
    (_S.UNKNOWN, _H.CALL_DEAD): _S.SUSPECT,
    (_S.UNKNOWN, _H.LOSE_TRACK): _S.UNKNOWN,
    (_S.UNKNOWN, _H.FIND_MISSING): _S.CANCELLED,
    # ---- done: late news
    (_S.CANCELLED, _H.FILL_PART): _S.CANCELLED,  # a fill after a cancel: the shares count, the order stays dead
    (_S.CANCELLED, _H.FILL_REST): _S.FILLED,
    (_S.EXPIRED, _H.FILL_PART): _S.EXPIRED,
    (_S.EXPIRED, _H.FILL_REST): _S.FILLED,
    (_S.REJECTED, _H.FILL_PART): _S.CANCELLED,  # it cannot have been rejected; the rest is dead
    (_S.REJECTED, _H.FILL_REST): _S.FILLED,
    (_S.FILLED, _H.FILL_PART): _S.FILLED,  # more than was ordered: the shares count, the trade machine flattens
    (_S.FILLED, _H.FILL_REST): _S.FILLED,
    (_S.REJECTED, _H.ACKNOWLEDGE): _S.WORKING,  # an Inactive order was called rejected and came back to life
}

# News that can be repeated or arrive late, and then tells nothing new about an order that is done.
_STALE_WHEN_DONE = frozenset(
    {
        _H.ACKNOWLEDGE,
        _H.CONFIRM_CANCEL,
        _H.CONFIRM_EXPIRY,
        _H.REJECT,
        _H.CALL_DEAD,
        _H.LOSE_TRACK,
        _H.FIND_MISSING,
    }
)


def advance(status: OrderStatus, happening: OrderHappening) -> OrderStatus:
    """The status after something happened.

    Raises:
        ValueError: the pair has no meaning (a fill of an order that was never sent): a defect of the caller's.
    """
    following = TRANSITIONS.get((status, happening))
    if following is not None:
        return following
    if status.is_done and happening in _STALE_WHEN_DONE:
        return status
    raise ValueError(f"an order that is {status.value} cannot {happening.value}")
