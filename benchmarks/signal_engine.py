"""Runs drawn rules in the real engine: signals through the sequencer, and entries through the simulated exchange."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from rulec.dsl.plan import Plan
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.engine import Input
from rulec.runtime.core.records import Decision, Outcome, Record
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import Price, Signal
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.rule.facts import Facts
from rulec.runtime.rule.index import RuleIndex
from rulec.runtime.rule.prepared import prepare
from rulec.runtime.simulation import Simulation, simulate

from .harness import Work, check
from .matching_peers import Find
from .rules import DrawnEvent, DrawnRule, compiled, matches

OPEN = 1_767_625_200_000_000  # Monday 2026-01-05, 10:00 in New York, in microseconds since 1970 UTC
MILLISECOND = 1_000
PRICE = 100.0

HOURS = NyseHours()  # a calendar remembers its days, so one serves all engines
SIMULATION = SimulationSettings(equity=1e9, fill=FillMode.STANDING)


def plan_of(rules: Sequence[DrawnRule], action: str) -> Plan:
    """The rules with one action for all, compiled from a file's text."""
    return compiled("".join(rule.line(action) for rule in rules))


def signals(events: Sequence[DrawnEvent], batch: int = 0) -> list[Signal]:
    """The events as inputs, a millisecond apart. A signal counts once, so that each batch has ids of its own."""
    return [
        Signal(
            time=OPEN + number * MILLISECOND,
            symbol=event.symbol,
            signal=event.kind,
            confidence=event.confidence,
            id=f"{batch}-{number}",
        )
        for number, event in enumerate(events)
    ]


def engine(plan: Plan) -> Simulation:
    """An engine on the simulated exchange, as `rulec replay` makes it."""
    return simulate(plan, HOURS, Settings(), SIMULATION)


def find_by_index(plan: Plan) -> Find:
    """The engine's own way to the rules that match: the index, and what it leaves of the conditions."""
    index = RuleIndex(prepare(plan.rules))
    facts: Facts = engine(plan).engine.facts
    candidates = index.candidates

    def find(signal: Signal) -> Sequence[int]:
        return [one.prepared.position for one in candidates(signal) if one.outcome(signal, facts)]

    return find


def feeding(simulation: Simulation, inputs: Sequence[Signal]) -> Work:
    """The work of handling these signals, each to its end."""
    feed = simulation.session.sequencer.feed

    def work() -> None:
        for signal in inputs:
            feed(signal, signal.time)

    return work


def check_decisions(rules: Sequence[DrawnRule], plan: Plan, events: Sequence[DrawnEvent]) -> None:
    """Compares the engine's decision records with what trying every rule finds.

    Raises:
        WrongAnswerError: they differ.
    """
    places = {rule.label: place for place, rule in enumerate(plan.rules)}
    decided: list[list[int]] = []

    def sink(event: Input, records: Sequence[Record]) -> None:
        decided.append([places[record.rule] for record in records if isinstance(record, Decision)])

    simulation = simulate(plan, HOURS, Settings(), SIMULATION, sinks=[sink])
    feeding(simulation, signals(events))()
    check("the engine", decided, [matches(rules, event) for event in events])


@attrs.frozen
class Entries:
    """Fresh engines, in which each of these signals is the first of its symbol, and its price is known."""

    simulations: tuple[Simulation, ...]
    signals: tuple[Signal, ...]

    @classmethod
    def prepared(cls, plan: Plan, events: Sequence[DrawnEvent], wanted: int) -> Entries:
        """Engines for about so many entries in all: as many as it takes with one entry a symbol in each."""
        first = list({event.symbol: event for event in events}.values())
        inputs = tuple(signals(first))
        simulations = tuple(engine(plan) for _ in range(max(1, wanted // len(first))))
        for simulation in simulations:
            for signal in inputs:
                simulation.session.handle(Price(OPEN - 1, signal.symbol, PRICE))
        return cls(simulations, inputs)

    def __len__(self) -> int:
        return len(self.simulations) * len(self.signals)

    def work(self) -> None:
        """Enters: decision, bracket, orders to the exchange, fill, and the bracket set on the fill."""
        for simulation in self.simulations:
            for signal in self.signals:
                simulation.session.handle(signal)

    def check(self) -> None:
        """Every signal must have become an entry that was filled.

        Raises:
            WrongAnswerError: one did not.
        """
        for simulation in self.simulations:
            summary = simulation.summary()
            acted = dict(summary.decisions).get(Outcome.ACTED, 0)
            check("entries", (acted, len(summary.open_positions)), (len(self.signals), len(self.signals)))
