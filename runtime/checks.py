"""Checks at the edge where Python users hand values in: what the types promise, an untyped program may break."""

from __future__ import annotations


def is_text(value: object) -> bool:
    """Whether a value is a text that is not empty."""
    return isinstance(value, str) and bool(value)


def is_name(value: object) -> bool:
    """Whether a value is a text that may serve as a name: letters, digits and underscores."""
    return isinstance(value, str) and value.isidentifier()


def is_kind_of(value: object, kind: type) -> bool:
    """Whether a value is a class that derives from another."""
    return isinstance(value, type) and issubclass(value, kind)
