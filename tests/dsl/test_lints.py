"""Warnings: what gets one, what does not, and how a comment silences it."""

from __future__ import annotations

import pytest

from rulec.dsl.codes import CODES
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
    entries = [f"on signal {kind} -> enter long 100 stop 3%  # rulec: ignore[W409]\n" for kind in ("BUY", "MORE")]
    assert warnings("".join(entries)) == [("W410", "# rulec: ignore[W409]")]


RESTLESS = [
    ("on price of AAPL -> enter long 100 stop 3%", ["W407"]),
    ("on bar where close > sma(20) -> enter long 100 stop 3%", ["W407"]),
    ("rule a cooldown 1h on price of AAPL -> enter long 100 stop 3%", []),
    ("rule a at most 3 per day on price of AAPL -> enter long 100 stop 3%", []),
    ("on bar where close crosses above sma(20) and volume > 5 -> enter long 100 stop 3%", []),
    ("let up = close crosses above sma(20)\non bar where flat and up -> enter long 100 stop 3%", []),
    ("on price of AAPL where trades_today < 3 -> enter long 100 stop 3%", []),
    ("on price of AAPL where position.profit > 3% -> exit", []),
    ("on signal BUY -> enter long 100 stop 3%", []),
    ("on price of AAPL -> enter long 100 stop 3%  # rulec: ignore[W407]", []),
]


@pytest.mark.parametrize(("text", "expected"), RESTLESS, ids=[case[0] for case in RESTLESS])
def test_an_entry_on_prices_that_never_rests_is_told(text: str, expected: list[str]) -> None:
    assert [code for code, _ in warnings(LIMITS + text)] == expected


NEAR = [
    ("stop 8% target 3%", True),
    ("stop 3% target 8%", False),
    ("stop 6 atr target 4 atr", True),
    ("stop 6 atr(20) target 4 atr", False),
    ("stop 3% target 0.5R", True),
    ("stop 3% target 1R", False),
    ("stop $3 away target $2 away", True),
    ("stop at $3 target at $2", False),
    ("stop 3% target $2 away", False),
]


@pytest.mark.parametrize(("protection", "told"), NEAR, ids=[case[0] for case in NEAR])
def test_a_target_nearer_than_the_stop_is_told_only_where_it_is_asked_for(protection: str, told: bool) -> None:
    source = SourceFile("flow.rules", f"{LIMITS}on signal BUY -> enter long 100 {protection}")
    assert compile_files([source]).diagnostics == ()
    assert [one.code for one in compile_files([source], asked={"W408"}).diagnostics] == ["W408"] * told


def test_an_ignore_of_what_was_not_looked_for_is_not_needless() -> None:
    text = f"{LIMITS}on signal BUY -> enter long 100 stop 8% target 3%  # rulec: ignore[W408]"
    source = SourceFile("flow.rules", text)
    assert compile_files([source]).diagnostics == ()
    assert compile_files([source], asked={"W408"}).diagnostics == ()


@pytest.mark.parametrize("code", ["W402", "W403", "W404", "W405"])
def test_a_proof_can_be_silenced_where_its_statement_starts(code: str) -> None:
    lines = LIMITS + CODES[code].wrong
    found = [one for one in compile_text(lines).diagnostics if one.code == code]
    line = lines[: found[0].span.start].count("\n")
    silenced = lines.splitlines()
    silenced[line] += f"  # rulec: ignore[{code}]"
    assert compile_text("\n".join(silenced)).diagnostics == ()


def test_an_error_can_not_be_silenced() -> None:
    assert warnings("on signal BUY -> enter long 100 stop 3  # rulec: ignore[E202]") == [("E202", "3")]
