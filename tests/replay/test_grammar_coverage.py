"""Every alternative of the grammar, and every built-in name, is used by a replayed case whose outcome is asserted.

The cases are the `CASES` of the modules `test_language_*.py` beside this one, and for tests in the language those that
`rulec test` runs (`support/scenario_cases.py`). Whoever adds to the grammar adds a case
there, or this test names what has none.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulec.dsl import catalog
from rulec.dsl.lexer import tokenise
from rulec.grammar import GRAMMAR
from rulec.tests.support.grammar_use import Grammar, whole_grammar
from rulec.tests.support.language_cases import all_cases
from rulec.tests.support.scenario_cases import rules_text

REFUSED = {
    # `use std`: modules ship with rulec under `std.`, so a name alone is always an error (E105)
    "module -> module: never without (DOT module_part)",
}
"""What the grammar reads and the compiler refuses whatever else the file says, so that no replay can use it."""


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [text for case in all_cases() for text in case.texts()] + [rules_text()]


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return whole_grammar()


def test_every_alternative_of_the_grammar_is_used_by_a_replayed_case(grammar: Grammar, texts: list[str]) -> None:
    missing = [line for line in grammar.not_used(grammar.used_by(texts)) if line not in REFUSED]
    assert not missing, "\n".join(["no replayed case:", *missing])


def test_an_alternative_without_a_case_is_named(grammar: Grammar) -> None:
    plain = grammar.used_by(["on signal BUY -> enter long 100 stop 3%\n"])
    missing = grammar.not_used(plain)
    assert "action -> exit_everything: not used at all" in missing
    assert "trigger -> signal_trigger: never with of_set" in missing
    assert "rule -> rule: never with header" in missing
    assert "action -> enter: never with (protection)" not in missing


def test_an_alternative_added_to_the_grammar_is_missed_until_a_case_uses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str]
) -> None:
    for file in GRAMMAR.parent.glob("*.lark"):
        text = file.read_text()
        (tmp_path / file.name).write_text(
            text.replace(
                '| "start" -> start_trigger', '| "start" -> start_trigger\n | "lunch" [of_set] -> lunch_trigger'
            )
        )
    monkeypatch.setattr("rulec.dsl.table.GRAMMAR", tmp_path / GRAMMAR.name)
    grown = whole_grammar()
    assert set(grown.not_used(grown.used_by(texts))) - REFUSED == {"trigger -> lunch_trigger: not used at all"}
    texts = [*texts, "on lunch of AAPL -> exit\n"]
    assert set(grown.not_used(grown.used_by(texts))) - REFUSED == {"trigger -> lunch_trigger: never without of_set"}


def test_every_operator_and_word_of_the_language_is_used(grammar: Grammar, texts: list[str]) -> None:
    written: set[str] = set()
    for text in texts:
        tokens = tokenise(grammar.table, text)
        written.update(tokens.text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True))
    words = set(grammar.table.keywords) | set(">= <= == != < > + - * / ..".split())
    assert words - written == set()


def test_every_built_in_name_is_asked_for(texts: list[str]) -> None:
    whole = re.sub(r'"[^"\n]*"', '""', "\n".join(texts))
    asked = set(re.findall(r"[a-z_]+\.[a-z_]+|(?<![.\w])[a-z_]+", whole))
    names = {*catalog.EVENT_NAMES, *catalog.ALWAYS_THERE, *catalog.FUNCTIONS}
    names |= {f"{owner}.{name}" for owner, fields in catalog.OWNERS.items() for name in fields}
    assert names - asked == set()


def test_no_two_cases_have_the_same_sentence() -> None:
    sentences = [case.sentence for case in all_cases()]
    assert len(sentences) == len(set(sentences))
