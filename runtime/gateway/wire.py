"""Framing: messages are a length of four bytes, big-endian, and fields that each end in a NUL.

`Frames` takes bytes as they come, in any pieces, and gives whole messages. A length that no message can have leaves
nothing to hold on to: from there on the stream cannot be read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

_LENGTH = struct.Struct(">I")
_GREETING = b"API\0"
LONGEST_MESSAGE = 1 << 20
_LONGEST_GREETING = 1 << 10


class WireError(Exception):
    """The bytes are no stream of messages."""


class Frames:
    """Cuts a stream of bytes into messages. The first one follows the four letters of the greeting."""

    def __init__(self, longest: int = LONGEST_MESSAGE) -> None:
        self._longest = longest
        self._buffer = bytearray()
        self._is_greeted = False
        self._has_offer = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole with these bytes; the first is the client's offer of versions.

        Raises:
            WireError: no greeting, or a length that is zero or too great.
        """
        buffer = self._buffer
        buffer += data
        if not self._is_greeted:
            if buffer[: len(_GREETING)] != _GREETING[: len(buffer)]:
                raise WireError("the client does not begin with API")
            if len(buffer) < len(_GREETING):
                return
            del buffer[: len(_GREETING)]
            self._is_greeted = True
        while len(buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer)
            if not 0 < length <= (self._longest if self._has_offer else _LONGEST_GREETING):
                raise WireError(f"a message cannot have {length} bytes")
            end = _LENGTH.size + length
            if len(buffer) < end:
                return
            message = bytes(buffer[_LENGTH.size : end])
            del buffer[:end]
            self._has_offer = True
            yield message


def to_fields(message: bytes) -> list[str]:
    """The fields of a message. Bytes that are no UTF-8 are marked, never refused."""
    fields = message.decode("utf-8", "replace").split("\0")
    if fields[-1] == "":
        fields.pop()
    return fields


def to_frame(fields: Sequence[str]) -> bytes:
    """A message with its length before it. A NUL inside a field would end it: it is left out."""
    text = "\0".join((*fields, ""))
    if text.count("\0") != len(fields):
        text = "\0".join((*(field.replace("\0", "") for field in fields), ""))
    body = text.encode("utf-8", "replace")
    return _LENGTH.pack(len(body)) + body


def offered_versions(message: bytes) -> tuple[int, int]:
    """The least and the greatest version that a client speaks, from `v157..176` or `v157`, options after it.

    Raises:
        WireError: it says something else.
    """
    text = message.decode("ascii", "replace").rstrip("\0").partition(" ")[0]
    least, dots, greatest = text.removeprefix("v").partition("..")
    texts = (least, greatest if dots else least)
    if not text.startswith("v") or not all(each.isascii() and each.isdigit() and len(each) <= 6 for each in texts):
        raise WireError(f"the client offers {text[:40]!r} where versions were expected")
    return int(texts[0]), int(texts[1])
