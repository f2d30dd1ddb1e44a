"""Where a broker is: `ib://HOST:PORT?client_id=1&account=DU1`.

ib://127.0.0.1                        IB Gateway with a paper account, client 1
ib://127.0.0.1:7497                   TWS with a paper account
ib://trading.example:4001?client_id=7&account=U1234567
ib://[::1]:4002                       IPv6 stands in brackets
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import attrs

from ....dsl.spelling import nearest

SCHEME = "ib"
DEFAULT_PORT = 4002
"""IB Gateway with a paper account: what is named by accident is no real money."""

HIGHEST_CLIENT_ID = 999_999
_ACCOUNT = re.compile(r"[A-Za-z]{1,4}[0-9]{1,12}", re.ASCII)
_KEYS = ("account", "client_id")


@attrs.frozen
class Address:
    """A TWS or an IB Gateway. `client_id` and `account` are None where the address does not say."""

    host: str
    port: int = DEFAULT_PORT
    client_id: int | None = None
    account: str | None = None

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """Reads an address.

    Raises:
        ValueError: it is none; the message says what is wrong with it.
    """
    if not text.startswith(f"{SCHEME}://"):
        raise ValueError(f"`{text}` is no address; write ib://HOST:PORT, as in ib://127.0.0.1:{DEFAULT_PORT}")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"`{text}`: {_port_or_brackets(error)}") from error
    if not host:
        raise ValueError(f"`{text}` names no host; write ib://HOST:PORT, as in ib://127.0.0.1:{DEFAULT_PORT}")
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            f"`{text}`: TWS and IB Gateway ask for no name or password here; leave out what precedes the @"
        )
    if parts.path not in ("", "/") or parts.fragment:
        raise ValueError(f"`{text}`: nothing follows the port but ?client_id=…&account=…")
    if port == 0:
        raise ValueError(f"`{text}`: a port lies between 1 and 65535")
    query = _query(text, parts.query)
    return Address(
        host,
        DEFAULT_PORT if port is None else port,
        parse_client_id(query["client_id"]) if "client_id" in query else None,
        parse_account(query["account"]) if "account" in query else None,
    )


def _port_or_brackets(error: ValueError) -> str:
    return (
        "the port is a number from 1 to 65535" if "ort" in str(error) else "an IPv6 address stands in brackets: [::1]"
    )


def _query(text: str, query: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise ValueError(f"`{text}`: what follows the ? is written ?client_id=1&account=DU1234567") from error
    for name, value in pairs:
        if name not in _KEYS:
            near = nearest(name, _KEYS)
            remedy = f"did you mean `{near}`?" if near else f"there is {' and '.join(_KEYS)}"
            raise ValueError(f"`{text}`: an address has no `{name}`; {remedy}")
        if name in found:
            raise ValueError(f"`{text}`: `{name}` is given twice")
        found[name] = value
    return found


def parse_client_id(text: str) -> int:
    """Reads a client id; raises ValueError for what is none."""
    if text.isascii() and text.isdigit() and len(text) <= 6:
        return int(text)
    raise ValueError(f"`{text}` is no client id; a whole number from 0 to {HIGHEST_CLIENT_ID} is wanted")


def parse_account(text: str) -> str:
    """Reads an account's id; raises ValueError for what is none."""
    if _ACCOUNT.fullmatch(text):
        return text.upper()
    raise ValueError(f"`{text}` is no account; its id looks like U1234567, a paper account's like DU1234567")
