"""Evaluates what a rule wrote, distances, sizes and prices, to numbers, or says what is missing.

An expression that is unknown (an ATR that is not warm yet) is no number and no guess: the action is skipped, with the
expression named in the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ...dsl.plan import Distance, DistanceUnit, Expression, Indicator, Number, Product, Protection, Size, SizeUnit
from .pricing import offset
from .state import TargetTerm, Term, Terms, TermUnit, TrailTerm

_UNITS = {
    DistanceUnit.PERCENT: TermUnit.FRACTION,
    DistanceUnit.AMOUNT: TermUnit.AMOUNT,
    DistanceUnit.PRICE: TermUnit.PRICE,
    DistanceUnit.R: TermUnit.R,
}

Evaluated = Callable[[Expression], float]


class Missing(Exception):
    """Something that an action needs is unknown. Raised and caught within one action's evaluation."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def distance(written: Distance, number: Evaluated) -> Term:
    return Term(_UNITS[written.unit], number(written.value))


def atr_multiple(written: Distance | None) -> float | None:
    """6 of a distance written `6 atr`; None for every other distance."""
    if written is None or not isinstance(written.value, Product):
        return None
    match written.value.factors:
        case (("*", Number(value=multiple)), ("*", Indicator(name="atr"))):
            return multiple
        case _:
            return None


def protection(written: Protection, number: Evaluated) -> Terms:
    """A rule's protection with every expression evaluated.

    Raises:
        Missing: a value is unknown.
    """
    trail = None
    if written.trail is not None:
        after = written.trail.after
        trail = TrailTerm(distance(written.trail.distance, number), None if after is None else distance(after, number))
    return Terms(
        stop=None if written.stop is None else distance(written.stop, number),
        targets=tuple(
            TargetTerm(distance(target.distance, number), None if target.fraction is None else number(target.fraction))
            for target in written.targets
        ),
        trail=trail,
        breakeven_after=None if written.breakeven_after is None else distance(written.breakeven_after, number),
        exit_after=None if written.exit_after is None else round(number(written.exit_after) * 1_000_000),
    )


def initial_risk(terms: Terms, reference: float) -> float | None:
    """The distance in currency from the entry to its first stop; None where there is no stop."""
    first = terms.stop
    if first is None and terms.broker_trails and terms.trail is not None:
        first = terms.trail.distance
    if first is None:
        return None
    if first.unit is TermUnit.PRICE:
        return abs(reference - first.value)
    return offset(first, reference, None)


def reached() -> Term:
    """The `after` of a trail that is active from the start."""
    return Term(TermUnit.AMOUNT, 0.0)


def fixed(terms: Terms, risk: float | None) -> Terms:
    """The same terms with distances in R turned into currency: they are fixed at the decision."""
    if not terms.targets and terms.trail is None and terms.breakeven_after is None:
        return terms  # a stop is what R is measured by

    def fix(term: Term) -> Term:
        if term.unit is TermUnit.R and risk is not None:
            return Term(TermUnit.AMOUNT, term.value * risk)
        return term

    def fix_optional(term: Term | None) -> Term | None:
        return None if term is None else fix(term)

    trail = terms.trail
    return Terms(
        stop=terms.stop,
        targets=tuple(TargetTerm(fix(target.distance), target.fraction) for target in terms.targets),
        trail=None if trail is None else TrailTerm(fix(trail.distance), fix_optional(trail.after)),
        breakeven_after=fix_optional(terms.breakeven_after),
        exit_after=terms.exit_after,
    )


def shares(
    size: Size,
    number: Evaluated,
    *,
    price: float,
    risk: float | None,
    equity: Callable[[], float | None],
    position: int = 0,
) -> int:
    """Whole shares of a size at a price; floored, so that an allocation is never exceeded. May be 0.

    `equity` (currency) is asked only where the size is of it.

    Raises:
        Missing: the value, the equity or the risk a share is unknown.
    """
    value = number(size.value)
    match size.unit:
        case SizeUnit.SHARES:
            exact = value
        case SizeUnit.ALLOCATION:
            exact = value / price
        case SizeUnit.EQUITY:
            exact = value * _known(equity(), "equity") / price
        case SizeUnit.RISK_EQUITY:
            exact = value * _known(equity(), "equity") / _known(risk, "risk per share")
        case SizeUnit.RISK_MONEY:
            exact = value / _known(risk, "risk per share")
        case SizeUnit.POSITION:
            exact = value * position
    if not math.isfinite(exact):
        raise Missing("size")
    # 30000 / 150 may come out a hair below 200
    return math.floor(exact + 1e-9)


def _known(value: float | None, what: str) -> float:
    if value is None or value == 0:
        raise Missing(what)
    return value


def split(quantity: int, targets: tuple[TargetTerm, ...]) -> list[tuple[int, int | None]]:
    """The slices of an entry: (shares, index of its target or None for shares that no target covers).

    Fractions are of the shares entered, floored; where they sum to 100% the last target takes the remainder. A slice of
    no shares is left out.
    """
    if not targets:
        return [(quantity, None)]
    fractions = [1.0 if target.fraction is None else target.fraction for target in targets]
    sizes = [min(quantity, math.floor(quantity * fraction + 1e-9)) for fraction in fractions]
    if abs(sum(fractions) - 1.0) <= 1e-9:
        sizes[-1] = quantity - sum(sizes[:-1])
    slices: list[tuple[int, int | None]] = []
    left = quantity
    for index, size in enumerate(sizes):
        taken = min(size, left)
        if taken > 0:
            slices.append((taken, index))
            left -= taken
    if left > 0:
        slices.append((left, None))
    return slices
