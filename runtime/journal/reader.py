"""A journal read back: rows, runs, steps. Reading changes nothing, and may go on while a run writes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .codec import INPUTS, RECORDS, NewerRow, decode
from .errors import JournalError
from .files import APPLICATION, check_schema, damaged, newer, open_to_read, telling
from .rows import Row, RunEnd, RunHeader, Step


def read_runs(path: str) -> list[RunHeader]:
    """The headers of a journal's runs, the oldest first; of a run in several parts the first part's.

    Raises:
        JournalError: the file cannot be read, or is no sound journal.
    """
    with telling(path), contextlib.closing(_open(path)) as database:
        query = "SELECT version, body FROM log WHERE kind = 'RunHeader' ORDER BY rowid"
        headers = [_decoded(path, "RunHeader", version, body) for version, body in database.execute(query)]
        return list({header.run: header for header in reversed(headers)}.values())[::-1]


def read_rows(path: str, run: str | None = None) -> Iterator[Row]:
    """The rows of a journal in the order in which they were written; of one run or of all.

    Raises:
        JournalError: the file cannot be read, or is no sound journal.
    """
    with telling(path), contextlib.closing(_open(path)) as database:
        current = ""
        for seq, now, kind, version, body in database.execute(
            "SELECT seq, now, kind, version, body FROM log ORDER BY rowid"
        ):
            if kind != "RunHeader" and run not in (None, current):
                continue
            value = _decoded(path, kind, version, body)
            if isinstance(value, RunHeader):
                current = value.run
                if run not in (None, current):
                    continue
            yield Row(current, seq, now, kind, version, body, value)


def read_steps(path: str, run: str) -> Iterator[Step | RunEnd]:
    """One run's steps, and its end where it came to one.

    Raises:
        JournalError: the file cannot be read, is no sound journal, or its rows are not those of a run.
    """
    # Any: a union's members, told apart by the sets of the codec
    event: Any = None
    seq = now = 0
    records: list[Any] = []
    commands: list[Any] = []
    for row in read_rows(path, run):
        made = type(row.value)
        if made is RunHeader:
            continue
        if made in INPUTS or made is RunEnd:
            if event is not None:
                yield Step(seq, now, event, tuple(records), tuple(commands))
            event, seq, now, records, commands = None, row.seq, row.now, [], []
            if isinstance(row.value, RunEnd):
                yield row.value
            else:
                event = row.value
        elif event is None or row.seq != seq:
            raise damaged(path, f"row {row.seq} of run {run}, {row.kind}, belongs to no input")
        else:
            (records if made in RECORDS else commands).append(row.value)
    if event is not None:
        yield Step(seq, now, event, tuple(records), tuple(commands))


def choose_run(path: str, wanted: str | None) -> RunHeader:
    """The run of this name; the last one where none is named.

    Raises:
        JournalError: there is none.
    """
    runs = read_runs(path)
    if not runs:
        raise JournalError(path, "the journal holds no run")
    if wanted is None:
        return runs[-1]
    for header in runs:
        if header.run == wanted:
            return header
    names = ", ".join(header.run for header in runs)
    raise JournalError(path, f"the journal has no run {wanted}", f"it has {names}")


def _open(path: str) -> sqlite3.Connection:
    if not Path(path).exists():
        raise JournalError(path, "there is no such file")
    database = open_to_read(path)
    try:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (schema,) = database.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION:
            raise JournalError(path, "the file is no journal of rulec")
        check_schema(path, schema)
    except sqlite3.DatabaseError as error:
        database.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise JournalError(path, "the file is no journal of rulec") from error
        raise
    except BaseException:
        database.close()
        raise
    return database


def _decoded(path: str, kind: str, version: int, body: str) -> Any:
    try:
        return decode(kind, version, body)
    except NewerRow as error:
        raise newer(path, str(error)) from error
    except ValueError as error:
        raise damaged(path, str(error)) from error
