"""What signals carry beyond the standard fields, read as the rules declare it."""

from __future__ import annotations

from typing import Any

import pytest

from rulec.dsl.plan import Kind
from rulec.runtime.event.inputs import Signal
from rulec.runtime.rule.values import Value, field_value


@pytest.mark.parametrize(
    ("kind", "carried", "value"),
    [
        (Kind.TIME, "10:30", 37_800.0),
        (Kind.TIME, "15:59:30", 57_570.0),
        (Kind.TIME, 37_800, 37_800.0),
        (Kind.TIME, "25:00", None),
        (Kind.TIME, "half past ten", None),
        (Kind.DURATION, "90s", 90.0),
        (Kind.DURATION, "1.5h", 5_400.0),
        (Kind.DURATION, 300.5, 300.5),
        (Kind.DURATION, "5min", None),
        (Kind.NUMBER, "5", None),
        (Kind.MONEY, 5, 5.0),
        (Kind.TEXT, "10:30", "10:30"),
        (Kind.FLAG, 1, None),
        (Kind.SYMBOL, "SPY", "SPY"),
    ],
)
def test_a_field_is_read_as_it_is_declared(kind: Kind, carried: Any, value: Value) -> None:
    assert field_value(Signal(0, "AAPL", "BUY", fields={"it": carried}), "it", kind) == value


def test_a_field_that_is_not_there_is_unknown() -> None:
    assert field_value(Signal(0, "AAPL", "BUY"), "it", Kind.TIME) is None
    assert field_value(object(), "it", Kind.TIME) is None
