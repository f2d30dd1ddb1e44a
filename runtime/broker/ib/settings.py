"""What a user sets about a connection to Interactive Brokers: the section [broker] of the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from ...times import SECOND
from .address import Address
from .windows import NIGHTLY_RESETS, Window

_INSTANCE = re.compile(r"[A-Za-z0-9_.-]{1,24}", re.ASCII)


@attrs.frozen
class IBSettings:
    """Times are in microseconds.

    Attributes:
        instance: the name in our orders' references; None: the client id.
        client_id: for an address that states none.
        live: the id of the account with real money that may be traded; None: paper accounts only.
        short_selling: whether shares may be sold short with real money.
        heartbeat: how long the broker may be silent before it is asked for a sign of life.
        dead_after: how long it may then stay silent before the connection counts as dead.
        reconnect_from, reconnect_to: the first and the longest pause between two attempts to connect.
        quiet_windows: when a lost connection is expected.
        connect_within: for one attempt, the handshake included.
        answer_within: for the answer to a request.
        start_within: for all of a start: attempts, account, snapshot.
        messages_per_second: the most that are sent in any second.
        past_bars: how many bars of the past are fetched where nobody says how many.
        bars_within: how long after its end a bar is waited for, where no later one tells that it is whole.
        codes: what error codes mean, on top of the table in `errors.py`.
        lockstep: the control port of a gateway stand-in that waits for this run with each event; None: nobody waits.
    """

    instance: str | None = None
    client_id: int = 1
    live: str | None = None
    short_selling: bool = False
    heartbeat: int = 5 * SECOND
    dead_after: int = 10 * SECOND
    reconnect_from: int = 1 * SECOND
    reconnect_to: int = 60 * SECOND
    quiet_windows: tuple[Window, ...] = NIGHTLY_RESETS
    connect_within: int = 10 * SECOND
    answer_within: int = 10 * SECOND
    start_within: int = 60 * SECOND
    messages_per_second: int = 45
    past_bars: int = 500
    bars_within: int = 6 * SECOND
    codes: Mapping[int, Any] = attrs.field(factory=dict)  # Any: the classes of errors.py, which stands above
    lockstep: tuple[str, int] | None = None


def client_id_of(address: Address, settings: IBSettings) -> int:
    """The client id that a connection uses."""
    return settings.client_id if address.client_id is None else address.client_id


def instance_of(address: Address, settings: IBSettings) -> str:
    """The name of this instance in our orders' references: `rulec/<instance>/…`."""
    return str(client_id_of(address, settings)) if settings.instance is None else settings.instance


def parse_instance(text: str) -> str:
    """Reads an instance's name; raises ValueError for what is none."""
    if _INSTANCE.fullmatch(text):
        return text
    raise ValueError(f"`{text}` is no name of an instance; up to 24 letters, digits, `.`, `_` and `-` are")
