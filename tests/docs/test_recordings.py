"""The recorded terminal: a file that a player can play, which shows what the documents say that it shows."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulec.docs.blocks import blocks
from rulec.docs.record import RECORDINGS, main
from rulec.docs.terminal import HEIGHT, WIDTH, without_colours

_LINE = re.compile(r"\x1b\[(\d+);1H\x1b\[2K([^\n]*?)(?=\x1b\[\d+;1H|$)")
_CLEARED = "\x1b[?25l\x1b[2J"


def screens(cast: str) -> Iterator[list[str]]:
    """The lines of the terminal, without colours, after each thing that was sent to it."""
    shown = [""] * HEIGHT
    for line in cast.splitlines()[1:]:
        _, kind, text = json.loads(line)
        if kind == "o":
            parts = _LINE.findall(text)
            assert "".join(f"\x1b[{row};1H\x1b[2K{words}" for row, words in parts) == text.removeprefix(_CLEARED)
            for row, words in parts:
                shown[int(row) - 1] = without_colours(words).rstrip()
            yield list(shown)


def is_a_cast(text: str) -> None:
    header, *events = [json.loads(line) for line in text.splitlines()]
    assert (header["version"], header["width"], header["height"]) == (2, WIDTH, HEIGHT)
    times = [time for time, _, _ in events]
    assert times == sorted(times)
    assert {kind for _, kind, _ in events} == {"o", "m"}
    assert all(isinstance(said, str) for _, _, said in events)


def shows_a_save_a_mistake_and_its_mending(cast: str) -> None:
    taken_up = mistake = traded_on = mended = False
    for lines in screens(cast):
        assert len(lines) == HEIGHT
        assert max(map(len, lines)) <= WIDTH
        text = "\n".join(lines)
        if "\nAAPL   long      100" in text and "+ leave  flow.rules:4  (it may act on AAPL)" in text:
            taken_up = "~ long  flow.rules:1  (it entered AAPL)" in text
        elif "SAVED RULES, NOT USED\nerror[E202]: a stop needs a unit\n  --> flow.rules:3:" in text:
            mistake = taken_up
            traded_on = traded_on or "\nMSFT   long      100" in text
        elif "~ long  flow.rules:1  (it entered AAPL, MSFT)" in text:
            mended = mistake and traded_on
    assert mended


def test_the_recording_shows_a_save_a_mistake_and_its_mending() -> None:
    cast = (RECORDINGS / "hot-reload.cast").read_text(encoding="utf-8")
    is_a_cast(cast)
    shows_a_save_a_mistake_and_its_mending(cast)


def test_the_page_shows_screens_of_the_recording() -> None:
    cast = (RECORDINGS / "hot-reload.cast").read_text(encoding="utf-8")
    recorded = {"\n".join(lines).rstrip() for lines in screens(cast)}
    page = [block.text for block in blocks((RECORDINGS / "hot-reload.md").read_text(encoding="utf-8"))]
    assert len(page) == sum('"m"' in line for line in cast.splitlines())
    assert [text for text in page if text.rstrip() not in recorded] == []


def test_without_tmux_it_is_said_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([str(tmp_path / "recordings")]) == 2
    assert "needs tmux, and there is none: run  apt install tmux" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_new_recording_shows_the_same_where_there_is_a_tmux_to_make_it(tmp_path: Path) -> None:
    code = main([str(tmp_path)])
    if shutil.which("tmux") is None:
        assert code == 2
        return
    assert code == 0
    cast = (tmp_path / "hot-reload.cast").read_text(encoding="utf-8")
    is_a_cast(cast)
    shows_a_save_a_mistake_and_its_mending(cast)
