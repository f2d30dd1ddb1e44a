"""`rulec check` of files that use others, and of rules that call Python actions: a process and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RULE = "on signal SELL -> exit\n"


def check(
    folder: Path, *arguments: str, given: str | None = None, limit: float = 60
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "rulec", "check", *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=limit,
    )
    assert "Traceback" not in done.stderr
    assert "RecursionError" not in done.stdout + done.stderr
    return done


# ---- used files ----------------------------------------------------------------------------------------------------


def test_the_summary_counts_the_files_that_are_used(tmp_path: Path) -> None:
    (tmp_path / "main.rules").write_text(f'use "a.rules"\nuse "a.rules"\nuse std.risk\n{RULE}')
    (tmp_path / "a.rules").write_text("on signal SHORT -> exit\n")
    assert check(tmp_path, "main.rules").stderr == "3 files, 2 rules: no errors\n"
    assert check(tmp_path, "a.rules", "main.rules").stderr == "3 files, 2 rules: no errors\n"


def test_a_mistake_in_a_used_file_is_shown_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "main.rules").write_text(f'use "deep/a.rules"\n{RULE}')
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.rules").write_text("on signal BUY -> enter long 100 stop 3\n")
    done = check(tmp_path, "main.rules")
    assert done.returncode == 1
    assert "  --> deep/a.rules:1:38\n" in done.stdout
    assert " 1 | on signal BUY -> enter long 100 stop 3\n" in done.stdout
    assert done.stderr == "2 files: 1 error\n"


def test_a_used_file_that_is_no_text_is_shown_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "main.rules").write_text(f'use "latin.rules"\n{RULE}')
    (tmp_path / "latin.rules").write_bytes(b"# caf\xe9\n")
    done = check(tmp_path, "main.rules")
    assert done.returncode == 1
    assert done.stdout.count("error[") == 1
    assert "  --> latin.rules:1:6\n" in done.stdout
    assert " 1 | # caf\ufffd\n" in done.stdout
    assert check(tmp_path, "latin.rules", "main.rules").stderr == "2 files: 1 error\n"


def test_standard_input_uses_files_of_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_text(RULE)
    assert check(tmp_path, "-", given='use "a.rules"\n').stderr == "2 files, 1 rule: no errors\n"


def test_a_param_of_a_used_file_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "main.rules").write_text("use std.entries\nuse std.risk\n")
    assert check(tmp_path, "main.rules", "--set", "entries.min_confidence=0.7").returncode == 0
    done = check(tmp_path, "main.rules", "--set", "min_confidence=0.3")
    assert (done.returncode, "outside 0.5..0.95" in done.stderr) == (2, True)


# ---- Python actions ------------------------------------------------------------------------------------------------

ACTIONS = """
from rulec import rule_action
import a_module_that_nobody_has

@rule_action
def rebalance(context, symbol: str, weight: float = 0.2): ...

@rule_action()
async def tell(context, *words): ...

def helper(context): ...

