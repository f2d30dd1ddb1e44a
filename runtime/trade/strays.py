"""Orders that work under our name and that no book of ours knows: left by a run whose journal is lost.

What would open shares is cancelled. What protects shares is kept, because somebody may rely on it; its symbol is
halted until a person has looked. One that has nothing left to close would open shares, so it goes, too.
"""

from __future__ import annotations

from ..broker.port import CancelStray, StrayOrder
from ..order.working import CLOSING_ROLES
from .desk import Desk


def on_stray(desk: Desk, message: StrayOrder) -> None:
    desk.strays[message.number] = message
    if _role(message.reference) not in CLOSING_ROLES:
        _cancel(desk, message, "would open shares of no trade of ours")
        return
    if message.number not in desk.reported_strays:
        desk.reported_strays.add(message.number)
        is_ours = any(order.spec.reference == message.reference for order in desk.orders.values())
        why = "though it had been told as ended" if is_ours else "and is in none of our books"
        desk.halt_symbol(message.symbol, f"the order {message.reference} works there {why}")
    judge_strays(desk, message.symbol)


def judge_strays(desk: Desk, symbol: str | None = None) -> None:
    """Cancels those that would close nothing, of a symbol or of all; not before the positions were told."""
    if not desk.connected:
        return
    for stray in list(desk.strays.values()):
        if symbol in (None, stray.symbol) and desk.account_holds(stray.symbol) * stray.side.sign >= 0:
            _cancel(desk, stray, "has no shares to close")


def _cancel(desk: Desk, stray: StrayOrder, why: str) -> None:
    del desk.strays[stray.number]
    desk.say("warning", stray.symbol, f"the order {stray.reference} is in none of our books and {why}: cancelled")
    desk.commands.append(CancelStray(stray.number, stray.reference))


def _role(reference: str) -> str:
    """The role in `rulec/<instance>/<trade>/<role>/<n>`; "" where a reference is not of that form."""
    parts = reference.split("/")
    return parts[3] if len(parts) == 5 else ""
