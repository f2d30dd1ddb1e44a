"""How bars fill orders: gaps, the path through a bar, entries at the open and inside, no look-ahead."""

from __future__ import annotations

from typing import Any

import pytest

from rulec.runtime.broker.exchange import ExchangeTerms, FillMode

MINUTE = 60_000_000

# An order sent before the bar (open, high, low, close), and what it fills at.
SINGLE = [
    ("market at the open", "BUY", "MKT", {}, (150, 152, 148, 151), 150),
    ("limit buy inside at its price", "BUY", "LMT", {"limit_price": 149}, (150, 152, 148, 151), 149),
    ("limit buy at a gap down at the open", "BUY", "LMT", {"limit_price": 149}, (147, 152, 146, 151), 147),
    ("limit buy at the very low", "BUY", "LMT", {"limit_price": 148}, (150, 152, 148, 151), 148),
    ("limit buy below the low", "BUY", "LMT", {"limit_price": 147.99}, (150, 152, 148, 151), None),
    ("limit sell inside at its price", "SELL", "LMT", {"limit_price": 151.5}, (150, 152, 148, 151), 151.5),
    ("limit sell at a gap up at the open", "SELL", "LMT", {"limit_price": 151.5}, (153, 154, 148, 151), 153),
    ("stop buy inside at its price", "BUY", "STP", {"stop_price": 151.5}, (150, 152, 148, 151), 151.5),
    ("stop buy at a gap up at the open", "BUY", "STP", {"stop_price": 151.5}, (153, 154, 148, 151), 153),
    ("stop sell inside at its price", "SELL", "STP", {"stop_price": 148.5}, (150, 152, 148, 151), 148.5),
    ("stop sell at a gap down at the open", "SELL", "STP", {"stop_price": 148.5}, (147, 149, 146, 148), 147),
    ("stop sell not reached", "SELL", "STP", {"stop_price": 147.9}, (150, 152, 148, 151), None),
    (
        "stop-limit inside at its stop",
        "SELL",
        "STP LMT",
        {"stop_price": 148.5, "limit_price": 148.2},
        (150, 152, 148, 151),
        148.5,
    ),
    (
        "stop-limit jumped over fills on the way back",
        "SELL",
        "STP LMT",
        {"stop_price": 148.5, "limit_price": 148.2},
        (147, 152, 146, 151),
        148.2,
    ),
    (
        "stop-limit jumped over and left behind",
        "SELL",
        "STP LMT",
        {"stop_price": 148.5, "limit_price": 148.2},
        (147, 148, 146, 148),
        None,
    ),
    ("trail from its stated stop", "SELL", "TRAIL", {"trail_amount": 1, "stop_price": 149}, (150, 152, 148, 151), 149),
]


@pytest.mark.parametrize(
    ("side", "kind", "terms", "bar", "filled_at"), [c[1:] for c in SINGLE], ids=[c[0] for c in SINGLE]
)
def test_an_order_meets_a_bar(
    pit: Any, side: str, kind: str, terms: dict[str, float], bar: tuple[float, ...], filled_at: float | None
) -> None:
    pit.send(1, side, 100, kind, **terms)
    pit.bar(*bar)
    assert pit.fills == ([] if filled_at is None else [(1, 100, filled_at)])


# A long of 100 with stop 2 and target 3, entered as given; the bar; what fills, in order.
LONG = [
    (
        "entered at the open meets the low first",
        {"stop": 148.5, "target": 151.5},
        (150, 152, 148, 151),
        [(1, 150), (2, 148.5)],
    ),
    (
        "entered at the open meets the high too",
        {"stop": 147, "target": 151.5},
        (150, 152, 148, 151),
        [(1, 150), (3, 151.5)],
    ),
    (
        "entered inside on the way down meets the rest of it",
        {"entry": "LMT", "limit_price": 149, "stop": 148.5, "target": 151.5},
        (150, 152, 148, 151),
        [(1, 149), (2, 148.5)],
    ),
    (
        "entered inside on the way down does not meet the high",
        {"entry": "LMT", "limit_price": 149, "stop": 147, "target": 151.5},
        (150, 152, 148, 151),
        [(1, 149)],
    ),
    (
        "entered inside, its target waits for the next bar even when the close lies beyond",
        {"entry": "LMT", "limit_price": 149, "stop": 147, "target": 150.5},
        (150, 152, 148, 151),
        [(1, 149)],
    ),
    (
        "entered by a stop on the way up does not meet the high",
        {"entry": "STP", "stop_price": 151, "stop": 149, "target": 151.5},
        (150, 152, 148.5, 150.5),
        [(1, 151)],
    ),
    (
        "entered by a stop on the way up meets its stop on the way to the close",
        {"entry": "STP", "stop_price": 151, "stop": 150, "target": 155},
        (150.5, 152, 150.2, 149),
        [(1, 151), (2, 150)],
    ),
    (
        "entered at a gap by a stop meets both extremes",
        {"entry": "STP", "stop_price": 149, "stop": 148.5, "target": 151.5},
        (150, 152, 148, 151),
        [(1, 150), (2, 148.5)],
    ),
    (
        "not entered, nothing else fills",
        {"entry": "LMT", "limit_price": 147, "stop": 149, "target": 151.5},
        (150, 152, 148, 151),
        [],
    ),
]


