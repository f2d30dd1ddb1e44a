"""The outbox on disk: what a run took in, decided and sent, a row each, and the way back from the rows.

    log(seq, now, kind, version, body)     append-only: a run's header, then each step's input, records and commands
    snapshot(seq, body)                    for a later start that need not read everything

A step's rows are committed as one before any of its commands is sent. Everything else that a runtime knows (trades,
counters, halts, positions, timers) is a view: feeding the input rows to a fresh engine makes it again.
"""

from __future__ import annotations

from .errors import JournalError as JournalError
from .reader import read_rows as read_rows
from .reader import read_runs as read_runs
from .reader import read_steps as read_steps
from .rows import Row as Row
from .rows import RunEnd as RunEnd
from .rows import RunHeader as RunHeader
from .rows import Step as Step
from .store import SqliteJournal as SqliteJournal
from .store import Sync as Sync
