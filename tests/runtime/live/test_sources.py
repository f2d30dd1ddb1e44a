"""Sources of signals: a file that grows, standard input."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rulec.runtime.live.inbox import Arrival, ArrivedLine, SourceNews
from rulec.runtime.live.sources import FollowedFile, SignalSource, StandardInput

PATIENCE = 5.0


async def until(arrivals: list[Arrival], count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(arrivals) < count:
            await asyncio.sleep(0.01)


def follow(source: SignalSource, steps: list[tuple[Callable[[], object], int]]) -> list[Arrival]:
    """Follows a source; each step does something and waits until so many arrivals are there in all."""

    async def drive() -> list[Arrival]:
        arrivals: list[Arrival] = []
        task = asyncio.ensure_future(source.follow(arrivals.append))
        for act, count in steps:
            await asyncio.sleep(0.15)
            act()
            await until(arrivals, count)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return arrivals

    return asyncio.run(drive())


def lines(arrivals: list[Arrival]) -> list[tuple[int, bytes]]:
    return [(arrival.number, arrival.text) for arrival in arrivals if isinstance(arrival, ArrivedLine)]


def append(path: Path, text: str) -> Callable[[], object]:
    def act() -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)

    return act


def test_a_followed_file_starts_at_its_end_and_counts_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    path.write_text("one\ntwo\n", encoding="utf-8")
    source = FollowedFile(str(path), from_start=False)
    source.open()
    assert lines(follow(source, [(append(path, "three\n"), 1)])) == [(3, b"three")]


def test_from_start_it_brings_what_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    path.write_text("one\ntwo\n", encoding="utf-8")
    source = FollowedFile(str(path), from_start=True)
    source.open()
    assert lines(follow(source, [(append(path, "three\n"), 3)])) == [(1, b"one"), (2, b"two"), (3, b"three")]


def test_nothing_is_lost_between_opening_and_following(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    path.touch()
    source = FollowedFile(str(path), from_start=False)
    source.open()
    append(path, "early\n")()
    assert lines(follow(source, [(lambda: None, 1)])) == [(1, b"early")]


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    path.touch()
    source = FollowedFile(str(path), from_start=False)
    source.open()
    steps = [(append(path, "hel"), 0), (append(path, "lo\n"), 1)]
    assert lines(follow(source, steps)) == [(1, b"hello")]


@pytest.mark.parametrize(
    ("added", "found"),
    [("\nnext\n", [(3, b"next")]), (" half\n", [(2, b"last half")])],
    ids=["a whole line without an end is old", "a half line that is finished is new"],
)
def test_a_last_line_without_an_end(tmp_path: Path, added: str, found: list[tuple[int, bytes]]) -> None:
    path = tmp_path / "signals.jsonl"
    path.write_text("one\nlast", encoding="utf-8")
    source = FollowedFile(str(path), from_start=False)
    source.open()
    assert lines(follow(source, [(append(path, added), 1)])) == found


def test_a_replaced_file_is_read_from_its_start(tmp_path: Path) -> None:
    path, fresh = tmp_path / "signals.jsonl", tmp_path / "fresh"
    path.write_text("one\n", encoding="utf-8")
    source = FollowedFile(str(path), from_start=False)
    source.open()
    fresh.write_text("first of the new\n", encoding="utf-8")
    arrivals = follow(source, [(lambda: fresh.replace(path), 2)])
    assert isinstance(arrivals[0], SourceNews)
    assert "replaced" in arrivals[0].text
    assert lines(arrivals) == [(1, b"first of the new")]


def test_a_file_cut_short_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "signals.jsonl"
    path.write_text("one long line\n", encoding="utf-8")
    source = FollowedFile(str(path), from_start=False)
    source.open()
    arrivals = follow(source, [(lambda: path.write_text("a\n", encoding="utf-8"), 2)])
    assert isinstance(arrivals[0], SourceNews)
    assert "cut short" in arrivals[0].text
    assert lines(arrivals) == [(1, b"a")]


def test_a_missing_file_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        FollowedFile(str(tmp_path / "nowhere.jsonl"), from_start=False).open()


def test_standard_input_is_read_as_it_comes_to_its_end() -> None:
    reading, writing = os.pipe()
    source = StandardInput(reading)
    source.open()
    steps: list[tuple[Callable[[], object], int]] = [
        (lambda: os.write(writing, b"one\ntw"), 1),
        (lambda: os.write(writing, b"o\nthree"), 2),
        (lambda: os.close(writing), 4),
    ]
    arrivals = follow(source, steps)
    os.close(reading)
    assert lines(arrivals) == [(1, b"one"), (2, b"two"), (3, b"three")]
    assert isinstance(arrivals[3], SourceNews)


def test_a_large_input_arrives_whole() -> None:
    reading, writing = os.pipe()
    count = 20_000
    text = b"".join(b'{"n":%d}\n' % number for number in range(count))

    def write() -> None:
        import threading

        def send() -> None:
            with os.fdopen(writing, "wb") as file:
                file.write(text)

        threading.Thread(target=send).start()

    arrivals = follow(StandardInput(reading), [(write, count + 1)])
    os.close(reading)
    assert [number for number, _ in lines(arrivals)] == list(range(1, count + 1))
