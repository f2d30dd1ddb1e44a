"""Order types and times in force as clients send them: each is echoed as it was sent, and does what it says."""

from __future__ import annotations

from typing import Any

import pytest

from rulec.runtime.broker.exchange import Exchange, ExchangeTerms, FillMode
from rulec.runtime.event.inputs import Quote
from rulec.runtime.gateway.gateway import Gateway
from rulec.runtime.gateway.policy import GatewayPolicy
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.times import DAY, SECOND, parse_time

from ..support.plain_client import Desk, PlainClient, place

NOON = parse_time("2026-01-06T17:00:00Z")  # a Tuesday
CLOSE = parse_time("2026-01-06T21:00:00Z")
NEXT_OPEN = parse_time("2026-01-07T14:30:00Z")


class Floor(Desk):
    """A gateway at noon with a quote of 149.90 to 150.10."""

    def __init__(self) -> None:
        hours = NyseHours()
        exchange = Exchange(hours, {"DU1": 10**11}, ExchangeTerms(fill=FillMode.STANDING))
        self.core = Gateway(exchange, hours, GatewayPolicy(duplicated_statuses=False))
        super().__init__(self.core, NOON)
        self.client: PlainClient = self.connect(1)
        self.quote(149.9, 150.1)

    def quote(self, bid: float, ask: float, at: int | None = None) -> None:
        self.now = self.now + SECOND if at is None else at
        self.core.on_market(Quote(self.now, "AAPL", bid, ask), self.now)
        self.collect()

    def wait_until(self, time: int) -> None:
        self.now = time
        self.core.on_time(time)
        self.collect()


ACCEPTED: list[tuple[str, str, dict[str, Any], tuple[float, float] | None, float]] = [
    ("BUY", "LMT", {"limit": 149.0}, (148.8, 149.0), 149.0),
    ("SELL", "STP", {"stop": 149.0}, (148.9, 149.1), 148.9),
    ("BUY", "STP LMT", {"stop": 151.0, "limit": 151.5}, (151.0, 151.2), 151.2),
    ("SELL", "TRAIL", {"stop": 0.5}, (149.3, 149.5), 149.3),
    ("SELL", "TRAIL", {"percent": 1.0}, (148.0, 148.2), 148.0),
    ("SELL", "TRAIL LIMIT", {"stop": 0.5, "trail_stop": 149.4, "offset": 0.2}, (149.3, 149.5), 149.3),
    ("BUY", "MIT", {"stop": 149.0}, (148.7, 148.9), 148.9),
    ("SELL", "LIT", {"stop": 151.0, "limit": 150.9}, (151.1, 151.3), 151.1),
    ("BUY", "LMT", {"limit": 149.0, "tif": "GTD", "good_till": "20260108 16:00:00 US/Eastern"}, (148.8, 149.0), 149.0),
    ("BUY", "MKT", {"tif": "IOC"}, None, 150.1),
    ("BUY", "LMT", {"limit": 150.2, "tif": "FOK"}, None, 150.1),
]


@pytest.mark.parametrize(("side", "kind", "more", "meets", "price"), ACCEPTED)
def test_an_order_is_echoed_and_fills_as_it_says(
    side: str, kind: str, more: dict[str, Any], meets: tuple[float, float] | None, price: float
) -> None:
    floor = Floor()
    floor.client.send(place(1, side, 100, kind, **more))
    echo = floor.client.told("OpenOrder")[0]
    assert (echo["terms.order_type"], echo["terms.tif"]) == (kind, more.get("tif", "GTC"))
    if meets is not None:
        assert not floor.client.told("ExecutionDetails")
        floor.quote(*meets)
    fills = [(each["order_id"], each["price"] / 1e6) for each in floor.client.told("ExecutionDetails")]
    assert fills == [(1, price)]
    assert floor.client.statuses(1)[-1] == "Filled"


def test_orders_at_the_close_fill_there() -> None:
    floor = Floor()
    floor.client.send(place(1, "BUY", 100, "MOC", tif="DAY"))
    floor.client.send(place(2, "BUY", 100, "LOC", limit=150.0, tif="DAY"))
    floor.quote(149.5, 149.7)
    floor.wait_until(CLOSE)
    assert [(each["order_id"], each["price"]) for each in floor.client.told("ExecutionDetails")] == [
        (1, 149_700_000),
        (2, 149_700_000),
    ]


def test_an_order_for_the_opening_fills_there() -> None:
    floor = Floor()
    floor.client.send(place(1, "BUY", 100, "MKT", tif="OPG"))
    floor.quote(149.5, 149.7)
    assert not floor.client.told("ExecutionDetails")
    floor.quote(148.0, 148.2, NEXT_OPEN + SECOND)
    assert floor.client.told("ExecutionDetails")[0]["price"] == 148_200_000


def test_what_an_immediate_order_leaves_is_cancelled() -> None:
    floor = Floor()
    floor.client.send(place(1, "BUY", 100, "LMT", limit=149.0, tif="IOC"))
    assert floor.client.statuses(1) == ["Submitted", "PendingCancel", "Cancelled"]
    assert floor.client.errors == [(1, 202)]
    floor.client.send(place(2, "BUY", 100, "LMT", limit=149.0, tif="FOK"))
    assert floor.client.statuses(2) == ["Submitted", "Inactive"]


def test_an_order_ends_on_its_date() -> None:
    floor = Floor()
    floor.client.send(place(1, "BUY", 100, "LMT", limit=100.0, tif="GTD", good_till="20260107 10:00:00 US/Eastern"))
    floor.wait_until(CLOSE)
    assert floor.client.statuses(1)[-1] == "Submitted"
    floor.wait_until(NEXT_OPEN + DAY)
    assert floor.client.statuses(1)[-1] == "Cancelled"


REFUSED = [
    ("MOC", {"tif": "GTC"}, 113),
    ("STP", {"stop": 140.0, "tif": "IOC"}, 201),
    ("MKT", {"tif": "GTD"}, 321),
    ("REL", {"limit": 150.0}, 321),
    ("PEG MID", {}, 321),
    ("MKT", {"tif": "FOREVER"}, 321),
    ("MKT", {"tif": "GTD", "good_till": "tomorrow"}, 321),
]


@pytest.mark.parametrize(("kind", "more", "code"), REFUSED)
def test_what_is_not_offered_is_refused_with_a_clear_word(kind: str, more: dict[str, Any], code: int) -> None:
    floor = Floor()
    floor.client.send(place(1, "BUY", 100, kind, **more))
    assert floor.client.errors == [(1, code)]
    assert not floor.client.told("ExecutionDetails")
