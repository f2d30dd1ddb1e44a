"""Games to be played many at a time: some by a script, the rest with moves drawn from a seed."""

from __future__ import annotations

import random
from collections import Counter

from rulec.dsl.plan import Limit, LimitKind, Period
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
OVERNIGHT = "overnight"
# Each game may have one of these; they bind an account of a million now and then.
LIMITS: tuple[tuple[Limit, ...], ...] = (
    (Limit(LimitKind.POSITION, 0.02, of_equity=True), Limit(LimitKind.ORDER, 15_500.0)),
    (Limit(LimitKind.EXPOSURE, 33_000.0), Limit(LimitKind.NO_SHORTING)),
    (Limit(LimitKind.POSITIONS, 2.0), Limit(LimitKind.ORDERS, 4.0, period=Period.MINUTE)),
    (Limit(LimitKind.SECTOR, 0.025, of_equity=True), Limit(LimitKind.DAILY_LOSS, 300.0)),
)
# The entries that scale in or double down.
GROWING = tuple(kind for kind in palette.ENTRIES if palette.wish_of(kind)[0].scale or palette.wish_of(kind)[0].double)
# What is done with a trade that is there; the exits come often enough to end some.
MANAGING = (*sorted(palette.OTHERS), *("EXIT", "EXIT_ALL") * 3)
# What is done to the orders of a trade; a guard is a stop on its closing side.
TENDING = ("EVEN", "TARGET", "TURN", "CANCEL_TARGETS", "CANCEL_SCALES", "CANCEL_ORDERS", "GUARD", "GUARD")
STARTS = (MONDAY_OPEN, MONDAY_OPEN + MINUTE, MONDAY_OPEN + 380 * MINUTE)


PARTLY = ("partial_next", "main", 40)

# What a game must come to at least once, move by move: a signal's kind, how far the market moves, or a fault.
# (a kind and a factor: the signal's price is so many times the last.)
SCRIPTS: dict[str, tuple[str | float | tuple[str, float] | tuple[str, str, int], ...]] = {
    "stopped out": ("PLAIN_LONG", 0.0, -0.012, -0.031),
    "the target is met": ("PLAIN_SHORT", 0.0, -0.031, -0.06),
    "two targets, then the stop": ("TWO_LONG", 0.0, 0.05, -0.06, -0.06),
    "half a target leaves the rest protected": ("HALF_LONG", 0.0, 0.031, 0.0, -0.06),
    "a trail beside a stop": ("TRAIL_BESIDE_LONG", 0.0, 0.012, 0.012, -0.006, -0.031),
    "a trail of the broker's": ("TRAILING_SHORT", 0.0, -0.012, -0.012, 0.006, 0.031),
    "breakeven": ("BREAKEVEN_SHORT", 0.0, -0.012, 0.006, 0.012),
    "scaled in twice": ("SCALE_LONG", 0.0, 0.012, 0.0, 0.012, 0.0, -0.06),
    "doubled down, then stopped": ("DOUBLE_LONG", 0.0, -0.025, 0.0, -0.031),
    "doubled down, then the target": ("DOUBLE_SHORT", 0.0, 0.025, 0.0, -0.06, -0.06),
    "both ways to add": ("BOTH_LONG", 0.0, 0.012, 0.0, -0.031, 0.0, 0.06),
    "the same side again": ("PLAIN_LONG", 0.0, "TWO_LONG", 0.0, "EXIT", 0.0),
    "reversed twice": ("PLAIN_LONG", 0.0, "TWO_SHORT", 0.0, 0.0, "HALF_LONG", 0.0, 0.0),
    "out in parts": ("TWO_LONG", 0.0, "EXIT_30", 0.0, "EXIT_HALF", 0.0, "EXIT", 0.0),
    "out at a limit": ("PLAIN_SHORT", 0.0, "EXIT_40_AT_LIMIT", 0.0, "EXIT_AT_LIMIT", 0.0, -0.012),
    "a breakout": ("BREAKOUT_LONG", 0.006, 0.0, 0.031),
    "a limit that is reached": ("LIMIT_SHORT", 0.006, 0.0, -0.031),
    "an entry filled in part meets its target": (PARTLY, "LIMIT_LONG", -0.006, 0.031, 0.0),
    "an entry filled in part meets its stop": (PARTLY, "LIMIT_SHORT", 0.006, -0.003, 0.06, 0.0),
    "a stop that is rejected comes back": (("reject_next", "stop", 0), "PLAIN_LONG", 0.0, -0.006, -0.031),
    "a close that is rejected": (("reject_next", "exit", 0), "PLAIN_SHORT", 0.0, "EXIT", 0.0, "EXIT", 0.0),
    "a target that fills after its cancel": (("late_fill", "target", 40), "PLAIN_LONG", 0.0, "EXIT", 0.0, 0.0, 0.0),
    "a double-down is placed again the next day": ("DOUBLE_LONG", 0.0, OVERNIGHT, 0.0, 0.0, -0.025, 0.0, 0.06),
    "turned twice": ("TWO_LONG", 0.0, "TURN", 0.0, 0.0, "EXIT_30", 0.0, "TURN", 0.0, 0.0),
    "even, with its targets given up": ("TWO_SHORT", 0.0, -0.012, "EVEN", 0.0, "CANCEL_TARGETS", -0.06, -0.06, 0.15),
    "a target that is moved": ("TWO_LONG", 0.0, 0.012, "TARGET", 0.0, 0.0, "TARGET", 0.0),
    "a guard below some of the shares": ("TWO_LONG", 0.012, 0.012, -0.003, ("STOP_SELL", 0.99), 0.0, -0.02, -0.06),
    "a guard above some of the shares": ("TWO_SHORT", -0.012, -0.012, 0.003, ("STOP_BUY", 1.01), 0.0, 0.02, 0.06),
    "all but the stop is cancelled": ("BOTH_LONG", 0.0, "PLACE_BUY", "CANCEL_ORDERS", 0.0, 0.06, -0.06, -0.06),
    "scales are cancelled": ("DOUBLE_SHORT", 0.0, "CANCEL_SCALES", 0.0, 0.025, 0.0, 0.06),
    "an entry that is over at the close": ("LIMIT_LONG", 0.0, OVERNIGHT, 0.0, "PLAIN_SHORT", 0.0, 0.0),
}


def scripted_game(name: str) -> Counter[str]:
    """Plays one script on every feed, ticks, quotes and bars, filled at the next price and at the standing one."""
    counts: Counter[str] = Counter()
    for fill in FillMode:
        counts.update(_by_script(name, fill).counts)
    return counts


def _by_script(name: str, fill: FillMode) -> Play:
    play = Play(SimulationSettings(equity=1_000_000.0, fill=fill))
    for symbol in SYMBOLS:
        for move in SCRIPTS[name]:
            if move == OVERNIGHT:
                play.to_the_open()
                for other in SYMBOLS:
                    play.tick(other, 0.0)
            elif isinstance(move, str):
                play.signal(symbol, move)
            elif isinstance(move, tuple):
                if len(move) == 2:
                    play.signal(symbol, *move)
                else:
                    play.fault(*move)
            else:
                play.tick(symbol, move)
        play.signal(symbol, "EXIT")
        for _ in range(3):
            play.tick(symbol, 0.0)
    play.end()
    return play


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
    play = Play(settings, draw.choice(STARTS), draw.choice([(), (), *LIMITS]))
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
        kind = draw.choice(MANAGING)
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
