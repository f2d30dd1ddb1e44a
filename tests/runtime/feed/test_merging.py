"""The order of delivery: bars wait for their end, files are merged."""

from __future__ import annotations

import random
from pathlib import Path

from rulec.runtime.event.inputs import Bar, OutsideInput, Price, Signal
from rulec.runtime.feed import delivery_time, read_events
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.times import parse_time, time_text

NYSE = NyseHours()


def price(stamp: str, value: float, symbol: str = "SPY") -> str:
    return f'{{"type":"price","time":"2026-01-05T{stamp}Z","symbol":"{symbol}","price":{value}}}'


def bar(stamp: str, value: float, timeframe: str) -> str:
    return (
        f'{{"type":"bar","time":"2026-01-05T{stamp}Z","symbol":"SPY","open":{value},"high":{value},"low":{value},'
        f'"close":{value},"volume":1,"timeframe":"{timeframe}"}}'
    )


def signal(stamp: str, symbol: str) -> str:
    return f'{{"type":"signal","time":"2026-01-05T{stamp}Z","symbol":"{symbol}","signal":"BUY"}}'


def merged(tmp_path: Path, *files: list[str]) -> list[OutsideInput]:
    paths = []
    for number, lines in enumerate(files):
        paths.append(tmp_path / f"{number}.jsonl")
        paths[-1].write_text("\n".join(lines))
    return list(read_events(paths, NYSE))


def values(events: list[OutsideInput]) -> list[object]:
    return [
        event.close if isinstance(event, Bar) else event.price if isinstance(event, Price) else event.symbol
        for event in events
        if isinstance(event, Bar | Price | Signal)
    ]


def test_a_bar_is_held_back_to_its_end(tmp_path: Path) -> None:
    events = merged(tmp_path, [bar("15:00:00", 1, "1m"), price("15:00:30", 2), price("15:01:00", 3)])
    assert values(events) == [2.0, 1.0, 3.0]
    assert [time_text(delivery_time(event))[11:19] for event in events] == ["15:00:30", "15:01:00", "15:01:00"]


def test_bars_of_two_timeframes_in_one_file_come_by_their_ends(tmp_path: Path) -> None:
    lines = [bar("20:00:00", 1, "1h"), bar("20:00:00", 2, "1m"), bar("20:30:00", 3, "1h"), bar("20:59:00", 4, "1m")]
    assert values(merged(tmp_path, lines)) == [2.0, 1.0, 3.0, 4.0]


def test_at_one_instant_the_order_of_the_files_decides_then_the_line(tmp_path: Path) -> None:
    first = [price("15:00:00", 1), price("15:00:00", 2), price("15:00:05", 3)]
    second = [price("14:59:59", 10), price("15:00:00", 11), price("15:00:05", 12)]
    third = [price("15:00:00", 20), price("15:00:00", 21)]
    assert values(merged(tmp_path, first, second, third)) == [10.0, 1.0, 2.0, 11.0, 20.0, 21.0, 3.0, 12.0]


def test_signals_find_their_place_among_bars_of_another_file(tmp_path: Path) -> None:
    bars = tmp_path / "bars.csv"
    rows = [f"2026-01-05T15:{minute:02d}:00Z,SPY,{minute + 1},99,1,{minute + 1},1" for minute in range(4)]
    bars.write_text("\n".join(["time,symbol,open,high,low,close,volume", *rows]))
    signals = tmp_path / "signals.jsonl"
    signals.write_text("\n".join([signal("15:02:00", "AT"), signal("15:02:30", "BETWEEN"), signal("16:00:00", "LATE")]))
    feed = read_events([bars, signals], NYSE)
    assert values(list(feed)) == [1.0, 2.0, "AT", "BETWEEN", 3.0, 4.0, "LATE"]
    assert len(feed) == 7


def test_a_feed_can_be_gone_through_again(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join([bar("15:00:00", 1, "1m"), price("15:00:30", 2)]))
    feed = read_events([path, path], NYSE)
    assert list(feed) == list(feed)
    assert len(list(feed)) == len(feed) == 4


def test_no_files_have_no_events() -> None:
    assert list(read_events([], NYSE)) == []


def test_any_number_of_files_is_merged_as_if_sorted(tmp_path: Path) -> None:
    chance = random.Random(3)
    start = parse_time("2026-01-05T15:00:00Z")
    expected, files = [], []
    for number in range(6):
        times = sorted(start + chance.randrange(40) * 1_000_000 for _ in range(chance.randrange(30)))
        files.append([price(time_text(time)[11:19], number * 100 + line + 1) for line, time in enumerate(times)])
        expected += [(time, number, float(number * 100 + line + 1)) for line, time in enumerate(times)]
    assert values(merged(tmp_path, *files)) == [value for _, _, value in sorted(expected)]
