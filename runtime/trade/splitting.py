"""Gives some of a trade's shares a target or a stop of their own: an exit at a limit, an order that the user placed.

Such an order never leaves its bracket, so that the OCA group still holds it and its sibling together. Whole slices are
re-priced. Of a slice that is needed in part, the bracket first shrinks (`settle_exits`), then the shares are split off
as a slice of their own.
"""

from __future__ import annotations

from .desk import Desk
from .levels import farthest_first, slice_stop
from .pricing import is_tighter
from .state import CloseReason, Origin, PartialExit, Slice, Trade


def request_limit_exit(
    desk: Desk,
    trade: Trade,
    shares: int,
    limit: int,
    detail: str | None,
    origin: Origin,
    name: str | None = None,
) -> None:
    """Puts the targets of as many shares at a price: an exit at a limit never leaves its bracket.

    Whole slices are re-priced; of one that is needed in part, the shares are split off first.
    """
    for part in farthest_first(trade):
        if shares <= 0:
            return
        if part.to_protect <= shares:
            shares -= part.to_protect
            part.exit_at = limit
            part.exit_detail = detail
            part.exit_name = name
            part.target_given_up = False
            if part.limit is not None:
                part.limit.name = name
        else:
            split = PartialExit([], CloseReason.EXIT, detail, origin, wanted=shares, limit=limit, name=name)
            _begin_split(desk, trade, split)
            return


def request_own_stop(desk: Desk, trade: Trade, shares: int, stop: int, name: str | None, origin: Origin) -> int:
    """Gives as many shares a stop of their own, which is tighter than the one they have.

    Whole slices are re-priced; of one that is needed in part, or whose entry still works, the shares are split off
    first. Their target stays theirs.

    Returns:
        How many shares will have it: those whose stop stands as tight already are passed over.
    """
    given = 0
    for part in farthest_first(trade):
        if given == shares:
            break
        if part.to_protect == 0 or not would_tighten(trade, part, stop):
            continue
        if part.parent.is_alive or part.to_protect > shares - given:
            wanted = min(shares - given, part.to_protect)
            split = PartialExit([], CloseReason.STOP, None, origin, wanted=wanted, stop=stop, name=name)
            _begin_split(desk, trade, split)
            given += wanted
            continue
        given += part.to_protect
        part.stop_at = part.restart_trail_at = stop
        part.stop_name = name
        if part.stop is not None:
            part.stop.name = name
    return given


def would_tighten(trade: Trade, part: Slice, stop: int) -> bool:
    present = slice_stop(trade, part)
    return present is None or is_tighter(trade.sign, stop, present)


def _begin_split(desk: Desk, trade: Trade, split: PartialExit) -> None:
    trade.exits.append(split)
    if not desk.can_trade(trade.symbol):
        desk.timers.start_once(("open", trade.symbol), desk.hours.next_open(desk.now))


def split_off(trade: Trade, partial: PartialExit) -> None:
    """Makes a slice of its own of the shares whose target or stop is to stand elsewhere, once its bracket has shrunk.

    What the split does not change, the stop of an exit at a limit or the target of shares with their own stop, goes
    along.
    """
    for part, shares in partial.taken:
        moved = min(shares, max(0, part.held))
        part.reserved -= shares
        part.closed += moved
        if not moved:
            continue
        fresh = Slice(
            size=moved,
            parent=part.parent,
            adopted=moved,
            origin=part.origin,
            stop_at=part.stop_at,
            stop_name=part.stop_name,
        )
        if partial.limit is not None:
            fresh.exit_at, fresh.exit_detail, fresh.exit_name = partial.limit, partial.detail, partial.name
        else:
            fresh.target, fresh.target_given_up = part.target, part.target_given_up
            fresh.exit_at, fresh.exit_detail, fresh.exit_name = part.exit_at, part.exit_detail, part.exit_name
            fresh.stop_at, fresh.stop_name = partial.stop, partial.name
        trade.slices.append(fresh)
    trade.exits.remove(partial)
