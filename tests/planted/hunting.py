"""Looks for a planted bug: one in the engine or the exchange with games from fixed seeds, one in the checker with its
own cases."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import attrs

from rulec.tests.planted.bugs import Bug
from rulec.tests.support.invariants import InvariantBroken
from rulec.tests.trade.breaches import CASES, is_right
from rulec.tests.trade.games import SCRIPTS, random_game, scripted_game
from rulec.tests.trade.play import ModelDisagrees

SEEDS = range(120)


@attrs.frozen
class Catch:
    """By what a bug was caught, and what was said; `by` is None where it went free."""

    by: str | None
    said: str
    seconds: float


def hunt(bug: Bug) -> Catch:
    """Plants a bug and looks for it. A crash is no catch: it is raised."""
    started = time.perf_counter()
    with bug.plant():
        by, said = _by_cases() if bug.in_checker else _by_games()
    return Catch(by, said, time.perf_counter() - started)


def _by_cases() -> tuple[str | None, str]:
    for case in CASES:
        if not is_right(case):
            return f"case: {case.name}", "the checker's verdict is wrong"
    return None, ""


def _by_games() -> tuple[str | None, str]:
    games: dict[str, Callable[[], object]] = {name: partial(scripted_game, name) for name in SCRIPTS}
    games.update({f"game {seed}": partial(random_game, seed) for seed in SEEDS})
    for name, play in games.items():
        try:
            play()
        except (InvariantBroken, ModelDisagrees) as caught:
            checker = "invariant" if isinstance(caught, InvariantBroken) else "naive model"
            return f"{name}: {checker}", str(caught)
    return None, ""
