"""Bytes to text, offsets to places, and diagnostics to what a person or a program reads."""

from __future__ import annotations

import json

import pytest

from rulec.dsl import render
from rulec.dsl.codes import CODES
from rulec.dsl.compile import compile_files
from rulec.dsl.diagnostics import Diagnostic, Edit, Fix, Severity
from rulec.dsl.source import LARGEST_FILE, SourceFile
from rulec.dsl.span import Span
from rulec.dsl.spelling import nearest

PATH = "flow.rules"


def report(text: str, piece: str, label: str = "", help_text: str | None = None) -> str:
    start = text.index(piece)
    one = Diagnostic("E202", "a stop needs a unit", PATH, Span(start, start + len(piece)), label, help_text)
    return render.full([one], {PATH: SourceFile(PATH, text)})


def test_a_full_report_is_as_the_reference_draws_it() -> None:
    text = "\n\non signal BUY -> enter long 100 stop 3\n"
    start = len(text) - 2
    one = Diagnostic(
        "E202",
        "a stop needs a unit",
        PATH,
        Span(start, start + 1),
        "3 what?",
        "write `3%`, `$3 away`, `3 atr` or `at $3`",
        ("prices are in the contract's currency",),
    )
    assert (
        render.full([one], {PATH: SourceFile(PATH, text)})
        == """\
error[E202]: a stop needs a unit
  --> flow.rules:3:38
   |
 3 | on signal BUY -> enter long 100 stop 3
   |                                      ^ 3 what?
   = help: write `3%`, `$3 away`, `3 atr` or `at $3`
   = note: prices are in the contract's currency

"""
    )


@pytest.mark.parametrize(
    ("text", "piece", "line", "carets"),
    [
        ("let x = 5", "x", "let x = 5", "    ^"),
        ("\tlet x", "x", "    let x", "        ^"),
        ("a\tlet x", "let", "a   let x", "    ^^^"),
        ("# 日本 x", "x", "# 日本 x", "       ^"),
        ("# 日本 x", "日本", "# 日本 x", "  ^^^^"),
        ("# e\u0301 x", "x", "# e\u0301 x", "    ^"),
        ("# \x1b[31m x", "x", "# \ufffd[31m x", "        ^"),
        ("let x = (\n5)", "(\n5)", "let x = (", "        ^"),
    ],
)
def test_carets_stand_under_their_piece(text: str, piece: str, line: str, carets: str) -> None:
    rows = report(text, piece).splitlines()
    assert rows[3:5] == [f" 1 | {line}", f"   | {carets}"]


def test_of_a_very_long_line_the_part_around_the_place_is_shown() -> None:
    text = "let x = [" + "1, " * 100_000 + "y" + ", 1" * 1_000 + "]"
    row, carets = report(text, "y").splitlines()[3:5]
    assert len(row) < 140
    assert row[carets.index("^")] == "y"


def test_a_style_gets_each_piece_with_its_part() -> None:
    parts: set[str] = set()

    def note(text: str, part: str) -> str:
        parts.add(part)
        return f"<{text}>"

    one = Diagnostic("W401", "no stop", PATH, Span(0, 2), "here", "add one")
    drawn = render.full([one], {PATH: SourceFile(PATH, "on")}, note)
    assert parts == {"warning", "strong", "edge", "help"}
    assert drawn.replace("<", "").replace(">", "") == render.full([one], {PATH: SourceFile(PATH, "on")}).replace(
        ">", ""
    )


def test_concise_and_json_say_the_same() -> None:
    text = "let x = 5\nlet y = $30k\n"
    start = text.index("$")
    fix = Fix("write `$30_000`", (Edit(Span(start, start + 4), "$30_000"),))
    one = Diagnostic("E001", "not an amount", PATH, Span(start, start + 4), "", "write `$30_000`", (), (fix,))
    sources = {PATH: SourceFile(PATH, text)}
    assert render.concise([one], sources) == "flow.rules:2:9: E001 not an amount\n"
    place = {"line": 2, "column": 9, "end_line": 2, "end_column": 13}
    assert json.loads(render.as_json([one], sources)) == [
        {
            "code": "E001",
            "severity": "error",
            "message": "not an amount",
            "path": PATH,
            **place,
            "help": "write `$30_000`",
            "fixes": [{"title": "write `$30_000`", "edits": [{**place, "text": "$30_000"}]}],
        }
    ]
    assert json.loads(render.as_json([], {})) == []


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"let x = 5\n# caf\xe9\n", "E004", 2, 6),
        (b"\xef\xbb\xbf# \xff", "E004", 1, 3),
        ("# \u00e9 \0".encode(), "E004", 1, 5),
        (b"\xff\xfeo\0n\0", "E004", 1, 1),
        (b"#" * (LARGEST_FILE + 1), "E006", 1, 1),
    ],
)
def test_bytes_that_are_no_rule_file(data: bytes, code: str, line: int, column: int) -> None:
    source, (diagnostic,) = SourceFile.from_bytes(PATH, data)
    assert diagnostic.code == code
    assert source.position(diagnostic.span.start) == (line, column)
    assert render.full([diagnostic], {PATH: source})


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("", 0, (1, 1)),
        ("a\nb", 2, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\tb", 2, (1, 3)),
        ("\u00e9\U0001f600b", 2, (1, 3)),
        ("a\n", 2, (2, 1)),
    ],
)
def test_a_place_counts_characters_from_one(text: str, offset: int, place: tuple[int, int]) -> None:
    source = SourceFile.from_bytes(PATH, b"\xef\xbb\xbf" + text.encode())[0]
    assert source.position(offset) == place


def test_a_line_has_no_end() -> None:
    source = SourceFile(PATH, "a\r\n\nc")
    assert [source.line(number) for number in (1, 2, 3)] == ["a", "", "c"]


# ---- codes and spelling --------------------------------------------------------------------------------------------


def codes_of(text: str) -> set[str]:
    source, found = SourceFile.from_bytes("example.rules", text.encode())
    compilation = compile_files([] if found else [source], found=found, asked=CODES)
    return {diagnostic.code for diagnostic in compilation.diagnostics}


@pytest.mark.parametrize("code", CODES)
def test_the_wrong_example_of_a_code_gets_it_and_the_right_one_does_not(code: str) -> None:
    entry = CODES[code]
    assert code in codes_of(entry.wrong)
    right = codes_of(entry.right)
    assert code not in right
    assert not any(other.startswith("E") for other in right)
    assert (entry.severity is Severity.WARNING) == code.startswith("W")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("wher", "where"), ("whree", "where"), ("whexy", None), ("no", "on"), ("x", None), ("o", None),
        ("enter", "enter"), ("entre", "enter"), ("priorty", "priority"), ("prioritise", None), ("exits", "exit"),
    ],
)  # fmt: skip
def test_a_slip_of_the_hand_is_near_enough(word: str, meant: str | None) -> None:
    assert nearest(word, ["on", "where", "enter", "exit", "priority"]) == meant
