"""The replayed cases of the language: the `CASES` of the modules `tests/replay/test_language_*.py`."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from .telling import AnyCase

_FOLDER = Path(__file__).parent.parent / "replay"
_PREFIX = "test_language_"


def themes() -> list[str]:
    """The names of the themes: `adding`, `books`, …"""
    return sorted(path.stem.removeprefix(_PREFIX) for path in _FOLDER.glob(f"{_PREFIX}*.py"))


def cases_of(theme: str) -> Sequence[AnyCase]:
    """The cases of one theme."""
    cases: Sequence[AnyCase] = importlib.import_module(f"rulec.tests.replay.{_PREFIX}{theme}").CASES
    return cases


def all_cases() -> list[AnyCase]:
    """The cases of all themes."""
    return [case for theme in themes() for case in cases_of(theme)]
