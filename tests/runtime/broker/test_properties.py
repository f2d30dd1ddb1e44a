"""What must hold whatever is sent and whatever the market does: the books add up, groups and families keep bounds."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.broker.exchange import (
    Commission,
    ExchangePolicy,
    ExchangeTerms,
    FillMode,
    OcaType,
    Slippage,
)

MINUTE = 60_000_000
CENTS = st.integers(9_000, 11_000)

brackets = st.tuples(
    st.just("bracket"),
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 50),
    st.sampled_from(["MKT", "LMT", "STP"]),
    CENTS,
    CENTS,
    CENTS,
)
groups = st.tuples(
    st.just("group"), st.sampled_from(["BUY", "SELL"]), st.integers(1, 50), st.integers(1, 3), CENTS, CENTS, CENTS
)
singles = st.tuples(
    st.just("single"),
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 50),
    st.sampled_from(
        [
            *(("MKT", tif) for tif in ("IOC", "FOK", "OPG")),
            *(("LMT", tif) for tif in ("IOC", "FOK", "OPG")),
            *((kind, "GTC") for kind in ("MIT", "LIT", "TRAIL LIMIT", "STP LMT")),
            *((kind, "DAY") for kind in ("MOC", "LOC")),
        ]
    ),
    CENTS,
    CENTS,
)
steps = st.one_of(
    brackets,
    groups,
    singles,
    st.tuples(st.just("price"), CENTS),
    st.tuples(st.just("bar"), CENTS, CENTS, CENTS, CENTS),
    st.tuples(st.just("cancel"), st.integers(0, 30)),
    st.tuples(st.just("resize"), st.integers(0, 30), st.integers(1, 60)),
)
terms = st.builds(
    ExchangeTerms,
    fill=st.sampled_from(FillMode),
    slippage=st.sampled_from([Slippage(), Slippage(basis_points=5), Slippage(amount=10_000)]),
    commission=st.sampled_from([Commission(), Commission(5_000, 1_000_000)]),
    leverage=st.just(1_000.0),
    partial_fills=st.one_of(st.none(), st.integers(0, 9)),
)


class Driver:
    """Sends what Hypothesis draws and remembers families and groups by themselves, from what was sent."""

    def __init__(self, pit: Any, races: bool = False) -> None:
        self.races = races
        self.pit = pit
        self.next_id = 1
        self.families: list[tuple[int, list[int]]] = []
        self.groups: list[tuple[int, list[int]]] = []
        self.resized: set[int] = set()
        self.whole_or_not: list[tuple[int, int]] = []

    def step(self, step: tuple[Any, ...]) -> None:
        getattr(self, step[0])(*step[1:])
        self.check()

    def bracket(self, side: str, quantity: int, kind: str, entry: int, stop: int, target: int) -> None:
        first, self.next_id = self.next_id, self.next_id + 3
        price = {"MKT": {}, "LMT": {"limit_price": entry / 100}, "STP": {"stop_price": entry / 100}}[kind]
        self.families.append((first, [first + 1, first + 2]))
        self.pit.bracket(quantity, side, kind, first=first, stop=stop / 100, target=target / 100, **price)

    def group(self, side: str, quantity: int, oca_type: int, *prices: int) -> None:
        ids = list(range(self.next_id, self.next_id + len(prices)))
        self.next_id += len(prices)
        for order_id, price in zip(ids, prices, strict=True):
            self.pit.send(
                order_id,
                side,
                quantity,
                "LMT",
                limit_price=price / 100,
                tif="GTC",
                oca_group=f"g{ids[0]}",
                oca_type=OcaType(oca_type),
            )
        # At a standing price the first member can fill before the others have come: such a group promises nothing.
        if all(self.pit.state(order_id).filled == 0 for order_id in ids):
            self.groups.append((quantity, ids))

    def single(self, side: str, quantity: int, kind: tuple[str, str], limit: int, stop: int) -> None:
        order_id, self.next_id = self.next_id, self.next_id + 1
        prices: dict[str, float] = {}
        if kind[0] in ("LMT", "LIT", "LOC", "STP LMT"):
            prices["limit_price"] = limit / 100
        if kind[0] in ("MIT", "LIT", "STP LMT"):
            prices["stop_price"] = stop / 100
        if kind[0] == "TRAIL LIMIT":
            prices |= {"trail_amount": 1.0, "limit_offset": 0.25}
        if kind[1] == "FOK":
            self.whole_or_not.append((order_id, quantity))
        self.pit.send(order_id, side, quantity, kind[0], tif=kind[1], **prices)

    def price(self, cents: int) -> None:
        self.pit.now += MINUTE
        self.pit.price(cents / 100)

    def bar(self, *cents: int) -> None:
        opened, closed = cents[0], cents[1]
        self.pit.bar(opened / 100, max(cents) / 100, min(cents) / 100, closed / 100)

    def cancel(self, order_id: int) -> None:
        self.pit.cancel(order_id)

    def resize(self, order_id: int, quantity: int) -> None:
        if self.pit.exchange.order(1, order_id) is not None:
            self.resized.add(order_id)
            self.pit.change(order_id, quantity=quantity)

    def check(self) -> None:
        exchange = self.pit.exchange
        account = exchange.ledger.accounts["DU1"]
        executions = exchange.executions()
        signed = [(e, e.action.sign * e.quantity) for e in executions]
        assert account.cash == account.initial_cash - sum(n * e.price + e.commission for e, n in signed)
        assert account.commissions == sum(e.commission for e in executions)
        assert account.realised == sum(e.realised for e in executions)
        holding = account.holding("AAPL")
        assert holding.quantity == sum(n for _, n in signed)
        # Cash without commissions is what was realised, less what the open position cost.
        assert account.cash + account.commissions == account.initial_cash + account.realised - holding.cost
        filled: dict[int, int] = {}
        for execution in executions:
            filled[execution.order_id] = filled.get(execution.order_id, 0) + execution.quantity
        for order in (*exchange.open_orders(), *exchange.completed_orders()):
            assert order.filled == filled.get(order.order.order_id, 0) <= order.order.quantity
            assert 0 <= order.effective <= order.remaining
        for order_id, quantity in self.whole_or_not:
            assert filled.get(order_id, 0) in (0, quantity) or order_id in self.resized
        for execution in executions:
            self.check_limit(execution)
        for parent, children in self.families:
            assert sum(filled.get(child, 0) for child in children) <= self.most_of_family(parent, children, filled)
        for quantity, ids in () if self.races else self.groups:
            if self.resized.isdisjoint(ids):
                assert sum(filled.get(each, 0) for each in ids) <= quantity

    def check_limit(self, execution: Any) -> None:
        """Nobody pays more, or gets less, than the limit that the order has had since before it filled."""
        order = self.pit.exchange.order(execution.client_id, execution.order_id).order
        if order.limit_price is not None:
            assert order.action.sign * execution.price <= order.action.sign * order.limit_price

    def most_of_family(self, parent: int, children: list[int], filled: dict[int, int]) -> int:
        """What the parent has filled; a child made larger by hand after the parent was done may go beyond."""
        if self.resized.isdisjoint([parent, *children]):
            return filled.get(parent, 0) * (2 if self.races else 1)
        return 10**9 if filled.get(parent, 0) else 0


@given(terms, st.lists(steps, max_size=40))
def test_the_books_add_up_and_bounds_hold(new_pit_class: Any, terms: ExchangeTerms, steps: list[Any]) -> None:
    driver = Driver(new_pit_class(terms))
    for step in steps:
        driver.step(step)


@given(terms, st.lists(steps, max_size=40), st.integers(1, 3 * MINUTE))
def test_with_races_the_books_still_add_up(
    new_pit_class: Any, terms: ExchangeTerms, steps: list[Any], window: int
) -> None:
    driver = Driver(new_pit_class(terms, ExchangePolicy(cancel_window=window)), races=True)
    for step in steps:
        driver.step(step)
        driver.pit.time(driver.pit.now)
        driver.check()


@given(terms, st.lists(steps, max_size=40))
def test_the_same_inputs_give_the_same_events(new_pit_class: Any, terms: ExchangeTerms, steps: list[Any]) -> None:
    runs = []
    for _ in range(2):
        driver = Driver(new_pit_class(terms))
        for step in steps:
            driver.step(step)
        runs.append(driver.pit.events)
    assert runs[0] == runs[1]


@given(terms, st.lists(steps, max_size=40))
def test_what_the_book_remembers_about_quiet_prices_changes_nothing(
    new_pit_class: Any, terms: ExchangeTerms, steps: list[Any]
) -> None:
    remembering, forgetful = Driver(new_pit_class(terms)), Driver(new_pit_class(terms))
    for step in steps:
        remembering.step(step)
        forgetful.pit.exchange._book._wakes.clear()
        forgetful.step(step)
    assert remembering.pit.events == forgetful.pit.events
