"""Where a trade's stop and targets stand: from its terms, its average entry and what the market has done since."""

from __future__ import annotations

from ..numbers import TickBand
from .pricing import is_tighter, legal_stop, legal_target, level, tighter
from .state import Slice, Term, Terms, TermUnit, Trade


def first_stop(trade: Trade, base: float) -> int | None:
    """The stop in micros at its distance from a price; None where the trade starts without one.

    With a trail beside the stop, the tighter of both.
    """
    return stop_of(trade.terms, trade.sign, trade.steps, base, trade.initial_risk)[0]


def trail_comes_first(trade: Trade, base: float) -> bool:
    """Whether it is the trail, not the stop beside it, that sets the first stop."""
    return stop_of(trade.terms, trade.sign, trade.steps, base, trade.initial_risk)[1]


def stop_of(
    terms: Terms, sign: int, steps: tuple[TickBand, ...], base: float, risk: float | None
) -> tuple[int | None, bool]:
    """The first stop in micros, None without one, and whether it is the trail, not the stop beside it, that sets it."""
    fixed = trailing = None
    if terms.stop is not None:
        fixed = level(terms.stop, base, -sign, risk)
    if terms.trail is not None and terms.trail.after is None:
        trailing = level(terms.trail.distance, base, -sign, risk)
    stop = None if fixed is None else legal_stop(fixed, sign, steps)
    if trailing is None:
        return stop, False
    trail = legal_stop(trailing, sign, steps)
    if stop is None:
        return trail, True
    return tighter(sign, stop, trail), is_tighter(sign, trail, stop)


def target_price(trade: Trade, index: int, base: float) -> int | None:
    """A target in micros at its distance from a price."""
    return target_of(trade.terms, index, trade.sign, trade.steps, base, trade.initial_risk)


def target_of(
    terms: Terms, index: int, sign: int, steps: tuple[TickBand, ...], base: float, risk: float | None
) -> int | None:
    """A target in micros at its distance from a price; None where that is in R and R is unknown."""
    price = level(terms.targets[index].distance, base, sign, risk)
    return None if price is None else legal_target(price, sign, steps)


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
