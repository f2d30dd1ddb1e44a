"""Warnings: what gets one, what does not, and how a comment silences it."""

from __future__ import annotations

import pytest

from rulec.dsl.compile import compile_files, compile_text
from rulec.dsl.source import SourceFile

LIMITS = "limits { max order $50_000 }\n"


def warnings(text: str) -> list[tuple[str, str]]:
    """Code and underlined text of each diagnostic."""
    found = compile_text(text, "flow.rules").diagnostics
    return [(one.code, text[one.span.start : one.span.end]) for one in found]


CASES = [
    ("an entry with a stop", "on signal BUY -> enter long 100 stop 3%", []),
    ("an entry with a trail", "on signal BUY -> enter long 100 trail 3%", []),
    ("an entry without a stop", "on signal BUY -> enter long 100", [("W401", "enter long 100")]),
    (
        "a trail that waits",
        "on signal BUY -> enter long 100 trail 3% after 2%",
        [("W401", "enter long 100 trail 3% after 2%")],
    ),
    ("an unused let", "let a = 3", [("W406", "a")]),
    ("an unused param", "param a = 3", [("W406", "a")]),
    ("an unused field", "field a: money", [("W406", "a")]),
    ("a let used by a let that is not used", "let a = 3\nlet b = a", [("W406", "b")]),
    ("a name used in a text", 'field a: money\non signal BUY -> log "{a}"', []),
    ("a name used in limits", "let a = $3\nlimits { max position a }", []),
    ("a table that is looked up", "let a = { AAPL: 3 }\non signal BUY -> enter long a[symbol] stop 3%", []),
]


@pytest.mark.parametrize(("what", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_file_gets_its_warnings(what: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert warnings(LIMITS + text) == expected


def test_missing_limits_are_told_once_at_the_first_entry() -> None:
    rules = "on signal SELL -> exit\non signal BUY -> enter long 100 stop 3%\non signal BUY -> enter long 5 stop 3%"
    assert warnings(rules) == [("W409", "enter long 100 stop 3%")]


def test_rules_that_enter_nothing_need_no_limits() -> None:
    assert warnings("on signal SELL -> exit") == []


def test_limits_of_one_file_serve_all_files_of_a_command() -> None:
    entry = SourceFile("a.rules", "on signal BUY -> enter long 100 stop 3%")
    assert [one.code for one in compile_files([entry]).diagnostics] == ["W409"]
    assert compile_files([entry, SourceFile("b.rules", LIMITS)]).diagnostics == ()


def test_a_file_with_an_error_gets_no_warnings_and_the_others_keep_theirs() -> None:
    wrong = SourceFile("a.rules", "let unused = 3\non signal BUY -> enter long 100 stop 3")
    fine = SourceFile("b.rules", "let unused = 3\non signal BUY -> enter long 100")
    found = compile_files([wrong, fine]).diagnostics
    assert [(one.path, one.code) for one in found] == [("a.rules", "E202"), ("b.rules", "W406"), ("b.rules", "W401")]


SILENCED = [
    ("on signal BUY -> enter long 100  # rulec: ignore[W401]", []),
    ("on signal BUY  #rulec:ignore[W401]\n  -> enter long 100", []),
    ("rule a  # why not # rulec: ignore[W401]\n  on signal BUY -> enter long 100", [("W401", "enter long 100")]),
    ("rule a  # rulec: ignore[W401]\n  on signal BUY -> enter long 100", []),
    ("let a = 3  # rulec: ignore[W406]", []),
    ("on signal BUY -> enter long 100  # rulec: ignore[W406, W401]", [("W410", "# rulec: ignore[W406, W401]")]),
    ("on signal BUY -> exit  # rulec: ignore[W401]", [("W410", "# rulec: ignore[W401]")]),
    (
        "on signal BUY\n  -> enter long 100  # rulec: ignore[W401]",
        [("W401", "enter long 100"), ("W410", "# rulec: ignore[W401]")],
    ),
    ("on signal BUY -> exit  # rulec: ignore", [("W410", "# rulec: ignore")]),
    ("on signal BUY -> exit  # rulec: ignore[]", [("W410", "# rulec: ignore[]")]),
    ("# rulec: ignore[W401]", [("W410", "# rulec: ignore[W401]")]),
    ('on signal BUY -> log "# rulec: ignore[W401]"', []),
]


@pytest.mark.parametrize(("text", "expected"), SILENCED, ids=[case[0] for case in SILENCED])
def test_a_comment_where_the_statement_starts_silences_its_warnings(text: str, expected: list[tuple[str, str]]) -> None:
    assert warnings(LIMITS + text) == expected


def test_missing_limits_can_be_silenced_at_the_first_entry() -> None:
    assert warnings("on signal BUY -> enter long 100 stop 3%  # rulec: ignore[W409]\n" * 2) == [
        ("W410", "# rulec: ignore[W409]")
    ]


def test_an_error_can_not_be_silenced() -> None:
    assert warnings("on signal BUY -> enter long 100 stop 3  # rulec: ignore[E202]") == [("E202", "3")]
