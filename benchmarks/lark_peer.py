"""Lark by itself on one-line rules: what reading them costs before anybody asks what they mean.

As a script, `python lark_peer.py FILE COUNT` reads a file with a grammar for these lines alone and wants so many rules
in its tree. Lark is used as it comes: its LALR parser, its contextual lexer, a tree with no transformer.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import lark

GRAMMAR = r"""
start: (limits | rule)*
limits: "limits" "{" "max" "order" MONEY "}"
rule: "on" "signal" KIND "where" "symbol" "==" KIND "and" "confidence" ">" NUMBER "->" entry
entry: "enter" SIDE NUMBER "stop" PERCENT "target" PERCENT
SIDE: "long" | "short"
KIND: /[A-Z][A-Z0-9]*/
MONEY: /\$[0-9][0-9_]*/
PERCENT: /[0-9]+(\.[0-9]+)?%/
NUMBER: /[0-9]+(\.[0-9]+)?/
%ignore /\s+/
"""


def small_parser() -> Any:
    """Lark with a grammar that knows these lines and nothing else."""
    return lark.Lark(GRAMMAR, parser="lalr", lexer="contextual")


def count_rules(tree: Any) -> int:
    """How many rules a tree holds."""
    return sum(1 for _ in tree.find_data("rule"))


def words(tree: Any) -> list[tuple[str, ...]]:
    """What each rule of a tree says: kind, symbol, threshold, side, quantity, stop, target."""
    return [
        tuple(token.value for token in rule.scan_values(lambda value: isinstance(value, lark.Token)))
        for rule in tree.find_data("rule")
    ]


def main(path: str, count: str) -> int:
    tree = small_parser().parse(Path(path).read_text(encoding="utf-8"))
    return 0 if count_rules(tree) == int(count) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
