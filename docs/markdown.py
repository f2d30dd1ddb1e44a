"""Pieces of Markdown that the tables are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key")
Meaning = TypeVar("Meaning")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def code(text: str) -> str:
    return f"`{text}`"


def each(names: Iterable[Key], meanings: Mapping[Key, Meaning]) -> list[tuple[Key, Meaning]]:
    """Names with their meanings, in the order of the names.

    Raises:
        ValueError: the two do not have the same names.
    """
    known = list(names)
    if set(known) != set(meanings):
        raise ValueError(f"meanings are missing or left over: {set(known) ^ set(meanings)}")
    return [(name, meanings[name]) for name in known]
