"""The root of all events."""

from __future__ import annotations

import attrs

from ..checks import is_text


@attrs.frozen(kw_only=True)
class BaseEvent:
    """Something that happened. Events are immutable and built by keyword.

    `time` is in microseconds since 1970 UTC. None where whoever built the event left it open: a runtime then stamps it
    with the time of receipt.
    """

    time: int | None = None


def require_text(value: object, name: str) -> None:
    """Raises ValueError unless `value` is a text that is not empty."""
    if not is_text(value):
        raise ValueError(f"an event needs a {name}, not {value!r}")
