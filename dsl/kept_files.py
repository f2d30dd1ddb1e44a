"""Files that are kept from one run to the next, in the user's cache folder: all can be made again, so none is trusted.

A file begins with its key and a checksum of the rest; one that is damaged, or of another key, is as good as none. It is
written beside its place and then put there at once, so that whoever reads it meanwhile reads a whole one.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path


def kept_folder() -> Path | None:
    """Where they lie: `rulec` in `$XDG_CACHE_HOME` or in `~/.cache`; None where there is no such place."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(base):
        return Path(base) / "rulec"
    home = os.path.expanduser("~")
    return Path(home) / ".cache" / "rulec" if os.path.isabs(home) else None


def checksum(data: bytes) -> str:
    """Tells a changed or damaged file; nobody is kept out by it, and hashlib would take longer than the cache saves."""
    return f"{zlib.crc32(data):08x}{zlib.adler32(data):08x}{len(data):x}"


def read_kept(path: Path, key: str) -> bytes | None:
    """What was kept under the key; None when there is nothing, or when it is not what was written."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if head == f"{key} {checksum(body)}".encode() else None


def write_kept(path: Path, key: str, body: bytes) -> bool:
    """Keep it, whole or not at all, readable by its owner only; whether that could be done.

    A folder that can't be written, or a full disk, is no fault.
    """
    import tempfile  # only who has something to keep pays for this import

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem)  # mkstemp makes it 0600
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(f"{key} {checksum(body)}\n".encode() + body)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        return False
    return True
