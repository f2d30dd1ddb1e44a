"""The recorded session that ships with rulec: real bars of a morning with signals laid over them."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "examples" / "recorded"

# At this speed the session's two and a half hours last fifty seconds.
SPEED = 180.0


def _path(name: str) -> str:
    """A file of the session, as short as it can be told from the current folder."""
    whole = str(_FOLDER / name)
    near = os.path.relpath(whole)
    return whole if near.startswith(os.pardir) else near


def rules() -> str:
    return _path("session.rules")


def market() -> str:
    return _path("session.csv")


def signals() -> str:
    return _path("session.jsonl")
