"""`rulec check --fix`: what it corrects, what it leaves alone, and how it writes."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from rulec.cli.main import main
from rulec.dsl.compile import compile_files, compile_text
from rulec.dsl.diagnostics import Diagnostic, Severity
from rulec.dsl.fixing import fix_texts
from rulec.dsl.source import SourceFile

WRONG = sorted((Path(__file__).parents[1] / "data" / "wrong").glob("*/*.rules"))
LIMITS = "limits { max order $50_000 }\n"

FIXED = [
    ("on signal BUY wher confidence > 0.8 -> exit", "on signal BUY where confidence > 0.8 -> exit"),
    ("on signal BUY where confidense > 0.8 -> exit", "on signal BUY where confidence > 0.8 -> exit"),
    ("on signal BUY where confidence > 0.8 exit", "on signal BUY where confidence > 0.8 -> exit"),
    ("on price where symbol = AAPL -> exit", "on price where symbol == AAPL -> exit"),
    ("limits { max order 50_000 }", None),
    ("on signal BUY -> move stop to 145", "on signal BUY -> move stop to $145"),
    ("on signal BUY -> enter long 100 stop at 145", "on signal BUY -> enter long 100 stop at $145"),
    ("on signal BUY -> enter long 100 stop 3 away", "on signal BUY -> enter long 100 stop $3 away"),
    ("on signal BUY -> enter long 100 stop 3", None),
    ("let spare = 3\non signal BUY -> exit", "on signal BUY -> exit"),
    ("let one = 3\nlet two = one\non signal BUY -> exit", "on signal BUY -> exit"),
    ("let spare = 3  # kept\non signal BUY -> exit", "  # kept\non signal BUY -> exit"),
    ("on signal BUY wher confidense > 0.8 -> exot", "on signal BUY where confidence > 0.8 -> exit"),
]


def problems(texts: Mapping[str, str]) -> list[Diagnostic]:
    return list(compile_files([SourceFile(path, text) for path, text in texts.items()]).diagnostics)


@pytest.mark.parametrize(("before", "after"), FIXED, ids=[case[0] for case in FIXED])
def test_what_has_one_correction_is_corrected(before: str, after: str | None) -> None:
    fixed = fix_texts({"a.rules": before}, problems, lambda one: True)
    assert fixed.texts["a.rules"] == (before if after is None else after)
    assert bool(fixed.done) == (after is not None)


@pytest.mark.parametrize("path", WRONG, ids=[f"{path.parent.name}/{path.stem}" for path in WRONG])
def test_a_fix_removes_what_it_was_offered_for_and_brings_nothing_new(path: Path) -> None:
    source, unreadable = SourceFile.from_bytes(path.name, path.read_bytes())
    if unreadable:
        return
    before = {path.name: source.text}
    fixed = fix_texts(before, problems, lambda one: True)
    was, left = (Counter((one.code, one.message) for one in problems(texts)) for texts in (before, fixed.texts))
    errors_before = any(one.severity is Severity.ERROR for one in problems(before))
    new = {key for key in left - was if not errors_before or key[0].startswith("E")}
    uncovered = {(one.code, one.message) for _, one in fixed.done}  # a fix may bring to light what it then fixed too
    assert new <= uncovered
    plan = compile_text(source.text, path.name).plan
    if plan is not None:
        again = compile_text(fixed.texts[path.name], path.name).plan
        assert again is not None
        assert (again.rules, again.limits) == (plan.rules, plan.limits)
    assert fix_texts(fixed.texts, problems, lambda one: True).texts == fixed.texts


def test_files_keep_their_line_ends_their_mark_and_their_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.rules"
    file.write_bytes(b"\xef\xbb\xbfon signal BUY\r\n  wher confidence > 0.8 -> exit\r\n")
    file.chmod(0o640)
    (tmp_path / "b.rules").write_text("on signal SELL -> exot\nlet spare = 3\n")
    (tmp_path / "fine.rules").write_text("on signal SHORT -> exit\n")
    untouched = (tmp_path / "fine.rules").stat().st_ino
    assert main(["check", "--fix", "."]) == 0
    assert file.read_bytes() == b"\xef\xbb\xbfon signal BUY\r\n  where confidence > 0.8 -> exit\r\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "b.rules").read_text() == "on signal SELL -> exit\n"
    assert (tmp_path / "fine.rules").stat().st_ino == untouched
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.rules", "b.rules", "fine.rules"]
    assert capsys.readouterr().err.splitlines() == [
        "fixed 3 problems in 2 files",
        "3 files, 3 rules: no errors",
    ]


def test_only_codes_that_are_shown_are_fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.rules").write_text("let spare = 3\non signal SELL -> exit\n")
    assert main(["check", "--fix", "a.rules", "--ignore", "W406"]) == 0
    assert Path("a.rules").read_text() == "let spare = 3\non signal SELL -> exit\n"


def test_standard_input_is_printed_with_its_fixes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "on signal SELL -> exot\non signal BUY -> enter long 100 stop 3\n"
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    assert main(["check", "--fix", "-"]) == 1
    said = capsys.readouterr()
    assert said.out == "on signal SELL -> exit\non signal BUY -> enter long 100 stop 3\n"
    assert said.err.splitlines()[0] == "fixed 1 problem in 1 file"
    assert "error[E202]" in said.err


def test_nothing_to_fix_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.rules").write_text("on signal SELL -> exit\n")
    assert main(["check", "--fix", str(tmp_path)]) == 0
    assert capsys.readouterr().err.startswith("nothing to fix\n")
