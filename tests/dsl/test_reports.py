"""Whole reports of files that are wrong, or worth a warning: each beside its file, as it is printed.

Those in `syntax` can't be read as they stand; those in `meaning` can. RULEC_REGENERATE=1 writes the reports anew; read
what changed before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rulec.dsl import render
from rulec.dsl.compile import compile_files
from rulec.dsl.source import SourceFile

FOLDER = Path(__file__).parents[1] / "data" / "wrong"
FILES = sorted(FOLDER.glob("*/*.rules"))


def report_of(path: Path) -> str:
    source, found = SourceFile.from_bytes(path.name, path.read_bytes())
    diagnostics = compile_files([] if found else [source], found=found).diagnostics
    return render.full(diagnostics, {path.name: source})


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.stem}" for path in FILES])
def test_a_file_gets_its_report(path: Path) -> None:
    golden = path.with_suffix(".report")
    report = report_of(path)
    if os.environ.get("RULEC_REGENERATE"):
        golden.write_text(report, encoding="utf-8")
    assert report == golden.read_text(encoding="utf-8")
    assert ("error[" if path.parent.name == "syntax" else "[") in report


def test_there_are_files_to_report_on() -> None:
    assert len(list(FOLDER.glob("syntax/*.rules"))) >= 80
    assert len(list(FOLDER.glob("meaning/*.rules"))) >= 80
