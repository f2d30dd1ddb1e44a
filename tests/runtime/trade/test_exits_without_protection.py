"""Part of a position leaves also where no order protects it: nothing has to shrink first."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.tests.runtime.trade.table import SIDES, Table, protection, shares

both_sides = pytest.mark.parametrize("sign", SIDES)


def bare(sign: int, action: p.Action) -> Table:
    table = Table(sign)
    table.rule("IN", table.enter(100, protection(None))).rule("OUT", action)
    table.tick(150)
    table.say("IN")
    assert (table.held, table.stops(), table.targets()) == (100, [], [])
    table.say("OUT")
    return table


@both_sides
def test_at_market_the_part_is_sold_at_once(sign: int) -> None:
    assert bare(sign, p.Exit(shares(30))).held == 70


@both_sides
def test_at_a_limit_the_part_gets_its_order_at_once(sign: int) -> None:
    table = bare(sign, p.Exit(shares(30), pricing=Table(sign).limit(155.0)))
    assert table.targets() == [(30, 155.0)]
    table.tick(155)
    assert table.held == 70