@pytest.mark.parametrize(("bracket", "bar", "fills"), [c[1:] for c in LONG], ids=[c[0] for c in LONG])
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_bracket_meets_one_bar(
    pit: Any, side: str, bracket: dict[str, Any], bar: tuple[float, ...], fills: list[tuple[int, float]]
) -> None:
    """The short is the long seen in a mirror at 150."""
    if side == "SELL":
        bracket = {name: each if isinstance(each, str) else 300 - each for name, each in bracket.items()}
        opened, high, low, close = (300 - each for each in bar)
        bar = (opened, low, high, close)
        fills = [(order, 300 - price) for order, price in fills]
    pit.bracket(side=side, **bracket)
    pit.bar(*bar)
    assert pit.fills == [(order, 100, price) for order, price in fills]


HELD = [
    ("both met inside: the stop first", (150, 163, 145, 150), [(2, 145.5)]),
    ("target only", (150, 163, 146, 150), [(3, 162)]),
    ("gap down: the stop at the open", (144, 163, 143, 150), [(2, 144)]),
    ("gap up: the target at the open", (164, 165, 140, 150), [(3, 164)]),
    ("neither", (150, 161, 146, 150), []),
]


@pytest.mark.parametrize(("bar", "fills"), [c[1:] for c in HELD], ids=[c[0] for c in HELD])
def test_a_position_held_meets_its_adverse_extreme_first(
    pit: Any, bar: tuple[float, ...], fills: list[tuple[int, float]]
) -> None:
    pit.bracket()
    pit.bar(150, 150, 150, 150)
    pit.bar(*bar)
    assert pit.fills[1:] == [(order, 100, price) for order, price in fills]


def test_a_double_down_fills_before_the_stop_beyond_it_and_its_stop_covers_it(pit: Any) -> None:
    pit.bracket(stop=145.5)
    pit.bar(150, 150, 150, 150)
    pit.bracket(first=10, entry="LMT", limit_price=147.0, stop=145.5, target=160.0)
    pit.bar(150, 161, 145, 150)
    assert pit.fills[1:] == [(10, 100, 147.0), (2, 100, 145.5), (11, 100, 145.5)]
    assert pit.position == 0


def test_the_target_of_shares_added_inside_a_bar_waits_while_that_of_the_old_ones_fills(pit: Any) -> None:
    pit.bracket(stop=140.0, target=155.0)
    pit.bar(150, 150, 150, 150)
    pit.bracket(first=10, entry="LMT", limit_price=147.0, stop=140.0, target=154.0)
    pit.bar(150, 156, 146, 150)
    assert pit.fills[1:] == [(10, 100, 147.0), (3, 100, 155.0)]
    pit.bar(150, 155, 149, 150)
    assert pit.fills[3:] == [(12, 100, 154.0)]


def test_a_resize_takes_effect_before_the_next_point(pit: Any) -> None:
    pit.bracket(stop=145.5)
    pit.bar(150, 150, 150, 150)
    pit.send(10, "BUY", 100, "LMT", limit_price=147.0)

    def cover(events: list[Any]) -> None:
        if pit.fills[-1][0] == 10:
            pit.change(2, quantity=200)

    pit.react = cover
    pit.bar(150, 161, 145, 150)
    assert pit.fills[1:] == [(10, 100, 147.0), (2, 200, 145.5)]


