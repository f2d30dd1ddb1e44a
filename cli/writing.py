"""Replaces a user's file so that there is always a whole one: the old, or the new."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import CommandError


def replace_file(path: str, data: bytes) -> None:
    """Put `data` in the place of a file, behind a link too; its rights are kept.

    Raises CommandError where that can't be done; the file is then as it was.
    """
    place = Path(path).resolve()
    try:
        rights = place.stat().st_mode
        handle, temporary = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".new", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(rights & 0o7777)
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CommandError(f"{path}: the file could not be written: {error.strerror or error}") from error
