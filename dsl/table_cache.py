"""The parser's table, kept between runs in a folder of the user's.

It is data in JSON, so that reading it runs nothing; its name says what it depends on and its first line what it must
hash to. Without a folder, or with a broken file, the table is made again (about a third of a second).
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from functools import lru_cache
from pathlib import Path

from ..grammar import GRAMMAR, TERMINALS
from .kept_files import checksum, kept_folder, read_kept, write_kept
from .table import FORMAT, Table, from_data, make


@lru_cache(maxsize=1)
def load() -> Table:
    """The table from the cache, else from the grammar."""
    key = _key()
    place = kept_folder()
    path = None if place is None else place / f"grammar-{key[:24]}.json"
    cached = None if path is None else _read(path, key)
    if cached is not None:
        return cached
    data = make()
    if path is not None:
        write_kept(path, key, json.dumps(data, separators=(",", ":")).encode())
    return from_data(data)


def _key() -> str:
    """What the table depends on: the grammar, Lark's version, Python's, and the form of the data."""
    parts = [str(FORMAT), sys.version, _lark_version(), GRAMMAR.read_text("utf-8"), TERMINALS.read_text("utf-8")]
    return checksum("\0".join(parts).encode())


def _lark_version() -> str:
    """Lark's version without importing it, which would take longer than all the rest of a small check."""
    found = importlib.util.find_spec("lark")
    if found is None or found.origin is None:
        return ""
    version = re.search(r"__version__[^=\n]*=\s*\S+", Path(found.origin).read_text("utf-8"))
    return version.group() if version else ""


def _read(path: Path, key: str) -> Table | None:
    """The cached table; None when there is none, or when it is not what was written."""
    body = read_kept(path, key)
    try:
        return None if body is None else from_data(json.loads(body))
    except ValueError:
        return None
