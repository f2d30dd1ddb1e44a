"""What every run does around its session: it can be stopped, shows itself, follows its files, and says how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from types import FrameType
from typing import Any

import attrs

from ..runtime.core.engine import Engine
from ..runtime.event.reload import RuleTexts
from ..runtime.live.inbox import EventInbox
from ..runtime.live.rule_files import RuleFiles
from ..runtime.live.shell import Ending, LiveShell, run_live
from ..runtime.live.sources import SignalSource
from ..runtime.rule.registered import RegisteredAction
from ..runtime.view.watch import Watch
from .outputs import JsonOutput, Output, ScreenOutput, TextOutput, write_at_once
from .reloading import SavedRulesJudge

STOPPING = (signal.SIGINT, signal.SIGTERM)


class StoppedEarly(BaseException):
    """Somebody stopped the command before the run had begun."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Whoever stops the command before its loop takes over ends it as cleanly."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise StoppedEarly

    before = {number: signal.signal(number, stop) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@attrs.frozen
class Watched:
    """Rule files that are watched, the texts of the rules in force, and the Python actions that rules may call."""

    files: RuleFiles
    texts: RuleTexts
    actions: dict[str, RegisteredAction]
    module: str | None


def output_for(watch: Watch, title: str, passes: bool, as_json: bool) -> Output:
    """Programs get JSON; a terminal a live view, where there is time to look at it; everybody else plain lines."""
    if as_json:
        return JsonOutput(write_at_once)
    if passes and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        return ScreenOutput(watch, title)
    return TextOutput(write_at_once, title)


def end_on_signals(inbox: EventInbox) -> None:
    """From now on SIGINT and SIGTERM ask the run to end, in its own time."""
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, inbox.stop, number.name)


def stop_listening() -> None:
    """It stops anyway: a second Ctrl-C must not spoil the last lines."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


async def drive(
    shell: LiveShell,
    inbox: EventInbox,
    sources: Sequence[SignalSource],
    output: Output,
    engine: Engine,
    watched: Watched | None,
    beside: Sequence[Coroutine[Any, Any, None]] = (),
) -> Ending:
    """Runs a shell with all that goes on beside it, to its end."""
    tasks = [*beside, *output.beside(lambda: shell.now)]
    if watched is not None:
        from ..runtime.live.reloading import Reloader

        judge = SavedRulesJudge(output, lambda: shell.now, watched.actions, watched.module)
        tasks.append(Reloader(watched.files, engine, watched.texts, inbox.put, judge).follow())
    output.ready()
    return await run_live(shell, inbox, sources, tasks)
