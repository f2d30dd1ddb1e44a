"""Which alternatives of the grammar a rule text uses, read off the parser's own table.

An alternative is named as the grammar names it, `rule -> alias`; of one with parts that may be left out, or that offers
a choice, each part counts for itself: used once, and left out once.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from rulec.dsl.lexer import RESERVED, tokenise
from rulec.dsl.table import Table, from_data, make, open_grammar

Production = tuple[str, str, tuple[str, ...]]
"""The rule it makes, its alias or the rule's own name, and the symbols it is made of."""


@attrs.frozen
class Grammar:
    """The parser's table, and its productions with the symbols that the table does not keep."""

    table: Table
    productions: tuple[Production, ...]

    def used_by(self, texts: Iterable[str]) -> set[Production]:
        """The productions that reading these texts reduces by.

        Raises:
            ValueError: a text that cannot be read to its end.
        """
        used: set[int] = set()
        for text in texts:
            self._read(text, used)
        return {self.productions[number] for number in used}

    def _read(self, text: str, used: set[int]) -> None:
        """Reads a text as the driver does, without building anything, and notes every reduction."""
        actions, gotos, productions = self.table.actions, self.table.gotos, self.table.productions
        soft = {kind for word, kind in self.table.keywords.items() if word not in RESERVED}
        tokens = tokenise(self.table, text)
        states, index = [self.table.start], 0
        while True:
            kind = tokens.kinds[index]
            row = actions[states[-1]]
            action = row.get(kind, row.get("NAME") if kind in soft else None)
            if action is None:
                raise ValueError(f"unexpected {kind} at {text[tokens.starts[index] :][:40]!r}")
            if action >= 0:
                states.append(action)
                index += 1
                continue
            used.add(~action)
            production = productions[~action]
            del states[len(states) - production.size :]
            if production.origin == "start":
                return
            states.append(gotos[states[-1]][production.origin])

    def not_used(self, used: set[Production]) -> list[str]:
        """What of the grammar these productions leave out, in words."""
        parts = _repetitions(self.productions)
        missing: list[str] = []
        for name, all_of in _by_name(self.productions).items():
            those = [one for one in all_of if one in used]
            if not those:
                missing.append(f"{name}: not used at all")
                continue
            for symbol in sorted({symbol for one in all_of for symbol in one[2]}):
                if not any(symbol in one[2] for one in those):
                    missing.append(f"{name}: never with {parts.get(symbol, symbol)}")
                optional = any(symbol not in one[2] for one in all_of)
                if optional and all(symbol in one[2] for one in those):
                    missing.append(f"{name}: never without {parts.get(symbol, symbol)}")
        return missing


def whole_grammar() -> Grammar:
    """The grammar as it stands in `grammar/`, made afresh: no cache of it is asked."""
    parser = open_grammar()
    rules = [
        (str(rule.origin.name), str(rule.alias or rule.origin.name), tuple(str(part.name) for part in rule.expansion))
        for rule in parser.rules
    ]
    return Grammar(from_data(make()), tuple(rules))


def _repetitions(productions: Iterable[Production]) -> dict[str, str]:
    """What Lark's own rules for repetitions repeat, by their names, which are numbers and change with the grammar."""
    found: dict[str, list[str]] = {}
    for origin, _, symbols in productions:
        if origin.startswith("_") and origin not in symbols:
            found.setdefault(origin, []).append(" ".join(symbols))
    return {origin: f"({' | '.join(repeated)})" for origin, repeated in found.items()}


def _by_name(productions: Iterable[Production]) -> dict[str, list[Production]]:
    """The productions of each alternative. A repetition that Lark takes apart is told by what it is made of; that it
    may go on and on is no alternative."""
    found: dict[str, list[Production]] = {}
    for production in productions:
        origin, alias, symbols = production
        if origin in symbols and origin.startswith("_"):
            continue
        name = f"repetition of {' '.join(symbols)}" if origin.startswith("_") else f"{origin} -> {alias}"
        found.setdefault(name, []).append(production)
    return found
