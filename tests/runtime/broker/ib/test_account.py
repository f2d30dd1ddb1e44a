"""Which account may be traded, what it is worth, and what its values are in dollars."""

from __future__ import annotations

from typing import Any

import pytest

from rulec.runtime.broker.ib.account import AccountWatch, choose_account, is_paper
from rulec.runtime.broker.ib.data_wire import AccountEnd, AccountTimeTold
from rulec.runtime.broker.ib.refused import StartRefused
from rulec.runtime.broker.ib.wire import AccountValueTold, ProfitTold
from rulec.runtime.broker.port import AccountReport, ProfitReport


@pytest.mark.parametrize(
    ("accounts", "wanted", "live", "chosen"),
    [
        (["DU1"], None, None, "DU1"),
        (["DU1", "DU2"], "DU2", None, "DU2"),
        (["U7"], None, "U7", "U7"),
        (["U7"], "U7", "u7", "U7"),
        (["DU1", "U7"], "DU1", None, "DU1"),
    ],
)
def test_an_account_is_chosen(accounts: list[str], wanted: str | None, live: str | None, chosen: str) -> None:
    assert choose_account(accounts, wanted, live) == chosen


@pytest.mark.parametrize(
    ("accounts", "wanted", "live", "message"),
    [
        ([], None, None, "shows no account; log in"),
        (
            ["DU1", "DU2"],
            None,
            None,
            "several accounts: DU1, DU2; add the one to trade to the address, as in ?account=DU1",
        ),
        (["DU1"], "DU2", None, "shows no account DU2, but DU1; correct the address"),
        (["U7"], None, None, "U7 is an account with real money; to trade it, add  --live U7"),
        (["U7"], None, "U8", "--live names U8, but the account is U7"),
        (["U7", "U8"], "U7", "U8", "--live names U8, but the account is U7"),
        (["DU1"], None, "U7", "--live U7 was given, but DU1 is a paper account"),
    ],
)
def test_a_start_is_refused_with_what_helps(
    accounts: list[str], wanted: str | None, live: str | None, message: str
) -> None:
    with pytest.raises(StartRefused) as refused:
        choose_account(accounts, wanted, live)
    assert message in str(refused.value)


def test_a_paper_account_begins_with_d() -> None:
    assert is_paper("DU1234567") and is_paper("DF1") and not is_paper("U1234567") and not is_paper("")


class World:
    def __init__(self) -> None:
        self.put: list[Any] = []
        self.said: list[str] = []
        self.watch = AccountWatch("DU1", self.put.append, lambda level, symbol, text: self.said.append(text))

    def value(self, key: str, value: str, currency: str = "USD", account: str = "DU1") -> None:
        self.watch.on_value(AccountValueTold(key, value, currency, account))

    def take(self) -> list[Any]:
        self.watch.flush()
        put, self.put[:] = list(self.put), []
        return put


def test_values_of_a_packet_are_one_report() -> None:
    world = World()
    world.value("NetLiquidation", "100000.25")
    world.value("TotalCashValue", "90000")
    assert world.take() == [AccountReport(100_000_250_000, 90_000_000_000)]
    assert world.take() == []


def test_values_that_are_confirmed_are_reported_again() -> None:
    world = World()
    world.value("NetLiquidation", "100000")
    world.take()
    world.watch.on_time(AccountTimeTold("15:33"))
    assert world.take() == [AccountReport(100_000_000_000)]
    world.watch.on_end(AccountEnd("DU1"))
    assert world.take() == [AccountReport(100_000_000_000)]


@pytest.mark.parametrize(
    ("key", "value", "currency", "account"),
    [
        ("NetLiquidation", "1", "USD", "DU2"),
        ("NetLiquidation", "1", "BASE", "DU1"),
        ("NetLiquidation", "much", "USD", "DU1"),
        ("NetLiquidation", "1.7976931348623157E308", "USD", "DU1"),
        ("BuyingPower", "1", "USD", "DU1"),
    ],
)
def test_values_of_others_and_those_that_are_none_are_not_reported(
    key: str, value: str, currency: str, account: str
) -> None:
    world = World()
    world.value(key, value, currency, account)
    assert world.take() == []


def test_an_account_in_another_currency_is_reported_in_dollars() -> None:
    world = World()
    world.value("NetLiquidation", "90000", "EUR")
    world.value("TotalCashValue", "45000", "EUR")
    world.value("ExchangeRate", "0.9", "USD")
    assert world.take() == [AccountReport(100_000_000_000, 50_000_000_000)]
    world.watch.on_profit(ProfitTold(1, -900.0, None, None))
    assert world.take() == [ProfitReport(-1_000_000_000)]


def test_an_account_in_another_currency_without_a_rate_is_told_once_and_not_reported() -> None:
    world = World()
    world.value("NetLiquidation", "90000", "EUR")
    assert world.take() == []
    world.watch.on_profit(ProfitTold(1, -900.0, None, None))
    assert world.take() == []
    assert len(world.said) == 1
    assert "kept in EUR" in world.said[0]


def test_a_profit_that_is_unset_or_comes_before_the_account_is_not_reported() -> None:
    world = World()
    world.watch.on_profit(ProfitTold(1, 5.0, None, None))
    world.value("NetLiquidation", "100000")
    world.take()
    world.watch.on_profit(ProfitTold(1, None, 1.0, 1.0))
    assert world.take() == []
    world.watch.on_profit(ProfitTold(1, 5.25, None, None))
    assert world.take() == [ProfitReport(5_250_000)]


def test_old_values_are_not_told_as_those_of_a_new_connection() -> None:
    world = World()
    world.value("NetLiquidation", "100000")
    world.watch.disconnected()
    world.watch.on_time(AccountTimeTold("15:33"))
    assert world.take() == []
