"""Events per second: how long it takes to find the rules that a signal matches, and to do what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from rulec.dsl.plan import Plan

from . import matching_peers
from .harness import Contestant, Timing, Work, always, check, measure
from .matching_peers import Find
from .report import Aim, Report, Table, figure
from .rules import DrawnEvent, DrawnRule, draw_hits, draw_misses, draw_rules, matches
from .signal_engine import Entries, check_decisions, engine, feeding, find_by_index, plan_of, signals
from .sizes import Sizes

MEANING = (
    "Rules `on signal KIND where symbol == SYM and confidence > C -> ACTION`, with three kinds, 200 symbols and "
    "thresholds drawn at random; signals that one to three of them match (hits), and signals that none matches "
    "(misses). Microseconds of processor time an event.",
    "*dict + bisect* and *ifs* are peers by hand: a dictionary with a bisection behind it, which is about the limit "
    "of Python, and one `if` below the other. *Index* is rulec's own way to the same list: the index and what it "
    "leaves of the conditions. *Log* and *exit* are the whole way of a signal through the sequencer: the index, "
    "decision records with their values, and the action (there is no trade to exit, so it is ignored); a miss leaves "
    "no record. *Enter* is the whole way of an entry: decision, limits, a bracket of three orders, their way to the "
    "simulated exchange, the fill and the bracket set on it. Before they are timed, all of them are compared with "
    "what trying every rule finds.",
)
AIM = 5.0  # times as long with the most rules as with a hundred
_ENTRIES = 200


@attrs.frozen
class _Case:
    """So many rules, and events that some of them match, or none."""

    rules: tuple[DrawnRule, ...]
    plans: Mapping[str, Plan]
    events: tuple[DrawnEvent, ...]
    hits: bool

    def name(self, who: str) -> str:
        return f"{who} {len(self.rules)} {'hits' if self.hits else 'misses'}"

    @property
    def mean_matches(self) -> float:
        sample = self.events[:200]
        return sum(len(matches(self.rules, event)) for event in sample) / len(sample)


def run(sizes: Sizes) -> Report:
    """Checks all answers, then measures everything in turn."""
    cases: list[_Case] = []
    for count in sizes.rule_counts:
        rules = tuple(draw_rules(count))
        actions = {"log": 'log "seen"', "exit": "exit", "enter": "enter long 10 stop 3% target 8%"}
        plans = {name: plan_of(rules, action) for name, action in actions.items()}
        cases.append(_Case(rules, plans, tuple(draw_hits(rules, sizes.events)), hits=True))
        cases.append(_Case(rules, plans, tuple(draw_misses(rules, sizes.events)), hits=False))
    contestants: list[Contestant] = []
    pieces: dict[str, int] = {}
    for case in cases:
        for contestant, events in _contestants(case, sizes):
            contestants.append(contestant)
            pieces[contestant.name] = events
    timings = measure(contestants, sizes.rounds)
    each = {name: timing.of(pieces[name]) for name, timing in timings.items()}
    return Report("Events", MEANING, tuple(_table(cases, each, hits) for hits in (True, False)), _aims(cases, each))


def _contestants(case: _Case, sizes: Sizes) -> list[tuple[Contestant, int]]:
    """Who is timed on a case, each with how many events it handles in a round."""
    plan = case.plans["log"]
    tries = max(10, min(len(case.events), sizes.tries // len(case.rules)))
    all_events = len(case.events)
    found = [
        (_finding(case, "by hand", matching_peers.dict_and_bisect(case.rules), all_events), all_events),
        (_finding(case, "ifs", matching_peers.if_statements(case.rules), tries), tries),
        (_finding(case, "index", find_by_index(plan), all_events), all_events),
        (_through_engine(case, "log"), all_events),
    ]
    if case.hits:
        found.append((_through_engine(case, "exit"), all_events))
        entries = Entries.prepared(case.plans["enter"], case.events, _ENTRIES)
        entries.work()
        entries.check()
        found.append((Contestant(case.name("enter"), _entering(case)), len(entries)))
    return found


def _finding(case: _Case, who: str, find: Find, count: int) -> Contestant:
    checked = case.events[: max(100, min(count, 2_000_000 // len(case.rules)))]
    for event, signal in zip(checked, signals(checked), strict=True):
        check(case.name(who), sorted(find(signal)), matches(case.rules, event))
    inputs = signals(case.events[:count])

    def work() -> None:
        for signal in inputs:
            find(signal)

    return Contestant(case.name(who), always(work))


def _through_engine(case: _Case, action: str) -> Contestant:
    plan = case.plans[action]
    check_decisions(case.rules, plan, case.events[: max(100, 2_000_000 // len(case.rules))])
    simulation = engine(plan)
    return Contestant(case.name(action), lambda number: feeding(simulation, signals(case.events, number)))


def _entering(case: _Case) -> Callable[[int], Work]:
    return lambda number: Entries.prepared(case.plans["enter"], case.events, _ENTRIES).work


def _table(cases: Sequence[_Case], each: Mapping[str, Timing], hits: bool) -> Table:
    heads = [
        "rules (hits)" if hits else "rules (misses)",
        "matches",
        "dict + bisect",
        "ifs",
        "index",
        "index / by hand",
        "log",
    ]
    heads += ["exit", "enter", "events/s, log", "entries/s"] if hits else ["events/s"]
    rows: list[tuple[str, ...]] = []
    for case in cases:
        if case.hits is not hits:
            continue
        timings = {who: each.get(case.name(who)) for who in ("by hand", "ifs", "index", "log", "exit", "enter")}
        known = {who: timing for who, timing in timings.items() if timing is not None}
        shown = {who: figure(timing.median * 1e6) for who, timing in known.items()}
        row = [f"{len(case.rules):,}", figure(case.mean_matches) if hits else "0"]
        row += [shown["by hand"], shown["ifs"], shown["index"], figure(known["index"].times(known["by hand"]))]
        row.append(shown["log"])
        if hits:
            row += [shown["exit"], shown["enter"]]
        row.append(figure(1 / known["log"].median))
        if hits:
            row.append(figure(1 / known["enter"].median))
        rows.append(tuple(row))
    return Table(tuple(heads), tuple(rows))


def _aims(cases: Sequence[_Case], each: Mapping[str, Timing]) -> tuple[Aim, ...]:
    """The most rules beside a hundred, or what comes next to that in the sizes."""
    aims: list[Aim] = []
    for hits in (True, False):
        several = [case for case in cases if case.hits is hits and len(case.rules) > 1]
        few, many = several[0], several[-1]
        for who, what in (("index", "matching"), ("log", "the engine with `log`")):
            ratio = each[many.name(who)].times(each[few.name(who)])
            kind = "hits" if hits else "misses"
            beside = f"{len(many.rules):,} rules beside {len(few.rules):,}"
            aims.append(Aim(f"{what}, {kind}, {beside}", ratio, AIM, " times as long"))
    return tuple(aims)
