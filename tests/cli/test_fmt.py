"""`rulec fmt` as a user runs it: what it writes, what it prints, its exit code, and files that it must not touch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

UGLY = "on signal BUY where confidence>0.8->exit # why\n"
NEAT = "on signal BUY where confidence > 0.8 -> exit  # why\n"
BROKEN = "on signal BUY -> enter long 100 stop\n"


def fmt(folder: Path, *arguments: str, given: bytes = b"") -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    command = [sys.executable, "-m", "rulec", "fmt", *arguments]
    done = subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "ugly.rules").write_text(UGLY)
    (tmp_path / "neat.rules").write_text(NEAT)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "ugly.rules").write_text(UGLY)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_laid_out_and_the_second_time_nothing_changes(rules: Path) -> None:
    code, out, err = fmt(rules, ".")
    assert (code, out) == (0, "formatted ./below/ugly.rules\nformatted ./ugly.rules\n")
    assert err == "2 files formatted, 1 left unchanged\n"
    assert set(files(rules).values()) == {NEAT.encode()}
    assert fmt(rules, ".") == (0, "", "0 files formatted, 3 left unchanged\n")


def test_check_writes_nothing_and_fails_where_something_would_change(rules: Path) -> None:
    before = files(rules)
    code, out, err = fmt(rules, "--check", "ugly.rules", "neat.rules")
    assert (code, out, err) == (1, "would format ugly.rules\n", "1 file would be formatted, 1 left unchanged\n")
    assert fmt(rules, "--check", "neat.rules")[0] == 0
    assert files(rules) == before


def test_diff_prints_what_would_change_and_writes_nothing(rules: Path) -> None:
    before = files(rules)
    code, out, _ = fmt(rules, "--diff", "ugly.rules", "neat.rules")
    assert code == 1
    assert out == f"--- ugly.rules\n+++ ugly.rules\n@@ -1 +1 @@\n-{UGLY}+{NEAT}"
    assert fmt(rules, "--diff", "neat.rules")[:2] == (0, "")
    assert files(rules) == before


def test_a_diff_tells_a_last_line_without_an_end(rules: Path) -> None:
    (rules / "open.rules").write_text(NEAT.rstrip("\n"))
    assert "\\ No newline at end of file\n" in fmt(rules, "--diff", "open.rules")[1]


def test_standard_input_goes_to_standard_output(rules: Path) -> None:
    assert fmt(rules, "-", given=UGLY.encode()) == (0, NEAT, "")
    assert fmt(rules, "-", "--check", given=UGLY.encode()) == (1, "", "")
    assert fmt(rules, "-", "--check", given=NEAT.encode()) == (0, "", "")
    code, out, err = fmt(rules, "-", given=BROKEN.encode())
    assert (code, out) == (1, "")
    assert "error[E001]" in err


def test_a_file_with_a_syntax_error_is_left_as_it_is_and_the_others_are_laid_out(rules: Path) -> None:
    (rules / "broken.rules").write_text(BROKEN)
    code, out, err = fmt(rules, "broken.rules", "ugly.rules")
    assert (code, out) == (1, "formatted ugly.rules\n")
    assert "broken.rules:1:" in err
    assert (rules / "broken.rules").read_text() == BROKEN
    assert (rules / "ugly.rules").read_text() == NEAT


def test_a_file_that_is_no_text_is_left_as_it_is(rules: Path) -> None:
    (rules / "latin.rules").write_bytes("# café\n".encode("latin-1"))
    code, _, err = fmt(rules, "latin.rules")
    assert code == 1
    assert "E004" in err
    assert (rules / "latin.rules").read_bytes() == b"# caf\xe9\n"


@pytest.mark.parametrize("paths", [("missing.rules",), ("ugly.rules", "missing.rules"), ("empty",), ()])
def test_nothing_is_written_where_a_path_cannot_be_read(rules: Path, paths: tuple[str, ...]) -> None:
    (rules / "empty").mkdir()
    before = files(rules)
    code, out, err = fmt(rules, *paths)
    assert (code, out) == (2, "")
    assert err
    assert files(rules) == before


def test_a_byte_order_mark_goes_and_line_ends_stay(rules: Path) -> None:
    path = rules / "windows.rules"
    path.write_bytes(b"\xef\xbb\xbf" + NEAT.replace("\n", "\r\n").encode())
    assert fmt(rules, "--check", "windows.rules")[0] == 1
    assert fmt(rules, "windows.rules")[0] == 0
    assert path.read_bytes() == NEAT.replace("\n", "\r\n").encode()


def test_rights_and_links_are_kept_and_no_other_file_is_left(rules: Path) -> None:
    path = rules / "ugly.rules"
    path.chmod(0o640)
    (rules / "link.rules").symlink_to("ugly.rules")
    names = set(files(rules))
    assert fmt(rules, "link.rules")[0] == 0
    assert (rules / "link.rules").is_symlink()
    assert path.read_text() == NEAT
    assert path.stat().st_mode & 0o777 == 0o640
    assert set(files(rules)) == names


def test_a_file_that_is_laid_out_is_not_written(rules: Path) -> None:
    before = (rules / "neat.rules").stat()
    assert fmt(rules, "neat.rules")[0] == 0
    after = (rules / "neat.rules").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_parts_that_trade_are_not_loaded(rules: Path) -> None:
    code = (
        "import sys; from rulec.cli.main import main; main(['fmt', '--check', 'ugly.rules']); "
        "heavy = [name for name in sys.modules if name.startswith(('asyncio', 'numpy', 'ib_', 'rulec.runtime'))]; "
        "print(heavy)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=rules, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]"
