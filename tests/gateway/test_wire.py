"""Bytes to messages and back, whatever the bytes are and however they are cut."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.gateway.wire import Frames, WireError, offered_versions, to_fields, to_frame

FIELD = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
OFFER = b"API\0" + struct.pack(">I", 9) + b"v157..176"


def fed(frames: Frames, data: bytes, cuts: list[int]) -> list[bytes]:
    """Feeds bytes in pieces that end at the cuts."""
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    found: list[bytes] = []
    for start, end in pairwise(edges):
        found += frames.feed(data[start:end])
    return found


@given(st.lists(st.lists(FIELD, min_size=1, max_size=8), max_size=6), st.lists(st.integers(0, 10_000), max_size=20))
def test_messages_arrive_whole_however_the_bytes_are_cut(messages: list[list[str]], cuts: list[int]) -> None:
    data = OFFER + b"".join(to_frame(fields) for fields in messages)
    offer, *found = fed(Frames(), data, cuts)
    assert offer == b"v157..176"
    assert [to_fields(message) for message in found] == messages


def test_a_message_is_its_length_and_fields_that_end_in_nul() -> None:
    assert to_frame(["62", "1"]) == b"\x00\x00\x00\x05" + b"62\x001\x00"


def test_a_nul_inside_a_field_cannot_make_two_of_it() -> None:
    assert to_fields(to_frame(["4", "a\0b"])[4:]) == ["4", "ab"]


def test_bytes_that_are_no_utf8_are_marked() -> None:
    assert to_fields(b"3\0caf\xe9\0") == ["3", "caf�"]


@pytest.mark.parametrize("length", [0, 0xFFFFFFF0, 1 << 21])
def test_a_length_that_no_message_has_ends_the_stream(length: int) -> None:
    frames = Frames()
    list(frames.feed(OFFER))
    with pytest.raises(WireError, match="bytes"):
        list(frames.feed(struct.pack(">I", length) + b"x" * 100))


def test_half_a_message_waits_for_the_rest() -> None:
    frames = Frames()
    message = to_frame(["61", "1"])
    assert list(frames.feed(OFFER[:6])) == []
    assert list(frames.feed(OFFER[6:] + message[:-1])) == [b"v157..176"]
    assert list(frames.feed(message[-1:])) == [b"61\x001\x00"]


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"API ", b"\0\0\0\5hello", b"A" * 100])
def test_a_stream_that_does_not_begin_with_the_greeting_is_refused(data: bytes) -> None:
    with pytest.raises(WireError, match="API"):
        list(Frames().feed(data))


def test_a_greeting_cannot_be_endless() -> None:
    with pytest.raises(WireError):
        list(Frames().feed(b"API\0" + struct.pack(">I", 100_000)))


@pytest.mark.parametrize(
    ("text", "versions"),
    [("v157..176", (157, 176)), ("v100..157 +PACEAPI", (100, 157)), ("v157", (157, 157)), ("v157..178\0", (157, 178))],
)
def test_a_client_offers_versions(text: str, versions: tuple[int, int]) -> None:
    assert offered_versions(text.encode()) == versions


@pytest.mark.parametrize("text", ["157..176", "v", "v157..", "vx..y", "v-1..2", "v157..99999999999", "\xff\xfe"])
def test_an_offer_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        offered_versions(text.encode("latin-1"))
