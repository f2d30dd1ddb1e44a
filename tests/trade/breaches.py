"""Situations that break an invariant on purpose, and honest ones that look like a breach: what the checker must say.

Each breach is made behind the engine's back, at the exchange or in the books. `expected` is the number that the
checker's complaint begins with, None where it must have none.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from rulec.dsl import plan as p
from rulec.runtime.broker.exchange import FillMode, Status
from rulec.runtime.broker.port import OrderSide, OrderSpec, OrderType, Place, TimeInForce
from rulec.runtime.broker.simulated import ACCOUNT, CLIENT, SimulationSettings
from rulec.runtime.core.records import PositionChange, PositionRecord
from rulec.runtime.event.inputs import Bar, Fault, Price, Signal
from rulec.tests.support.driver import NYSE, Rig
from rulec.tests.support.invariants import Invariants
from rulec.tests.trade import palette
from rulec.tests.trade.play import MINUTE, MONDAY_OPEN, SECOND

AT = MONDAY_OPEN + MINUTE
THE_NEXT_DAY = NYSE.next_open(AT) + MINUTE
LOSS = p.Limit(p.LimitKind.DAILY_LOSS, 200.0)


@attrs.frozen
class Case:
    name: str
    expected: str | None
    play: Callable[[], None]


def rig_with(*limits: p.Limit) -> Rig:
    rig = Rig(palette.rules(), SimulationSettings(fill=FillMode.STANDING), limits=limits)
    rig.handle(Price(AT, "AAPL", 150.0))
    return rig


def checker(rig: Rig) -> Invariants:
    assert rig.invariants is not None
    return rig.invariants


def entered(kind: str = "PLAIN_LONG") -> Rig:
    rig = rig_with()
    rig.handle(Signal(AT + SECOND, "AAPL", kind, price=150.0))
    return rig


def stopped_out() -> Rig:
    rig = entered()
    rig.handle(Price(AT + 2 * SECOND, "AAPL", 145.0))
    return rig


def sell(trade: str, role: str, quantity: int = 100, group: str | None = None, limit: int | None = None) -> OrderSpec:
    return OrderSpec(
        order_id="x-1",
        symbol="AAPL",
        side=OrderSide.SELL,
        quantity=quantity,
        order_type=OrderType.LIMIT if limit else OrderType.STOP,
        time_in_force=TimeInForce.GTC,
        limit_price=limit,
        stop_price=None if limit else 140_000_000,
        oca_group=group,
        reference=f"rulec/1/{trade}/{role}/1",
    )


def place_unseen(rig: Rig, order: OrderSpec) -> None:
    """An order that the engine knows nothing of."""
    rig.broker.send([Place((order,))])
    rig.broker.take()
    checker(rig).quiet()


def number_of(rig: Rig, role: str) -> int:
    [trade] = rig.engine.desk.trades.values()
    orders = checker(rig).orders_of(trade.id)
    return next(
        event.order.order_id
        for event in orders
        if f"/{role}/" in event.order.reference and event.status is not Status.CANCELLED
    )


# ---- breaches --------------------------------------------------------------------------------------------------------


def an_order_of_another_trade() -> None:
    place_unseen(entered(), sell("x-0", "stop"))


def a_second_stop_outside_the_group() -> None:
    place_unseen(entered(), sell("r0-1", "stop"))


def a_second_target_inside_the_group() -> None:
    rig = entered()
    place_unseen(rig, sell("r0-1", "target", group="1", limit=170_000_000))


def a_stop_that_is_gone() -> None:
    rig = entered()
    rig.broker.exchange.cancel(CLIENT, number_of(rig, "stop"), AT + 2 * SECOND)
    checker(rig).quiet()


def a_bracket_born_without_its_stop() -> None:
    rig = entered()
    add = attrs.evolve(sell("r0-1", "scale"), side=OrderSide.BUY, order_type=OrderType.MARKET, stop_price=None)
    checker(rig).sending([Place((add,))])


def an_addition_on_the_other_side() -> None:
    rig = entered()
    checker(rig).sending([Place((sell("r0-1", "scale"), attrs.evolve(sell("r0-1", "stop"), order_id="x-2")))])


def a_context_deleted_too_early() -> None:
    rig = entered()
    del rig.engine.desk.trades["AAPL"]
    checker(rig).step()


def a_context_left_behind() -> None:
    rig = entered()
    [trade] = rig.engine.desk.trades.values()
    rig.handle(Price(AT + 2 * SECOND, "AAPL", 145.0))
    rig.engine.desk.trades["AAPL"] = trade
    checker(rig).quiet()


def shares_that_are_not_in_our_books() -> None:
    rig = entered()
    rig.engine.desk.portfolio.holdings["AAPL"].quantity -= 1
    checker(rig).quiet()


def cash_off_by_a_millionth() -> None:
    rig = entered()
    rig.engine.desk.portfolio.holdings["AAPL"].cash += 1
    checker(rig).quiet()


def a_ledger_off_by_a_millionth() -> None:
    rig = entered()
    account = rig.broker.exchange.ledger.accounts[ACCOUNT]
    account._cash += 1
    checker(rig).quiet()


def a_profit_that_was_not_made() -> None:
    rig = stopped_out()
    closed = [record for record in rig.records if isinstance(record, PositionRecord)][-1]
    assert closed.event is PositionChange.CLOSED
    checker(rig).sink(None, [attrs.evolve(closed, pnl=closed.pnl + 1)])
    checker(rig).quiet()


def an_order_placed_twice() -> None:
    rig = entered()
    order = sell("r0-1", "exit", limit=150_000_000)
    checker(rig).sending([Place((order,))])
    checker(rig).sending([Place((order,))])


def an_order_beyond(limit: p.Limit) -> Callable[[], None]:
    """The engine forgets a limit that the checker knows."""

    def play() -> None:
        rig = rig_with(limit)
        rig.engine.limits = ()
        rig.handle(Signal(AT + SECOND, "AAPL", "PLAIN_SHORT", price=150.0))

    return play


def held_overnight() -> Rig:
    """A hundred shares bought at 150 on the day before; what was lost then does not count any more."""
    rig = rig_with(LOSS)
    rig.handle(Signal(AT + SECOND, "AAPL", "PLAIN_LONG", price=150.0), Price(AT + 2 * SECOND, "AAPL", 148.0))
    rig.handle(Price(THE_NEXT_DAY, "MSFT", 100.0))
    return rig


def an_order_after_the_loss_of_a_day() -> None:
    rig = held_overnight()
    rig.engine.limits = ()
    rig.handle(Price(THE_NEXT_DAY + SECOND, "AAPL", 145.9))
    rig.handle(Signal(THE_NEXT_DAY + 2 * SECOND, "MSFT", "PLAIN_LONG", price=100.0))


def an_order_after_a_loss_that_was_made_good() -> None:
    rig = held_overnight()
    rig.engine.limits = ()
    rig.handle(Price(THE_NEXT_DAY + SECOND, "AAPL", 145.6), Price(THE_NEXT_DAY + 2 * SECOND, "AAPL", 149.0))
    rig.handle(Signal(THE_NEXT_DAY + 3 * SECOND, "MSFT", "PLAIN_LONG", price=100.0))


def a_bar_that_fills_what_came_after_it() -> None:
    rig = Rig(palette.rules(), SimulationSettings())
    rig.handle(bar(0, 150.0))
    rig.handle(Signal(AT + MINUTE + SECOND, "SPY", "PLAIN_LONG", price=150.0))
    entry = next(event for event in checker(rig).orders_of("r0-1"))
    found = rig.broker.exchange._book.find(CLIENT, entry.order.order_id)
    assert found is not None
    found.sent = 0
    rig.handle(bar(1, 150.0))


def bar(number: int, price: float) -> Bar:
    start = AT + number * MINUTE
    return Bar(start, "SPY", price, price + 0.1, price - 0.1, price, 100.0, MINUTE, start, start + MINUTE)


# ---- no breaches -----------------------------------------------------------------------------------------------------


def a_bracket() -> None:
    checker(entered()).quiet()


def two_slices_and_a_rest() -> None:
    checker(entered("THIRDS_SHORT")).quiet()


def an_entry_filled_in_part() -> None:
    rig = rig_with()
    rig.handle(Fault(AT, "partial_next", "", "main", 40), Signal(AT + SECOND, "AAPL", "PLAIN_LONG", price=150.0))
    checker(rig).quiet()
    assert checker(rig).position("AAPL") == 40


def an_execution_told_twice() -> None:
    rig = entered()
    [told] = rig.told
    rig.session.sequencer.feed(told, AT + 2 * SECOND)
    checker(rig).quiet()


def a_fill_after_its_cancel() -> None:
    rig = entered()
    rig.handle(Fault(AT, "late_fill", "", "target", 40), Signal(AT + SECOND, "AAPL", "EXIT", price=150.0))
    rig.handle(Price(AT + 2 * SECOND, "AAPL", 150.0), Price(AT + 3 * SECOND, "AAPL", 150.0))
    assert checker(rig).late_fills == 1
    assert checker(rig).position("AAPL") == 0


def a_limit_that_is_kept() -> None:
    rig = rig_with(LIMITS["max order"])
    rig.handle(Signal(AT + SECOND, "AAPL", "PLAIN_SHORT", price=150.0))
    assert not rig.engine.desk.trades


def a_profit_of_the_day_that_is_lost_again() -> None:
    """The first order of a day comes when much was won: the day's loss is measured from how it began all the same."""
    rig = held_overnight()
    rig.handle(Price(THE_NEXT_DAY + SECOND, "AAPL", 155.0))
    rig.handle(Signal(THE_NEXT_DAY + 2 * SECOND, "MSFT", "PLAIN_LONG", price=100.0))
    rig.handle(Price(THE_NEXT_DAY + 3 * SECOND, "AAPL", 149.0))
    rig.handle(Signal(THE_NEXT_DAY + 4 * SECOND, "SPY", "PLAIN_LONG", price=100.0))
    assert set(rig.engine.desk.trades) == {"AAPL", "MSFT", "SPY"}


