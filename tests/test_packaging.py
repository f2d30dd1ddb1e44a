"""The wheel holds what the repository holds: a package that the list forgets would be missing without a word."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE_FOLDERS = ("cli", "dsl", "grammar", "runtime")
DATA_SUFFIXES = (".csv", ".jsonl", ".lark", ".rules")
DATA_FOLDERS = ("examples", "grammar", "stdlib_rules")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def folders_with_code() -> list[Path]:
    """The root and every folder below the package's own that holds Python, relative to the root."""
    below = {path.parent.relative_to(ROOT) for top in PACKAGE_FOLDERS for path in (ROOT / top).rglob("*.py")}
    return [Path(), *sorted(below)]


def test_every_folder_with_code_is_a_package() -> None:
    without = [str(folder) for folder in folders_with_code() if not (ROOT / folder / "__init__.py").is_file()]
    assert without == []


def test_the_package_list_names_every_folder(project: dict[str, Any]) -> None:
    expected = [".".join(("rulec", *folder.parts)) for folder in folders_with_code()]
    listed = project["tool"]["setuptools"]["packages"]
    assert sorted(listed) == sorted(expected)
    assert listed == sorted(listed), "the list is kept in order"


def test_the_locks_cover_the_declared_dependencies(project: dict[str, Any]) -> None:
    def names(requirements: list[Any]) -> set[str]:
        plain = (entry for entry in requirements if isinstance(entry, str))
        return {entry.split(">")[0].strip().lower().replace("_", "-") for entry in plain}

    def locked(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        return {line.split("==")[0].strip() for line in lines if "==" in line}

    groups = project["dependency-groups"]
    runtime = names(project["project"]["dependencies"]) | names(groups["build"])
    assert runtime <= locked("runtime.txt")
    assert runtime | names(groups["dev"]) <= locked("development.txt")


@pytest.mark.parametrize("lock", ["runtime.txt", "development.txt"])
def test_the_locks_name_no_index_and_hash_everything(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in text
    pinned = [line for line in text.splitlines() if "==" in line]
    assert pinned
    assert all(line.endswith("\\") for line in pinned), "each pin is followed by its hashes"


def test_both_locks_agree_on_every_version() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        return {line.split(";")[0].rstrip(" \\") for line in lines if "==" in line}

    assert pins("runtime.txt") <= pins("development.txt")


def test_the_wheel_holds_all_code_and_data_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    unwanted = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("__init__.py", "__main__.py", "py.typed", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    for name in (*PACKAGE_FOLDERS, *DATA_FOLDERS, "tests", "benchmarks", "docs"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=unwanted, dirs_exist_ok=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    code = {path.relative_to(ROOT) for top in PACKAGE_FOLDERS for path in (ROOT / top).rglob("*.py")}
    code |= {Path("__init__.py"), Path("__main__.py"), Path("py.typed")}
    data = {
        path.relative_to(ROOT)
        for top in DATA_FOLDERS
        for path in (ROOT / top).rglob("*")
        if path.suffix in DATA_SUFFIXES
    }
    data |= {path.relative_to(ROOT) for path in (ROOT / "cli" / "templates").rglob("*") if path.is_file()}
    assert any(path.suffix == ".lark" for path in data)
    assert any(path.suffix == ".csv" for path in data)
    assert held == {str(PurePosixPath("rulec", *path.parts)) for path in code | data}
