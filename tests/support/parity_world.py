"""A market of quotes, signals and rules that trade it densely: partial fills, reversals, double-downs, two targets.

The same files drive `rulec run` on the simulator in its own process and on the gateway behind a socket.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import attrs

RULES = """\
language 1

rule long on signal BUY
  -> enter long 100 stop 0.8% target 0.5% for 50% target 1% for 50%
  -> double down 60 at 50% to stop
rule short on signal SELL
  -> enter short 80 stop $0.60 away target $0.40 away for 40% target $0.90 away for 60%
rule out on signal OUT -> exit
rule add on signal ADD where position.quantity > 0 -> scale in 30 at profit 0.1% at most 1
rule bank on position updated where position.profit > 0.7% -> move stop to breakeven
"""

SYMBOLS = ("AAPL", "IBM", "SPY")
_START = 15 * 3600  # 10:00 in New York
_DAYS = ("2026-01-05", "2026-01-06", "2026-01-07")


@attrs.frozen
class World:
    """The files of a market, its signals and its rules."""

    market: Path
    signals: Path
    rules: Path


def write_world(folder: Path, seed: int, *, seconds: int = 9_000, every: int = 2, signals: float = 0.12) -> World:
    """Writes a market of some hours on each of three days: quotes every few seconds, signals now and then."""
    chance = random.Random(seed)
    market: list[str] = []
    told: list[str] = []
    middles = dict(zip(SYMBOLS, (150.0, 260.0, 480.0), strict=True))
    for day in _DAYS:
        for second in range(0, seconds, every):
            time = _time(day, second)
            for symbol in SYMBOLS:
                middles[symbol] = max(20.0, middles[symbol] * (1 + chance.gauss(0.0, 0.0006)))
                half = 0.01 * chance.randint(1, 3)
                bid, ask = round(middles[symbol] - half, 2), round(middles[symbol] + half, 2)
                market.append(json.dumps({"type": "quote", "time": time, "symbol": symbol, "bid": bid, "ask": ask}))
            if second > 10 * every and chance.random() < signals * every / 4:
                kind = chance.choices(("BUY", "SELL", "OUT", "ADD"), (5, 5, 1, 3))[0]
                symbol = chance.choice(SYMBOLS)
                # between two quotes: whatever comes at the very time of one is the subject of other tests
                told.append(
                    json.dumps(
                        {
                            "type": "signal",
                            "time": _time(day, second + 1),
                            "id": f"s{len(told)}",
                            "symbol": symbol,
                            "signal": kind,
                            "confidence": 0.9,
                        }
                    )
                )
    world = World(folder / "market.jsonl", folder / "signals.jsonl", folder / "dense.rules")
    world.market.write_text("\n".join(market) + "\n")
    world.signals.write_text("\n".join(told) + "\n")
    world.rules.write_text(RULES)
    return world


def _time(day: str, second: int) -> str:
    whole = _START + second
    return f"{day}T{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}Z"
