"""A run at a broker, taken up again from its journal.

    header = last_run_at_broker(path)
    earlier = rebuild_run(path, header, hours, compiled, prepare)   # the engine as it was when the run was stopped
    journal.go_on(header_of(…), earlier.seq, earlier.now)           # and the run goes on under its name

Nothing is asked and nothing is sent: what the broker did meanwhile comes with its first snapshot, as inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from ..dsl.plan import Plan
from .broker.port import Place
from .core.engine import Engine
from .core.sequencer import Sink
from .core.settings import Resumed
from .core.summary import Tally
from .event.inputs import Signal
from .event.reload import Reload, RuleTexts, texts_after
from .journal import JournalError, RunEnd, RunHeader, Step, read_runs, read_steps
from .journal.rebuild import fresh_engine, rebuild
from .market.hours import Hours

Compile = Callable[[RuleTexts, Mapping[str, str]], Plan]
"""Compiles recorded texts with values of params, as the run did; raises where that cannot be done any more."""


@attrs.frozen(eq=False)
class EarlierRun:
    """A run as it was when it was stopped, at the time `now` of its last step `seq`.

    `texts` are those of the rules that were in force, `parameters` the values of their params. `tally` counts what the
    run came to so far, `sent` tells when each order was sent (microseconds since 1970 UTC), `followers` follow the
    engine's steps from now on, too.
    """

    header: RunHeader
    engine: Engine
    seq: int
    now: int
    texts: RuleTexts
    parameters: Mapping[str, str]
    tally: Tally
    sent: Mapping[str, int]
    followers: Sequence[Sink]

    @property
    def is_open(self) -> bool:
        """Whether a trade is open or an order may still work."""
        desk = self.engine.desk
        return bool(desk.trades) or any(not order.is_done for order in desk.orders.values())


def last_run_at_broker(path: str) -> RunHeader | None:
    """The latest run of a journal that traded at a real broker; None where there is none.

    Raises:
        JournalError: the file cannot be read, or is no sound journal.
    """
    at_broker = [header for header in read_runs(path) if header.simulation is None]
    return at_broker[-1] if at_broker else None


def rebuild_run(
    path: str, header: RunHeader, hours: Hours, compiled: Compile, prepare: Callable[[Engine], Sequence[Sink]]
) -> EarlierRun:
    """Makes the state of a run again from its rows.

    `hours` are those that the header names. `prepare` is called with the fresh engine before its first input and
    answers whoever follows its steps: rules that call Python actions need them there.

    Raises:
        JournalError: the journal cannot be read, or a step comes out otherwise than it has it.
    """
    texts = header.texts
    if texts is None:
        raise JournalError(path, f"run {header.run} holds no texts of its rules: an older rulec wrote it")
    engine = fresh_engine(compiled(texts, header.parameters), hours, header)
    sinks = prepare(engine)
    followed = _Followed(texts, header.parameters, read_steps(path, header.run))
    seq = rebuild(engine, followed, path, texts, lambda texts: compiled(texts, followed.parameters), sinks)
    return EarlierRun(
        header, engine, seq, followed.now, followed.texts, followed.parameters, followed.tally, followed.sent, sinks
    )


class _Followed:
    """The steps of a run, and what they leave behind beside the engine's state."""

    def __init__(self, texts: RuleTexts, parameters: Mapping[str, str], steps: Iterable[Step | RunEnd]) -> None:
        self.texts = texts
        self.parameters = parameters
        self.now = 0
        self.tally = Tally()
        self.sent: dict[str, int] = {}
        self._steps = steps

    def __iter__(self) -> Iterator[Step | RunEnd]:
        for step in self._steps:
            if isinstance(step, Step):
                self._follow(step)
            yield step

    def _follow(self, step: Step) -> None:
        self.now = step.now
        if isinstance(step.event, Reload):
            self.texts = texts_after(self.texts, step.event)
        elif isinstance(step.event, Resumed):
            self.parameters = step.event.parameters
        elif isinstance(step.event, Signal):
            self.tally.count_signal()
        for record in step.records:
            self.tally.count(record)
        for command in step.commands:
            if isinstance(command, Place):
                self.sent.update((order.order_id, step.now) for order in command.orders)