LIMITS = {
    "max position": p.Limit(p.LimitKind.POSITION, 0.1, of_equity=True),
    "max sector": p.Limit(p.LimitKind.SECTOR, 0.1, of_equity=True),
    "max exposure": p.Limit(p.LimitKind.EXPOSURE, 14_999.0),
    "max positions": p.Limit(p.LimitKind.POSITIONS, 0.0),
    "max order": p.Limit(p.LimitKind.ORDER, 14_999.0),
    "max orders": p.Limit(p.LimitKind.ORDERS, 0.0, period=p.Period.HOUR),
    "only symbols": p.Limit(p.LimitKind.ONLY_SYMBOLS, symbols=("MSFT",)),
    "no shorting": p.Limit(p.LimitKind.NO_SHORTING),
}

CASES: tuple[Case, ...] = (
    *(
        Case(breach.__name__.replace("_", " "), expected, breach)
        for expected, breach in (
            ("1", an_order_of_another_trade),
            ("1", an_addition_on_the_other_side),
            ("2", a_second_stop_outside_the_group),
            ("2", a_second_target_inside_the_group),
            ("2", a_stop_that_is_gone),
            ("2", a_bracket_born_without_its_stop),
            ("3", a_context_deleted_too_early),
            ("3", a_context_left_behind),
            ("4", shares_that_are_not_in_our_books),
            ("4", cash_off_by_a_millionth),
            ("4", a_ledger_off_by_a_millionth),
            ("4", a_profit_that_was_not_made),
            ("5", an_order_placed_twice),
            ("6", an_order_after_the_loss_of_a_day),
            ("6", an_order_after_a_loss_that_was_made_good),
            ("7", a_bar_that_fills_what_came_after_it),
            (None, a_bracket),
            (None, two_slices_and_a_rest),
            (None, an_entry_filled_in_part),
            (None, an_execution_told_twice),
            (None, a_fill_after_its_cancel),
            (None, a_limit_that_is_kept),
            (None, a_profit_of_the_day_that_is_lost_again),
        )
    ),
    *(Case(f"an order against {name}", "6", an_order_beyond(limit)) for name, limit in LIMITS.items()),
)


def verdict(case: Case) -> str | None:
    """What the checker complains of in a case; None for nothing."""
    try:
        case.play()
    except AssertionError as broken:  # InvariantBroken, or what the case itself found
        return str(broken) or "the case did not come to what it was made for"
    return None


def is_right(case: Case) -> bool:
    said = verdict(case)
    return said is None if case.expected is None else said is not None and said.startswith(case.expected + ":")
