"""What is not verified about IB and is the gateway's own affair, each a field with the documented default.

Behaviours of the exchange are fields of `ExchangePolicy`.
"""

from __future__ import annotations

import enum

import attrs


class ExecutionTime(enum.Enum):
    """How an execution's time is written: in UTC as a live Gateway does, or with its zone's name."""

    UTC = "utc"
    ZONE = "zone"


class SmallOrderIds(enum.Enum):
    """What happens to a new order whose number is not above all that its client has used."""

    REFUSE = "refuse"
    ACCEPT = "accept"


@attrs.frozen
class GatewayPolicy:
    """How the gateway words what the exchange does.

    server_version: the highest spoken; a client gets the lesser of this and its own.
    duplicated_statuses: after a fill openOrder and orderStatus come twice, as a live Gateway often sends them.
    statuses_around_fast_fills: without them an order that fills as it arrives has no orderStatus at all (openOrder,
        execDetails and commissionReport alone).
    open_order_on_cancel: a cancelled order is told by openOrder, too, not by orderStatus alone.
    held_until_open: an order outside the hours is answered with 399; it is live all the same.
    warning_first: 399 comes before the order's openOrder.
    rejection_delay: from Inactive to error 201, in microseconds.
    small_order_ids: refuse is what IB documents: a new number must exceed all that were used.
    execution_time: how an execution's time is written.
    master_client: this client hears of the orders and executions of all clients; None: nobody does.
    commission_for_others: the commission that reqExecutions tells other clients: the true one, else 0.0.
    executions_since_midnight: reqExecutions reaches back to the exchange's midnight, else to the beginning.
    empty_tif_is_told: an order without a time in force is answered with 10349, as recent Gateways do; it is live as
        DAY either way.
    quote_size: lots at the bid and at the ask, as market files do not tell sizes.
    size_unit: shares that a size of 1 counts for clients below version 163, and what they are told as mdSizeMultiplier;
        later ones are told shares, and time and sales (generic tick 233) always are.
    account_interval: account values move at least this often (microseconds); a change of a position moves them at once.
    pnl_interval: between two P&L messages of one request (microseconds).
    market_data_lines: subscriptions to the market that one client may have; one more is answered with 101.
    pending_cancel_when_closed: while the exchange is closed PendingCancel comes before Cancelled.
    snapshot_wait: how long a snapshot of a symbol without prices waits for them (microseconds).
    longest_queue: bytes that may wait for a client that does not read; beyond it the client is dropped.
    longest_message: a longer one is taken for garbage, and its connection closed.
    """

    server_version: int = 157
    duplicated_statuses: bool = True
    statuses_around_fast_fills: bool = True
    open_order_on_cancel: bool = False
    held_until_open: bool = True
    warning_first: bool = True
    rejection_delay: int = 0
    small_order_ids: SmallOrderIds = SmallOrderIds.REFUSE
    execution_time: ExecutionTime = ExecutionTime.UTC
    master_client: int | None = None
    commission_for_others: bool = True
    executions_since_midnight: bool = True
    empty_tif_is_told: bool = False
    quote_size: int = 100
    size_unit: int = 100
    account_interval: int = 180_000_000
    pnl_interval: int = 1_000_000
    market_data_lines: int = 100
    pending_cancel_when_closed: bool = True
    snapshot_wait: int = 11_000_000
    longest_queue: int = 16 << 20
    longest_message: int = 1 << 20
