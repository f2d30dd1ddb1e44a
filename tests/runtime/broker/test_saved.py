"""An exchange that is brought back after a restart goes on as the one that never stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.broker.exchange import ExecutionEvent

CENTS = st.integers(9_000, 11_000)
LIVES = st.lists(
    st.one_of(
        st.tuples(st.just("bracket"), st.sampled_from(["BUY", "SELL"]), CENTS, CENTS, CENTS),
        st.tuples(st.just("trail"), st.sampled_from(["BUY", "SELL"]), st.sampled_from(["TRAIL", "TRAIL LIMIT"])),
        st.tuples(st.just("touched"), st.sampled_from(["BUY", "SELL"]), CENTS),
        st.tuples(st.just("partial"), st.integers(1, 99)),
        st.tuples(st.just("price"), CENTS),
        st.tuples(st.just("cancel"), st.integers(1, 20)),
    ),
    max_size=12,
)


def live(pit: Any, life: list[tuple[Any, ...]]) -> None:
    for name, *what in life:
        next_id = pit.exchange.next_order_id(1)
        if name == "bracket":
            side, entry, stop, target = what
            more = {"entry": "LMT", "limit_price": entry / 100, "stop": stop / 100, "target": target / 100}
            pit.bracket(10, side, first=next_id, **more)
        elif name == "trail":
            offset = {"limit_offset": 0.5} if what[1] == "TRAIL LIMIT" else {}
            pit.send(next_id, what[0], 10, what[1], trail_amount=1.0, **offset)
        elif name == "touched":
            pit.send(next_id, what[0], 10, "MIT", stop_price=what[1] / 100, tif="GTC")
        elif name == "partial":
            pit.exchange.faults.partial_next(what[0], lambda order: True)
            pit.send(next_id, "BUY", 100, "LMT", limit_price=100.0, tif="GTC")
        elif name == "price":
            pit.price(what[0] / 100)
        else:
            pit.cancel(what[0])


def restarted(pit: Any, new_pit: Callable[..., Any]) -> Any:
    """Another pit with what this one's exchange would have kept, and the price that was the last."""
    other = new_pit()
    orders = [*pit.exchange.open_orders(), *pit.exchange.completed_orders()]
    saved = [pit.exchange.saved_order(each.permanent_id) for each in orders]
    other.exchange.restore(saved, pit.exchange.executions())
    other.now = pit.now
    return other


@given(before=LIVES, after=LIVES, price=CENTS)
def test_it_goes_on_as_if_nothing_had_been(new_pit_class: Any, before: Any, after: Any, price: int) -> None:
    pit = new_pit_class()
    live(pit, before)
    other = restarted(pit, new_pit_class)
    assert other.exchange.open_orders() == pit.exchange.open_orders()
    assert other.exchange.completed_orders() == pit.exchange.completed_orders()
    assert other.exchange.positions("DU1") == pit.exchange.positions("DU1")
    assert other.exchange.ledger.accounts["DU1"].cash == pit.exchange.ledger.accounts["DU1"].cash
    pit.events.clear()
    for each in (pit, other):
        each.price(price / 100)
        live(each, after)
        each.time(390 * 60_000_000)
    executions = [[e.execution for e in each.events if isinstance(e, ExecutionEvent)] for each in (other, pit)]
    assert executions[0] == executions[1]
    assert other.exchange.open_orders() == pit.exchange.open_orders()


def test_only_an_exchange_without_orders_can_be_brought_back(pit: Any) -> None:
    pit.send(1, "BUY", 100)
    with pytest.raises(ValueError, match="without orders"):
        pit.exchange.restore([], [])


def test_records_that_do_not_fit_together_are_refused(pit: Any, new_pit: Callable[..., Any]) -> None:
    pit.bracket()
    pit.price(150.0)
    child = pit.exchange.saved_order(2)
    with pytest.raises(ValueError, match="a parent 1 that is not there"):
        new_pit().exchange.restore([child], [])
    with pytest.raises(KeyError):
        pit.exchange.saved_order(7)
