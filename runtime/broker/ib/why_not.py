"""Why an attempt to connect came to nothing, in words that say what helps."""

from __future__ import annotations

import socket

from .address import Address

_PORTS = "TWS listens at 7497 (paper) or 7496 (live), IB Gateway at 4002 (paper) or 4001 (live)"


def why_not(address: Address, error: OSError | UnicodeError) -> str:
    """What is behind an error of the socket or of the handshake."""
    if isinstance(error, TimeoutError):
        return (
            f"{address} does not answer as TWS or IB Gateway does; is the API switched on there (Configuration, API, "
            "Settings), and does it wait for somebody to allow this connection?"
        )
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return f"there is no host {address.host}"
    if isinstance(error, ConnectionRefusedError):
        return (
            f"nothing listens at {address}; start TWS or IB Gateway, switch on its API (Configuration, API, Settings: "
            f"Enable ActiveX and Socket Clients) and look at the port: {_PORTS}"
        )
    return f"cannot connect to {address}: {error}"


def closed_early(address: Address) -> str:
    """The connection was closed before the handshake was over."""
    return (
        f"{address} closed the connection at once; is this machine's address among the trusted ones there, and is the "
        "program recent enough (10.19 or later)?"
    )


def id_taken(address: Address, client_id: int) -> str:
    """Another program is connected under this client id."""
    return (
        f"client id {client_id} is in use at {address}: another program is connected with it; end that one, or take "
        f"another id, as in ?client_id={client_id + 1}"
    )
