"""The journal of a run, as the commands that trade use it.

    with journalled(path, plan, "nyse", settings, simulation, parameters) as (journal, settings):
        run = simulate(plan, hours, settings, simulation, journal=journal)
        …
        if journal is not None and ended:
            journal.finish()                # where the inputs came to their end; not where somebody stopped the run

A journal that cannot be used, or written any further, ends the command with exit code 2; nothing that is not in it
was sent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import click

from ..dsl.plan import Plan
from ..runtime.broker.simulated import SimulationSettings
from ..runtime.core.settings import Settings
from ..runtime.event.reload import RuleTexts
from ..runtime.journal import JournalError, SqliteJournal, Sync
from ..runtime.recorded import Recording, begin_run, read_recording
from .errors import CommandError

F = TypeVar("F", bound=Callable[..., Any])


def journal_option(function: F) -> F:
    """Adds `--journal FILE` to a command that trades; it gets `journal`, None where not given."""
    return click.option(
        "--journal", metavar="FILE", help="Append inputs, decisions and orders to this file (SQLite) before they leave."
    )(function)


@contextlib.contextmanager
def telling_of_journals() -> Iterator[None]:
    """Turns what is wrong with a journal into exit code 2."""
    try:
        yield
    except JournalError as error:
        raise CommandError(str(error), error.help) from error


@contextlib.contextmanager
def journalled(
    path: str | None,
    plan: Plan,
    hours: str,
    settings: Settings,
    simulation: SimulationSettings,
    parameters: Mapping[str, str],
    sync: Sync = Sync.NORMAL,
    texts: RuleTexts | None = None,
) -> Iterator[tuple[SqliteJournal | None, Settings]]:
    """A run's journal, begun, and the settings to run with; no journal and the same settings where no path is given.

    `hours` is `nyse` or `always`; `parameters` are the values set for params of the rules, `texts` the rules'.

    Raises:
        CommandError: the journal cannot be used, or later not be written.
    """
    if path is None:
        yield None, settings
        return
    with telling_of_journals(), SqliteJournal.open(path, sync) as journal:
        yield journal, begin_run(journal, plan, hours, settings, simulation, parameters, texts)


def open_recording(path: str, run: str | None) -> Recording:
    """Reads a run of a journal to its last row.

    Raises:
        CommandError: the journal or the run cannot be read.
    """
    with telling_of_journals():
        return read_recording(path, run)
