"""How a run shows itself while it runs: JSON lines for programs, plain lines for people, a live view on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

import attrs
import click

from ..runtime.core.engine import Input
from ..runtime.core.output import record_line, summary_line, text_json
from ..runtime.core.records import Notice, Record
from ..runtime.core.summary import Summary
from ..runtime.times import time_text
from ..runtime.view.lines import record_text, summary_text
from ..runtime.view.watch import Watch
from .printing import Write, json_sink, text_sink

Beside = list[Coroutine[Any, Any, None]]


@attrs.frozen
class RunEnd:
    """How a run ended, at `time` (microseconds since 1970 UTC).

    `working` are the orders that may still fill, a line each; `stopped_by` names the signal that stopped it, None where
    the market came to its end.
    """

    time: int
    summary: Summary
    working: Sequence[str]
    stopped_by: str | None


@attrs.frozen
class Refusal:
    """Saved rules that cannot be used, at `time` (microseconds since 1970 UTC).

    `report` is what the compiler has to say, as text for people; `diagnostics` the same as a JSON array.
    """

    time: int
    headline: str
    report: str
    diagnostics: str


class Output(Protocol):
    """Follows a run from `begin` to `end`."""

    def begin(self) -> None:
        """It is made ready."""

    def ready(self) -> None:
        """It trades, and every source of signals is open."""

    def sink(self, event: Input, records: Sequence[Record]) -> None:
        """What a step left behind."""

    def say(self, notice: Notice) -> None:
        """Something that no rule and no order tells."""

    def refuse(self, refusal: Refusal) -> None:
        """Saved rules cannot be used."""

    def forgive(self, notice: Notice) -> None:
        """After a refusal the files are again what is in force."""

    def beside(self, now: Callable[[], int]) -> Beside:
        """What must go on beside the run; `now` tells the run's time."""

    def end(self, ended: RunEnd) -> None:
        """The run has ended."""


def write_at_once(text: str) -> None:
    """Writes to standard output so that whoever reads it has it now."""
    sys.stdout.write(text)
    sys.stdout.flush()


class JsonOutput:
    """The lines of `replay --json`, one by one, after a line that says when the run is ready."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.sink = json_sink(write)

    def begin(self) -> None:
        """A program waits for `ready`."""

    def ready(self) -> None:
        self._write('{"type":"ready"}\n')

    def say(self, notice: Notice) -> None:
        self._write(record_line(notice) + "\n")

    forgive = say

    def refuse(self, refusal: Refusal) -> None:
        diagnostics = json.dumps(json.loads(refusal.diagnostics), separators=(",", ":"))
        self._write(
            f'{{"type":"reload","time":"{time_text(refusal.time)}","result":"refused",'
            f'"reason":{text_json(refusal.headline)},"diagnostics":{diagnostics}}}\n'
        )

    def beside(self, now: Callable[[], int]) -> Beside:
        return []

    def end(self, ended: RunEnd) -> None:
        if ended.stopped_by is not None:
            text = _stopped(ended.stopped_by)
            self.say(Notice(ended.time, "info", None, "; ".join([text, *_working(ended)])))
        self._write(summary_line(ended.summary) + "\n")


class TextOutput:
    """A line for each thing that happens."""

    def __init__(self, write: Write, title: str) -> None:
        self._write = write
        self._title = title
        self.sink = text_sink(write)

    def begin(self) -> None:
        self._write(f"{self._title}\n")

    def ready(self) -> None:
        """What comes now says so."""

    def say(self, notice: Notice) -> None:
        self._write(record_text(notice) + "\n")

    forgive = say

    def refuse(self, refusal: Refusal) -> None:
        self.say(Notice(refusal.time, "error", None, refusal.headline))
        self._write(refusal.report)

    def beside(self, now: Callable[[], int]) -> Beside:
        return []

    def end(self, ended: RunEnd) -> None:
        self._write(_ending(ended))


class ScreenOutput:
    """The live view; what it said last and the summary stay on the terminal."""

    def __init__(self, watch: Watch, title: str) -> None:
        self._watch = watch
        self._title = title
        self.sink = watch.sink
        self.say = watch.say

    def refuse(self, refusal: Refusal) -> None:
        self._watch.refuse(Notice(refusal.time, "error", None, refusal.headline), refusal.report.splitlines())

    def forgive(self, notice: Notice) -> None:
        self._watch.refuse(notice, ())

    def begin(self) -> None:
        """The view is not open yet."""

    def ready(self) -> None:
        """The view itself says so."""

    def beside(self, now: Callable[[], int]) -> Beside:
        from rich.console import Console

        from ..runtime.view.screen import Screen

        return [Screen(self._watch, self._title, Console(highlight=False), now).show()]

    def end(self, ended: RunEnd) -> None:
        click.echo(_ending(ended), nl=False)


def _ending(ended: RunEnd) -> str:
    stopped = [] if ended.stopped_by is None else [_stopped(ended.stopped_by)]
    return "\n" + "".join(f"{line}\n" for line in [*stopped, summary_text(ended.summary), *_working(ended)])


def _stopped(by: str) -> str:
    return f"stopped by {by}; nothing was cancelled"


def _working(ended: RunEnd) -> list[str]:
    return [f"still working: {line}" for line in ended.working]
