"""Rules of every kind compiled: a whole `rulec check` of a file in which all of the language occurs."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rulec.dsl import plan
from rulec.dsl.compile import compile_text
from rulec.dsl.table import open_grammar

from . import lark_peer
from .harness import Contestant, Timing, always, check, measure
from .processes import measure_processes, python
from .report import Aim, Report, Table, figure
from .rules import KINDS, SYMBOLS, compiled
from .sizes import Sizes

MEANING = (
    "A file of mixed rules, drawn at random: signals, prices, bars with indicators on several timeframes, the clock, "
    "positions and orders; conditions over fields, tables, history, crossings and positions; every action. *Whole "
    "process* is `rulec check FILE`, *in process* `compile_text` alone; the peer is Lark's own parser with rulec's "
    "whole grammar, which makes a tree and nothing more. Checked first: the plan has the triggers and the numbers of "
    "actions that were drawn, in their order.",
)
MOST_SECONDS = 5.0

_HEAD = """\
field premium: money
param least = 0.7 in 0.5..0.9
let stake = { SYM1: $30_000, SYM2: $5_000, else: $10_000 }
let strong = confidence >= least and premium > $100_000
limits { max order $50_000 max positions 10 }
"""

Draw = random.Random
Template = Callable[[Draw], str]


def _symbol(draw: Draw) -> str:
    return draw.choice(SYMBOLS)


TEMPLATES: Sequence[tuple[type, int, Template]] = (
    (
        plan.SignalTrigger,
        2,
        lambda d: (
            f"cooldown {d.randrange(1, 9)}m on signal {d.choice(KINDS)} of {_symbol(d)} where strong "
            f"-> enter long stake[symbol] stop {d.randrange(2, 9)} atr target 4 atr -> double down 100% at 50% to stop"
        ),
    ),
    (
        plan.SignalTrigger,
        1,
        lambda d: (
            f"on signal {d.choice(KINDS)} where symbol == {_symbol(d)} and confidence > {d.random():.3f} "
            f"-> enter short {d.randrange(1, 500)} stop 3% target 4% for 50% target 8% for 50%"
        ),
    ),
    (
        plan.PriceTrigger,
        1,
        lambda d: (
            f"at most 3 per day on price of {_symbol(d)} where price crosses above ${d.randrange(50, 500)} "
            "-> enter long risk 1% of equity stop 2% trail 3% after 2R"
        ),
    ),
    (
        plan.BarTrigger,
        1,
        lambda d: (
            f"during 09:45..15:30 on bar 5m of {_symbol(d)} where sma({d.randrange(5, 20)}) crosses above "
            f"sma({d.randrange(20, 90)}) and rsi(14) < {d.randrange(50, 90)} and SPY.last > SPY.sma(200, 1d) "
            "-> enter long 2% of equity stop 3 atr breakeven after 1R exit after 2h"
        ),
    ),
    (
        plan.BarTrigger,
        2,
        lambda d: (
            f"on bar of {_symbol(d)} where close > highest({d.randrange(10, 60)})[1] and close[1] < vwap() "
            "-> enter long $10_000 stop 2 atr -> scale in 50% at profit 1 atr"
        ),
    ),
    (
        plan.PriceTrigger,
        2,
        lambda d: (
            f"on price of {_symbol(d)} where position.profit > {d.randrange(1, 9)}% and position.age > 10m "
            "-> move stop to breakeven + 0.5% -> cancel scales"
        ),
    ),
    (
        plan.PositionTrigger,
        2,
        lambda d: (
            f"on position closed of {_symbol(d)} where reason is stop and pnl < $0 "
            '-> reset cooldown -> log "{symbol} lost {pnl}"'
        ),
    ),
    (
        plan.OrderTrigger,
        1,
        lambda d: f'on order rejected of {_symbol(d)} -> notify "{{role}} of {{symbol}}: {{reason}}"',
    ),
    (
        plan.TimeTrigger,
        1,
        lambda d: (
            f"on time 1{d.randrange(0, 3)}:{d.randrange(10, 60)} of {_symbol(d)} where holding "
            'and weekday is friday -> exit 50% because "before the weekend"'
        ),
    ),
    (
        plan.MarketTrigger,
        1,
        lambda d: f"priority {d.randrange(9)} on market close - {d.randrange(1, 60)}m -> exit everything",
    ),
    (
        plan.EveryTrigger,
        1,
        lambda d: (
            f"on every {d.randrange(1, 30)}m of {_symbol(d)} where account.day_pnl < -${d.randrange(1, 9)}00 "
            "-> trail 2%"
        ),
    ),
    (
        plan.SignalTrigger,
        1,
        lambda d: (
            f"on signal FLIP of {_symbol(d)} where signals(FLIP, {d.randrange(1, 20)}m) >= 2 "
            "-> reverse stop 3% target 6%"
        ),
    ),
)


def draw_rules(count: int, seed: int = 17) -> tuple[str, list[tuple[type, int]]]:
    """A file's text, and of each rule the trigger and how many actions it has."""
    draw = random.Random(seed)
    lines: list[str] = [_HEAD]
    drawn: list[tuple[type, int]] = []
    for number in range(count):
        trigger, actions, template = draw.choice(TEMPLATES)
        written = template(draw)
        lines.append(f"rule r{number} {written}\n")
        drawn.append((trigger, actions))
    return "".join(lines), drawn


def said_by(whole: plan.Plan) -> list[tuple[type, int]]:
    return [(type(rule.trigger), len(rule.actions)) for rule in whole.rules]


def run(sizes: Sizes) -> Report:
    """Checks what was read, then measures processes and the compiler."""
    text, drawn = draw_rules(sizes.rules_checked)
    count, parser = len(drawn), open_grammar()
    check("the plan", said_by(compiled(text)), drawn)
    check("Lark, rulec's grammar", lark_peer.count_rules(parser.parse(text)), count)
    with TemporaryDirectory() as folder:
        path = Path(folder, "mixed.rules")
        path.write_text(text, encoding="utf-8")
        processes = measure_processes(
            {"`rulec check`": python("-m", "rulec", "check", "--no-cache", str(path))},
            sizes.process_rounds,
            Path(folder),
        )
    timings = measure(
        [
            Contestant("the compiler", always(lambda: compile_text(text, "mixed.rules"))),
            Contestant("Lark, rulec's grammar", always(lambda: parser.parse(text))),
        ],
        sizes.rounds,
    )
    checked = processes["`rulec check`"]
    named = f"{count:,} mixed rules"
    whole = (
        "`rulec check`",
        figure(checked.processor.median),
        figure(count / checked.processor.median),
        figure(checked.wall),
        figure(checked.megabytes),
    )
    rows = tuple(_row(name, count, timings) for name in timings)
    return Report(
        "Mixed rules",
        MEANING,
        (
            Table((f"whole process, {named}", "s", "rules/s", "wall s", "peak MB"), (whole,)),
            Table((f"in process, {named}", "s", "rules/s", "times Lark"), rows),
        ),
        (Aim(f"`rulec check` of {named}", checked.processor.median, MOST_SECONDS, " s"),),
    )


def _row(name: str, count: int, timings: Mapping[str, Timing]) -> tuple[str, ...]:
    one, peer = timings[name], timings["Lark, rulec's grammar"]
    return name, figure(one.median), figure(count / one.median), figure(one.times(peer))
