"""What has not changed since the last `rulec check` is not compiled again, and is told all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rulec.cli import checking, kept_checks
from rulec.cli.main import main
from rulec.cli.rules import compile_library
from rulec.dsl.kept_files import checksum

FORMATS = ("full", "concise", "json", "sarif", "github", "junit")
LINES = "".join(
    f"on signal K{number} of [AAPL, MSFT] where confidence > 0.{number:03} -> enter long 100 stop 3%\n"
    for number in range(1, 151)
)
WARNED = (
    "let spare = 3\nrule first on signal BUY where confidence > 0.5 -> enter long 100 stop 3%\n"
    "rule second on signal BUY where confidence > 0.8 -> enter long 100 stop 3%\n"
    "rule third on signal BUY where confidence > 0.9 -> enter short 100 stop 3%\n"
)
WRONG = "on signal BUY where confidense > 0.8 -> enter long 100 stop 3\n"


Check = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, a folder to work in, and every check of some size taken for a long one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(checking, "LONG", 0.0)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "cache" / "rulec" / "checks"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The compilations that were made."""
    made: list[object] = []

    def counted(*arguments: object, **named: object) -> object:
        made.append(compile_library(*arguments, **named))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(checking, "compile_library", counted)
    return made


@pytest.fixture
def check(capfd: pytest.CaptureFixture[str]) -> Check:
    """Runs `rulec check`: its exit code, and what it printed."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["check", *arguments])
        told = capfd.readouterr()
        return code, told.out, told.err

    return run


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("more", ["", WARNED, WRONG], ids=["fine", "warnings", "errors"])
def test_what_has_not_changed_is_not_compiled_again_and_reads_the_same(
    more: str, check: Check, compiled: list[object]
) -> None:
    write("many.rules", LINES + more)
    first = {form: check("many.rules", "--format", form, "--no-cache") for form in FORMATS}
    check("many.rules")
    made = len(compiled)
    assert {form: check("many.rules", "--format", form) for form in FORMATS} == first
    assert len(compiled) == made


def test_files_that_are_used_are_drawn_as_before(check: Check, compiled: list[object]) -> None:
    write("shared/wrong.rules", "let least = 0.5 $\n")
    write("many.rules", 'use "shared/wrong.rules"\nuse std.exitz\n' + LINES)
    first = check("many.rules")
    assert "shared/wrong.rules:1" in first[1]
    assert "std.exits" in first[1]
    assert check("many.rules") == first
    assert len(compiled) == 1


def _text() -> tuple[str, ...]:
    write("many.rules", LINES.replace("enter long 100", "enter long 101"))
    return ("many.rules", "more.rules")


def _order() -> tuple[str, ...]:
    return ("more.rules", "many.rules")


def _name() -> tuple[str, ...]:
    Path("many.rules").rename("renamed.rules")
    return ("renamed.rules", "more.rules")


def _used() -> tuple[str, ...]:
    write("shared.rules", "let least = 0.6\n")
    return ("many.rules", "more.rules")


def _used_is_gone() -> tuple[str, ...]:
    Path("shared.rules").unlink()
    return ("many.rules", "more.rules")


def _setting() -> tuple[str, ...]:
    return ("many.rules", "more.rules", "--set", "lot=20")


def _asked() -> tuple[str, ...]:
    return ("many.rules", "more.rules", "--select", "W408")


def _actions() -> tuple[str, ...]:
    write("rulec.toml", '[actions]\nmodule = "own.py"\n')
    write("own.py", "from rulec import rule_action\n\n\n@rule_action\ndef rebalance(context): ...\n")
    return ("many.rules", "more.rules")


@pytest.mark.parametrize("change", [_text, _order, _name, _used, _used_is_gone, _setting, _asked, _actions])
def test_whatever_the_answer_depends_on_is_noticed(
    change: Callable[[], tuple[str, ...]], check: Check, compiled: list[object]
) -> None:
    write("shared.rules", "let least = 0.5\n")
    write("many.rules", 'use "shared.rules"\n' + LINES + "on signal BUY where confidence > least -> exit\n")
    write("more.rules", "param lot = 10\non signal BUY -> enter long lot stop 3% target 2%\n")
    check("many.rules", "more.rules")
    check("many.rules", "more.rules")
    assert len(compiled) == 1
    arguments = change()
    after = check(*arguments)
    assert len(compiled) == 2
    assert after == check(*arguments, "--no-cache")


def test_a_used_file_that_comes_is_noticed(check: Check) -> None:
    write("many.rules", 'use "shared.rules"\n' + LINES)
    assert check("many.rules")[0] == 1
    write("shared.rules", "limits { max order $50_000 }\n")
    assert check("many.rules")[0] == 0


def test_another_rulec_checks_again(check: Check, compiled: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    write("many.rules", LINES)
    check("many.rules")
    monkeypatch.setattr(kept_checks, "_own_code", lambda: "other modules")
    check("many.rules")
    assert len(compiled) == 2


def test_without_the_cache_nothing_is_read_and_nothing_kept(check: Check, compiled: list[object], cache: Path) -> None:
    write("many.rules", LINES)
    check("many.rules", "--no-cache")
    assert not cache.exists()
    check("many.rules")
    check("many.rules", "--no-cache")
    assert len(compiled) == 3


def test_a_file_that_is_checked_at_once_leaves_nothing(check: Check, cache: Path) -> None:
    write("one.rules", WARNED)
    check("one.rules")
    assert not cache.exists()


def test_a_check_that_did_not_take_long_is_not_kept(check: Check, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "LONG", 1_000.0)
    write("many.rules", LINES)
    check("many.rules")
    assert not cache.exists()


def _under_its_own_checksum(body: bytes) -> Callable[[bytes], bytes]:
    def damage(whole: bytes) -> bytes:
        key = whole.split(b" ")[0]
        return key + b" " + checksum(body).encode() + b"\n" + body

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b"W404", b"W405"),
        lambda whole: b"\x00\xff" * 500,
        _under_its_own_checksum(b"[]"),
        _under_its_own_checksum(b"{"),
        _under_its_own_checksum(json.dumps({"answers": [["x"]], "diagnostics": [], "sources": []}).encode()),
        _under_its_own_checksum(json.dumps({"answers": [], "diagnostics": [[1]], "sources": [], "rules": 1}).encode()),
        _under_its_own_checksum(
            json.dumps({"answers": [], "diagnostics": [], "sources": ["other.rules"], "rules": 1}).encode()
        ),
    ],
    ids=["empty", "cut", "changed", "no text", "list", "no JSON", "no rules", "no diagnostic", "no such file"],
)
def test_a_damaged_one_is_made_again_and_put_right(
    damage: Callable[[bytes], bytes], check: Check, compiled: list[object], cache: Path
) -> None:
    write("many.rules", LINES + WARNED)
    first = check("many.rules")
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert check("many.rules") == first
    assert len(compiled) == 2
    assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_made_is_no_fault(check: Check, cache: Path) -> None:
    write("many.rules", LINES)
    cache.parent.mkdir(parents=True)
    cache.write_text("in the way")
    first = check("many.rules")
    assert first[0] == 0
    assert check("many.rules") == first


def test_a_full_disk_is_no_fault_and_leaves_nothing(check: Check, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*paths: object) -> None:
        raise OSError("no space left on device")

    write("many.rules", LINES)
    monkeypatch.setattr("os.replace", full)
    assert check("many.rules")[0] == 0
    assert list(cache.iterdir()) == []


def test_those_not_needed_for_longest_are_removed(check: Check, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_checks, "MOST", 3)
    for number in range(5):
        write("many.rules", LINES + f"# {number}\n")
        check("many.rules")
        for place, kept in enumerate(sorted(cache.iterdir(), key=lambda one: one.stat().st_mtime_ns)):
            os.utime(kept, ns=(place, place))
    assert len(list(cache.iterdir())) == 3


def test_they_never_take_more_than_their_room(check: Check, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("many.rules", LINES)
    check("many.rules")
    (kept,) = cache.iterdir()
    room = kept.stat().st_size * 5 // 2
    monkeypatch.setattr(kept_checks, "MOST_BYTES", room)
    for number in range(4):
        write("many.rules", LINES + f"# {number}\n")
        check("many.rules")
    assert 0 < sum(one.stat().st_size for one in cache.iterdir()) <= room


def test_one_that_would_be_too_large_is_not_kept(check: Check, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_checks, "LARGEST", 100)
    write("many.rules", LINES + WARNED)
    check("many.rules")
    assert not cache.exists()


def test_fixing_reads_the_files_themselves(check: Check) -> None:
    write("many.rules", LINES + "let spare = 3\n")
    assert "W406" in check("many.rules")[1]
    check("many.rules", "--fix")
    assert "let spare" not in Path("many.rules").read_text()
    assert "W406" not in check("many.rules")[1]


def test_standard_input_is_kept_by_its_text(
    check: Check, compiled: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, made in ((LINES, 1), (LINES, 1), (LINES + WARNED, 2)):
        write("given", text)
        with Path("given").open() as given:
            monkeypatch.setattr("sys.stdin", given)
            check("-")
        assert len(compiled) == made


def test_processes_at_once_do_not_hurt_each_other(tmp_path: Path, cache: Path) -> None:
    write("many.rules", LINES * 4 + WARNED)
    script = "import sys; from rulec.cli import checking, main; checking.LONG = 0; sys.exit(main.main(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "check", "many.rules", "--format", "json"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    told = {one.communicate() for one in running}
    assert len(told) == 1
    assert [one.returncode for one in running] == [0] * 4
    assert len(list(cache.iterdir())) == 1
