"""`ib://HOST:PORT?client_id=…&account=…`: what it names, and what is said of one that is wrong."""

from __future__ import annotations

import pytest

from rulec.runtime.broker.ib.address import Address, parse_address
from rulec.runtime.broker.ib.settings import IBSettings, client_id_of, instance_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ib://127.0.0.1", Address("127.0.0.1", 4002)),
        ("ib://127.0.0.1/", Address("127.0.0.1", 4002)),
        ("ib://localhost:7497", Address("localhost", 7497)),
        ("ib://gateway.example:4001?client_id=7&account=U1234567", Address("gateway.example", 4001, 7, "U1234567")),
        ("ib://10.0.0.2:4002?account=du1", Address("10.0.0.2", 4002, None, "DU1")),
        ("ib://[::1]:4002?client_id=0", Address("::1", 4002, 0)),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert parse_address(text) == address


def test_an_address_prints_as_host_and_port() -> None:
    assert str(parse_address("ib://[::1]:4002?client_id=1")) == "[::1]:4002"
    assert str(parse_address("ib://127.0.0.1:7497")) == "127.0.0.1:7497"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("127.0.0.1:4002", "is no address; write ib://HOST:PORT"),
        ("tws://127.0.0.1", "is no address; write ib://HOST:PORT"),
        ("ib://", "names no host"),
        ("ib://:4002", "names no host"),
        ("ib://127.0.0.1:0", "a port lies between 1 and 65535"),
        ("ib://127.0.0.1:70000", "the port is a number from 1 to 65535"),
        ("ib://127.0.0.1:api", "the port is a number from 1 to 65535"),
        ("ib://[::1:4002", "an IPv6 address stands in brackets"),
        ("ib://me:secret@127.0.0.1", "ask for no name or password"),
        ("ib://127.0.0.1/paper", "nothing follows the port"),
        ("ib://127.0.0.1#x", "nothing follows the port"),
        ("ib://127.0.0.1?clientid=1", "an address has no `clientid`; did you mean `client_id`?"),
        ("ib://127.0.0.1?readonly=1", "an address has no `readonly`; there is account and client_id"),
        ("ib://127.0.0.1?client_id=1&client_id=2", "`client_id` is given twice"),
        ("ib://127.0.0.1?client_id", "what follows the ? is written"),
        ("ib://127.0.0.1?client_id=", "`` is no client id"),
        ("ib://127.0.0.1?client_id=-1", "`-1` is no client id"),
        ("ib://127.0.0.1?client_id=1.5", "`1.5` is no client id"),
        ("ib://127.0.0.1?account=paper", "`paper` is no account; its id looks like U1234567"),
    ],
)
def test_an_address_that_is_none_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_address(text)
    assert message in str(refused.value)


def test_the_address_comes_before_the_settings_and_names_the_instance() -> None:
    address, settings = parse_address("ib://127.0.0.1?client_id=7"), IBSettings(client_id=3)
    assert (client_id_of(address, settings), instance_of(address, settings)) == (7, "7")
    silent = parse_address("ib://127.0.0.1")
    assert (client_id_of(silent, settings), instance_of(silent, settings)) == (3, "3")
    assert instance_of(silent, IBSettings(instance="desk")) == "desk"