def test_re_anchored_children_are_met_at_their_new_prices(pit: Any) -> None:
    pit.bracket(stop=145.5, target=162.0)

    def re_anchor(events: list[Any]) -> None:
        if pit.fills[-1][0] == 1:
            pit.change(2, stop_price=135.8)

    pit.react = re_anchor
    pit.bar(140, 141, 139, 140)
    assert pit.fills == [(1, 100, 140.0)]


def test_a_market_order_waits_for_a_bar_that_begins_at_or_after_it(pit: Any) -> None:
    pit.now = 30_000_000
    pit.send(1, "BUY", 100)
    pit.now = 0
    pit.bar(150, 151, 149, 150)
    assert pit.fills == []
    pit.bar(152, 153, 151, 152)
    assert pit.fills == [(1, 100, 152.0)]


def test_a_limit_sent_inside_a_bar_cannot_fill_from_prices_that_may_be_older(pit: Any) -> None:
    pit.now = 30_000_000
    pit.send(1, "BUY", 100, "LMT", limit_price=149.5)
    pit.now = 0
    pit.bar(150, 151, 149, 150)
    assert pit.fills == []


def test_a_market_order_sent_for_a_fill_waits_for_the_next_bar_but_a_stop_joins_this_one(pit: Any) -> None:
    pit.send(1, "BUY", 100)

    def answer(events: list[Any]) -> None:
        if len(pit.fills) == 1:
            pit.send(2, "SELL", 40)
            pit.send(3, "SELL", 60, "STP", stop_price=149.0)

    pit.react = answer
    pit.bar(150, 151, 148, 150)
    assert pit.fills == [(1, 100, 150.0), (3, 60, 149.0)]
    pit.bar(152, 153, 151, 152)
    assert pit.fills[2:] == [(2, 40, 152.0)]


def test_a_symbol_that_has_ticked_never_fills_from_bars(pit: Any) -> None:
    pit.price(150.0)
    pit.send(1, "BUY", 100)
    pit.send(2, "SELL", 100, "TRAIL", trail_amount=1.0)
    pit.bar(150, 160, 140, 155)
    assert pit.fills == []
    assert pit.state(2).order.stop_price == 149_000_000
    pit.price(151.0)
    assert pit.fills == [(1, 100, 151.0)]


def test_standing_makes_no_difference_where_there_are_only_bars(new_pit: Any) -> None:
    pit = new_pit(ExchangeTerms(fill=FillMode.STANDING))
    pit.bar(150, 150, 150, 150)
    pit.send(1, "BUY", 100)
    assert pit.fills == []
    pit.bar(151, 152, 150, 151)
    assert pit.fills == [(1, 100, 151.0)]


def test_a_bar_outside_the_session_fills_nothing(pit: Any) -> None:
    pit.send(1, "BUY", 100, tif="GTC")
    pit.bar(150, 151, 149, 150, regular=False)
    assert pit.fills == []
    assert pit.status(1) == "Submitted"


def test_a_trail_follows_the_close_and_not_the_high(pit: Any) -> None:
    pit.send(1, "BUY", 100, transmit=False)
    pit.send(2, "SELL", 100, "TRAIL", trail_amount=2.0, parent_id=1, tif="GTC")
    pit.bar(150, 155, 149, 154)
    assert pit.fills == [(1, 100, 150.0)], "150 - 2 was not met, and the high of 155 moved nothing"
    assert pit.state(2).order.stop_price == 152_000_000
    pit.bar(154, 158, 152.5, 153)
    assert pit.state(2).order.stop_price == 152_000_000
    pit.bar(153, 153, 151, 152)
    assert pit.fills[1:] == [(2, 100, 152.0)]


def test_a_partly_filled_market_order_goes_on_at_the_next_open(pit: Any) -> None:
    pit.exchange.faults.partial_next(30, lambda order: True)
    pit.bracket(stop=140.0)
    pit.bar(150, 151, 149, 150)
    pit.bar(151, 152, 150, 151)
    assert pit.fills == [(1, 30, 150.0), (1, 70, 151.0)]


def test_a_flat_symbol_is_walked_against_the_order_that_waited_longest(new_pit: Any) -> None:
    for first, second, expected in (
        (("BUY", 151.0), ("SELL", 149.0), [2, 1]),
        (("SELL", 149.0), ("BUY", 151.0), [2, 1]),
    ):
        pit = new_pit()
        for order_id, (side, stop) in enumerate((first, second), 1):
            pit.send(order_id, side, 100, "STP", stop_price=stop)
        pit.bar(150, 152, 148, 150)
        assert [order for order, *_ in pit.fills] == expected
