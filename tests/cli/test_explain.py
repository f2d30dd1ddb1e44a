"""`rulec explain CODE`."""

from __future__ import annotations

import pytest

from rulec.cli.main import main
from rulec.dsl.codes import CODES


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_story_with_examples(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{code} (")
    assert "\nWrong:\n\n    " in told
    assert "\nRight:\n\n    " in told
    assert len(told) < 4_000
    assert all(sign.isprintable() or sign == "\n" for sign in told)


def test_a_code_may_be_written_in_lower_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "e202"]) == 0
    assert capsys.readouterr().out.startswith("E202 (error): unit missing or wrong")


def test_an_unknown_code_is_answered_with_the_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "E2202"]) == 2
    assert capsys.readouterr().err == "error: E2202: there is no such code\n  help: did you mean E202?\n"


def test_a_word_that_is_no_code_gets_the_list_of_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "nonsense"]) == 2
    assert "the codes are E001, E002," in capsys.readouterr().err
