"""The state machine: trades driven on the exchange in any order, against the invariants and the naive model.

Hypothesis picks the moves: markets by ticks, quotes and bars, entries of every kind, exits, moves of the stop, faults
(rejections, partial fills, fills after a confirmed cancel), disconnections, waits, closes and opens. After each move
the invariants hold and the naive model agrees; at the end the game is played once more and must print the same bytes.

The quick profile plays 100 games, the long one 2,000 and shrinks what it finds.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from rulec.dsl.plan import Limit
from rulec.runtime.broker.exchange import Commission, ExchangePolicy, FillMode, Slippage
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.tests.support.driver import NYSE
from rulec.tests.trade import games, palette
from rulec.tests.trade.play import SYMBOLS, Play

LONG = os.environ.get("RULEC_LONG", "") not in ("", "0")

# What the games must have seen, or they prove nothing.
KINDS = (
    "trades",
    "partial fills",
    "reversals",
    "scale-ins",
    "double-downs",
    "rejects",
    "late fills",
    "sessions",
    "against a limit",
    "ended by stop",
    "ended by target",
    "ended by trail",
    "ended by exit",
    "ended by time",
    "ended by reverse",
    "EVEN",
    "TARGET",
    "TURN",
    "CANCEL_TARGETS",
    "CANCEL_SCALES",
    "CANCEL_ORDERS",
    "STOP_BUY",
    "STOP_SELL",
)

symbols = st.sampled_from(SYMBOLS)
entries = st.sampled_from(palette.ENTRIES)
moves_of_any_size = st.sampled_from(games.SMALL + games.LARGE)
paths = st.lists(moves_of_any_size, min_size=1, max_size=6)
walks = st.lists(st.tuples(symbols, moves_of_any_size), min_size=1, max_size=6)
quantities = st.sampled_from(games.QUANTITIES)
waits = st.sampled_from(games.WAITS)


class LinkedOrders(RuleBasedStateMachine):
    """One game a run; a subclass keeps the count of what all its games have seen."""

    seen: ClassVar[Counter[str]] = Counter()

    play: Play | None = None

    @initialize(
        fill=st.sampled_from(list(FillMode)),
        slippage=st.sampled_from([Slippage(), Slippage(amount=10_000)]),
        commission=st.sampled_from([Commission(), Commission(5_000, 1_000_000)]),
        latency=st.sampled_from([0, 0, 0, 50_000, 700_000]),
        partial_fills=st.none() | st.integers(0, 1_000),
        cancel_window=st.sampled_from([0, 0, 300_000]),
        start=st.sampled_from(games.STARTS),
        limits=st.sampled_from([(), (), *games.LIMITS]),
    )
    def begin(
        self,
        fill: FillMode,
        slippage: Slippage,
        commission: Commission,
        latency: int,
        partial_fills: int | None,
        cancel_window: int,
        start: int,
        limits: tuple[Limit, ...],
    ) -> None:
        simulation = SimulationSettings(
            equity=1_000_000.0,
            fill=fill,
            slippage=slippage,
            commission=commission,
            latency=latency,
            partial_fills=partial_fills,
            policy=ExchangePolicy(cancel_window=cancel_window),
        )
        self.play = Play(simulation, start, limits)

    @property
    def game(self) -> Play:
        assert self.play is not None
        return self.play

    @rule(moves=walks)
    def trade_on(self, moves: list[tuple[str, float]]) -> None:
        for symbol, move in moves:
            self.game.tick(symbol, move, 0.001)

    @rule(symbol=symbols, kind=entries, moves=paths)
    def enter(self, symbol: str, kind: str, moves: list[float]) -> None:
        """The way that most trades go: in, filled, and off."""
        if not NYSE.is_open(self.game.now):
            self.game.to_the_open()
            self.game.tick(symbol, 0.0)
        self.game.signal(symbol, kind)
        for move in moves:
            self.game.tick(symbol, move, 0.001)

    @rule(symbol=symbols, kind=st.sampled_from(games.GROWING), winning=st.booleans())
    def grow(self, symbol: str, kind: str, winning: bool) -> None:
        """An entry that is added to: the market goes far enough its way, or against it."""
        self.enter(symbol, kind, [0.0])
        _, sign = palette.wish_of(kind)
        for move in (0.013, 0.0, 0.0) if winning else (-0.021, 0.0, 0.0):
            self.game.tick(symbol, sign * move)

    @rule(symbol=symbols, kind=entries, back=st.booleans())
    def ride(self, symbol: str, kind: str, back: bool) -> None:
        """The market goes its way: to the targets, or far enough for a trail and then back."""
        self.enter(symbol, kind, [0.0])
        _, sign = palette.wish_of(kind)
        for move in (0.012, 0.012, -0.031) if back else (0.02, 0.031, 0.06):
            self.game.tick(symbol, sign * move)

    @rule(symbol=symbols, kind=entries, done=st.lists(st.sampled_from(games.TENDING), min_size=1, max_size=3))
    def tend(self, symbol: str, kind: str, done: list[str]) -> None:
        """A trade that gains has its orders moved, placed and cancelled, and what is left goes on."""
        self.enter(symbol, kind, [0.0])
        _, sign = palette.wish_of(kind)
        self.game.tick(symbol, sign * 0.012)
        for other in done:
            guard = "STOP_SELL" if sign > 0 else "STOP_BUY"
            self.game.signal(symbol, guard if other == "GUARD" else other, 1 - sign * 0.004)
        self.game.tick(symbol, -sign * 0.006)

    @rule(symbol=symbols, kind=st.sampled_from(("TIMED_LONG", "TIMED_SHORT")))
    def outstay(self, symbol: str, kind: str) -> None:
        """A trade with a time to exit lasts as long."""
        self.enter(symbol, kind, [0.0])
        self.game.wait(25.0)
        self.game.tick(symbol, 0.0)

    @rule(symbol=symbols, kind=entries)
    def signal(self, symbol: str, kind: str) -> None:
        self.game.signal(symbol, kind)

    @rule(symbol=symbols, kind=st.sampled_from(games.MANAGING), factor=st.sampled_from(games.FACTORS))
    def manage(self, symbol: str, kind: str, factor: float) -> None:
        # nothing is entered any more after a halt, so it comes late in a game
        if kind != "HALT" or len(self.game.trades) > 6:
            self.game.signal(symbol, kind, factor)

    @rule(
        faults=st.lists(st.tuples(st.sampled_from(games.FAULTS), st.sampled_from(games.ROLES), quantities), min_size=1)
    )
    def go_wrong(self, faults: list[tuple[str, str | None, int]]) -> None:
        for event, role, quantity in faults[:3]:
            self.game.fault(event, role, quantity)

    @rule(what=st.sampled_from(("wait", "wait", "wait", "link", "near the close", "next session")), seconds=waits)
    def happen(self, what: str, seconds: float) -> None:
        if what == "wait":
            self.game.wait(seconds)
        elif what == "link":
            self.game.link()
        elif what == "near the close":
            self.game.to_the_close(-3)
        else:
            self.game.to_the_open()

    def teardown(self) -> None:
        if self.play is not None:
            self.play.end()
            self.seen.update(self.play.counts)


def play_games(examples: int, *, derandomize: bool, steps: int = 40) -> Counter[str]:
    """Lets the state machine play; answers what its games have seen."""

    class Counted(LinkedOrders):
        seen: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Counted.seen


def report(seen: Counter[str]) -> str:
    return "\n".join(f"{seen[kind]:8}  {kind}" for kind in KINDS)


def test_games_of_every_kind_keep_the_invariants_and_agree_with_the_naive_model() -> None:
    seen = play_games(100, derandomize=True)
    print(report(seen))
    assert [kind for kind in KINDS if not seen[kind]] == []


@pytest.mark.long
def test_two_thousand_games_keep_the_invariants_and_agree_with_the_naive_model() -> None:
    seen = play_games(2_000, derandomize=False)
    print(report(seen))
    assert [kind for kind in KINDS if not seen[kind]] == []


@pytest.mark.parametrize("name", games.SCRIPTS)
def test_a_scripted_game_keeps_the_invariants_and_agrees_with_the_naive_model(name: str) -> None:
    assert games.scripted_game(name)["trades"] >= 2


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_seeded_games_keep_the_invariants_and_agree_with_the_naive_model(first: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(first, first + 40):
        seen.update(games.random_game(seed).counts)
    assert seen["trades"] > 20
