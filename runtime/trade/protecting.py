"""Keeps every slice's stop and target as they are wanted: sizes follow the fills, prices follow the average entry.

Nothing here reacts to a particular message. `settle_slice` compares what a slice should have with what the broker
confirmed, and sends the difference; it may be called at any time, as often as one likes. Two things it leaves alone:
an order with an unanswered wish, and an order that the broker is about to change by itself (an OCA sibling filled, a
parent ended), because a wish of ours would race with that.
"""

from __future__ import annotations

import attrs

from ..broker.port import TimeInForce
from ..core.policy import SECOND
from ..order.working import Role, WorkingOrder
from . import bracket
from .desk import Desk
from .levels import first_stop, is_exact, slice_stop, slice_target, trail_comes_first
from .pricing import tighter
from .state import Slice, Trade


def anchor(desk: Desk, trade: Trade) -> None:
    """Moves the stop to its exact distance from the average entry; `settle_slice` sends it, and the targets' too.

    While the entry fills the stop moves either way, unless the market has already ratcheted it; afterwards it is never
    loosened. A stop stated with `at P` stays where it is.
    """
    trade.last_anchor = desk.now
    trade.anchored = trade.average
    if is_exact(trade.terms.stop) and trade.terms.trail is None:
        return
    wanted = first_stop(trade, trade.average)
    if wanted is None:
        return
    present = trade.stop_price
    if present is not None and (trade.complete or trade.ratcheted):
        wanted = tighter(trade.sign, wanted, present)
    if wanted == present:
        return
    trade.stop_price = wanted
    trade.stop_from_trail = trail_comes_first(trade, trade.average)
    restart_trails(trade)


def restart_trails(trade: Trade) -> None:
    """Lets the broker's trails go on from where the stop is now wanted."""
    if trade.terms.broker_trails:
        for part in trade.slices:
            part.restart_trail_at = slice_stop(trade, part)


def settle_slice(desk: Desk, trade: Trade, part: Slice) -> None:
    """Brings one slice's stop and target to what they should be."""
    if part.parent.is_alive:
        # the broker caps children at what their parent has filled, so their size stays whole until it ends; once its
        # cancel is on the way, or its session over, they are sized to the fill, and a wish of ours would undo that
        if part.written_off:
            _cut(desk, trade, part)
        elif trade.closing is None and not part.parent.cancel_sent and desk.can_trade(trade.symbol):
            _reprice(desk, trade, part)
        return
    wanted = part.to_protect
    if trade.closing is not None:
        _settle_while_closing(desk, trade, part, wanted)
        return
    if wanted == 0:
        for order in (part.stop, part.limit):
            _withdraw(desk, order)
        return
    _keep_stop(desk, trade, part, wanted)
    _keep_target(desk, trade, part, wanted)


def _settle_while_closing(desk: Desk, trade: Trade, part: Slice, wanted: int) -> None:
    """Targets die first; stops stay, at the size of what is held, until every target is confirmed dead."""
    _withdraw(desk, part.limit)
    stop = part.stop
    if stop is None or not stop.is_alive:
        return
    targets_dead = not any(other.limit is not None and other.limit.is_alive for other in trade.slices)
    if wanted == 0 or (targets_dead and not trade.opening_orders()):
        _withdraw(desk, stop)
    elif part.written_off:
        _bring_stop(desk, trade, part, stop, stop.filled + wanted)


def _withdraw(desk: Desk, order: WorkingOrder | None) -> None:
    if order is not None and order.is_alive and not order.awaits_broker:
        desk.cancel(order)


def _reprice(desk: Desk, trade: Trade, part: Slice) -> None:
    stop, limit = part.stop, part.limit
    wanted = part.parent.spec.quantity - part.closed
    if stop is not None and stop.is_alive:
        _bring_stop(desk, trade, part, stop, stop.filled + wanted)
    if limit is not None and limit.is_alive:
        _bring_target(desk, trade, part, limit, limit.filled + wanted)


def _cut(desk: Desk, trade: Trade, part: Slice) -> None:
    """Somebody else closed shares of an entry that still fills: the broker, who caps the children at what has filled,
    does not know that these are gone."""
    stop, limit = part.stop, part.limit
    if part.held <= 0 or trade.closing is not None:
        _withdraw(desk, limit)
    if part.held <= 0:
        _withdraw(desk, stop)
        return
    if stop is not None and stop.is_alive:
        _bring_stop(desk, trade, part, stop, stop.filled + part.held)
    if limit is not None and limit.is_alive and trade.closing is None:
        _bring_target(desk, trade, part, limit, limit.filled + part.held)


def _bring_stop(desk: Desk, trade: Trade, part: Slice, stop: WorkingOrder, quantity: int) -> None:
    if stop.awaits_broker or stop.wanted is not None:
        return
    spec = stop.spec
    price = slice_stop(trade, part)
    amount, fraction = spec.trail_amount, spec.trail_fraction
    if stop.trails:
        price = spec.stop_price if part.restart_trail_at is None else part.restart_trail_at
        part.restart_trail_at = None
        amount, fraction = bracket.trail_terms(trade)
    if (
        spec.quantity != quantity
        or spec.stop_price != price
        or spec.trail_amount != amount
        or spec.trail_fraction != fraction
        or spec.time_in_force is not TimeInForce.GTC  # a stop that the broker made a DAY order would be gone tomorrow
    ):
        wanted = attrs.evolve(
            spec,
            quantity=quantity,
            stop_price=price,
            trail_amount=amount,
            trail_fraction=fraction,
            time_in_force=TimeInForce.GTC,
        )
        desk.modify(stop, wanted)


