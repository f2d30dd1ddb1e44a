"""The faults that there are: which fields each has, what it does, and the words that go with error codes."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

CANCELLED_FOR_MARGIN = (
    "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED. IN ORDER TO OBTAIN THE DESIRED POSITION YOUR EQUITY WITH "
    "LOAN VALUE MUST EXCEED THE INITIAL MARGIN"
)
TEXTS: Mapping[int, str] = {
    100: "Max rate of messages per second has been exceeded",
    104: "Cannot modify a filled order.",
    105: "Order being modified does not match original order",
    110: "The price does not conform to the minimum price variation for this contract.",
    161: "Cancel attempted when order is not in a cancellable state",
    162: "Historical Market Data Service error message:HMDS query returned no data",
    201: "Order rejected - reason:",
    202: "Order Canceled - reason:The price is outside of the band that the exchange allows",
    321: "Error validating request",
    326: "Unable to connect as the client id is already in use. Retry with a unique client id.",
    354: "Requested market data is not subscribed.",
    399: "Order Message: Warning: your order will not be placed at the exchange until the open",
    404: "Order held while securities are located.",
    1100: "Connectivity between IB and Trader Workstation has been lost.",
    1101: "Connectivity between IB and Trader Workstation has been restored - data lost.",
    1102: "Connectivity between IB and Trader Workstation has been restored - data maintained.",
    2103: "Market data farm connection is broken:usfarm",
    2104: "Market data farm connection is OK:usfarm",
    2105: "HMDS data farm connection is broken:ushmds",
    2106: "HMDS data farm connection is OK:ushmds",
    2108: "Market data farm connection is inactive but should be available upon demand.usfarm",
    2110: "Connectivity between Trader Workstation and server is broken. It will be restored automatically.",
    2158: "Sec-def data farm connection is OK:secdefnj",
    10197: "No market data during competing live session",
    10349: "Order TIF was set to DAY based on order preset.",
}

_COUNTED = ("order", "skip", "times")


@attrs.frozen
class Kind:
    """Which fields a fault has. `needs` of them must be there."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    tells: str = ""


KINDS: Mapping[str, Kind] = {
    # ---- orders
    "reject": Kind(may=(*_COUNTED, "code", "text"), tells="a new order is put aside (Inactive), then the error"),
    "margin": Kind(may=_COUNTED, tells="a new order is rejected for want of margin"),
    "preset": Kind(("tif",), _COUNTED, "a new order gets another time in force than it was sent with"),
    "partial": Kind(("quantity",), _COUNTED, "an order's first fill has at most so many shares"),
    "late_fill": Kind(may=(*_COUNTED, "quantity"), tells="an order that was cancelled fills at the next price"),
    "overfill": Kind(("quantity",), _COUNTED, "an order that has filled fills so many shares more at the next price"),
    "refuse_change": Kind(
        may=(*_COUNTED, "code", "text", "cancels"), tells="a modification is refused; with `cancels` the order ends"
    ),
    "race": Kind(("window",), (), "for so long a cancelled order, or the rest of its group, can still fill"),
    "correct": Kind(
        ("price",), ("order", "execution"), "the latest execution that fits (or the one named) is corrected"
    ),
    "manual": Kind(
        ("symbol", "action", "quantity"),
        ("type", "limit_price", "stop_price", "tif"),
        "an order typed into TWS, with number 0",
    ),
    "foreign": Kind(
        ("client", "symbol", "action", "quantity"),
        ("type", "limit_price", "stop_price", "tif"),
        "an order of another client",
    ),
    "cancel": Kind(("order",), (), "every working order that fits is cancelled, as by hand"),
    # ---- messages
    "error": Kind(
        ("code",),
        (*_COUNTED, "text", "before", "id", "client"),
        "an error on an order that stays live, after its next openOrder (or before); with `id` at once",
    ),
    "status": Kind(
        ("status",),
        (*_COUNTED, "client", "why_held"),
        "after its next orderStatus an order is said to be something that it is not",
    ),
    "missing": Kind(("message",), ("order", "skip", "times", "client"), "messages are left out"),
    "duplicate": Kind(("message",), ("order", "skip", "times", "client"), "messages come twice"),
    "no_end": Kind(may=("times", "client"), tells="the messages that end a list are left out"),
    "commission": Kind(("amount",), _COUNTED, "a commission report tells another amount"),
    "refuse": Kind(("message", "code"), ("text", "skip", "times", "client"), "a request is answered with an error"),
    "ignore": Kind(("message",), ("skip", "times", "client"), "a request gets no answer"),
    # ---- the connection to Interactive Brokers
    "1100": Kind(may=("for", "then"), tells="connectivity lost: nothing is told until it comes back"),
    "1101": Kind(tells="connectivity restored, market data lost: nobody is subscribed any more"),
    "1102": Kind(tells="connectivity restored, market data kept"),
    "farm": Kind(("code",), ("text",), "a notice about a data farm"),
    "pacing": Kind(
        may=("per_second", "client", "disconnects"), tells="error 100, at once or beyond so many messages a second"
    ),
    "bar_pacing": Kind(may=("client",), tells="bars of 30 seconds or less that are asked for too fast get 162"),
    "clash": Kind(may=("times",), tells="the next client is told that its number is in use"),
    # ---- the wire
    "drop": Kind(may=("client", "skip"), tells="the socket is aborted, after `skip` messages more"),
    "half": Kind(may=("client", "skip"), tells="half of a message is written, then the socket is aborted"),
    "silent": Kind(may=("client", "for"), tells="the socket stays open and says nothing; what comes is not read"),
    "delay": Kind(("by",), ("client", "for"), "whatever is written leaves later"),
    "split": Kind(("size",), ("client", "for"), "bytes leave in pieces of a size"),
    "coalesce": Kind(("by",), ("client", "for"), "bytes are collected and leave together"),
    "restart": Kind(("for",), (), "all sockets are dropped, and connections refused for so long"),
}
