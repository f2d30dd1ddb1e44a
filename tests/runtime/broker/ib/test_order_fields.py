"""What an order becomes on the wire, and what of it a modification may change."""

from __future__ import annotations

import attrs
import pytest

from rulec.runtime.broker.ib.orders import OrderFields, modified_fields, order_fields, transmits
from rulec.runtime.broker.port import OrderSide, OrderSpec, OrderType, TimeInForce
from rulec.tests.support.ib_wire import bracket, buy, spec, stop, target, trail


def fields(order: OrderSpec, parent: int = 0) -> OrderFields:
    return order_fields(order, 7, parent, "DU1", transmit=True)


@pytest.mark.parametrize(
    ("order", "order_type", "limit", "aux", "trail_stop", "percent"),
    [
        (buy(), "MKT", None, None, None, None),
        (target(at=110.01), "LMT", 110.01, None, None, None),
        (stop(at=0.1234), "STP", None, 0.1234, None, None),
        (trail(amount=2.5, stop_price=97_500_000), "TRAIL", None, 2.5, 97.5, None),
        (trail(trail_amount=None, trail_fraction=0.035), "TRAIL", None, None, None, 3.5),
        (
            spec(
                "x",
                OrderSide.BUY,
                5,
                OrderType.STOP_LIMIT,
                TimeInForce.DAY,
                stop_price=101_000_000,
                limit_price=102_000_000,
            ),
            "STP LMT",
            102.0,
            101.0,
            None,
            None,
        ),
    ],
    ids=["market", "limit", "stop", "trail by amount", "trail by percent", "stop with a limit"],
)
def test_each_type_puts_its_prices_into_its_own_fields(
    order: OrderSpec,
    order_type: str,
    limit: float | None,
    aux: float | None,
    trail_stop: float | None,
    percent: float | None,
) -> None:
    made = fields(order)
    assert made.order_type == order_type
    assert (made.limit_price, made.aux_price, made.trail_stop_price, made.trailing_percent) == (
        limit,
        aux,
        trail_stop,
        percent,
    )


def test_every_leg_of_a_bracket_states_its_time_in_force_account_and_reference() -> None:
    legs = [fields(order) for order in bracket().orders]
    assert [leg.time_in_force for leg in legs] == ["DAY", "GTC", "GTC"]
    assert {leg.account for leg in legs} == {"DU1"}
    assert len({leg.reference for leg in legs}) == 3
    assert not any(leg.outside_hours for leg in legs)


def test_only_the_last_order_of_each_family_is_transmitted() -> None:
    assert transmits(bracket().orders) == (False, False, True)
    assert transmits([buy()]) == (True,)
    two = [buy("a"), buy("b"), stop("sa", parent_id="a"), stop("sb", parent_id="b")]
    assert transmits(two) == (False, False, True, True)


def test_an_order_in_a_group_of_ours_states_the_group_and_its_type() -> None:
    made = fields(stop(oca_group="rulec/1/T/1"))
    assert (made.oca_group, made.oca_type) == ("rulec/1/T/1", 3)


def test_a_child_never_states_a_group_because_the_broker_makes_one() -> None:
    made = fields(stop(parent_id="e", oca_group="4711"), parent=6)
    assert (made.oca_group, made.oca_type, made.parent_number) == ("", 0, 6)


def test_a_modification_sends_the_same_fields_but_for_quantity_prices_and_time_in_force() -> None:
    placed = order_fields(stop(parent_id="e"), 7, 6, "DU1", transmit=False)
    echoed = stop(parent_id="e", at=96.0, quantity=40, oca_group="4711")
    changed = modified_fields(placed, echoed)
    assert changed == attrs.evolve(placed, quantity=40, aux_price=96.0, transmit=True)
