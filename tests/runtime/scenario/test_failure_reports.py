"""Whole reports of tests that fail, each beside its file: what was expected, what there was, and why.

RULEC_REGENERATE=1 writes the reports anew; read what changed before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rulec.tests.support.replaying import run

FOLDER = Path(__file__).parents[2] / "data" / "scenarios"
FILES = sorted(FOLDER.glob("*.rules"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_failure_gets_its_report(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    code, report, errors = run(["test", path.name, "--coverage"])
    golden = path.with_suffix(".report")
    if os.environ.get("RULEC_REGENERATE"):
        golden.write_text(report, encoding="utf-8")
    assert (code, errors) == (1, "")
    assert report == golden.read_text(encoding="utf-8")
