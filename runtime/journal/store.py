"""The journal that is written: SQLite, one transaction a step, committed before anything is sent.

    with SqliteJournal.open("trades.db") as journal:
        journal.begin(header)                      # a header row: everything but the rules
        Sequencer(engine, broker, journal)         # append and commit, step by step

Write-ahead logging with `synchronous = NORMAL` survives the death of the process; `Sync.FULL` survives the loss of
power, too, for a tenth of a millisecond a step. One process writes; others may read at the same time.

A run appends its rows after those of earlier runs. Its numbers (`seq`) start at 1 again, its ids must not repeat: a
run whose name is taken gets the next one (`r0`, `r1`, …). A run at a broker that goes on after a stop keeps its name
and numbers; its header stands once more before the rows of each part.
"""

from __future__ import annotations

import enum
import os
import re
import sqlite3
from collections.abc import Sequence
from types import TracebackType

from ..broker.port import Command
from ..core.engine import Input
from ..core.records import Record
from .codec import VERSION, encode
from .errors import JournalError
from .files import APPLICATION, SCHEMA, judge, take_lock, told
from .reader import read_runs
from .rows import RunEnd, RunHeader

_SCHEMA = (
    "CREATE TABLE log (seq INTEGER NOT NULL, now INTEGER NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL,"
    " body TEXT NOT NULL)",
    "CREATE TABLE snapshot (seq INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE TRIGGER log_keeps_rows BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
    "CREATE TRIGGER log_keeps_bodies BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END",
)
_INSERT = "INSERT INTO log (seq, now, kind, version, body) VALUES (?, ?, ?, ?, ?)"


class Sync(enum.Enum):
    """What a committed step survives: NORMAL the death of the process, FULL the loss of power."""

    NORMAL = "normal"
    FULL = "full"


class SqliteJournal:
    """Implements `Journal` on a file. Made by `open`; to be closed."""

    def __init__(self, path: str, database: sqlite3.Connection, lock: int, runs: Sequence[RunHeader]) -> None:
        self.path = path
        self.runs = tuple(run.run for run in runs)
        self._database = database
        self._lock = lock
        self._rows: list[tuple[int, int, str, int, str]] = []
        self._seq = 0
        self._now = 0
        self._failed: JournalError | None = None

    @classmethod
    def open(cls, path: str, sync: Sync = Sync.NORMAL) -> SqliteJournal:
        """Opens a journal to append to; a new one where there is none.

        Raises:
            JournalError: another run writes to it, or it is damaged, newer or no journal: then it is left as it is.
        """
        lock = take_lock(path)
        try:
            fresh = judge(path, lock)
            runs = [] if fresh else read_runs(path)
            database = sqlite3.connect(path, isolation_level=None)
            try:
                _set_up(database, fresh, sync)
            except BaseException:
                database.close()
                raise
        except sqlite3.Error as error:
            os.close(lock)
            raise told(path, error) from error
        except BaseException:
            os.close(lock)
            raise
        return cls(path, database, lock, runs)

    def free_run(self, wanted: str) -> str:
        """The wanted name of a run, or the next that no run of this journal has: `r0`, `r1`, …"""
        stem, number = re.fullmatch(r"(.*?)(\d*)", wanted, re.DOTALL).groups()  # type: ignore[union-attr]
        name, count = wanted, int(number or 0)
        while name in self.runs:
            count += 1
            name = f"{stem}{count}"
        return name

    def begin(self, header: RunHeader) -> None:
        """Begins a run with its header row.

        Raises:
            ValueError: the journal has a run of this name.
        """
        if header.run in self.runs:
            raise ValueError(f"{self.path} has a run {header.run} already")
        self.runs = (*self.runs, header.run)
        self._seq = self._now = 0
        self._write([(0, 0, "RunHeader", VERSION, encode(header))])

    def go_on(self, header: RunHeader, seq: int, now: int) -> None:
        """Goes on with a run of this journal after its step `seq`, at the time `now` of that step.

        The header stands before this part of the run, too: what it was made with may have changed.

        Raises:
            ValueError: the journal has no run of this name.
        """
        if header.run not in self.runs:
            raise ValueError(f"{self.path} has no run {header.run}")
        self._seq, self._now = seq, now
        self._write([(seq, now, "RunHeader", VERSION, encode(header))])

    def append(self, seq: int, now: int, event: Input, records: Sequence[Record], commands: Sequence[Command]) -> None:
        """Adds a step's rows to the transaction: its input, its records, its commands."""
        self._seq, self._now = seq, now
        for value in (event, *records, *commands):
            self._rows.append((seq, now, type(value).__name__, VERSION, encode(value)))

    def commit(self) -> None:
        """Writes what was appended, as one.

        Raises:
            JournalError: it could not be written; nothing may be sent, now or later.
        """
        rows, self._rows = self._rows, []
        self._write(rows)

    def finish(self) -> None:
        """Notes that the run's inputs came to their end."""
        self._write([(self._seq, self._now, "RunEnd", VERSION, encode(RunEnd()))])

    def close(self) -> None:
        """Closes the file and gives up the lock; what was not committed is forgotten."""
        try:
            self._database.close()
        finally:
            if self._lock >= 0:
                os.close(self._lock)
                self._lock = -1

    def __enter__(self) -> SqliteJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, rows: Sequence[tuple[int, int, str, int, str]]) -> None:
        if self._failed is not None:
            raise self._failed
        database = self._database
        try:
            if len(rows) == 1:  # a transaction of its own
                database.execute(_INSERT, rows[0])
                return
            database.execute("BEGIN")
            database.executemany(_INSERT, rows)
            database.execute("COMMIT")
        except sqlite3.Error as error:
            self._failed = told(self.path, error)
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise self._failed from error


def _set_up(database: sqlite3.Connection, fresh: bool, sync: Sync) -> None:
    if fresh:
        database.execute("BEGIN")
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {SCHEMA}")
        for statement in _SCHEMA:
            database.execute(statement)
        database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(f"PRAGMA synchronous = {sync.value.upper()}")
