"""The house is as its picture says: the card's folders, the documents, nothing that needs another machine."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CARD = ("dsl", "grammar", "runtime", "stdlib_rules", "tests", "examples")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "Makefile", ".ci/run", "pyproject.toml")
TEXT_SUFFIXES = {".py", ".md", ".toml", ".txt", ".lark", ".rules", ".yaml", ".csv", ".json", ".jsonl", ".report", ""}
MADE_BY_TOOLS = {"__pycache__", "build", "dist", "rulec.egg-info"}


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the project with its path, but for what tools made and what is hidden."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name == ".ci" or not name.startswith("."))
        folders[:] = [name for name in folders if name not in MADE_BY_TOOLS]
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix in TEXT_SUFFIXES and not path.is_symlink():
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize("folder", CARD)
def test_the_cards_folders_stand_at_the_top(folder: str) -> None:
    assert (ROOT / folder).is_dir()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_documents_are_there_and_not_empty(document: str) -> None:
    assert len((ROOT / document).read_text(encoding="utf-8")) > 200


def test_there_are_examples_to_try() -> None:
    assert list((ROOT / "examples").glob("*.rules"))


def test_nothing_reaches_outside_the_project() -> None:
    outside = re.compile(r"\.\./[s]hared\b|(?<![\w.])/[w]ork/")
    found = [f"{path}:{number}" for path, text in texts() for number in lines_with(outside, text)]
    assert found == []


def test_no_unfinished_work_is_marked_in_the_code() -> None:
    marker = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X])\b|NotImplemented[E]rror|mark\.([s]kip|[x]fail)|pytest\.[s]kip")
    code = ((path, text) for path, text in texts() if path.endswith(".py"))
    found = [f"{path}:{number}" for path, text in code for number in lines_with(marker, text)]
    assert found == []


def lines_with(pattern: re.Pattern[str], text: str) -> list[int]:
    """The numbers, from 1, of the lines that a pattern is found in."""
    return [number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]


def test_every_module_says_why_it_is_there() -> None:
    silent = []
    for path, text in texts():
        if path.endswith(".py") and text.strip() and not re.match(r'\s*(#!.*\n)?r?"""\S', text):
            silent.append(path)
    assert silent == []


def test_the_machines_script_runs_by_itself() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_the_machines_script_runs_the_readmes_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make test", "make check"):
        assert f"step {command}\n" in script
        assert command in readme


def test_make_without_venv_says_what_to_install_in_one_line(tmp_path: Path) -> None:
    bare = tmp_path / "python3"
    bare.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; *) exit 0;; esac\n', encoding="utf-8")
    bare.chmod(0o755)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "runtime.txt").touch()
    command = ["make", "--silent", "run", f"PYTHON={bare}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1
    assert "apt install python3-venv" in said[0]


def test_the_picture_of_the_house_names_every_package() -> None:
    picture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tops = ("cli", "dsl", "grammar", "runtime")
    folders = {path.parent for top in tops for path in (ROOT / top).rglob("*.py")}
    missing = sorted(str(folder.relative_to(ROOT)) for folder in folders if f"{folder.name}/" not in picture)
    assert missing == []
