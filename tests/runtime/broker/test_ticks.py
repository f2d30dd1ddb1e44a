"""How ticks fill orders: market orders at the next or the standing price, limits, stops, trails."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from rulec.runtime.broker.exchange import Commission, ExchangeTerms, FillMode, Slippage

STANDING = ExchangeTerms(fill=FillMode.STANDING)

# kind and prices, side, the prices seen after it was sent, what it fills at (None: not at all)
PRICES = [
    ("market buys at the next price", "MKT", {}, "BUY", [150.1], 150.1),
    ("market sells at the next price", "MKT", {}, "SELL", [149.9], 149.9),
    ("limit buy waits above its price", "LMT", {"limit_price": 149.0}, "BUY", [149.01], None),
    ("limit buy fills at its price", "LMT", {"limit_price": 149.0}, "BUY", [149.5, 149.0], 149.0),
    ("limit buy fills at a better price seen", "LMT", {"limit_price": 149.0}, "BUY", [149.5, 148.2], 148.2),
    ("limit sell fills at a better price seen", "LMT", {"limit_price": 151.0}, "SELL", [150.9, 151.7], 151.7),
    ("limit sell waits below its price", "LMT", {"limit_price": 151.0}, "SELL", [150.99], None),
    ("stop sell waits above its stop", "STP", {"stop_price": 145.5}, "SELL", [145.51], None),
    ("stop sell fills at its stop when that is seen", "STP", {"stop_price": 145.5}, "SELL", [145.5], 145.5),
    ("stop sell never fills better than its stop", "STP", {"stop_price": 145.5}, "SELL", [146, 144.0], 144.0),
    ("stop buy fills at the price seen", "STP", {"stop_price": 155.0}, "BUY", [154.99, 156.0], 156.0),
    ("stop buy waits below its stop", "STP", {"stop_price": 155.0}, "BUY", [154.99], None),
    ("stop-limit triggers and fills", "STP LMT", {"stop_price": 145.5, "limit_price": 145.0}, "SELL", [145.2], 145.2),
    ("stop-limit jumped over waits", "STP LMT", {"stop_price": 145.5, "limit_price": 145.0}, "SELL", [144], None),
    (
        "… and fills when the price is back",
        "STP LMT",
        {"stop_price": 145.5, "limit_price": 145.0},
        "SELL",
        [144, 145.0],
        145.0,
    ),
    (
        "stop-limit buy fills within its limit",
        "STP LMT",
        {"stop_price": 155.0, "limit_price": 156.0},
        "BUY",
        [150, 155.5],
        155.5,
    ),
    ("trail sell follows up and fills", "TRAIL", {"trail_amount": 2.0}, "SELL", [150, 155, 154, 153.0], 153.0),
    ("trail sell does not follow down", "TRAIL", {"trail_amount": 2.0}, "SELL", [150, 149, 148.01], None),
    ("trail by a fraction", "TRAIL", {"trail_fraction": 0.02}, "SELL", [150, 160, 157, 156.8], 156.8),
    ("trail buy follows down and fills", "TRAIL", {"trail_amount": 2.0}, "BUY", [150, 145, 146, 147.5], 147.5),
    ("trail from a stated stop", "TRAIL", {"trail_amount": 2.0, "stop_price": 149.5}, "SELL", [151, 149.4], 149.4),
]


@pytest.mark.parametrize(
    ("kind", "terms", "side", "prices", "filled_at"), [c[1:] for c in PRICES], ids=[c[0] for c in PRICES]
)
def test_an_order_meets_prices(
    pit: Any, kind: str, terms: dict[str, float], side: str, prices: list[float], filled_at: float | None
) -> None:
    pit.send(1, side, 100, kind, **terms)
    for price in prices:
        pit.now += 1
        pit.price(price)
    assert pit.fills == ([] if filled_at is None else [(1, 100, filled_at)])


def test_a_buy_pays_the_ask_and_a_sell_gets_the_bid(pit: Any) -> None:
    pit.send(1, "BUY", 100)
    pit.send(2, "SELL", 100, symbol="AAPL")
    pit.quote(149.98, 150.02)
    assert pit.fills == [(1, 100, 150.02), (2, 100, 149.98)]


def test_stops_and_limits_look_at_their_own_side_of_the_quote(pit: Any) -> None:
    pit.send(1, "SELL", 10, "STP", stop_price=149.99)
    pit.send(2, "BUY", 10, "LMT", limit_price=150.0)
    pit.quote(150.0, 150.02)
    assert pit.fills == []
    pit.quote(149.98, 150.0)
    assert pit.fills == [(1, 10, 149.98), (2, 10, 150.0)]


def test_next_means_that_an_order_sent_while_a_price_is_handled_misses_it(pit: Any) -> None:
    pit.send(1, "BUY", 100)
    pit.react = lambda events: pit.send(2, "SELL", 100) if len(pit.fills) == 1 else None
    pit.price(150.0)
    assert pit.fills == [(1, 100, 150.0)]
    pit.price(151.0)
    assert pit.fills[1:] == [(2, 100, 151.0)]


@pytest.mark.parametrize(
    ("kind", "terms", "filled_at"),
    [
        ("MKT", {}, 150.0),
        ("LMT", {"limit_price": 151.0}, 150.0),
        ("LMT", {"limit_price": 149.0}, None),
        ("STP", {"stop_price": 149.0}, 150.0),
        ("STP", {"stop_price": 151.0}, None),
    ],
)
def test_standing_fills_at_once_what_the_standing_price_meets(
    new_pit: Any, kind: str, terms: dict[str, float], filled_at: float | None
) -> None:
    pit = new_pit(STANDING)
    pit.price(150.0)
    pit.send(1, "BUY", 100, kind, **terms)
    assert pit.fills == ([] if filled_at is None else [(1, 100, filled_at)])


def test_standing_uses_the_side_of_the_standing_quote(new_pit: Any) -> None:
    pit = new_pit(STANDING)
    pit.quote(149.9, 150.1)
    pit.send(1, "BUY", 100)
    pit.send(2, "SELL", 100)
    assert pit.fills == [(1, 100, 150.1), (2, 100, 149.9)]


def test_standing_without_a_price_waits_for_one(new_pit: Any) -> None:
    pit = new_pit(STANDING)
    pit.send(1, "BUY", 100)
    assert pit.fills == []
    pit.price(150.0)
    assert pit.fills == [(1, 100, 150.0)]


def test_standing_meets_a_modified_order_at_once(new_pit: Any) -> None:
    pit = new_pit(STANDING)
    pit.price(150.0)
    pit.send(1, "BUY", 100, "LMT", limit_price=149.0)
    pit.change(1, limit_price=150.5)
    assert pit.fills == [(1, 100, 150.0)]


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("MKT", {}),
        ("STP", {"stop_price": 140.0}),
        ("LMT", {"limit_price": 160}),
        ("TRAIL", {"trail_amount": 1.0, "stop_price": 140.0}),
    ],
)
def test_nothing_fills_outside_regular_hours(pit: Any, kind: str, terms: dict[str, float]) -> None:
    pit.now = 400 * 60_000_000
    pit.send(1, "BUY", 100, kind, **terms)
    pit.price(150.0)
    assert pit.fills == []
    pit.now = 1440 * 60_000_000
    pit.price(150.5)
    assert pit.fills == [(1, 100, 150.5)]


def test_a_limit_that_may_fill_outside_regular_hours_does(pit: Any) -> None:
    pit.now = 400 * 60_000_000
    pit.send(1, "BUY", 100, "LMT", limit_price=151.0, outside_regular_hours=True)
    pit.price(150.0)
    assert pit.fills == [(1, 100, 150.0)]


def test_each_new_stop_of_a_trail_is_told(pit: Any) -> None:
    pit.send(1, "SELL", 100, "TRAIL", trail_fraction=0.03)
    told = []
    for price in (150.0, 151.0, 150.5, 152.0):
        pit.price(price)
        told.append(pit.state(1).order.stop_price)
    assert told == [145_500_000, 146_470_000, 146_470_000, 147_440_000]
    stops = [e.order.stop_price for e in pit.events]
    assert stops == [None, 145_500_000, 146_470_000, 147_440_000]


def test_a_trailing_stop_rounds_toward_the_market(pit: Any) -> None:
    pit.send(1, "SELL", 100, "TRAIL", trail_fraction=0.031)
    pit.send(2, "BUY", 100, "TRAIL", trail_fraction=0.031)
    pit.price(150.01)
    assert pit.state(1).order.stop_price == 145_360_000  # 145.35969 up
    assert pit.state(2).order.stop_price == 154_660_000  # 154.66031 down


def test_resizing_a_trail_does_not_take_its_stop_back(pit: Any) -> None:
    pit.send(1, "SELL", 100, "TRAIL", trail_amount=2.0, stop_price=140.0)
    pit.price(150.0)
    pit.exchange.modify(attrs.evolve(pit.state(1).order, quantity=50, stop_price=140_000_000), pit.now)
    assert (pit.state(1).order.quantity, pit.state(1).order.stop_price) == (50, 148_000_000)


SLIPPAGES = [
    (Slippage(basis_points=10), "BUY", "MKT", {}, 150.15),
    (Slippage(basis_points=10), "SELL", "MKT", {}, 149.85),
    (Slippage(amount=10_000), "BUY", "STP", {"stop_price": 149.0}, 150.01),
    (Slippage(amount=10_000), "SELL", "TRAIL", {"trail_amount": 1.0, "stop_price": 151.0}, 149.99),
    (Slippage(amount=10_000), "BUY", "LMT", {"limit_price": 151.0}, 150.0),
    (Slippage(amount=10_000), "SELL", "STP LMT", {"limit_price": 149.0, "stop_price": 151.0}, 150.0),
]


@pytest.mark.parametrize(("slippage", "side", "kind", "terms", "filled_at"), SLIPPAGES)
def test_slippage_goes_against_the_order_and_spares_limits(
    new_pit: Any, slippage: Slippage, side: str, kind: str, terms: dict[str, float], filled_at: float
) -> None:
    pit = new_pit(ExchangeTerms(slippage=slippage))
    pit.send(1, side, 100, kind, **terms)
    pit.price(150.0)
    assert pit.fills == [(1, 100, filled_at)]


def test_commission_is_by_share_with_a_minimum_for_each_order(new_pit: Any) -> None:
    pit = new_pit(ExchangeTerms(commission=Commission(per_share=5_000, minimum=1_000_000)))
    pit.exchange.faults.partial_next(100, lambda order: True)
    pit.send(1, "BUY", 300)
    pit.price(150.0)
    pit.price(150.0)
    assert [e.commission for e in pit.exchange.executions()] == [1_000_000, 500_000]
    assert pit.exchange.ledger.accounts["DU1"].cash == 100_000_000_000 - 300 * 150_000_000 - 1_500_000


@pytest.mark.parametrize("text", ["5", "bp", "$", "0.01", "-5bp", "$0.0000001"])
def test_slippage_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="slippage is"):
        Slippage.parse(text)


def test_slippage_and_commission_are_read_from_text() -> None:
    assert Slippage.parse("5bp") == Slippage(basis_points=5.0)
    assert Slippage.parse("$0.01") == Slippage(amount=10_000)
    assert Commission.parse("$0.005") == Commission(5_000)
    assert Commission.parse("$0.005,min $1") == Commission(5_000, 1_000_000)
    for wrong in ("0.005", "$0.005,", "$0.005,max $1", "$0.005,min 1"):
        with pytest.raises(ValueError, match="commission is"):
            Commission.parse(wrong)


def test_partial_fills_are_seeded_and_leave_the_rest_to_the_next_price(new_pit: Any) -> None:
    def run(seed: int) -> list[tuple[int, int, float]]:
        pit = new_pit(ExchangeTerms(partial_fills=seed))
        for order_id in range(1, 21):
            pit.send(order_id, "BUY", 10)
        for step in range(12):
            pit.price(10.0 + step)
        fills: list[tuple[int, int, float]] = pit.fills
        return fills

    assert run(7) == run(7)
    assert run(7) != run(8)
    fills = run(7)
    assert sum(quantity for _, quantity, _ in fills) == 200
    assert len(fills) > 20
    assert len(fills) == len({(order, price) for order, _, price in fills}), "one fill for each order and price"
