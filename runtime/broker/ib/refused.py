"""Why a run against a broker must not begin."""

from __future__ import annotations


class StartRefused(Exception):
    """A run must not go on; the message says why and what helps. Nothing was sent that opens, changes or ends."""
