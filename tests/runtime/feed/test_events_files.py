"""Files of JSON lines: what each line becomes, and what is said about a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulec.runtime.event.inputs import Bar, BrokerLink, Fault, LinkEvent, OutsideInput, Price, Quote, Signal
from rulec.runtime.feed import FeedError, read_events
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.times import MINUTE, parse_time

NYSE = NyseHours()
TIME = '"time":"2026-01-05T15:00:00Z"'
AT = parse_time("2026-01-05T15:00:00Z")


def read(tmp_path: Path, text: str | bytes, name: str = "events.jsonl") -> list[OutsideInput]:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(read_events([path], NYSE))


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            f'{{"type":"signal",{TIME},"id":"s1","symbol":"AAPL","signal":"BUY","confidence":0.91,"price":150.0,'
            '"fields":{"premium":1500000,"sweep":true,"venue":"CBOE","greeks":null}}',
            Signal(AT, "AAPL", "BUY", 0.91, 150.0, "", "s1", {"premium": 1_500_000.0, "sweep": True, "venue": "CBOE"}),
        ),
        (f'{{"type":"signal",{TIME},"symbol":"BRK.B","signal":"SELL"}}', Signal(AT, "BRK.B", "SELL")),
        (f'{{"symbol":"AAPL","signal":"BUY","source":"desk",{TIME}}}', Signal(AT, "AAPL", "BUY", source="desk")),
        (f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY","confidence":1}}', Signal(AT, "AAPL", "BUY", 1.0)),
        (f'{{"type":"price",{TIME},"symbol":"AAPL","price":150.02,"size":100}}', Price(AT, "AAPL", 150.02, 100.0)),
        (f'{{"type":"price",{TIME},"symbol":"BF-B","price":1e-6}}', Price(AT, "BF-B", 1e-6)),
        (f'{{"type":"quote",{TIME},"symbol":"AAPL","bid":150.01,"ask":150.03}}', Quote(AT, "AAPL", 150.01, 150.03)),
        (
            f'{{"type":"bar",{TIME},"symbol":"AAPL","open":150,"high":150.4,"low":149.9,"close":150.3,'
            '"volume":12000,"timeframe":"1m"}',
            Bar(AT, "AAPL", 150.0, 150.4, 149.9, 150.3, 12_000.0, MINUTE, AT, AT + MINUTE),
        ),
        (f'{{"type":"broker",{TIME},"event":"disconnected"}}', BrokerLink(AT, LinkEvent.DISCONNECTED)),
        (f'{{"type":"broker",{TIME},"event":"connected"}}', BrokerLink(AT, LinkEvent.CONNECTED)),
        (f'{{"type":"fault",{TIME},"event":"reject_next","reason":"margin"}}', Fault(AT, "reject_next", "margin")),
        (
            f'{{"type":"fault",{TIME},"event":"partial_next","order":"stop","quantity":40}}',
            Fault(AT, "partial_next", "", "stop", 40),
        ),
        (f'{{"type":"fault",{TIME},"event":"late_fill"}}', Fault(AT, "late_fill")),
    ],
)
def test_a_line_becomes_its_event(line: str, event: OutsideInput, tmp_path: Path) -> None:
    assert read(tmp_path, line) == [event]


def test_of_numbers_in_fields_the_type_is_kept(tmp_path: Path) -> None:
    line = f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY","fields":{{"a":1,"b":true,"c":"1"}}}}'
    (signal,) = read(tmp_path, line)
    assert isinstance(signal, Signal)
    assert [type(value) for value in signal.fields.values()] == [float, bool, str]


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2026-01-05T15:00:00Z", 0),
        ("2026-01-05T10:00:00-05:00", 0),
        ("2026-01-05T15:00:00+0000", 0),
        ("2026-01-05 15:00:00Z", 0),
        ("2026-01-05T15:00Z", 0),
        ("2026-01-05T15:00:00.5Z", 500_000),
        ("2026-01-05T15:00:00.000001Z", 1),
        ("2026-01-05T15:00:00.123456789Z", 123_456),
    ],
)
def test_a_time_is_iso_8601_with_an_offset(text: str, microseconds: int, tmp_path: Path) -> None:
    line = f'{{"type":"price","time":"{text}","symbol":"AAPL","price":1}}'
    assert read(tmp_path, line) == [Price(AT + microseconds, "AAPL", 1.0)]


WRONG_LINES = [
    ("{", "malformed JSON: it ends too early"),
    ("nonsense", "malformed JSON: invalid character"),
    ("[1]", "an object in braces is wanted, not an array"),
    ("null", "an object in braces is wanted, not null"),
    ("{}", "`type` is missing; it is one of signal, price, quote, bar, broker, fault"),
    (f'{{"type":"pric",{TIME}}}', "`type`: `pric` is no event; .* did you mean price?"),
    ('{"type":5}', "`type`: `5` is no event"),
    ('{"type":"price"}', "`time` is missing"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL"}}', "`price` is missing"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":1}}}}', "malformed JSON: trailing characters"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","pric":1}}', "unknown key `pric`; did you mean `price`?"),
    (f'{{"pric":1,"type":"price",{TIME},"x":', "malformed JSON: it ends too early"),
    (f'{{"type":"quote",{TIME},"zzz":1}}', "unknown key `zzz`; a quote has time, symbol, bid, ask"),
    (
        f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY","premium":1}}',
        'unknown key `premium`; values of your own go into "fields"',
    ),
    (f'{{"symbol":"AAPL","signal":"BUY","premium":1,{TIME}}}', "unknown key `premium`"),
    ('{"type":"signal","symbol":"AAPL","signal":"BUY"}', "`time` is missing; a recorded signal needs it"),
    ('{"type":"price","time":1767625200,"symbol":"AAPL","price":1}', "`time`: a text is wanted, not a whole number"),
    (
        '{"type":"price","time":"2026-01-05T15:00:00","symbol":"AAPL","price":1}',
        "`time`: .* has no offset; add Z for UTC",
    ),
    ('{"type":"price","time":"2026-01-05","symbol":"AAPL","price":1}', "`time`: `2026-01-05` is no time; write it"),
    ('{"type":"price","time":"2026-02-30T15:00:00Z","symbol":"AAPL","price":1}', "day is out of range for month"),
    ('{"type":"price","time":"2026-01-05T25:00:00Z","symbol":"AAPL","price":1}', "hour must be in 0..23"),
    ('{"type":"price","time":"1969-12-31T23:00:00Z","symbol":"AAPL","price":1}', "outside the years 1970 to 2199"),
    ('{"type":"price","time":"0001-01-01T00:00:00+23:59","symbol":"AAPL","price":1}', "outside the years"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":NaN}}', "malformed JSON: invalid character"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":Infinity}}', "malformed JSON: invalid character"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":1e999}}', "`price`: number out of range"),
    (
        f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY","fields":{{"a":1e999}}}}',
        "a value in `fields`: number out of range",
    ),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":"150"}}', "`price`: a number is wanted, not a text"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":true}}', "`price`: a number is wanted, not true or false"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":null}}', "`price`: a number is wanted, not null"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":0}}', "`price`: a price must be above 0, not 0"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":-3}}', "`price`: a price must be above 0, not -3"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":1e300}}', "`price`: 1e\\+300 is no price"),
    (f'{{"type":"price",{TIME},"symbol":"AAPL","price":1,"size":-1}}', "`size`: -1 is no number of shares"),
    (f'{{"type":"price",{TIME},"symbol":"aapl","price":1}}', "`symbol`: `aapl` is no symbol; write AAPL"),
    (f'{{"type":"price",{TIME},"symbol":"","price":1}}', "`symbol`: `` is no symbol"),
    (f'{{"type":"price",{TIME},"symbol":"A\\nB","price":1}}', "`symbol`: `A\\\\nB` is no symbol"),
    (f'{{"type":"quote",{TIME},"symbol":"AAPL","bid":0,"ask":1}}', "`bid`: a price must be above 0"),
    (f'{{"type":"quote",{TIME},"symbol":"AAPL","bid":1,"ask":-1}}', "`ask`: a price must be above 0"),
    (
        f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY","confidence":80}}',
        "`confidence`: a fraction from 0 to 1 is wanted, not 80; for 80% write 0.8",
    ),
    (f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY","confidence":-0.1}}', "not -0.1$"),
    (f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY","price":0}}', "`price`: a price must be above 0"),
    (f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY NOW"}}', "`signal`: `BUY NOW` is no kind of signal"),
    (
        f'{{"type":"signal",{TIME},"symbol":"AAPL","signal":"BUY","fields":{{"a":[1]}}}}',
        "a value in `fields`: .* is wanted, not an array",
    ),
    (
        f'{{"type":"bar",{TIME},"symbol":"A","open":1,"high":2,"low":3,"close":1,"volume":1}}',
        "`high` 2 lies below `low` 3",
    ),
    (
        f'{{"type":"bar",{TIME},"symbol":"A","open":5,"high":2,"low":1,"close":1,"volume":1}}',
        "`open` 5 lies outside `low` 1 to `high` 2",
    ),
    (
        f'{{"type":"bar",{TIME},"symbol":"A","open":1,"high":2,"low":1,"close":0.5,"volume":1}}',
        "`close` 0.5 lies outside",
    ),
    (
        f'{{"type":"bar",{TIME},"symbol":"A","open":1,"high":2,"low":0,"close":1,"volume":1}}',
        "`low`: a price must be above 0",
    ),
    (f'{{"type":"bar",{TIME},"symbol":"A","open":1,"high":2,"low":1,"close":1,"volume":-1}}', "`volume`: -1"),
    (
        f'{{"type":"bar",{TIME},"symbol":"A","open":1,"high":2,"low":1,"close":1,"volume":1,"timeframe":"1min"}}',
        "`timeframe`: `1min` is no timeframe; write one like 30s, 5m, 1h or 1d",
    ),
    (
        f'{{"type":"bar",{TIME},"symbol":"A","open":1,"high":2,"low":1,"close":1,"volume":1,"timeframe":"0m"}}',
        "`timeframe`: `0m` is no timeframe",
    ),
    (f'{{"type":"broker",{TIME},"event":"lost"}}', "`event`: `lost` happens to no broker"),
    (f'{{"type":"fault",{TIME},"event":"reject"}}', "`event`: `reject` is no fault; .* did you mean reject_next?"),
    (f'{{"type":"fault",{TIME},"event":"partial_next"}}', "`quantity` is missing"),
    (f'{{"type":"fault",{TIME},"event":"partial_next","quantity":0}}', "`quantity`: a number of shares above 0"),
    (f'{{"type":"fault",{TIME},"event":"late_fill","quantity":1.5}}', "a whole number is wanted, not a fraction"),
    ('{"a":' * 5_000, "malformed JSON: nested too deeply"),
]


@pytest.mark.parametrize(("line", "message"), WRONG_LINES)
def test_a_wrong_line_is_named_with_its_place_and_what_is_wrong(line: str, message: str, tmp_path: Path) -> None:
    good = f'{{"type":"price",{TIME},"symbol":"AAPL","price":1}}'
    with pytest.raises(FeedError, match=message) as raised:
        read(tmp_path, f"{good}\n\n{line}\n{good}\n")
    assert str(raised.value).startswith(f"{tmp_path / 'events.jsonl'}:3: ")
    assert "\n" not in str(raised.value)


def test_a_line_out_of_order_is_refused(tmp_path: Path) -> None:
    later = '{"type":"price","time":"2026-01-05T15:00:01Z","symbol":"AAPL","price":1}'
    earlier = '{"type":"price","time":"2026-01-05T10:00:00-05:00","symbol":"IBM","price":1}'
    with pytest.raises(FeedError, match=r"events\.jsonl:2: `time`: out of order, 2026-01-05T15:00:00Z lies before"):
        read(tmp_path, f"{later}\n{earlier}\n")


@pytest.mark.parametrize("text", [b'\n{"type":"price","symbol":"\xff"}', b"\n\xff\xfe"])
def test_text_that_is_not_utf_8_is_refused(text: bytes, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"events\.jsonl:2: "):
        read(tmp_path, text)


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    line = f'{{"type":"price",{TIME},"symbol":"AAPL","price":1}}'.encode()
    assert read(tmp_path, b"\xef\xbb\xbf" + line + b"\r\n\r\n" + line, "events.txt") == [Price(AT, "AAPL", 1.0)] * 2


def test_a_file_with_no_line_has_no_events(tmp_path: Path) -> None:
    assert read(tmp_path, "") == []


def test_a_file_that_is_not_there_or_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(FeedError) as raised:
            read_events([path], NYSE)
        assert str(raised.value).startswith(f"{path}: cannot be read: ")


def test_a_mistake_in_the_last_line_of_the_last_file_stops_everything(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.csv"
    good.write_text(f'{{"type":"price",{TIME},"symbol":"AAPL","price":1}}\n')
    bad.write_text("time,symbol,open,high,low,close,volume\n2026-01-05T15:00:00Z,AAPL,1,1,1,1,1\noops\n")
    with pytest.raises(FeedError, match=r"bad\.csv:3: "):
        read_events([good, bad], NYSE)
