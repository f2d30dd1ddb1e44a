"""Connections: the handshake, several clients, reconnects, and everything that a hostile client may send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.gateway.gateway import Gateway
from rulec.tests.support.gateway_client import ALWAYS, Client, World, frame, offer, order_fields, stock


def test_nothing_but_the_version_comes_before_start_api() -> None:
    world = World()
    client = Client(world)
    client.greet("v157..176")
    assert client.take_fields() == [["157", "20260106 15:00:00 GMT"]]
    world.quote("AAPL", 150.0, 150.02)
    world.pass_time(60)
    assert client.heard == []
    client.send(61, 1)
    assert client.heard == []


def test_after_start_api_come_accounts_the_next_number_and_the_farms() -> None:
    client = Client(World(accounts=("DU1", "DU2")))
    client.greet()
    client.take_fields()
    client.send(71, 2, 1, "")
    assert [fields[:4] for fields in client.take_fields()] == [
        ["15", "1", "DU1,DU2"],
        ["9", "1", "1"],
        *(["4", "2", "-1", code] for code in ("2104", "2106", "2158")),
    ]


@pytest.mark.parametrize(("versions", "spoken"), [("v157..176", "157"), ("v100..157", "157"), ("v100..187", "157")])
def test_a_client_and_the_gateway_agree_on_the_lesser_version(versions: str, spoken: str) -> None:
    client = Client(World())
    client.greet(versions)
    assert client.take_fields()[0][0] == spoken


@pytest.mark.parametrize("versions", ["v38..100", "v158..176"])
def test_a_client_without_a_common_version_is_closed(versions: str) -> None:
    client = Client(World())
    client.greet(versions)
    assert client.is_closed and client.take_fields() == []


def test_a_client_id_is_used_once_at_a_time() -> None:
    world = World()
    first = world.client(3)
    second = Client(world, 3)
    second.greet()
    second.take_fields()
    second.send(71, 2, 3, "")
    assert [fields[:4] for fields in second.take_fields()] == [["4", "2", "-1", "326"]]
    assert second.is_closed and not first.is_closed
    first.leave()
    assert world.client(3).ask(49, 1)[0][0] == "CurrentTimeIs"


def test_numbers_of_orders_are_each_clients_own() -> None:
    world = World()
    one, two = world.client(1), world.client(2)
    one.place(41, "AAPL", "BUY", 10, "LMT", limit=140)
    assert one.ask(8, 1, 1) == [("NextValidId", {"order_id": 42})]
    assert two.ask(8, 1, 1) == [("NextValidId", {"order_id": 1})]


def test_orders_and_executions_survive_a_reconnect_and_subscriptions_do_not() -> None:
    world = World()
    client = world.client()
    world.quote("AAPL", 150.00, 150.02)
    client.ask(1, 11, 50, *stock("AAPL"), 0, "", 0, 0, "")
    client.place(1, "AAPL", "BUY", 10, "MKT")
    client.place(2, "AAPL", "SELL", 10, "LMT", limit=160, tif="GTC", reference="mine")
    before = {v["order_id"]: v["terms.permanent_id"] for name, v in client.take() if name == "OpenOrder"}
    client.leave()
    world.quote("AAPL", 150.10, 150.12)
    again = world.client()
    assert again.take() == []
    (echo, *_) = again.ask(5, 1)
    assert (echo[1]["order_id"], echo[1]["terms.permanent_id"]) == (2, before[2])
    assert echo[1]["terms.reference"] == "mine"
    assert again.ask(99, 1)[0][1]["terms.permanent_id"] == before[1]
    assert again.ask(7, 3, 9, 0, *[""] * 6)[0][1]["shares"] == 10
    assert again.ask(8, 1, 1) == [("NextValidId", {"order_id": 3})]
    world.quote("AAPL", 160.00, 160.02)
    assert "ExecutionDetails" in again.names()


def test_a_fill_while_nobody_is_connected_is_found_later() -> None:
    world = World()
    client = world.client()
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=150)
    client.leave()
    world.quote("AAPL", 149.00, 149.02)
    again = world.client()
    assert again.ask(61, 1)[0][1]["position"] == 10


@pytest.mark.parametrize(
    ("fields", "answers"),
    [
        ((22, 17, 10), [(17, 321)]),
        ((97, 18, *stock("AAPL"), "Last", 0, 0), [(18, 321)]),
        ((24, 1), []),
        ((12345, 1, 1), []),
        (("", ""), []),
        ((1, 11, 19, "x"), [(19, 321)]),
        ((62, 1, "x"), []),
        ((20, 21), [(21, 321)]),
    ],
)
def test_what_is_not_offered_is_answered_on_its_number_or_not_at_all(
    fields: tuple[object, ...], answers: list[tuple[int, int]]
) -> None:
    client = World().client()
    assert [(v["id"], v["code"]) for _, v in client.ask(*fields)] == answers
    assert client.ask(49, 1)[0][0] == "CurrentTimeIs"
    assert not client.is_closed


def test_garbage_where_a_length_should_be_ends_that_connection_alone() -> None:
    world = World()
    client, other = world.client(1), world.client(2)
    client.send_bytes(b"\xff\xff\xff\xf0" + b"x" * 10)
    assert client.is_closed
    assert other.ask(49, 1)[0][0] == "CurrentTimeIs"
    assert [each.client_id for each in world.gateway.sessions()] == [2]


def test_messages_are_counted_for_whoever_waits_for_them() -> None:
    world = World()
    client = world.client()
    (before,) = world.gateway.sessions()
    client.ask(49, 1)
    (after,) = world.gateway.sessions()
    assert (after.received - before.received, after.sent - before.sent) == (1, 1)


def test_every_message_can_be_captured() -> None:
    seen: list[tuple[str, list[str]]] = []
    world = World()
    world.gateway = Gateway(
        world.exchange, world.hours, capture=lambda now, session, way, fields: seen.append((way, list(fields)))
    )
    client = world.client()
    client.ask(49, 1)
    assert [(way, fields[0]) for way, fields in seen] == [
        ("in", "v157..176"),
        ("out", "157"),
        ("in", "71"),
        *(("out", number) for number in ("15", "9", "4", "4", "4")),
        ("in", "49"),
        ("out", "49"),
    ]


# ---- hostile ---------------------------------------------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "AAPL", "STK", "SMART", "USD", "nan", "1e999", "9" * 30, "\n", "DU1", "TRADES"]
    ),
    st.text(max_size=10),
)
MESSAGES = st.builds(lambda number, rest: (number, *rest), st.integers(-1, 110), st.lists(WORDS, max_size=20))


@given(st.lists(MESSAGES, max_size=15))
def test_no_sequence_of_messages_harms_the_gateway(messages: list[tuple[object, ...]]) -> None:
    world = World(hours=ALWAYS)
    client, other = world.client(1), world.client(2)
    world.quote("AAPL", 150.00, 150.02)
    for fields in messages:
        client.send(*(str(field).replace("\0", "") for field in fields))
    world.quote("AAPL", 151.00, 151.02)
    world.pass_time(10)
    other.take()
    assert other.ask(49, 1)[0][0] == "CurrentTimeIs"
    other.ask(16, 1), other.ask(99, 0), other.ask(7, 3, 9, 0, *[""] * 6)


@given(st.data())
def test_no_spoilt_order_harms_who_reads_it_back(data: st.DataObject) -> None:
    world = World(hours=ALWAYS)
    client, other = world.client(1), world.client(2)
    world.quote("AAPL", 150.00, 150.02)
    fields = [str(each) for each in order_fields(1, "AAPL", "BUY", 100, "LMT", limit=150.01)]
    for _ in range(data.draw(st.integers(1, 3))):
        fields[data.draw(st.integers(15, len(fields) - 1))] = data.draw(WORDS)
    client.send(*(each.replace("\0", "") for each in fields))
    assert {name for name, _ in other.ask(16, 1)} <= {"OpenOrder", "OrderStatus", "OpenOrderEnd"}
    other.ask(99, 0)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_harm_the_gateway(data: bytes, greeted: bool) -> None:
    world = World()
    client = Client(world)
    client.send_bytes((offer() + frame(71, 2, 1, "") if greeted else b"") + data)
    assert world.client(2).ask(49, 1)[0][0] == "CurrentTimeIs"
