"""A journal's file before SQLite writes to it: is it one of ours, can it be read, does somebody else write to it?

A file that is refused is left as it is, byte for byte, and nothing is put beside it. So a file is judged by its first
bytes and by a look that changes nothing before it is opened for writing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from .errors import JournalError

# Stands in the file's header, so that a journal is told from any other SQLite database: "rulc".
APPLICATION = 0x72756C63
SCHEMA = 1

_MAGIC = b"SQLite format 3\0"
_LEFT = "it was left as it is; name another file, or move this one away"


@contextlib.contextmanager
def telling(path: str) -> Iterator[None]:
    """Turns what SQLite and the system say into a `JournalError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise told(path, error) from error
    except OSError as error:
        raise JournalError(path, f"cannot be opened: {error.strerror or error}") from error


def told(path: str, error: sqlite3.Error) -> JournalError:
    """What a fault of the database means to a user."""
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_FULL:
        return JournalError(
            path, "the disk is full", "what is not in the journal was not sent; free space, start again"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "decode" in str(error):
        return damaged(path, str(error))
    return JournalError(path, f"the journal cannot be used: {error}")


def damaged(path: str, what: str) -> JournalError:
    return JournalError(path, f"the journal is damaged: {what}", _LEFT)


def newer(path: str, what: str) -> JournalError:
    return JournalError(path, f"the journal was written by a newer rulec: {what}", _LEFT)


def take_lock(path: str) -> int:
    """Opens a journal's file, made where there is none, for one writer alone.

    Returns:
        A descriptor that holds the lock. It must stay open for as long as the database is, and be closed after it.

    Raises:
        JournalError: another run writes to it, or it cannot be opened.
    """
    with telling(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise JournalError(path, "another run writes to this journal", "stop it, or name another file") from None
        except OSError:
            os.close(descriptor)
            raise
    return descriptor


def judge(path: str, descriptor: int) -> bool:
    """Whether the file is new (empty); one that is not a sound journal is refused.

    Raises:
        JournalError: it is another kind of file, newer or damaged.
    """
    with telling(path):
        start = os.pread(descriptor, 100, 0)
    if not start:
        return True
    if not start.startswith(_MAGIC) or int.from_bytes(start[68:72], "big") != APPLICATION:
        raise JournalError(path, "the file is no journal of rulec", _LEFT)
    check_schema(path, int.from_bytes(start[60:64], "big"))
    with telling(path), contextlib.closing(open_to_read(path)) as database:
        found = [str(line) for (line,) in database.execute("PRAGMA quick_check(1)")]
    if found != ["ok"]:
        raise damaged(path, "; ".join(found))
    return False


def check_schema(path: str, schema: int) -> None:
    if schema > SCHEMA:
        raise newer(path, f"its schema is {schema}, and {SCHEMA} is the newest known here")


def open_to_read(path: str) -> sqlite3.Connection:
    """A connection that changes nothing. Without a write-ahead log nobody writes, and no side files are made."""
    quiet = not os.path.exists(path + "-wal")  # noqa: PTH110 - a name beside the file's, whatever the file is called
    address = f"file:{quote(str(Path(path).absolute()))}?mode=ro{'&immutable=1' if quiet else ''}"
    return sqlite3.connect(address, uri=True, isolation_level=None)
