"""The cached table: kept for its owner only, never trusted, never missed."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rulec.dsl import table, table_cache


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The table's data, made once for all tests: that takes a third of a second."""
    return table.make()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: dict[str, Any]) -> Path:
    monkeypatch.setattr(table_cache, "make", lambda: made)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "rulec"


def load() -> table.Table:
    """As a new process would."""
    return table_cache.load.__wrapped__()


def same(left: table.Table, right: table.Table) -> bool:
    return (left.actions, left.gotos, left.productions) == (right.actions, right.gotos, right.productions)


def test_the_table_is_made_once_and_then_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load()
    monkeypatch.setattr(table_cache, "make", None)
    assert same(load(), first)


def test_only_the_owner_can_read_and_write_it(cache: Path) -> None:
    load()
    (kept,) = cache.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b'"ON"', b'"NO"'),
        lambda data: b"\x00\xff" * 500,
        lambda data: data.partition(b"\n")[0] + b"\n" + json.dumps([]).encode(),
    ],
    ids=["empty", "cut short", "changed", "not text", "other data"],
)
def test_a_broken_one_is_made_again_and_put_right(cache: Path, damage: object) -> None:
    first = load()
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))  # type: ignore[operator]
    assert same(load(), first)
    assert kept.read_bytes() == whole


def test_a_folder_that_cannot_be_made_is_no_fault(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert load().keywords["on"] == "ON"


def test_a_relative_cache_folder_is_not_used(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    load()
    assert not (tmp_path / "here").exists()
    assert list((tmp_path / "home" / ".cache" / "rulec").iterdir())


def test_the_table_is_the_same_whenever_it_is_made(made: dict[str, Any]) -> None:
    program = "import json; from rulec.dsl import table; print(json.dumps(table.make()))"
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == json.loads(json.dumps(made))


def test_nothing_but_the_whole_file_is_ever_left(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*paths: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", refuse)
    load()
    assert list(cache.iterdir()) == []
