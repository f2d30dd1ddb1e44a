"""What msgspec finds wrong with a line, in the words of the format.

msgspec speaks of Python's types and of paths into the document. Whoever wrote the line wants to know which key is
wrong and what belongs there.
"""

from __future__ import annotations

import difflib
import re

import msgspec

from .checks import shown
from .errors import LineError
from .shapes import LINES, SignalLine

_UNKNOWN_KEY = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING_KEY = re.compile(r"Object missing required field `(.*)`", re.DOTALL)
_WRONG_TYPE = re.compile(r"Expected `(.+)`, got `(.+)` - at `\$\.([^.\[]+)(.*)`", re.DOTALL)
_WHOLE = re.compile(r"Expected `object`, got `(.+)`")
_OTHER = re.compile(r"(.+) - at `\$\.([^.\[]+)(.*)`", re.DOTALL)
_TYPE_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text",
    "bool": "true or false",
    "null": "null",
    "object": "an object",
    "array": "an array",
}


def keys_of(line: bytes, error: msgspec.ValidationError) -> object:
    """The line as it is written, to find out what is wrong with it."""
    try:
        return msgspec.json.decode(line)
    except msgspec.ValidationError:
        # A number too large for any type: the error found before names its key.
        raise LineError(_invalid({}, error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as worse:
        raise LineError(malformed(worse)) from None


def typeless_signal(keys: object, error: msgspec.ValidationError) -> SignalLine:
    """A line without a type may be a signal, of which only symbol and kind are required; any other line is wrong."""
    if not isinstance(keys, dict) or "type" in keys:
        raise LineError(_invalid(keys, error)) from None
    if "signal" not in keys:
        raise LineError(f"`type` is missing; it is one of {', '.join(LINES)}") from None
    try:
        return msgspec.convert({"type": "signal", **keys}, SignalLine)
    except msgspec.ValidationError as wrong:
        raise LineError(_invalid(keys, wrong)) from None


def malformed(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(error, RecursionError):
        return "malformed JSON: nested too deeply"
    reason = str(error).removeprefix("JSON is malformed: ").replace("Input data was truncated", "it ends too early")
    return f"malformed JSON: {reason}"


def _invalid(keys: object, error: msgspec.ValidationError) -> str:
    message = str(error)
    if not isinstance(keys, dict):
        found = _WHOLE.fullmatch(message)
        return f"an object in braces is wanted, not {_type_words(found[1]) if found else 'this'}"
    kind = str(keys.get("type", "signal"))
    if kind not in LINES:
        return f"`type`: {shown(kind)} is no event; there is {listed(kind, tuple(LINES))}"
    if found := _UNKNOWN_KEY.match(message):
        return _unknown_key(kind, found[1])
    if found := _MISSING_KEY.match(message):
        return f"`{found[1]}` is missing"
    if found := _WRONG_TYPE.fullmatch(message):
        given = "a fraction" if (found[1][:3], found[2]) == ("int", "float") else _type_words(found[2])
        return f"{_place(found[3], found[4])}: {_type_words(found[1])} is wanted, not {given}"
    if found := _OTHER.fullmatch(message):
        return f"{_place(found[2], found[3])}: {found[1][0].lower()}{found[1][1:]}"
    return message


def _place(key: str, inside: str) -> str:
    return f"a value in `{key}`" if inside else f"`{key}`"


def _type_words(types: str) -> str:
    return " or ".join(_TYPE_WORDS.get(name, name) for name in types.removesuffix(" | null").split(" | "))


def _unknown_key(kind: str, key: str) -> str:
    known = tuple(LINES[kind].__struct_fields__)
    near = difflib.get_close_matches(key, known, 1)
    if near:
        hint = f"did you mean `{near[0]}`?"
    elif kind == "signal":
        hint = 'values of your own go into "fields"'
    else:
        hint = f"a {kind} has {', '.join(known)}"
    return f"unknown key {shown(key)}; {hint}"


def listed(given: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(given, known, 1)
    return ", ".join(known) + (f"; did you mean {near[0]}?" if near else "")
