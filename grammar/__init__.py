"""The syntax of the rule language: `rules.lark`, read from the top down, and `terminals.lark`, its literals and names.

These two files are the only place where syntax is said; `dsl/table.py` turns them into the parser's table.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
GRAMMAR = FOLDER / "rules.lark"
TERMINALS = FOLDER / "terminals.lark"
