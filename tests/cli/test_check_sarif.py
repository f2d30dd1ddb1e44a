"""`rulec check --format sarif`: every log is held against the standard's schema, and against what no schema says."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest

from rulec.cli.main import main
from rulec.dsl.codes import CODES

DATA = Path(__file__).parents[1] / "data"
WRONG = DATA / "wrong"
SCHEMA = DATA / "sarif" / "sarif-2.1.0-rtm.5.json"
MISSPELT = "on signal SELL -> exot\n"


@pytest.fixture(scope="module")
def schema() -> Any:
    found = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft4Validator.check_schema(found)
    return jsonschema.Draft4Validator(found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Checked:
    """Checks as a user does, and looks at every log that comes of it."""

    def __init__(self, schema: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self._schema = schema
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Any:
        """The one run of the log."""
        main(["check", "--format", "sarif", *arguments])
        said = self._capsys.readouterr()
        assert said.err == ""
        log = json.loads(said.out)
        problems = [f"{error.json_path}: {error.message[:200]}" for error in self._schema.iter_errors(log)]
        assert problems == []
        (run,) = log["runs"]
        holds_together(run)
        return run


@pytest.fixture
def checked(schema: Any, capsys: pytest.CaptureFixture[str]) -> Checked:
    return Checked(schema, capsys)


def holds_together(run: Any) -> None:
    """What the schema leaves open: numbers that name each other, places in their order, addresses that are some."""
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids)
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
    for region in parts(run, "region", "deletedRegion"):
        assert set(region) == {"startLine", "startColumn", "endLine", "endColumn"}
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    for artifact in parts(run, "artifactLocation"):
        assert artifact["uri"].isascii()
        assert artifact["uri"].isprintable()
        assert " " not in artifact["uri"]


def parts(node: Any, *names: str) -> Iterator[Any]:
    """What stands under these names, however deep."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inside:
        if key in names:
            yield value
        yield from parts(value, *names)


def addresses(run: Any) -> list[str]:
    return [
        os.fsdecode(unquote_to_bytes(artifact["uri"]))
        for result in run["results"]
        for artifact in parts(result, "artifactLocation")
    ]


def test_all_that_can_be_wrong_fits_the_schema(checked: Checked) -> None:
    run = checked(str(WRONG))
    found = {result["ruleId"] for result in run["results"]}
    assert len(found) >= 20
    assert all(path.startswith(f"file://{WRONG}/") for path in addresses(run))
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert levels == {code: CODES[code].severity.value for code in found}


def test_all_that_is_only_doubtful_fits_it_too(checked: Checked) -> None:
    reports = [path for path in WRONG.rglob("*.report") if "error[" not in path.read_text(encoding="utf-8")]
    run = checked(*(str(path.with_suffix(".rules")) for path in reports))
    found = {result["ruleId"] for result in run["results"]}
    assert len(found) >= 5
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert levels == {code: CODES[code].severity.value for code in found}


def test_each_file_alone_fits_too(folder: Path, checked: Checked) -> None:
    (folder / "wrong.rules").write_text("on signal BUY where confidense > 0.8 -> enter long 100 stop 3\n")
    assert [result["ruleId"] for result in checked("wrong.rules")["results"]] == ["E101", "E202"]


def test_nothing_found_is_a_run_without_results(folder: Path, checked: Checked) -> None:
    (folder / "fine.rules").write_text("on signal SELL -> exit\n")
    run = checked("fine.rules")
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def test_a_fix_says_what_to_put_where(folder: Path, checked: Checked) -> None:
    (folder / "ärger.rules").write_text("# ä 𝄞\n" + MISSPELT, encoding="utf-8")
    (result,) = checked("ärger.rules")["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    (replacement,) = change["replacements"]
    assert change["artifactLocation"] == result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert replacement == {
        "deletedRegion": {"startLine": 2, "startColumn": 19, "endLine": 2, "endColumn": 23},
        "insertedContent": {"text": "exit"},
    }


NO_TEXT = os.fsdecode(b"\xff.rules")
ODD = ["näme €.rules", "a b.rules", "c:d.rules", "100%.rules", "q?#[x].rules", "new\nline.rules", NO_TEXT]


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_a_file_may_be_called_anything(folder: Path, checked: Checked, name: str) -> None:
    (folder / name).write_text(MISSPELT, encoding="utf-8")
    assert set(addresses(checked(name))) == {name}


def test_addresses_are_short_for_files_below_and_whole_for_others(folder: Path, checked: Checked) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "one.rules").write_text(MISSPELT)
    (folder / "two.rules").write_text(MISSPELT)
    assert set(addresses(checked("."))) == {"deep/one.rules", "two.rules"}
    assert set(addresses(checked("two.rules", "./deep/../deep"))) == {"deep/one.rules", "two.rules"}
    assert set(addresses(checked(str(folder)))) == {f"file://{folder}/deep/one.rules", f"file://{folder}/two.rules"}


def test_a_file_that_is_no_text_fits_too(folder: Path, checked: Checked) -> None:
    (folder / "bytes.rules").write_bytes(b"on signal S\xffLL -> exit\n")
    (folder / "empty.rules").write_bytes(b"")
    assert [result["ruleId"] for result in checked(".")["results"]] == ["E004"]
