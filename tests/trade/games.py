"""Games drawn from a seed: the same moves as the state machine's, without its shrinking, to be played many at a time."""

from __future__ import annotations

import random

from rulec.runtime.broker.exchange import Commission, ExchangePolicy, FillMode, Slippage
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.tests.trade import palette
from rulec.tests.trade.play import MINUTE, MONDAY_OPEN, SYMBOLS, Play

SMALL = (0.0, 0.0001, -0.0001, 0.003, -0.003, 0.006, -0.006)
LARGE = (0.012, -0.012, 0.031, -0.031, 0.06, -0.06)
FACTORS = (1.0, 1.0, 1.002, 0.998, 1.01, 0.99)
WAITS = (1.0, 3.0, 11.0, 25.0, 61.0)
FAULTS = ("reject_next", "partial_next", "late_fill")
ROLES = (None, "main", "stop", "target", "exit", "scale", "doubledown", "trail")
QUANTITIES = (1, 20, 40)
STARTS = (MONDAY_OPEN, MONDAY_OPEN + MINUTE, MONDAY_OPEN + 380 * MINUTE)


def random_game(seed: int, moves: int = 40) -> Play:
    """Plays a whole game.

    Raises:
        InvariantBroken, ModelDisagrees: the engine, or a checker, is wrong.
    """
    draw = random.Random(seed)
    settings = SimulationSettings(
        equity=1_000_000.0,
        fill=draw.choice(list(FillMode)),
        slippage=draw.choice([Slippage(), Slippage(amount=10_000)]),
        commission=draw.choice([Commission(), Commission(5_000, 1_000_000)]),
        latency=draw.choice([0, 0, 0, 50_000, 700_000]),
        partial_fills=draw.choice([None, None, draw.randrange(1000)]),
        policy=ExchangePolicy(cancel_window=draw.choice([0, 0, 300_000])),
    )
    play = Play(settings, draw.choice(STARTS))
    for _ in range(moves):
        one_move(play, draw)
    play.end()
    return play


def one_move(play: Play, draw: random.Random) -> None:
    symbol = draw.choice(SYMBOLS)
    chance = draw.random()
    if chance < 0.55:
        play.tick(symbol, draw.choice(SMALL + LARGE), draw.choice((0.0, 0.001, 0.01)))
    elif chance < 0.75:
        play.signal(symbol, draw.choice(palette.ENTRIES))
    elif chance < 0.86:
        kind = draw.choice(list(palette.OTHERS))
        if kind != "HALT" or draw.random() < 0.1:
            play.signal(symbol, kind, draw.choice(FACTORS))
    elif chance < 0.92:
        play.fault(draw.choice(FAULTS), draw.choice(ROLES), draw.choice(QUANTITIES))
    elif chance < 0.94:
        play.link()
    elif chance < 0.98:
        play.wait(draw.choice(WAITS))
    elif draw.random() < 0.5:
        play.to_the_close(draw.choice((-3, 1)))
    else:
        play.to_the_open()
