"""Looks for values with which conditions are true, false, or not true. Where there are none, that is a proof.

What is asked is a list of goals, a condition and what it shall be. `and`, `or` and `not` are taken apart by the laws of
three-valued logic until only comparisons are left; each of these narrows what one part can be. A part is taken as a
whole: of `atr(14) * 2` nothing need be known to see that it is not below 1 and above 2 at once. What is left over is
checked for what lies between parts: `close > high` and `a < b and b < a` have no values either.

Nothing is concluded from a search that found values, for they may never occur together. A search that takes too long
gives up, and nothing is concluded then.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from . import plan
from .orderings import has_order
from .possible_values import FLAGS, Situation, at_first, bounds, value_of
from .ranges import MIRRORED, NOTHING, OPPOSITES, SIGNS, Choice, Numbers, Possible, beside, one_of

PATIENCE = 2_000
"""Conditions to take apart before a search gives up."""
_MOST_CHOICES = 60
"""Choices that may be open at once."""


class Wanted(enum.Enum):
    """What a condition shall be; what is not true may be false or unknown."""

    TRUE = "true"
    FALSE = "false"
    NOT_TRUE = "not true"
    NOT_FALSE = "not false"


class Comparison(NamedTuple):
    """One operator of a chain."""

    operator: str
    left: plan.Expression
    right: plan.Expression


class Pair(NamedTuple):
    """How one part lies to another: -1 below, 0 equal, 1 above."""

    left: plan.Expression
    right: plan.Expression


Goal: TypeAlias = tuple[plan.Expression | Comparison, Wanted]
Box: TypeAlias = Mapping[Hashable, Possible]
"""What each part can be; a `Pair` stands for how its two lie to each other."""

_REVERSED = {
    Wanted.TRUE: Wanted.FALSE,
    Wanted.FALSE: Wanted.TRUE,
    Wanted.NOT_TRUE: Wanted.NOT_FALSE,
    Wanted.NOT_FALSE: Wanted.NOT_TRUE,
}
_POSITIVE = (Wanted.TRUE, Wanted.NOT_FALSE)
_KNOWN = (Wanted.TRUE, Wanted.FALSE)
_SIGN = one_of((-1, 0, 1))


class GivenUp(Exception):
    """The search took too long."""


class _Patience:
    """How much may still be looked at."""

    def __init__(self, conditions: int) -> None:
        self._left = conditions

    def take(self, choices: int, more: int = 0) -> None:
        """One more, and some; raises where that is too much, or where too many `choices` are open."""
        self._left -= 1 + more
        if self._left < 0 or choices > _MOST_CHOICES:
            raise GivenUp


class _Way(NamedTuple):
    goals: tuple[Goal, ...]
    choices: tuple[tuple[Goal, ...], ...]
    box: dict[Hashable, Possible]


def boxes(goals: Sequence[Goal], situation: Situation, said: Box, patience: int = PATIENCE) -> Iterator[Box]:
    """What the parts can be where all goals are met, a box for each way; `said` is known before.

    Raises:
        GivenUp: more than `patience` conditions had to be taken apart, or too many choices were open.
    """
    left = _Patience(patience)
    ways = [_Way(tuple(goals), (), dict(said))]
    while ways:
        way = ways.pop()
        box = dict(way.box)
        choices = _narrow(list(way.goals), list(way.choices), box, situation, left)
        if choices is None:
            continue
        if choices:
            first, *rest = sorted(choices, key=len)
            ways += [_Way((goal,), tuple(rest), box) for goal in reversed(first)]
        elif _fits_together(box, situation.trigger):
            yield box


def impossible(goals: Sequence[Goal], situation: Situation, said: Box, patience: int = PATIENCE) -> bool:
    """Whether it is proven that nothing meets all goals."""
    try:
        return next(boxes(goals, situation, said, patience), None) is None
    except GivenUp:
        return False


# ---- taking conditions apart ---------------------------------------------------------------------------------------


def _narrow(
    goals: list[Goal],
    choices: list[tuple[Goal, ...]],
    box: dict[Hashable, Possible],
    situation: Situation,
    left: _Patience,
) -> list[tuple[Goal, ...]] | None:
    """Narrows the box by all goals that leave no choice; the choices that are left, None where nothing is possible."""
    while goals:
        left.take(len(choices))
        node, wanted = goals.pop()
        if isinstance(node, Comparison):
            if not _compare(node, wanted, box, situation):
                return None
            continue
        items: list[Goal]
        match node:
            case plan.And() | plan.Or():
                items = [(item, wanted) for item in node.items]
                every = isinstance(node, plan.And) is (wanted in _POSITIVE)
            case plan.Not():
                items, every = [(node.item, _REVERSED[wanted])], True
            case plan.Compare():
                pairs = zip(node.operators, node.operands, node.operands[1:], strict=False)
                items, every = [(Comparison(*pair), wanted) for pair in pairs], wanted in _POSITIVE
            case plan.Member():
                wanted = _REVERSED[wanted] if node.negated else wanted
                if _is_list(node, wanted, box, situation):
                    if _is_impossible(node.item, box):
                        return None
                    continue
                items = [(Comparison("==", node.item, member), wanted) for member in node.members]
                every = wanted not in _POSITIVE
            case plan.Within():
                wanted = _REVERSED[wanted] if node.negated else wanted
                below = Comparison("<" if node.open_end else "<=", node.item, node.high)
                items = [(Comparison("<=", node.low, node.item), wanted), (below, wanted)]
                every = wanted in _POSITIVE
            case _:
                items, every = [(Comparison("==", node, plan.Truth(True)), wanted)], True
        left.take(0, len(items) // 8)
        if every or len(items) == 1:
            goals += items
        else:
            choices.append(tuple(items))
    return choices


def _is_list(node: plan.Member, wanted: Wanted, box: dict[Hashable, Possible], situation: Situation) -> bool:
    """Narrows the item of `in [AAPL, MSFT]` at once, where every member is a word: a list of many is no choice."""
    values = [value_of(member) for member in node.members]
    if not all(isinstance(value, str) for value in values) or value_of(node.item) is not None:
        return False
    choice = Choice(frozenset(values), others=wanted not in _POSITIVE)
    _meet(node.item, Possible(choice, wanted in _KNOWN), box, situation)
    return True


def _is_impossible(node: plan.Expression, box: Box) -> bool:
    return box[node].is_empty


def _compare(one: Comparison, wanted: Wanted, box: dict[Hashable, Possible], situation: Situation) -> bool:
    """Narrows the box by a comparison; False where nothing is left."""
    known = wanted in _KNOWN
    left, right = value_of(one.left), value_of(one.right)
    operator = one.operator if wanted in _POSITIVE else OPPOSITES[one.operator]
    if left is not None and right is not None:
        return _outcome(operator, left, right, known)
    part: Hashable
    if left is None and right is None:
        if one.left == one.right:
            return 0 in SIGNS[operator] or not known
        pair, mirrored = Pair(one.left, one.right), Pair(one.right, one.left)
        if mirrored in box:
            pair, operator = mirrored, MIRRORED[operator]
        part, values = pair, _with_sign(operator)
    else:
        literal = right if right is not None else left
        part, operator = (one.left, operator) if right is not None else (one.right, MIRRORED[operator])
        values = held_against(operator, literal)
    _meet(part, Possible(values, known), box, situation)
    return not box[part].is_empty


def _with_sign(operator: str) -> Numbers | Choice:
    return one_of(SIGNS[operator])


def held_against(operator: str, literal: float | str | bool | None) -> Numbers | Choice:
    """The values x for which `x operator literal` holds."""
    if isinstance(literal, float):
        return beside(operator, literal)
    if operator not in ("==", "!="):
        return NOTHING  # words and flags have no order
    if isinstance(literal, bool):
        return one_of((literal if operator == "==" else not literal,))
    return Choice(frozenset((literal,)), others=operator == "!=")


def _outcome(operator: str, left: float | str | bool, right: float | str | bool, known: bool) -> bool:
    """Whether a comparison of two literals comes out as it shall; between different sorts it is unknown."""
    if isinstance(left, float) and isinstance(right, float):
        return (left > right) - (left < right) in SIGNS[operator]
    if type(left) is not type(right) or operator not in ("==", "!="):
        return not known
    return (left == right) is (operator == "==")


def _meet(part: Hashable, narrower: Possible, box: dict[Hashable, Possible], situation: Situation) -> None:
    box[part] = narrowed(part, narrower, box.get(part), situation)


def narrowed(part: Hashable, narrower: Possible, before: Possible | None, situation: Situation) -> Possible:
    """What a part can be where it must fit `narrower`, too; `before` is what was said of it, None where nothing was."""
    if before is None:
        before = Possible(_SIGN) if isinstance(part, Pair) else at_first(part, situation.trigger)
        if before.values == FLAGS and isinstance(narrower.values, Numbers):
            before = Possible(NOTHING)
    return before.meet(narrower)


# ---- what lies between parts ---------------------------------------------------------------------------------------

_CALCULATED = (plan.Sum, plan.Product, plan.Negate, plan.Call, plan.TableLookup)


def _fits_together(box: Box, trigger: plan.Trigger) -> bool:
    """Whether nothing between the parts rules the box out."""
    pairs: list[tuple[Pair, Choice]] = []
    for part, possible in box.items():
        if not possible.known:
            continue
        if isinstance(part, Pair):
            signs = possible.values
            assert isinstance(signs, Choice)
            pairs.append((part, signs))
        elif isinstance(part, _CALCULATED) and isinstance(possible.values, Numbers):
            hull = bounds(part, box, trigger)
            if possible.values.meet(Numbers((hull,))).is_empty:
                return False
    return all(_can_lie(pair, signs, box, trigger) for pair, signs in pairs) and has_order(
        [(pair.left, pair.right, signs.values) for pair, signs in pairs], box, trigger
    )


def _can_lie(pair: Pair, signs: Choice, box: Box, trigger: plan.Trigger) -> bool:
    """Whether two words of which each is one of a few can be equal, where they must be."""
    if signs.values != {0}:
        return True
    left, right = (box.get(side) or at_first(side, trigger) for side in pair)
    if isinstance(left.values, Choice) and isinstance(right.values, Choice):
        return not left.values.meet(right.values).is_empty
    return True
