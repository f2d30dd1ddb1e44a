"""Files of bars: rows, timeframes, and what is said about a wrong row."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from rulec.runtime.event.inputs import Bar
from rulec.runtime.feed import FeedError, read_events
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.times import DAY, HOUR, MINUTE, parse_time, time_text, timeframe_text

NYSE = NyseHours()
HEADER = "time,symbol,open,high,low,close,volume"


def read(tmp_path: Path, text: str | bytes, name: str = "bars.csv") -> list[Bar]:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [event for event in read_events([path], NYSE) if isinstance(event, Bar)]


def row(stamp: str, symbol: str = "SPY") -> str:
    return f"{stamp},{symbol},100,101,99,100.5,1000"


def stamped(tmp_path: Path, *stamps: str) -> list[Bar]:
    return read(tmp_path, "\n".join([HEADER, *map(row, stamps)]))


def test_a_row_becomes_a_bar_that_keeps_its_stamp_and_is_cut_to_the_session(tmp_path: Path) -> None:
    first, second = read(
        tmp_path,
        f"{HEADER}\n2026-01-05T14:00:00Z,SPY,100.1,101.25,99,100.5,384500\n2026-01-05T10:00:00-05:00,SPY,1,2,1,2,0\n",
    )
    stamp = parse_time("2026-01-05T14:00:00Z")
    assert first == Bar(
        stamp, "SPY", 100.1, 101.25, 99.0, 100.5, 384_500.0, HOUR, stamp + 30 * MINUTE, stamp + HOUR, True
    )
    assert (second.time, second.open, second.volume) == (stamp + HOUR, 1.0, 0.0)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    chance = random.Random(5)
    opening = parse_time("2026-01-05T14:30:00Z")
    written = []
    for minute in range(300):
        low, second, third, high = sorted(round(chance.uniform(10, 20), chance.randint(0, 6)) for _ in range(4))
        written.append((time_text(opening + minute * MINUTE), "SPY", second, high, low, third, float(minute)))
    path = tmp_path / "bars.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER.split(","), *written])
    found = [
        (time_text(bar.time), bar.symbol, bar.open, bar.high, bar.low, bar.close, bar.volume)
        for bar in read_events([path], NYSE)
        if isinstance(bar, Bar)
    ]
    assert found == written


@pytest.mark.parametrize(
    ("stamps", "timeframe"),
    [
        (["2026-01-05T14:30:00Z", "2026-01-05T14:31:00Z", "2026-01-05T14:33:00Z"], MINUTE),
        (["2026-01-05T14:30:00Z", "2026-01-05T14:35:00Z", "2026-01-05T14:40:00Z", "2026-01-05T15:40:00Z"], 5 * MINUTE),
        (["2026-01-05T14:00:00Z", "2026-01-05T15:00:00Z", "2026-01-06T14:00:00Z"], HOUR),  # as common: the shorter
        (["2026-01-05T05:00:00Z", "2026-01-06T05:00:00Z", "2026-01-07T05:00:00Z"], DAY),
        (["2026-01-09T05:00:00Z", "2026-01-12T05:00:00Z"], DAY),  # over a weekend
        (["2026-03-06T05:00:00Z", "2026-03-09T04:00:00Z"], DAY),  # and a change of clocks
        (["2026-01-05T05:00:00Z"], DAY),  # stamped at the exchange's midnight
        (["2026-07-06T04:00:00Z"], DAY),
        (["2026-01-05T14:30:00Z"], MINUTE),
        (["2026-01-05T05:00:00Z", "2026-01-12T05:00:00Z", "2026-01-19T05:00:00Z"], 7 * DAY),
    ],
)
def test_the_timeframe_is_the_commonest_spacing(stamps: list[str], timeframe: int, tmp_path: Path) -> None:
    found = {timeframe_text(bar.timeframe) for bar in stamped(tmp_path, *stamps)}
    assert found == {timeframe_text(timeframe)}


def test_spacing_is_measured_within_each_symbol(tmp_path: Path) -> None:
    rows = [row(f"2026-01-05T15:{minute:02d}:00Z", symbol) for minute in (0, 5, 10) for symbol in ("SPY", "IBM")]
    assert {bar.timeframe for bar in read(tmp_path, "\n".join([HEADER, *rows]))} == {5 * MINUTE}


def test_bars_in_json_lines_without_a_timeframe_have_the_commonest_spacing_of_their_file(tmp_path: Path) -> None:
    def line(minute: int, timeframe: str = "") -> str:
        return (
            f'{{"type":"bar","time":"2026-01-05T15:{minute:02d}:00Z","symbol":"SPY","open":1,"high":1,"low":1,'
            f'"close":1,"volume":1{timeframe}}}'
        )

    lines = [line(0), line(0, ',"timeframe":"30s"'), line(1, ',"timeframe":"30s"'), line(5), line(10)]
    found = [(bar.time // MINUTE % 60, timeframe_text(bar.timeframe)) for bar in read(tmp_path, "\n".join(lines))]
    assert found == [(0, "30s"), (1, "30s"), (0, "5m"), (5, "5m"), (10, "5m")]


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADER}\r\n2026-01-05T15:00:00Z,SPY,1,2,1,2,5\r\n\r\n",
        f'{HEADER}\n"2026-01-05T15:00:00Z","SPY","1","2","1","2","5"',
        f"{HEADER}\n2026-01-05T15:00:00Z, SPY , 1,2 ,1,2.000,5e0\n",
    ],
)
def test_quotes_spaces_and_windows_line_ends_do_no_harm(text: str, tmp_path: Path) -> None:
    (bar,) = read(tmp_path, text)
    assert (bar.symbol, bar.open, bar.high, bar.low, bar.close, bar.volume) == ("SPY", 1.0, 2.0, 1.0, 2.0, 5.0)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("oops", "7 values are wanted .*, not 1"),
        ("2026-01-05T15:00:00Z,SPY,1,2,1,2", "7 values are wanted .*, not 6"),
        ("2026-01-05T15:00:00Z,SPY,1,2,1,2,5,6", "7 values are wanted .*, not 8"),
        ("2026-01-05T15:00:00,SPY,1,2,1,2,5", "`time`: .* has no offset"),
        ("05/01/2026 15:00,SPY,1,2,1,2,5", "`time`: `05/01/2026 15:00` is no time"),
        ("2026-01-05T14:59:00Z,SPY,1,2,1,2,5", "`time`: out of order"),
        ("2026-01-05T15:00:00Z,spy,1,2,1,2,5", "`symbol`: `spy` is no symbol; write SPY"),
        ("2026-01-05T15:00:00Z,SPY,x,2,1,2,5", "`open`: a number is wanted, not `x`"),
        ("2026-01-05T15:00:00Z,SPY,,2,1,2,5", "`open`: a number is wanted, not ``"),
        ("2026-01-05T15:00:00Z,SPY,1,1_0,1,2,5", "`high`: a number is wanted, not `1_0`"),
        ("2026-01-05T15:00:00Z,SPY,1,2,١,2,5", "`low`: a number is wanted"),
        ("2026-01-05T15:00:00Z,SPY,nan,2,1,2,5", "`open`: nan is no price"),
        ("2026-01-05T15:00:00Z,SPY,1,2,1,nan,5", "`close`: nan is no price"),
        ("2026-01-05T15:00:00Z,SPY,1,inf,1,2,5", "`high`: inf is no price"),
        ("2026-01-05T15:00:00Z,SPY,1,2,0,2,5", "`low`: a price must be above 0"),
        ("2026-01-05T15:00:00Z,SPY,-1,2,-1,2,5", "`open`: a price must be above 0"),
        ("2026-01-05T15:00:00Z,SPY,1,1,2,2,5", "`high` 1 lies below `low` 2"),
        ("2026-01-05T15:00:00Z,SPY,3,2,1,2,5", "`open` 3 lies outside"),
        ("2026-01-05T15:00:00Z,SPY,1,2,1,2.1,5", "`close` 2.1 lies outside"),
        ("2026-01-05T15:00:00Z,SPY,1,2,1,2,-5", "`volume`: -5 is no number of shares"),
        ("2026-01-05T15:00:00Z,SPY,1,2,1,2,nan", "`volume`: nan is no number of shares"),
        ('2026-01-05T15:00:00Z,"SPY,1,2,1,2,5', "malformed CSV"),
    ],
)
def test_a_wrong_row_is_named_with_its_place_and_what_is_wrong(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=message) as raised:
        read(tmp_path, f"{HEADER}\n{row('2026-01-05T15:00:00Z')}\n\n{line}\n")
    assert str(raised.value).startswith(f"{tmp_path / 'bars.csv'}:4: ")


def test_a_row_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"bars\.csv:2: not UTF-8"):
        read(tmp_path, HEADER.encode() + b"\n2026-01-05T15:00:00Z,SP\xff,1,2,1,2,5\n")


@pytest.mark.parametrize("header", ["", "time,open,high,low,close,volume", "2026-01-05T15:00:00Z,SPY,1,2,1,2,5"])
def test_a_file_without_its_header_is_refused(header: str, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"bars\.csv:1: the first line must be `time,symbol,open"):
        read(tmp_path, header)


def test_a_file_with_only_a_header_has_no_bars(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER) == []
