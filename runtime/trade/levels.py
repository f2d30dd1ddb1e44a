"""Where a trade's stop and targets stand: from its terms, its average entry and what the market has done since."""

from __future__ import annotations

from .pricing import is_tighter, legal_stop, legal_target, level, tighter
from .state import Slice, Term, TermUnit, Trade


def first_stop(trade: Trade, base: float) -> int | None:
    """The stop in micros at its distance from a price; None where the trade starts without one.

    With a trail beside the stop, the tighter of both.
    """
    fixed, trailing = _fixed_and_trailing(trade, base)
    if fixed is None or trailing is None:
        return trailing if fixed is None else fixed
    return tighter(trade.sign, fixed, trailing)


def trail_comes_first(trade: Trade, base: float) -> bool:
    """Whether it is the trail, not the stop beside it, that sets the first stop."""
    fixed, trailing = _fixed_and_trailing(trade, base)
    return trailing is not None and (fixed is None or is_tighter(trade.sign, trailing, fixed))


def _fixed_and_trailing(trade: Trade, base: float) -> tuple[int | None, int | None]:
    terms = trade.terms
    fixed = trailing = None
    if terms.stop is not None:
        fixed = level(terms.stop, base, -trade.sign, trade.initial_risk)
    if terms.trail is not None and terms.trail.after is None:
        trailing = level(terms.trail.distance, base, -trade.sign, trade.initial_risk)
    return (
        None if fixed is None else legal_stop(fixed, trade.sign),
        None if trailing is None else legal_stop(trailing, trade.sign),
    )


def target_price(trade: Trade, index: int, base: float) -> int | None:
    """A target in micros at its distance from a price."""
    price = level(trade.terms.targets[index].distance, base, trade.sign, trade.initial_risk)
    return None if price is None else legal_target(price, trade.sign)


def base_price(trade: Trade) -> float:
    """What targets are measured from: the average entry at the last anchoring, the reference until something fills."""
    return trade.reference if trade.anchored is None else trade.anchored


def slice_target(trade: Trade, part: Slice) -> int | None:
    """The price in micros at which a slice's target is to stand; None for a slice without one."""
    if part.exit_at is not None:
        return part.exit_at
    if part.target is None or part.target_given_up:
        return None
    return target_price(trade, part.target, base_price(trade))


def slice_stop(trade: Trade, part: Slice) -> int | None:
    """Where a slice's stop is to stand, in micros: the trade's, or a tighter one of its own; None without either."""
    if trade.stop_price is None or part.stop_at is None:
        return part.stop_at if trade.stop_price is None else trade.stop_price
    return tighter(trade.sign, trade.stop_price, part.stop_at)


def tightest_stop(trade: Trade) -> int | None:
    """The stop that would be met first, in micros: what `position.stop_price` means."""
    found = [price for part in trade.slices if part.held > 0 and (price := slice_stop(trade, part)) is not None]
    if not found:
        return trade.stop_price
    return max(found) if trade.sign > 0 else min(found)


def nearest_target(trade: Trade) -> Slice | None:
    """The slice with the nearest unfilled target: what `move target` and `position.target_price` mean."""
    found: Slice | None = None
    nearest = 0
    for part in trade.slices:
        price = slice_target(trade, part)
        if price is None or (part.to_protect == 0 and not part.parent.is_alive):
            continue
        if found is None or price * trade.sign < nearest:
            found, nearest = part, price * trade.sign
    return found


def farthest_first(trade: Trade) -> list[Slice]:
    """Slices in the order in which a partial exit takes from them: without target, then the farthest target inward."""

    def distance(part: Slice) -> float:
        price = slice_target(trade, part)
        return float("inf") if price is None else (price * trade.sign)

    return sorted(trade.slices, key=distance, reverse=True)


def nearest_open_target(trade: Trade) -> int | None:
    """The index of the nearest unfilled target: where an added slice belongs."""
    found: list[tuple[int, int]] = []
    for part in trade.slices:
        price = slice_target(trade, part)
        if price is not None and part.target is not None and part.target not in trade.filled_targets:
            found.append((price * trade.sign, part.target))
    return min(found)[1] if found else None


def is_exact(term: Term | None) -> bool:
    """Whether a price was stated with `at P`: such a price never re-anchors."""
    return term is not None and term.unit is TermUnit.PRICE
