"""How things are written, read from the grammar: `"scale" "in" size ["at" "profit" distance]` as a reader sees it.

forms("action", {"scale_in": …})["scale_in"] == "scale in SIZE [at profit DISTANCE] [at most N]"
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..grammar import GRAMMAR

# What a reader is shown for a part of the grammar. `sum` is any value; what kind of value is said where it stands.
_PARTS = {
    "distance": "DISTANCE",
    "each": "each",
    "exit_pricing": "at market|at limit PRICE",
    "expression": "CONDITION",
    "kinds": "KIND [or KIND …]|any",
    "name": "NAME",
    "of_equity": "of equity",
    "of_set": "of SYMBOLS",
    "of_symbol": "of SYMBOL",
    "period": "minute|hour|day",
    "pricing": "at …",
    "protection": "PROTECTION",
    "side": "long|short",
    "size": "SIZE",
    "sized_of": "SIZE [of SYMBOL]",
    "text": "TEXT",
}


def grammar_text() -> str:
    """The rules of the grammar without its comments."""
    return re.sub(r"^//.*\n", "", GRAMMAR.read_text(encoding="utf-8"), flags=re.M)


def forms(rule: str, values: Mapping[str, str]) -> dict[str, str]:
    """How each alternative of a rule of the grammar is written, by the alternative's name.

    `values` says for each alternative what its plain values are, in order, separated by spaces.

    Raises:
        KeyError: an alternative, or a part of one, of which nothing is said here.
    """
    body = re.search(rf"^\??{rule}: (.*?)(?=^\S|\Z)", grammar_text(), re.M | re.S)
    if body is None:
        raise KeyError(rule)
    found = {}
    for alternative in re.split(r"^\s*\|", body[1], flags=re.M):
        written, _, name = alternative.partition("->")
        found[name.strip()] = _form(written, values[name.strip()].split())
    return found


def _form(written: str, values: list[str]) -> str:
    parts = []
    for token in re.findall(r'"[^"]+"|[a-z_]+\*?|[\[\]]', written):
        word = token.strip('"')
        if token.startswith('"') or token in "[]":
            parts.append(word)
        elif word == "sum":
            parts.append(values.pop(0))
        else:
            parts.append(f"{_PARTS[word.removesuffix('*')]}{' …' if word.endswith('*') else ''}")
    text = " ".join(parts).replace("[ ", "[").replace(" ]", "]")
    return text.replace("NAME arguments", "NAME(…)").replace("TIME .. TIME", "TIME..TIME")


def keywords() -> list[str]:
    """Every word that the grammar writes in quotes, in alphabetical order."""
    return sorted(set(re.findall(r'"([a-z]+)"', grammar_text())))
