"""The naive model is checked where the exchange takes its time: what is on its way is not what is missing."""

from __future__ import annotations

from fractions import Fraction

import attrs
import pytest

from rulec.runtime.broker.exchange import ExchangePolicy, FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.tests.support.naive_model import NaiveTrade, Seen
from rulec.tests.trade.palette import WISHES
from rulec.tests.trade.play import Play

STOP = Seen(
    role="stop",
    alive=True,
    dying=False,
    bracketed=True,
    quantity=100,
    filled=0,
    limit=None,
    stop=Fraction("145.50"),
)
SALE = attrs.evolve(STOP, role="exit", bracketed=False, stop=None)


def held_at_150() -> NaiveTrade:
    trade = NaiveTrade("AAPL", 1, WISHES["STOP_ONLY"], price=Fraction(150), reference=Fraction(150))
    trade.executed("main", 100, Fraction(150))
    trade.entered()
    return trade


@pytest.mark.parametrize(
    ("orders", "is_wrong"),
    [
        ([STOP], False),
        ([], True),
        ([attrs.evolve(STOP, stop=Fraction(140))], True),
        ([attrs.evolve(STOP, dying=True)], False),
        ([attrs.evolve(STOP, dying=True), attrs.evolve(STOP, stop=Fraction(140))], True),
        ([attrs.evolve(STOP, dying=True, alive=False)], True),
        ([SALE], False),
    ],
    ids=[
        "its stop stands",
        "its stop is missing",
        "its stop stands elsewhere",
        "the cancel of its stop is under way",
        "the stop that is left stands elsewhere",
        "the cancel of its stop is confirmed and nothing is sold",
        "it is being sold",
    ],
)
def test_the_model_says_whether_a_stop_is_missing(orders: list[Seen], is_wrong: bool) -> None:
    assert bool(held_at_150().complaints(orders, tradable=True)) is is_wrong


def test_two_exits_at_once_wait_for_the_stops_that_are_being_cancelled() -> None:
    """A sale waits until protection has shrunk; meanwhile the rest leaves at a limit, and every stop is dying."""
    play = Play(
        SimulationSettings(equity=1_000_000.0, fill=FillMode.STANDING, policy=ExchangePolicy(cancel_window=300_000))
    )
    play.signal("MSFT", "THIRDS_LONG")
    for move in (0.0, 0.012, 0.012, -0.031):
        play.tick("MSFT", move)
    play.signal("MSFT", "EXIT_30")
    play.signal("MSFT", "EXIT_40_AT_LIMIT", 0.998)
    play.wait(1.0)
    assert play.counts["trades"] == 1
    play.end()
