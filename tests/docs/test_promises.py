"""The list of promises: each names tests that hold it, and every test that is named exists and is collected."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from rulec.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
KEPT, _, LATER = PAGE.partition("\n## Not yet\n")
SECTIONS = re.findall(r"^## (\d\. .*)$", KEPT, re.M)
PROMISES = re.findall(r"^\*\*(.+?)\*\*.*?(?=^\*\*|^## |\Z)", KEPT, re.M | re.S)
TEXTS = dict(zip(PROMISES, re.findall(r"^\*\*.+?(?=^\*\*|^## |\Z)", KEPT, re.M | re.S), strict=True))
TEST = re.compile(r"^- `(\S+?)::(\w+)`$", re.M)


def named() -> set[str]:
    """Every test that the page names, as `path::name` from the root."""
    return {f"tests/{path}::{name}" for path, name in TEST.findall(KEPT)}


def test_the_page_tells_the_four_parts_and_what_is_missing() -> None:
    assert [section[0] for section in SECTIONS] == ["1", "2", "3", "4"]
    assert re.findall(r"^- .+", LATER, re.M)
    assert "::" not in LATER


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_names_the_tests_that_hold_it(promise: str) -> None:
    lines = TEXTS[promise].strip().splitlines()
    tests = [line for line in lines if line.startswith("- ")]
    assert tests != []
    assert [line for line in tests if not TEST.match(line)] == []
    assert len(set(tests)) == len(tests)


def test_every_test_that_is_named_is_collected() -> None:
    files = sorted({test.partition("::")[0] for test in named()})
    assert [file for file in files if not (ROOT / file).is_file()] == []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files],
        cwd=ROOT,
        env={**os.environ, "RULEC_LONG": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    collected = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
    assert done.returncode == 0, done.stdout
    assert named() - collected == set()
