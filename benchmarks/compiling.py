"""Rules compiled per second: a whole `rulec check`, and the compiler alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rulec.dsl import plan
from rulec.dsl.compile import compile_text
from rulec.dsl.table import open_grammar

from . import lark_peer
from .harness import Contestant, always, check, measure
from .processes import measure_processes, python
from .report import Aim, Report, Table, figure
from .rules import DrawnRule, compiled, draw_rules
from .sizes import Sizes

MEANING = (
    "A file of one-line rules, `on signal KIND where symbol == SYM and confidence > C -> enter SIDE N stop S% target "
    "T%`, everything in it drawn at random. *Whole process* is `rulec check FILE` from its start to its end, with all "
    "passes: reading, names, types, units, lints, plan. *In process* is `compile_text` alone, again and again.",
    "The peer is Lark's own parser (LALR, contextual lexer, a tree and nothing more) on the same text: once with a "
    "grammar of a dozen lines that knows these rules alone, which is the least work it can be given, and once with "
    "rulec's whole grammar. Checked first: the plan and the first tree say, rule by rule, what was drawn, and the "
    "second tree holds as many rules.",
)
MOST_SECONDS = 3.0
MOST_MEGABYTES = 300.0

_LIMITS = "limits { max order $50_000 }\n"


def run(sizes: Sizes) -> Report:
    """Checks what was read, then measures processes and the compiler."""
    rules = draw_rules(sizes.rules_checked)
    text = _LIMITS + "".join(rule.line(rule.entry) for rule in rules)
    count = len(rules)
    small, whole = lark_peer.small_parser(), open_grammar()
    check("the plan", _said_by_plan(compiled(text)), _drawn(rules))
    check("Lark, small grammar", lark_peer.words(small.parse(text)), _words(rules))
    check("Lark, rulec's grammar", lark_peer.count_rules(whole.parse(text)), count)

    with TemporaryDirectory() as folder:
        path = Path(folder, "many.rules")
        path.write_text(text, encoding="utf-8")
        peer = str(Path(lark_peer.__file__).resolve())
        processes = measure_processes(
            {
                "`rulec check`": python("-m", "rulec", "check", "--no-cache", str(path)),
                "Lark, small grammar": python(peer, str(path), str(count)),
            },
            sizes.process_rounds,
            Path(folder),
        )
    contestants = [
        Contestant("the compiler", always(lambda: compile_text(text, "many.rules"))),
        Contestant("Lark, small grammar", always(lambda: small.parse(text))),
        Contestant("Lark, rulec's grammar", always(lambda: whole.parse(text))),
    ]
    timings = measure(contestants, sizes.rounds)

    checked, lark_process = processes["`rulec check`"], processes["Lark, small grammar"]
    process_rows = tuple(
        (
            name,
            figure(one.processor.median),
            figure(count / one.processor.median),
            figure(one.processor.times(lark_process.processor)),
            figure(one.wall),
            figure(one.megabytes),
        )
        for name, one in processes.items()
    )
    rows = tuple(
        (
            name,
            figure(one.median),
            figure(count / one.median),
            figure(one.times(timings["Lark, small grammar"])),
        )
        for name, one in timings.items()
    )
    rules_named = f"{count:,} rules"
    return Report(
        "Rules",
        MEANING,
        (
            Table((f"whole process, {rules_named}", "s", "rules/s", "times Lark", "wall s", "peak MB"), process_rows),
            Table((f"in process, {rules_named}", "s", "rules/s", "times Lark"), rows),
        ),
        (
            Aim(f"`rulec check` of {rules_named}", checked.processor.median, MOST_SECONDS, " s"),
            Aim(f"`rulec check` of {rules_named}", checked.megabytes, MOST_MEGABYTES, " MB"),
        ),
    )


def _drawn(rules: Sequence[DrawnRule]) -> list[tuple[object, ...]]:
    return [
        (rule.kind, rule.symbol, rule.threshold, rule.side, rule.quantity, rule.stop / 100, rule.target / 100)
        for rule in rules
    ]


def _words(rules: Sequence[DrawnRule]) -> list[tuple[str, ...]]:
    return [
        (
            rule.kind,
            rule.symbol,
            f"{rule.threshold:.4f}",
            rule.side,
            str(rule.quantity),
            f"{rule.stop}%",
            f"{rule.target}%",
        )
        for rule in rules
    ]


def _said_by_plan(whole: plan.Plan) -> list[tuple[object, ...]]:
    """What each rule of the plan says; a rule of another shape says something that was not drawn."""
    said: list[tuple[object, ...]] = []
    for rule in whole.rules:
        match rule:
            case plan.Rule(
                trigger=plan.SignalTrigger(kinds=(kind,), of=None),
                condition=plan.And(
                    items=(
                        plan.Compare(operands=(plan.EventName(name="symbol"), symbol), operators=("==",)),
                        plan.Compare(operands=(plan.EventName(name="confidence"), threshold), operators=(">",)),
                    )
                ),
                actions=(
                    plan.Enter(
                        side=side,
                        size=plan.Size(unit=plan.SizeUnit.SHARES, value=plan.Number(value=shares)),
                        protection=plan.Protection(
                            stop=plan.Distance(unit=plan.DistanceUnit.PERCENT, value=plan.Percent(value=stop)),
                            targets=(
                                plan.Target(
                                    distance=plan.Distance(
                                        unit=plan.DistanceUnit.PERCENT, value=plan.Percent(value=target)
                                    )
                                ),
                            ),
                        ),
                    ),
                ),
            ) if isinstance(symbol, plan.Symbol) and isinstance(threshold, plan.Number):
                said.append((kind, symbol.name, threshold.value, side.value, shares, stop, target))
            case _:
                said.append((rule,))
    return said
