"""Runs whose state is worth rebuilding: each leaves something behind that a step later depends on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Plan
from rulec.runtime.broker.exchange import Commission, FillMode, Slippage
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.policy import TradePolicy
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import OutsideInput
from rulec.runtime.feed import read_events
from rulec.runtime.market.hours import NyseHours
from rulec.tests.support.replaying import fault, price, quote, signal

NYSE = NyseHours()
CARD = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%\n"


@attrs.frozen
class Scenario:
    """Rules, events as lines, and what the run was made with."""

    rules: str
    events: Sequence[Mapping[str, Any]]
    simulation: SimulationSettings = attrs.field(factory=SimulationSettings)
    settings: Settings = attrs.field(factory=Settings)

    def plan(self) -> Plan:
        plan = compile_text(self.rules, "card.rules").plan
        assert plan is not None
        return plan

    def inputs(self, folder: Path) -> list[OutsideInput]:
        file = folder / "events.jsonl"
        file.write_text("".join(json.dumps(event) + "\n" for event in self.events))
        return list(read_events([file], NYSE))


def link(seconds: float, event: str) -> dict[str, Any]:
    return {**fault(seconds, event), "type": "broker"}


def bar(minute: int, low: float, high: float, close: float) -> dict[str, Any]:
    return {
        "type": "bar",
        "time": f"2026-01-05T{15 + minute // 60:02d}:{minute % 60:02d}:00Z",
        "symbol": "AAPL",
        "open": close,
        "high": high,
        "low": low,
        "close": close,
        "volume": 1000,
        "timeframe": "1m",
    }


SCENARIOS: Mapping[str, Scenario] = {
    "a stop concludes the card's long": Scenario(
        CARD, [price(0, 150), signal(1, "BUY"), price(2, 150), price(3, 151), price(4, 145), price(5, 144)]
    ),
    "a long is reversed, the same signal counts once": Scenario(
        CARD + "on signal SELL -> enter short 100 stop 3% target 8%\n",
        [
            price(0, 150),
            signal(1, "BUY", id="one"),
            price(2, 150),
            signal(3, "BUY", id="one"),
            signal(4, "SELL", id="two", source="flow", fields={"premium": 1500000, "sweep": True, "venue": "X"}),
            price(5, 151),
            price(6, 152),
            price(7, 130),
        ],
    ),
    "two targets, a scale-in and a double-down": Scenario(
        "on signal BUY -> enter long 100 stop 6% target 2% for 50% target 5% for 50% -> scale in 50 at profit 1%"
        " -> double down 40 at loss 3%\n",
        [price(0, 150), signal(1, "BUY"), *(price(n, p) for n, p in enumerate((150, 151, 152, 149, 145, 153, 158), 2))],
    ),
    "commands under way, parts filled, commissions": Scenario(
        CARD + 'on signal SELL -> exit because "enough"\n',
        [
            quote(0, 149.9, 150.1),
            signal(1, "BUY"),
            *(quote(n, 149 + n / 10, 149.2 + n / 10) for n in range(2, 12)),
            signal(12, "SELL"),
            *(quote(n, 149 + n / 10, 149.2 + n / 10) for n in range(13, 20)),
        ],
        SimulationSettings(
            equity=250_000.0,
            slippage=Slippage(5.0),
            commission=Commission(5_000, 1_000_000),
            latency=1_500_000,
            partial_fills=7,
        ),
    ),
    "the broker goes away, rejects and comes back": Scenario(
        CARD + "on signal SELL -> exit\n",
        [
            price(0, 150),
            signal(0.5, "BUY", symbol="MSFT"),
            signal(1, "BUY"),
            price(2, 150),
            fault(2.5, "reject_next", reason="margin"),
            signal(2.7, "BUY", symbol="MSFT", price=80.0),
            link(3, "disconnected"),
            signal(4, "SELL"),
            price(5, 149),
            price(20, 151),
            link(21, "connected"),
            price(22, 150),
            price(60, 150),
        ],
    ),
    "cooldowns, at most, a trail, breakeven and a timed exit": Scenario(
        "rule once cooldown 30s at most 2 per day on signal BUY -> enter long 10 stop 2% trail 1% after 1%"
        " breakeven after 0.5% exit after 40s\n"
        'rule shout cooldown 10s shared noise on price where price > $151 -> log "{symbol} at {price}"\n',
        [
            price(0, 150),
            *(signal(1 + 5 * n, "BUY", id=str(n)) for n in range(3)),
            *(price(20 + 3 * n, 150 + n / 2) for n in range(8)),
            signal(80, "BUY", id="a"),
            price(81, 151),
            price(200, 152),
            signal(201, "BUY", id="b"),
            price(202, 152),
            price(205, 154),
            price(206, 150),
        ],
    ),
    "a daily loss halts, a halt is latched": Scenario(
        "limits { max daily loss 0.1% of equity max position 40% of equity }\n"
        + CARD
        + 'on signal STOP -> halt "by hand"\n',
        [
            price(0, 150),
            signal(1, "BUY"),
            price(2, 150),
            price(3, 148.5),
            signal(4, "BUY", symbol="MSFT"),
            signal(5, "STOP"),
            price(6, 140),
            signal(7, "BUY"),
        ],
        settings=Settings(sectors={"AAPL": "technology"}, policy=TradePolicy(price_sanity=0.5)),
    ),
    "bars feed an ATR, orders stand": Scenario(
        "on signal BUY -> enter long 50 stop 2 atr target 3 atr\n",
        [
            *(bar(n, 149 + n / 10, 151 + n / 10, 150 + n / 10) for n in range(20)),
            {**signal(0, "BUY"), "time": "2026-01-05T15:19:30Z"},
            *(bar(n, 148 - n / 5, 152, 150 - n / 10) for n in range(20, 40)),
        ],
        SimulationSettings(fill=FillMode.STANDING),
        Settings(timeframe=60.0, instance="7"),
    ),
    "rules on the clock, on what happens and on what rules say": Scenario(
        'rule hello on start -> log "{now}"\n'
        "rule in_two on signal BUY -> enter long 100 stop 3% target 4% -> move stop to breakeven - 1%"
        " -> emit signal BOUGHT confidence 0.7\n"
        'rule heard on signal BOUGHT where signals(BUY, 20s) == 2 and trades_today < 2 -> log "{confidence}"\n'
        "rule guard on every 30s of AAPL where position.profit > 1% -> move target to $155 -> scale in 50% at most 2\n"
        "rule late on time 10:01 of [AAPL, MSFT] where weekday is monday -> exit 50%\n"
        'rule told on position closed where reason is target -> log "{position.age} {pnl}" -> reset cooldown\n'
        "rule shown on order filled where role is target -> place buy 10 at limit $100\n"
        'rule gone on broker disconnected -> halt "away"\n',
        [
            price(0, 150),
            signal(5, "BUY", id="a"),
            signal(22, "BUY", id="b"),
            price(23, 150.5),
            signal(24, "BUY", id="c", symbol="MSFT"),
            price(29, 152),
            price(31, 152.5),
            price(62, 153),
            link(64, "disconnected"),
            link(66, "connected"),
            price(70, 155.5),
            price(95, 157),
        ],
    ),
    "an entry decided at the close waits for the open": Scenario(
        "on bar where close > open -> enter long 10 stop 1% target 2% -> scale in 50% at profit 0.1%\n"
        'on market open + 1m of AAPL where change(1) > 0% -> exit because "up"\n',
        [
            {**bar(0, 149, 151, 150), "time": "2026-01-05T20:58:00Z", "open": 150.5},
            {**bar(0, 149, 151, 150), "time": "2026-01-05T20:59:00Z", "open": 149.5},
            *({**bar(0, 149, 151, 150), "time": f"2026-01-06T14:3{n}:00Z"} for n in range(4)),
        ],
    ),
}
# The reader wants a file's lines by time; a bar's is its start.
SCENARIOS = {
    name: attrs.evolve(scenario, events=sorted(scenario.events, key=lambda event: event["time"]))
    for name, scenario in SCENARIOS.items()
}
