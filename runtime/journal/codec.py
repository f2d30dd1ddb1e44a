"""Records to JSON bodies and back. A row's kind is the name of its record's class.

A version is counted up for all kinds together when the form of any body changes; a newer one than this is refused,
because guessing at orders is worse than stopping.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from ..broker.port import Command
from ..core.engine import Input
from ..core.hand import HandEvent, HandRequest
from ..core.records import Record
from .rows import RunEnd, RunHeader

VERSION = 3

INPUTS: frozenset[type] = frozenset(get_args(Input))
RECORDS: frozenset[type] = frozenset(get_args(Record))
KINDS: Mapping[str, type] = {
    one.__name__: one for one in (RunHeader, RunEnd, *get_args(Input), *get_args(Record), *get_args(Command))
}

# Inputs that carry a program's own objects: written down to be read by people, not to be played again.
_PROGRAMS: frozenset[type] = frozenset((HandEvent, HandRequest))

_ENCODER = msgspec.json.Encoder()
_decoders: dict[str, msgspec.json.Decoder[Any]] = {}


class NewerRow(Exception):
    """A row that a newer rulec wrote."""


def encode(value: object) -> str:
    """The JSON body of a record; keys in a fixed order, so that equal records have equal bodies."""
    return _ENCODER.encode(value).decode()


def decode(kind: str, version: int, body: str) -> Any:
    """The record that a row stands for.

    Raises:
        NewerRow: there is no such kind, or its version is newer than this.
        ValueError: the body is not of its kind's form.
    """
    made = KINDS.get(kind)
    if made is None or version > VERSION:
        raise NewerRow(f"it holds a row of kind {kind}, version {version}")
    if made in _PROGRAMS:
        raise ValueError(f"a row of kind {kind} holds what a Python program asked for: only that program can redo it")
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(made)
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise ValueError(f"a row of kind {kind}: {error}") from error
