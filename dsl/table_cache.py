"""The parser's table, kept between runs in a folder of the user's.

It is data in JSON, so that reading it runs nothing; its name says what it depends on and its first line what it must
hash to. Without a folder, or with a broken file, the table is made again (about a third of a second).
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..grammar import GRAMMAR, TERMINALS
from .table import FORMAT, Table, from_data, make


@lru_cache(maxsize=1)
def load() -> Table:
    """The table from the cache, else from the grammar."""
    key = _key()
    place = _cache_folder()
    path = None if place is None else place / f"grammar-{key[:24]}.json"
    cached = None if path is None else _read(path, key)
    if cached is not None:
        return cached
    data = make()
    if path is not None:
        _write(path, key, data)
    return from_data(data)


def _key() -> str:
    """What the table depends on: the grammar, Lark's version, Python's, and the form of the data."""
    parts = [str(FORMAT), sys.version, _lark_version(), GRAMMAR.read_text("utf-8"), TERMINALS.read_text("utf-8")]
    return _checksum("\0".join(parts).encode())


def _checksum(data: bytes) -> str:
    """Tells a changed or damaged file; nobody is kept out by it, and hashlib would take longer than the cache saves."""
    return f"{zlib.crc32(data):08x}{zlib.adler32(data):08x}{len(data):x}"


def _lark_version() -> str:
    """Lark's version without importing it, which would take longer than all the rest of a small check."""
    found = importlib.util.find_spec("lark")
    if found is None or found.origin is None:
        return ""
    version = re.search(r"__version__[^=\n]*=\s*\S+", Path(found.origin).read_text("utf-8"))
    return version.group() if version else ""


def _cache_folder() -> Path | None:
    base = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(base):
        return Path(base) / "rulec"
    home = os.path.expanduser("~")
    return Path(home) / ".cache" / "rulec" if os.path.isabs(home) else None


def _read(path: Path, key: str) -> Table | None:
    """The cached table; None when there is none, or when it is not what was written."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        if head.decode("ascii") != f"{key} {_checksum(body)}":
            return None
        return from_data(json.loads(body))
    except (OSError, ValueError):
        return None


def _write(path: Path, key: str, data: dict[str, Any]) -> None:
    """Keep the table, whole or not at all, readable by its owner only; a folder that can't be written is no fault."""
    import tempfile  # only the first run on a machine pays for this import

    body = json.dumps(data, separators=(",", ":")).encode()
    head = f"{key} {_checksum(body)}\n".encode("ascii")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem)  # mkstemp makes it 0600
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(head + body)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
