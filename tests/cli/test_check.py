"""`rulec check` as a user runs it: a process, its output, its exit code."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from rulec.cli.main import main

CARD = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%\n"
FINE = "limits { max order $50_000 }\n" + CARD
WRONG = "on signal BUY -> enter long 100 stop 3\n"
WARNED = "let unused = 3\n"


def rulec(*arguments: str, folder: Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rulec", *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "NO_COLOR"},
    )


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "fine.rules").write_text(FINE)
    (tmp_path / "card.rules").write_text(CARD)
    (tmp_path / "wrong.rules").write_text(WRONG)
    (tmp_path / "warned.rules").write_text(WARNED)
    (tmp_path / "folder" / "below").mkdir(parents=True)
    (tmp_path / "folder" / "b.rules").write_text(FINE)
    (tmp_path / "folder" / "below" / "a.rules").write_text(WRONG)
    (tmp_path / "folder" / ".hidden").mkdir()
    (tmp_path / "folder" / ".hidden" / "c.rules").write_text(WRONG)
    (tmp_path / "folder" / "notes.txt").write_text("no rules")
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.rules").write_bytes("# caf\xe9\n".encode("latin-1"))
    return tmp_path


EXIT_CODES = [
    (("fine.rules",), 0),
    (("card.rules",), 0),
    (("card.rules", "--strict"), 1),
    (("fine.rules", "--strict"), 0),
    (("warned.rules",), 0),
    (("wrong.rules",), 1),
    (("latin.rules",), 1),
    (("folder",), 1),
    (("folder/b.rules", "fine.rules"), 0),
    (("empty",), 2),
    (("missing.rules",), 2),
    (("missing.rules", "wrong.rules"), 2),
    ((), 2),
    (("fine.rules", "--format", "xml"), 2),
    (("fine.rules", "--set", "a=3"), 2),
    (("fine.rules", "--set", "a"), 2),
    (("fine.rules", "--nonsense"), 2),
]


@pytest.mark.parametrize(("arguments", "code"), EXIT_CODES, ids=[" ".join(case[0]) or "nothing" for case in EXIT_CODES])
def test_the_exit_code_says_how_it_went(
    rules: Path,
    arguments: tuple[str, ...],
    code: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(rules)
    assert main(["check", *arguments]) == code
    said = capsys.readouterr()
    assert said.err != ""
    if code == 2:
        assert said.out == ""


def test_a_full_report_shows_the_line_and_what_to_write(rules: Path) -> None:
    result = rulec("check", "wrong.rules", folder=rules)
    assert result.stdout == (
        "error[E202]: a stop needs a unit\n"
        "  --> wrong.rules:1:38\n"
        "   |\n"
        " 1 | on signal BUY -> enter long 100 stop 3\n"
        "   |                                      ^ 3 what?\n"
        "   = help: write `3%`, `$3 away`, `3 atr` or `at $3`\n"
        "\n"
    )
    assert result.stderr == "1 file: 1 error\n"


def test_a_mistake_in_one_file_keeps_nothing_said_of_the_others(rules: Path) -> None:
    (rules / "never.rules").write_text(
        "limits { max position 5% of equity }\n"
        "on signal BUY where confidence > 0.8 and confidence < 0.5 -> enter long 100 stop 3%\n",
        encoding="utf-8",
    )
    done = rulec("check", "--format", "concise", "wrong.rules", "never.rules", folder=rules)
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["E202", "W402"]


def test_a_concise_report_is_a_line_for_each(rules: Path) -> None:
    result = rulec("check", "wrong.rules", "warned.rules", "--format", "concise", folder=rules)
    assert result.stdout.splitlines() == [
        "wrong.rules:1:38: E202 a stop needs a unit",
        "warned.rules:1:5: W406 the let `unused` is not used",
    ]
    assert result.stderr == "2 files: 1 error, 1 warning\n"


def test_json_is_an_array_and_nothing_else(rules: Path) -> None:
    wrong = rulec("check", "wrong.rules", "--format", "json", folder=rules)
    (found,) = json.loads(wrong.stdout)
    assert {key: found[key] for key in ("code", "severity", "path", "line", "column", "end_line", "end_column")} == {
        "code": "E202",
        "severity": "error",
        "path": "wrong.rules",
        "line": 1,
        "column": 38,
        "end_line": 1,
        "end_column": 39,
    }
    assert wrong.stderr == ""
    fine = rulec("check", "fine.rules", "--format", "json", folder=rules)
    assert json.loads(fine.stdout) == []
    assert fine.stderr == ""


def test_a_fine_file_prints_only_a_summary(rules: Path) -> None:
    result = rulec("check", "fine.rules", folder=rules)
    assert (result.stdout, result.stderr) == ("", "1 file, 1 rule: no errors\n")


def test_a_folder_is_read_in_order_without_what_is_hidden(rules: Path) -> None:
    result = rulec("check", "folder", "folder/b.rules", "--format", "concise", folder=rules)
    assert result.stdout == "folder/below/a.rules:1:38: E202 a stop needs a unit\n"
    assert result.stderr == "2 files: 1 error\n"


def test_standard_input_is_a_file_too(rules: Path) -> None:
    result = rulec("check", "-", "--format", "concise", folder=rules, given=WRONG)
    assert result.returncode == 1
    assert result.stdout == "-:1:38: E202 a stop needs a unit\n"


def test_bytes_that_are_no_text_are_shown_at_their_place(rules: Path) -> None:
    result = rulec("check", "latin.rules", "--format", "concise", folder=rules)
    assert result.stdout.startswith("latin.rules:1:6: E004 ")


def test_every_path_that_can_not_be_read_is_named_with_its_remedy(rules: Path) -> None:
    result = rulec("check", "fime.rules", "empty", "wrong.rules", folder=rules)
    assert result.stderr.splitlines() == [
        "error: fime.rules: there is no such file or folder",
        "  help: did you mean `fine.rules`?",
        "error: empty: no `.rules` file in this folder",
        "  help: name a file, or a folder with files that end in `.rules`",
    ]


def test_a_setting_is_used_and_a_wrong_one_names_its_param(rules: Path) -> None:
    (rules / "param.rules").write_text("param stop = 3% in 1%..5%\non signal BUY -> enter long 100 stop stop\n")
    assert rulec("check", "param.rules", "--set", "stop=4%", folder=rules).returncode == 0
    refused = rulec("check", "param.rules", "--set", "stop=9%", folder=rules)
    assert refused.returncode == 2
    assert refused.stderr == "error: --set: `stop` can't be set to `9%`: it is outside 1%..5%\n"


def test_a_reader_that_goes_away_gets_no_traceback(rules: Path) -> None:
    (rules / "many.rules").write_text(WRONG * 2_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "rulec", "check", "many.rules"],
        cwd=rules,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("error[E202]")
    process.stdout.close()
    said = process.stderr.read()
    process.wait()
    process.stderr.close()
    assert "Traceback" not in said
    assert "Exception" not in said


def on_a_terminal(rules: Path, **environment: str) -> str:
    """What `rulec check wrong.rules` writes to standard output when that is a terminal."""
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"} | environment
    subprocess.run(
        [sys.executable, "-m", "rulec", "check", "wrong.rules"],
        cwd=rules,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=env,
        check=False,
    )
    os.close(theirs)
    written = os.read(ours, 100_000).decode()
    os.close(ours)
    return written


def test_a_terminal_gets_colour_unless_it_is_refused(rules: Path) -> None:
    assert "\x1b[" in on_a_terminal(rules)
    assert "\x1b[" not in on_a_terminal(rules, NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(rules, TERM="dumb")


def test_a_misspelt_command_is_answered_with_the_near_one(rules: Path) -> None:
    result = rulec("chek", "fine.rules", folder=rules)
    assert result.returncode == 2
    assert "there is no command `chek`; did you mean `check`?" in result.stderr


def test_help_lists_the_commands_without_importing_them(rules: Path) -> None:
    script = "import sys; from rulec.cli.main import main; main(['--help']); print('rulec.dsl.compile' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "check" in result.stdout
    assert result.stdout.endswith("False\n")


def test_check_imports_nothing_that_it_does_not_need(rules: Path) -> None:
    heavy = (
        "asyncio",
        "numpy",
        "ib_insync",
        "rich",
        "msgspec",
        "talib",
        "holidays",
        "watchfiles",
        "xml",
        "rulec.runtime",
    )
    script = (
        "import sys; from rulec.cli.main import main; code = main(['check', 'card.rules'])\n"
        f"print(code, [name for name in sys.modules if name.startswith({heavy!r})])"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=rules, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "0 []"


def test_a_fault_of_ours_is_a_line_and_with_debug_a_traceback(rules: Path) -> None:
    script = (
        "import sys; from rulec.cli import checking, main\n"
        "def fault(*_, **__): raise RuntimeError('a fault')\n"
        "checking.compile_library = fault\n"
        "sys.exit(main.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "check", "card.rules"]
    plain = subprocess.run(command, cwd=rules, capture_output=True, text=True, check=False)
    assert plain.returncode == 2
    assert plain.stderr.startswith("rulec failed: RuntimeError: a fault\n")
    assert "Traceback" not in plain.stderr
    told = subprocess.run([*command, "--debug"], cwd=rules, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "Traceback" in told.stderr
