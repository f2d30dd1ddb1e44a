"""What the control port shows of a gateway, as plain objects. Prices and amounts in currency, quantities in shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..broker.exchange import Exchange, OrderEvent
from ..numbers import to_float
from ..times import time_text
from .gateway import Gateway


def show_orders(gateway: Gateway) -> list[dict[str, Any]]:
    """Every order, working or done, by permanent id."""
    exchange = gateway.exchange
    found = [*exchange.open_orders(), *exchange.completed_orders()]
    return [_order(event) for event in sorted(found, key=lambda event: event.permanent_id)]


def show_executions(gateway: Gateway) -> list[dict[str, Any]]:
    """Every execution that counts, a correction in the place of what it corrects."""
    return [
        {
            "id": each.execution_id,
            "time": time_text(each.time),
            "client": each.client_id,
            "order": each.order_id,
            "permanent_id": each.permanent_id,
            "symbol": each.symbol,
            "action": each.action.value,
            "quantity": each.quantity,
            "price": to_float(each.price),
            "commission": to_float(each.commission),
            "ref": each.reference,
        }
        for each in gateway.exchange.executions()
    ]


def show_positions(gateway: Gateway) -> dict[str, dict[str, int]]:
    """Shares held by account and symbol."""
    exchange = gateway.exchange
    return {account: dict(exchange.positions(account)) for account in exchange.ledger.accounts}


def show_ledger(gateway: Gateway) -> dict[str, dict[str, float]]:
    """The books by account."""
    return {name: _books(gateway.exchange, name) for name in gateway.exchange.ledger.accounts}


def show_sessions(gateway: Gateway) -> list[dict[str, Any]]:
    """Every connection: its client, and the messages it has sent and got."""
    return [
        {"session": each.number, "client": each.client_id, "received": each.received, "sent": each.sent}
        for each in gateway.sessions()
    ]


SHOWN: Mapping[str, Callable[[Gateway], Any]] = {
    "orders": show_orders,
    "executions": show_executions,
    "positions": show_positions,
    "ledger": show_ledger,
    "sessions": show_sessions,
}


def _order(event: OrderEvent) -> dict[str, Any]:
    order = event.order
    return {
        "client": order.client_id,
        "order": order.order_id,
        "permanent_id": event.permanent_id,
        "parent": order.parent_id,
        "symbol": order.symbol,
        "action": order.action.value,
        "type": order.kind.value,
        "tif": order.tif.value,
        "quantity": order.quantity,
        "filled": event.filled,
        "remaining": event.remaining,
        "limit_price": _money(order.limit_price),
        "stop_price": _money(order.stop_price),
        "oca_group": order.oca_group,
        "status": event.status.value,
        "why_held": event.why_held,
        "ref": order.reference,
    }


def _books(exchange: Exchange, name: str) -> dict[str, float]:
    account = exchange.ledger.accounts[name]
    return {
        "cash": to_float(account.cash),
        "commissions": to_float(account.commissions),
        "realised": to_float(account.realised),
        "equity": to_float(exchange.equity(name)),
    }


def _money(micros: int | None) -> float | None:
    return None if micros is None else to_float(micros)
