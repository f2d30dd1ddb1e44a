"""The table of error codes: whole, and open to a configuration."""

from __future__ import annotations

import pytest

from rulec.runtime.broker.ib.errors import CODES, CodeClass, CodeTable, read_codes
from rulec.tests.support.ib_wire import Desk, buy, stop


def test_no_code_stands_in_the_table_twice() -> None:
    codes = [row.code for row in CODES]
    assert len(codes) == len(set(codes))


def test_every_class_has_a_meaning_and_all_but_the_unknown_have_codes() -> None:
    assert all(kind.meaning for kind in CodeClass)
    assert {row.kind for row in CODES} == set(CodeClass) - {CodeClass.UNKNOWN}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (201, CodeClass.REJECTED),
        (110, CodeClass.REJECTED),
        (399, CodeClass.STILL_LIVE),
        (404, CodeClass.STILL_LIVE),
        (10349, CodeClass.CHANGED),
        (105, CodeClass.MODIFICATION_REFUSED),
        (10148, CodeClass.CANCEL_REFUSED),
        (202, CodeClass.CANCELLED),
        (2104, CodeClass.INFORMATION),
        (2199, CodeClass.INFORMATION),
        (2200, CodeClass.UNKNOWN),
        (99999, CodeClass.UNKNOWN),
    ],
)
def test_a_code_has_a_class(code: int, kind: CodeClass) -> None:
    assert CodeTable().kind(code) is kind


def test_a_configuration_comes_before_the_table() -> None:
    table = CodeTable(read_codes({"201": "still live", "99999": "rejected"}))
    assert table.kind(201) is CodeClass.STILL_LIVE
    assert table.kind(99999) is CodeClass.REJECTED
    assert table.kind(110) is CodeClass.REJECTED


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (7, "a table of codes is wanted"),
        ({"many": "rejected"}, "`many` is no error code"),
        ({"399": "fine"}, "one of information, still live"),
    ],
)
def test_a_configuration_of_another_kind_is_refused_with_what_is_expected(value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_codes(value)


def test_a_code_that_a_configuration_calls_harmless_changes_nothing() -> None:
    desk = Desk(codes={4711: CodeClass.STILL_LIVE})
    desk.placed(buy(), stop(parent_id="e"))
    desk.error(stop(), 4711, "just so")
    assert desk.take() == []
    assert desk.asked == []
    assert desk.said == [("info", "the broker says of order s: just so (code 4711)")]
