"""Puts a plan, the simulated broker and a journal together: what `replay` and `run --broker sim` drive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from ..dsl.plan import Plan
from .broker.simulated import SimulatedBroker, SimulationSettings
from .calling import Calls
from .core.engine import Engine, Input
from .core.records import Record
from .core.sequencer import ForgetfulJournal, Journal, Sequencer, Sink
from .core.session import SimulatedSession
from .core.settings import Settings
from .core.situation import equity
from .core.summary import Summary, Tally
from .event.inputs import Signal
from .market.hours import Hours
from .numbers import to_micros
from .port import Port
from .rule.registered import RegisteredAction


@attrs.frozen
class Simulation:
    """A session ready to be driven, and its tally."""

    session: SimulatedSession
    engine: Engine
    broker: SimulatedBroker
    tally: Tally

    def summary(self) -> Summary:
        """Counts, realised P&L and equity; what is still open is marked at its last price."""
        desk = self.engine.desk
        worth = equity(desk)
        return self.tally.summary(desk.realised(), desk.portfolio.cash if worth is None else to_micros(worth))


def settings_on(settings: Settings, simulation: SimulationSettings) -> Settings:
    """The engine's settings on a simulated exchange: its account is the exchange's."""
    policy = attrs.evolve(settings.policy, buying_power=simulation.leverage)
    return attrs.evolve(settings, equity=simulation.equity, policy=policy)


def simulate(
    plan: Plan,
    hours: Hours,
    settings: Settings,
    simulation: SimulationSettings,
    *,
    journal: Journal | None = None,
    sinks: Sequence[Sink] = (),
    actions: Mapping[str, RegisteredAction] | None = None,
) -> Simulation:
    """A plan on the simulated broker. The limits of the plan join those of the settings: the tightest wins.

    `actions` are the Python actions that rules may `call`, by name; rules that come later may call what is added.
    """
    settings = settings_on(settings, simulation)
    engine = Engine(plan.rules, hours, settings, limits=plan.limits)
    broker = SimulatedBroker(hours, simulation)
    tally = Tally()

    def count(event: Input, records: Sequence[Record]) -> None:
        if isinstance(event, Signal):
            tally.count_signal()
        for record in records:
            tally.count(record)

    first: list[Sink] = [count]
    if actions is not None:
        port = Port(engine)
        engine.actions.call = Calls(actions, port)
        first.append(port.after_step)
    sequencer = Sequencer(engine, broker, journal or ForgetfulJournal(), [*first, *sinks])
    return Simulation(SimulatedSession(sequencer, broker), engine, broker, tally)
