"""How things are written, read from the grammar: `"scale" "in" size ["at" "profit" distance]` as a reader sees it.

forms("action", {"scale_in": …})["scale_in"] == "scale in SIZE [at profit DISTANCE] [at most N]"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..grammar import GRAMMAR

# What a reader is shown for a part of the grammar. `sum` and `product` are any value; what kind of value is said where
# they stand. A part that is one of some words is shown as those words.
_PARTS = {
    "arguments": "(…)",
    "distance": "DISTANCE",
    "exit_pricing": "at market|at limit PRICE",
    "expression": "CONDITION",
    "for_symbol": "SYMBOL",
    "kind": "KIND",
    "kinds": "KIND [or KIND …]|any",
    "name": "NAME",
    "of_equity": "of equity",
    "of_set": "of SYMBOLS",
    "of_symbol": "of SYMBOL",
    "place_pricing": "at market|at limit PRICE|at stop PRICE",
    "pricing": "at …",
    "protection": "PROTECTION",
    "size": "SIZE",
    "sized_of": "SIZE [of SYMBOL]",
    "text": "TEXT",
}
_VALUES = ("sum", "product")


def grammar_text() -> str:
    """The rules of the grammar without its comments."""
    return re.sub(r"^//.*\n", "", GRAMMAR.read_text(encoding="utf-8"), flags=re.M)


def forms(rule: str, values: Mapping[str, str]) -> dict[str, str]:
    """How each alternative of a rule of the grammar is written, by the alternative's name.

    `values` says for each alternative what its plain values are, in order, separated by spaces.

    Raises:
        KeyError: an alternative, or a part of one, of which nothing is said here.
    """
    return {name: _form(written, values[name].split()) for written, name in _alternatives(rule)}


def names_of(*rules: str) -> list[str]:
    """What the alternatives of rules of the grammar are called; those that are only another rule have no name.

    Raises:
        KeyError: there is no such rule.
    """
    return [name for rule in rules for _, name in _alternatives(rule) if name]


def parts_of(rule: str) -> list[str]:
    """The rules of which one is meant by a rule that is nothing else: `use`, `let`, … for `statement`."""
    return [written.strip() for written, name in _alternatives(rule) if not name]


def _alternatives(rule: str) -> Iterator[tuple[str, str]]:
    """What stands in each alternative, and its name."""
    body = re.search(rf"^\??{rule}: (.*?)(?=^\S|\Z)", grammar_text(), re.M | re.S)
    if body is None:
        raise KeyError(rule)
    separator = r"^\s*\|" if "->" in body[1] else r"\|"
    for alternative in re.split(separator, body[1], flags=re.M):
        written, _, name = alternative.partition("->")
        yield written, name.strip()


def _form(written: str, values: list[str]) -> str:
    parts = []
    written = re.sub(r'"\(" .* "\)"', "arguments", written)
    for token in re.findall(r'"[^"]+"|[a-z_]+\*?|[\[\]]', written):
        word = token.strip('"')
        if token.startswith('"') or token in "[]":
            parts.append(word)
        elif word in _VALUES:
            parts.append(values.pop(0))
        else:
            parts.append(f"{_shown(word.removesuffix('*'))}{' …' if word.endswith('*') else ''}")
    text = " ".join(parts).replace("[ ", "[").replace(" ]", "]").replace("NAME (…)", "NAME(…)")
    return text.replace("TIME .. TIME", "TIME..TIME")


def _shown(part: str) -> str:
    if part in _PARTS:
        return _PARTS[part]
    words = [re.fullmatch(r'\s*"([^"]+)"\s*', written) for written, _ in _alternatives(part)]
    if None in words:
        raise KeyError(part)
    return "|".join(word[1] for word in words if word is not None)


def keywords() -> list[str]:
    """Every word that the grammar writes in quotes, in alphabetical order."""
    return sorted(set(re.findall(r'"([a-z]+)"', grammar_text())))
