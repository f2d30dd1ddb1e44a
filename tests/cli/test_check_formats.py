"""The forms of `rulec check` that other programs read but SARIF, and what is shown of what was found."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from rulec.cli.main import main

TEXT = """limits { max order $50_000 }
let spare, = 3
on signal BUY where confidense > 0.8 -> enter long 100 stop 3
"""
WARNED = "limits { max order $50_000 }\nlet a = 3\nlet b = 3\non signal BUY -> enter long 100 target 8%\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.rules").write_text("on signal BUY where confidense > 0.8 -> enter long 100 stop 3\n")
    (tmp_path / "warned.rules").write_text(WARNED)
    (tmp_path / "odd, näme.rules").write_text("on signal SELL -> exot\n")
    (tmp_path / "fine.rules").write_text("on signal SELL -> exit\n")
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["check", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_github_gets_a_command_for_each(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = checked(capsys, "odd, näme.rules", "warned.rules", "--format", "github")
    assert code == 1
    first, *rest = out.splitlines()
    assert first.startswith("::error file=odd%2C näme.rules,line=1,endLine=1,col=19,endColumn=23,title=E003::")
    assert all(line.startswith(("::warning file=warned.rules,line=", "::error ")) for line in rest)


def test_junit_has_a_case_for_each_and_fails_for_errors(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = checked(capsys, ".", "--format", "junit")
    root = Xml.fromstring(out.split("\n", 1)[1])
    suites = {suite.get("name"): suite for suite in root}
    assert root.get("tests") == str(len(root.findall("*/testcase")))
    assert root.get("failures") == str(len(root.findall("*/testcase/failure")))
    assert [case.get("name") for case in suites["./fine.rules"]] == ["check"]
    assert len(suites["./wrong.rules"].findall("testcase/failure")) == 2


def test_junit_fails_for_warnings_only_where_it_is_strict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = checked(capsys, "warned.rules", "--format", "junit")
    assert "<failure" not in out
    _, out, _ = checked(capsys, "warned.rules", "--format", "junit", "--strict")
    assert out.count("<failure") == 3


# ---- what is shown ---------------------------------------------------------------------------------------------------

SHOWN = [
    ((), ["W406", "W406", "W401"]),
    (("--select", "W406"), ["W406", "W406"]),
    (("--select", "W40"), ["W406", "W406", "W401"]),
    (("--select", "w401,W402"), ["W401"]),
    (("--ignore", "W406"), ["W401"]),
    (("--ignore", "W4"), []),
    (("--select", "W4", "--ignore", "W401"), ["W406", "W406"]),
    (("--select", "W401", "--select", "W406"), ["W406", "W406", "W401"]),
]


@pytest.mark.parametrize(("options", "codes"), SHOWN, ids=[" ".join(case[0]) or "all" for case in SHOWN])
def test_codes_can_be_selected_and_ignored(
    folder: Path, options: tuple[str, ...], codes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = checked(capsys, "warned.rules", "--format", "json", "--strict", *options)
    assert [one["code"] for one in json.loads(out)] == codes
    assert code == (1 if codes else 0)


def test_an_error_that_is_not_shown_fails_all_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = checked(capsys, "wrong.rules", "--ignore", "E")
    assert (code, out) == (1, "")
    assert err == "1 file: 2 errors (2 not shown)\n"


def test_a_code_that_does_not_exist_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = checked(capsys, "fine.rules", "--select", "W9")
    assert code == 2
    assert err.startswith("error: --select W9: no code begins so\n")


def test_a_target_nearer_than_the_stop_is_told_where_it_is_selected(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "near.rules").write_text("limits { no shorting }\non signal BUY -> enter long 100 stop 8% target 3%\n")
    assert checked(capsys, "near.rules", "--strict")[0] == 0
    code, out, _ = checked(capsys, "near.rules", "--strict", "--select", "W4", "--format", "concise")
    assert code == 1
    assert out == "near.rules:2:41: W408 this target is nearer than the stop\n"


def test_statistics_count_the_codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = checked(capsys, "warned.rules", "--statistics", "--format", "concise")
    assert out.splitlines()[-2:] == ["     2  W406  declared, but not used", "     1  W401  entry without a stop"]
    _, out, err = checked(capsys, "warned.rules", "--statistics", "--format", "json")
    assert len(json.loads(out)) == 3
    assert "     2  W406" in err
