"""The JSON lines of decisions, orders, fills, positions, notices and the summary."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.broker.port import OrderSide, OrderType
from rulec.runtime.core.output import record_line, summary_line, value_json
from rulec.runtime.core.records import (
    ActionOutcome,
    Decision,
    FillRecord,
    Notice,
    OrderRecord,
    OrderState,
    Outcome,
    PositionChange,
    PositionRecord,
    Record,
)
from rulec.runtime.core.summary import Tally
from rulec.runtime.times import parse_time

AT = parse_time("2026-01-05T15:00:00Z")


def decision(outcome: Outcome = Outcome.ACTED) -> Decision:
    return Decision(
        AT,
        7,
        "flow_long",
        "flow.rules:3",
        "AAPL",
        outcome,
        None,
        {"confidence": 0.91, "atr(14)": None, "symbol": "AAPL", "sweep": True},
        (
            ActionOutcome("enter", Outcome.ACTED, None, ("r0-1", "r0-2")),
            ActionOutcome("notify", Outcome.ACTED, None, (), 'said "so" – é'),
        ),
        "signal",
    )


def order(
    identifier: str = "r0-1", status: OrderState = OrderState.SUBMITTED, reason: str | None = None
) -> OrderRecord:
    return OrderRecord(
        AT,
        identifier,
        "T1",
        "stop",
        "AAPL",
        OrderSide.SELL,
        100,
        0,
        OrderType.STOP,
        None,
        145_500_000,
        status,
        "flow_long",
        reason,
    )


def fill() -> FillRecord:
    return FillRecord(AT + 1, "r0-1", "AAPL", OrderSide.BUY, 100, 150_020_000, 0)


def position(change: PositionChange, symbol: str = "AAPL", detail: str | None = None) -> PositionRecord:
    reason = "target" if change is PositionChange.CLOSED else None
    return PositionRecord(AT, change, "T1", symbol, OrderSide.BUY, 100, 150.02, -1_230_000, reason, detail)


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (
            decision(),
            '{"type":"decision","time":"2026-01-05T15:00:00Z","seq":7,"rule":"flow_long","at":"flow.rules:3",'
            '"symbol":"AAPL","outcome":"acted","reason":null,'
            '"values":{"confidence":0.91,"atr(14)":null,"symbol":"AAPL","sweep":true},'
            '"actions":[{"action":"enter","outcome":"acted","reason":null,"orders":["r0-1","r0-2"]},'
            '{"action":"notify","outcome":"acted","reason":null,"orders":[],"text":"said \\"so\\" \\u2013 \\u00e9"}]}',
        ),
        (
            order(),
            '{"type":"order","time":"2026-01-05T15:00:00Z","id":"r0-1","trade":"T1","role":"stop","symbol":"AAPL",'
            '"side":"SELL","quantity":100,"filled":0,"order_type":"STOP","limit_price":null,"stop_price":145.5,'
            '"status":"submitted","rule":"flow_long"}',
        ),
        (
            fill(),
            '{"type":"fill","time":"2026-01-05T15:00:00.000001Z","order":"r0-1","symbol":"AAPL","side":"BUY",'
            '"quantity":100,"price":150.02,"commission":0.0}',
        ),
        (
            position(PositionChange.OPENED),
            '{"type":"position","time":"2026-01-05T15:00:00Z","event":"opened","symbol":"AAPL","side":"BUY",'
            '"quantity":100,"entry_price":150.02,"pnl":-1.23,"reason":null}',
        ),
        (
            position(PositionChange.CLOSED, detail="end of day"),
            '{"type":"position","time":"2026-01-05T15:00:00Z","event":"closed","symbol":"AAPL","side":"BUY",'
            '"quantity":100,"entry_price":150.02,"pnl":-1.23,"reason":"target","detail":"end of day"}',
        ),
        (
            Notice(AT, "warning", None, "halted"),
            '{"type":"notice","time":"2026-01-05T15:00:00Z","level":"warning","symbol":null,"text":"halted"}',
        ),
    ],
)
def test_a_record_is_one_line_with_its_keys_in_order(record: Record, line: str) -> None:
    assert record_line(record) == line
    assert json.loads(line)


def test_a_rejected_order_says_why() -> None:
    line = record_line(order(status=OrderState.REJECTED, reason="margin"))
    assert line.endswith('"status":"rejected","rule":"flow_long","reason":"margin"}')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0.1, "0.1"),
        (100.0, "100.0"),
        (1e-7, "1e-07"),
        (math.nan, "null"),
        (math.inf, "null"),
        ('a"b\n', '"a\\"b\\n"'),
        ("", '""'),
    ],
)
def test_a_value_is_written_in_its_shortest_form_and_null_where_it_is_none(
    value: float | str | None, text: str
) -> None:
    assert value_json(value) == text


@given(st.integers(-(10**18), 10**18))
def test_an_amount_reads_back_exactly(micros: int) -> None:
    record = PositionRecord(AT, PositionChange.UPDATED, "T1", "A", OrderSide.BUY, 1, 1.0, micros)
    text = record_line(record).split('"pnl":')[1].split(",")[0]
    whole, decimals = text.lstrip("-").split(".")
    assert (-1 if text.startswith("-") else 1) * (int(whole) * 10**6 + int(decimals.ljust(6, "0"))) == micros


@given(st.text(), st.text(), st.floats())
def test_whatever_a_text_or_value_holds_the_line_is_ascii_and_valid(rule: str, name: str, value: float) -> None:
    record = Decision(AT, 1, rule, "a:1", None, Outcome.SKIPPED, rule, {name: value})
    line = record_line(record)
    assert line.isascii()
    assert "\n" not in line
    read = json.loads(line, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
    assert (read["rule"], read["values"][name]) == (rule, value if math.isfinite(value) else None)


def test_the_summary_counts_what_was_printed() -> None:
    tally = Tally()
    tally.count_signal()
    tally.count_signal()
    records: list[Record] = [
        decision(Outcome.REFUSED),
        decision(),
        decision(),
        order("r0-1"),
        order("r0-2"),
        order("r0-1", OrderState.FILLED),
        fill(),
        Notice(AT, "warning", None, "halted"),
        position(PositionChange.OPENED),
        position(PositionChange.OPENED, "IBM"),
        position(PositionChange.UPDATED, "IBM"),
        position(PositionChange.CLOSED),
    ]
    for record in records:
        tally.count(record)
    assert summary_line(tally.summary(realised_pnl=-1_230_000, equity=99_998_770_000)) == (
        '{"type":"summary","signals":2,"decisions":{"acted":2,"refused":1},"orders":2,"fills":1,"trades_closed":1,'
        '"realised_pnl":-1.23,"equity":99998.77,"open_positions":['
        '{"symbol":"IBM","side":"BUY","quantity":100,"entry_price":150.02}]}'
    )