def _bring_target(desk: Desk, trade: Trade, part: Slice, limit: WorkingOrder, quantity: int) -> None:
    if limit.awaits_broker or (_stop_comes_first(part) and not trade.was_cut):
        return  # but a target for shares that are gone waits for nobody
    spec = limit.spec
    price = slice_target(trade, part)
    if price is None and part.target is None:
        desk.cancel(limit)  # no target is left for it
        return
    if price is None:
        price = spec.limit_price
    if spec.quantity != quantity or spec.limit_price != price or spec.time_in_force is not TimeInForce.GTC:
        desk.modify(limit, attrs.evolve(spec, quantity=quantity, limit_price=price, time_in_force=TimeInForce.GTC))


def _stop_comes_first(part: Slice) -> bool:
    """The target follows once the stop is confirmed: a stop that fills as it moves reduces the target by itself."""
    stop = part.stop
    return stop is not None and stop.is_alive and (stop.wanted is not None or not stop.confirmed)


def _keep_stop(desk: Desk, trade: Trade, part: Slice, wanted: int) -> None:
    stop = part.stop
    if stop is not None and stop.is_alive:
        _bring_stop(desk, trade, part, stop, stop.filled + wanted)
        return
    if slice_stop(trade, part) is None or desk.now < part.retry_stop_at:
        return
    sibling = part.limit if part.limit is not None and part.limit.is_alive else None
    spec = bracket.stop_spec(desk, trade, part, wanted, oca_group=_group(desk, trade, sibling))
    part.stop = desk.register(trade, spec, bracket.stop_role(trade), part.parent.rule, part.stop_name)
    desk.place(part.stop)


def _keep_target(desk: Desk, trade: Trade, part: Slice, wanted: int) -> None:
    limit = part.limit
    if limit is not None and limit.is_alive:
        _bring_target(desk, trade, part, limit, limit.filled + wanted)
        return
    price = slice_target(trade, part)
    if price is None or _stop_comes_first(part):
        return
    sibling = part.stop if part.stop is not None and part.stop.is_alive else None
    spec = bracket.target_spec(desk, trade, wanted, price, oca_group=_group(desk, trade, sibling))
    part.limit = desk.register(trade, spec, Role.TARGET, part.parent.rule, part.exit_name)
    desk.place(part.limit)


def _group(desk: Desk, trade: Trade, sibling: WorkingOrder | None) -> str:
    """The OCA group that ties a slice's stop and target: the one its other member is in, else a new one."""
    if sibling is not None and sibling.spec.oca_group is not None:
        return sibling.spec.oca_group
    trade.groups += 1
    return f"rulec/{desk.instance}/{trade.id}/{trade.groups}"


def stop_lost(desk: Desk, trade: Trade, part: Slice) -> None:
    """A stop was rejected or died while its shares are held: placed again at once, then every second."""
    part.stop_losses += 1
    if part.stop_losses > 1:
        part.retry_stop_at = desk.now + SECOND
        desk.timers.start(("settle", trade.id), part.retry_stop_at)


def watch_naked(desk: Desk, trade: Trade) -> None:
    """Runs the naked clock: shares times seconds without a confirmed stop, of a trade that asked for one."""
    naked = naked_shares(trade)
    if trade.naked_since is not None:
        trade.naked_share_seconds += trade.naked_shares * (desk.now - trade.naked_since) / SECOND
    if naked == 0:
        if trade.naked_since is not None:
            desk.timers.cancel(("naked", trade.id))
        trade.naked_since = None
        trade.naked_shares = 0
        return
    if trade.naked_since is None:
        desk.timers.start(("naked", trade.id), desk.now + desk.policy.naked_for)
        if not is_leaving(trade):
            desk.say("warning", trade.symbol, f"{naked} shares of {trade.symbol} are without a confirmed stop")
    trade.naked_since = desk.now
    trade.naked_shares = naked


def is_leaving(trade: Trade) -> bool:
    """Whether shares are being closed whose closing order is not out yet: their stops go first."""
    return trade.in_flight or any(partial.taken and partial.order is None for partial in trade.exits)


def naked_shares(trade: Trade) -> int:
    """Shares held that neither a confirmed stop covers nor a closing order that is on its way to the broker."""
    closing = trade.closing
    if closing is not None and closing.order is not None and closing.order.is_alive:
        return 0
    leaving: dict[int, int] = {}
    for partial in trade.exits:
        if partial.order is not None and partial.order.is_alive:
            for part, shares in partial.taken:
                leaving[id(part)] = leaving.get(id(part), 0) + shares
    naked = 0
    for part in trade.slices:
        held = part.held - leaving.get(id(part), 0)
        if held <= 0 or (slice_stop(trade, part) is None and not trade.terms.broker_trails):
            continue
        stop = part.stop
        # a stop that the broker holds for the day only counts as missing
        good = stop is not None and stop.is_protecting and stop.spec.time_in_force is TimeInForce.GTC
        covered = stop.remaining if stop is not None and good else 0
        naked += max(0, held - covered)
    return naked
