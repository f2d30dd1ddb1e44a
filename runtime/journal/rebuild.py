"""State from a journal: the rows of a run through a fresh engine's step.

    engine = fresh_engine(plan, hours, header)
    rebuild(engine, read_steps(path, header.run), path)

Nothing is sent and nobody is asked; what the broker said stands in the rows. Each step must leave the records and
commands that the journal has, byte for byte: one that does not was made by other rules or another engine, and state
built from there on would be a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...dsl.plan import Plan
from ..core.engine import Engine
from ..core.sequencer import Sink
from ..event.inputs import TimerFired
from ..event.reload import Reload, RuleTexts, texts_after
from ..market.hours import Hours
from ..rule.rule_set import make_ready
from .codec import encode
from .errors import JournalError
from .rows import RunEnd, RunHeader, Step


def fresh_engine(plan: Plan, hours: Hours, header: RunHeader) -> Engine:
    """The engine of a run as it was before its first input."""
    return Engine(plan.rules, hours, header.settings, limits=plan.limits)


def rebuild(
    engine: Engine,
    steps: Iterable[Step | RunEnd],
    path: str,
    texts: RuleTexts | None = None,
    compiled: Callable[[RuleTexts], Plan] | None = None,
    sinks: Sequence[Sink] = (),
) -> int:
    """Feeds the steps of a run to an engine.

    Where the rules were reloaded, `texts` are those with which the run began and `compiled` makes a plan of texts.
    `sinks` are called with each input and the records that came of it.

    Returns:
        The number of the last step, 0 where there was none.

    Raises:
        JournalError: a step came out otherwise than the journal has it.
    """
    last = 0
    for step in steps:
        if isinstance(step, Step):
            if isinstance(step.event, Reload):
                if texts is None or compiled is None:
                    raise JournalError(path, f"the rules were reloaded in step {step.seq}, and their texts are missing")
                texts = texts_after(texts, step.event)
                engine.offered = make_ready(compiled(texts), step.event.digest, engine.rules, engine.runner.index)
            feed_step(engine, step, path)
            for sink in sinks:
                sink(step.event, step.records)
            last = step.seq
    return last


def feed_step(engine: Engine, step: Step, path: str) -> None:
    """Feeds one step to an engine; see `rebuild`."""
    if isinstance(step.event, TimerFired) and engine.timers.take(step.now) != step.event.key:
        raise _otherwise(path, step, f"the timer {step.event.key} was not due")
    records, commands = engine.step(step.seq, step.now, step.event)
    for made, written in ((records, step.records), (commands, step.commands)):
        texts, expected = [encode(value) for value in made], [encode(value) for value in written]
        if texts != expected:
            found = next((text for text, wanted in zip(texts, expected, strict=False) if text != wanted), None)
            raise _otherwise(path, step, f"it made {len(texts)} of {len(expected)}, first otherwise {found}")


def _otherwise(path: str, step: Step, what: str) -> JournalError:
    message = f"step {step.seq} ({type(step.event).__name__}) comes out otherwise than the journal has it: {what}"
    return JournalError(path, message, "rebuild with the rules and the rulec that wrote the journal")