raise SystemExit("the module was run")
"""
CALLS = 'on bar -> call rebalance(symbol, weight = 20%) -> call tell("a", close, 3)\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "calls.rules").write_text(CALLS)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "my_actions.py").write_text(ACTIONS)
    (tmp_path / "deep" / "rulec.toml").write_text('[actions]\nmodule = "my_actions.py"\n')
    return tmp_path


def test_the_signatures_of_actions_are_read_and_the_module_is_not_run(folder: Path) -> None:
    done = check(folder, "calls.rules", "--config", "deep/rulec.toml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 file, 1 rule: no errors\n")


def test_the_configuration_of_the_folder_is_read_where_none_is_named(folder: Path) -> None:
    assert check(folder, "calls.rules").returncode == 1
    assert check(folder / "deep", "../calls.rules").returncode == 0


def test_calls_that_do_not_fit_are_told(folder: Path) -> None:
    calls = ["helper()", "rebalanse(symbol)", "rebalance()", "rebalance(3)", "rebalance(symbol, size = 3)"]
    (folder / "calls.rules").write_text("".join(f"on bar -> call {call}\n" for call in calls))
    done = check(folder, "calls.rules", "--config", "deep/rulec.toml", "--format", "concise")
    assert [line.split(" ", 1)[1] for line in done.stdout.splitlines()] == [
        "E104 unknown action `helper`",
        "E104 unknown action `rebalanse`",
        "E204 `rebalance` needs `symbol`",
        "E204 `symbol` is a str, and `3` is a number",
        "E204 `rebalance` has no parameter `size`",
    ]


BROKEN = [
    ('module = "my_actions.py"', None, "my_actions.py: there is no such file"),
    ('module = "."', None, "the file could not be read: Is a directory"),
    ('module = "my_actions.py"', b"def f(:\n", "my_actions.py:1: not Python: "),
    ('module = "my_actions.py"', b"x = 1\0", "my_actions.py"),
    ('module = "my_actions.py"', b"# \xff", "the file is not UTF-8"),
    ('module = "my_actions.py"', b"(" * 100_000, "not Python: "),
    ('module = "my_actions.py"', b"-" * 100_000 + b"1", "not Python: "),
    ("module = 3", None, "[actions] names a file"),
    ("module = ", None, "rulec.toml: not TOML: "),
]


@pytest.mark.parametrize(("line", "module", "message"), BROKEN)
def test_a_module_that_can_not_be_read_is_one_clear_line(
    tmp_path: Path, line: str, module: bytes | None, message: str
) -> None:
    (tmp_path / "a.rules").write_text(RULE)
    (tmp_path / "rulec.toml").write_text(f"[actions]\n{line}\n")
    if module is not None:
        (tmp_path / "my_actions.py").write_bytes(module)
    done = check(tmp_path, "a.rules")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert message in done.stderr.splitlines()[0]


def test_a_configuration_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.rules").write_text(RULE)
    done = check(tmp_path, "a.rules", "--config", "none.toml")
    assert (done.returncode, done.stderr) == (2, "error: none.toml: there is no such file\n")


def test_reading_actions_loads_nothing_of_the_runtime(folder: Path) -> None:
    script = (
        "import sys; from rulec.cli.main import main\n"
        "code = main(['check', 'calls.rules', '--config', 'deep/rulec.toml'])\n"
        "heavy = {'asyncio', 'numpy', 'ib_insync', 'rulec.runtime'} & set(sys.modules)\n"
        "sys.exit(code or len(heavy))"
    )
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, env=environment, check=False)
    assert done.returncode == 0


# ---- hostile files -------------------------------------------------------------------------------------------------

WHERE = "on bar where "
HOSTILE = {
    "brackets": WHERE + "(" * 10_000,
    "sums in brackets": WHERE + "1+(" * 10_000,
    "not": WHERE + "not " * 10_000,
    "a chain of and": WHERE + "flat" + " and flat" * 10_000 + " -> exit",
    "signs": WHERE + "-" * 10_000,
    "bars ago": WHERE + "close[" * 10_000,
    "fields": WHERE + "position." * 10_000,
    "symbols": WHERE + "SPY." * 10_000,
    "a list of 200,000": "let x = [" + "A," * 200_000 + "]",
    "5 MB on a line": "x" * 5_000_000,
    "a NUL": "on bar -> exit\0",
    "carriage returns and a mark": "\ufefflanguage 1\r\non bar -> exit\r\n",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_ends_in_a_diagnostic(tmp_path: Path, what: str) -> None:
    (tmp_path / "hostile.rules").write_bytes(HOSTILE[what].encode())
    done = check(tmp_path, "hostile.rules", "--format", "concise", limit=30)
    assert done.returncode in (0, 1)
    assert len(done.stdout) < 10_000


def test_a_chain_of_300_files_is_checked(tmp_path: Path) -> None:
    for n in range(300):
        (tmp_path / f"f{n}.rules").write_text(f'use "f{n + 1}.rules"\nrule r{n} on price -> exit\n')
    done = check(tmp_path, "f0.rules", "--format", "concise", limit=30)
    assert done.stdout.startswith("f299.rules:1:5: E105 there is no file `f300.rules`\n")
    (tmp_path / "f300.rules").write_text('use "f0.rules"\n')
    done = check(tmp_path, "f0.rules", "--format", "concise", limit=30)
    assert done.stdout.startswith("f300.rules:1:5: E106 files use each other in a circle: `f0.rules` -> `f1.rules` -> ")
    assert len(done.stdout) < 300
