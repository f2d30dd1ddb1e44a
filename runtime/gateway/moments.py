"""Times as texts in IB's forms, both ways. Inside, a time is microseconds since 1970 UTC."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..times import EPOCH, SECOND

_FORM = re.compile(r"(\d{8})(?:(?:\s+|-)(\d\d:\d\d(?::\d\d)?))?(?:\s+(\S.*))?", re.ASCII)
UTC_ZONE = "UTC"


def parse_moment(text: str, zone: str) -> int:
    """Reads `20260105 15:30:00 US/Eastern`, `20260105-20:30:00` (UTC), or without a zone: then it is `zone`.

    Raises:
        ValueError: another form, no such time, or a zone that is not known.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise ValueError(f"{text[:40]!r} is no time; write it like 20260105 15:30:00 US/Eastern")
    day, clock, named = form[1], form[2] or "00:00:00", form[3]
    if "-" in text.strip()[8:9] and named is None:
        zone = UTC_ZONE
    try:
        tz = ZoneInfo(named or zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{named!r} is no time zone") from None
    moment = datetime.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]} {clock}").replace(tzinfo=tz)
    return (moment - EPOCH) // timedelta(microseconds=1)


def utc_text(now: int) -> str:
    """`20260105-20:30:00`."""
    return f"{EPOCH + timedelta(seconds=now // SECOND):%Y%m%d-%H:%M:%S}"


def zoned_text(now: int, zone: str) -> str:
    """`20260105 15:30:00 US/Eastern`."""
    shown = (EPOCH + timedelta(seconds=now // SECOND)).astimezone(ZoneInfo(zone))
    return f"{shown:%Y%m%d %H:%M:%S} {zone}"
