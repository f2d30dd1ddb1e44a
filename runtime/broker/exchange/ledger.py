"""The books of the exchange: cash, positions, average cost, realised profit and commissions, exact to a millionth.

Everything is an integer of micros, so that sums agree to the last digit: at every moment an account's cash is what it
began with, less what its executions paid. A position's cost is kept as a total, not as an average; closing a part takes
its share of the total rounded down, and the last part takes the rest, so that nothing is lost in rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from .events import Execution


@attrs.frozen
class Holding:
    """What an account holds of a symbol.

    `quantity` is positive long and negative short; `cost` (micros) has its sign: what a long paid, less what a short
    took in. `realised` is gross of commission.
    """

    quantity: int = 0
    cost: int = 0
    realised: int = 0

    @property
    def average_cost(self) -> float | None:
        """Micros a share; None when flat."""
        return self.cost / self.quantity if self.quantity else None

    def after(self, signed_quantity: int, price: int) -> Holding:
        """The holding after buying (+) or selling (-) shares at a price (micros)."""
        held = self.quantity
        if held * signed_quantity >= 0:
            return Holding(held + signed_quantity, self.cost + signed_quantity * price, self.realised)
        sign = 1 if signed_quantity > 0 else -1
        closed = min(abs(signed_quantity), abs(held))
        cost_closed = self.cost * closed // abs(held)
        realised = self.realised - sign * closed * price - cost_closed
        opened = abs(signed_quantity) - closed
        return Holding(
            held + signed_quantity,
            sign * opened * price if opened else self.cost - cost_closed,
            realised,
        )


FLAT = Holding()


class Account:
    """One account's cash, holdings and commissions. Read it freely; only the ledger books into it."""

    def __init__(self, name: str, initial_cash: int) -> None:
        self.name = name
        self.initial_cash = initial_cash
        self._clear()

    def _clear(self) -> None:
        self._cash = self.initial_cash
        self._commissions = 0
        self._holdings: dict[str, Holding] = {}

    @property
    def cash(self) -> int:
        return self._cash

    @property
    def commissions(self) -> int:
        return self._commissions

    @property
    def realised(self) -> int:
        """Over all symbols, gross of commission."""
        return sum(holding.realised for holding in self._holdings.values())

    @property
    def holdings(self) -> Mapping[str, Holding]:
        """By symbol, those gone flat included: their realised profit stays."""
        return MappingProxyType(self._holdings)

    def holding(self, symbol: str) -> Holding:
        return self._holdings.get(symbol, FLAT)

    def book(self, execution: Execution) -> None:
        signed = execution.action.sign * execution.quantity
        self._cash -= signed * execution.price + execution.commission
        self._commissions += execution.commission
        self._holdings[execution.symbol] = self.holding(execution.symbol).after(signed, execution.price)

    def rebuild(self, executions: list[Execution]) -> list[Execution]:
        """Adds the account up again; answers the executions with what each of them now realises."""
        self._clear()
        booked = []
        for execution in executions:
            before = self.holding(execution.symbol).realised
            self.book(execution)
            realised = self.holding(execution.symbol).realised - before
            booked.append(attrs.evolve(execution, realised=realised))
        return booked


class Ledger:
    """All accounts and every execution that counts (a correction takes the place of what it corrects)."""

    def __init__(self, accounts: Mapping[str, int]) -> None:
        self._accounts = {name: Account(name, cash) for name, cash in accounts.items()}
        self._executions: list[Execution] = []

    @property
    def accounts(self) -> Mapping[str, Account]:
        return MappingProxyType(self._accounts)

    @property
    def executions(self) -> tuple[Execution, ...]:
        return tuple(self._executions)

    def position(self, symbol: str) -> int:
        """Shares of a symbol over all accounts."""
        return sum(account.holding(symbol).quantity for account in self._accounts.values())

    def realised_by(self, account: str, symbol: str, signed_quantity: int, price: int) -> int:
        """What an execution would realise, gross of commission."""
        holding = self._accounts[account].holding(symbol)
        return holding.after(signed_quantity, price).realised - holding.realised

    def book(self, execution: Execution) -> None:
        self._executions.append(execution)
        self._accounts[execution.account].book(execution)

    def find(self, execution_id: str) -> Execution | None:
        return next((each for each in self._executions if each.execution_id == execution_id), None)

    def replace(self, old: Execution, new: Execution) -> Execution:
        """Books a correction: the account is added up again from its executions, so it stays exact.

        Answers the correction with what it realises. What the order had traded with its later executions changes, too.
        """
        change = new.traded_value - old.traded_value
        corrected: list[Execution] = []
        is_later = False
        for each in self._executions:
            if each is old:
                corrected.append(new)
                is_later = True
            elif is_later and each.permanent_id == old.permanent_id:
                corrected.append(attrs.evolve(each, traded_value=each.traded_value + change))
            else:
                corrected.append(each)
        own = [each for each in corrected if each.account == new.account]
        booked = {each.execution_id: each for each in self._accounts[new.account].rebuild(own)}
        self._executions = [booked.get(each.execution_id, each) for each in corrected]
        return booked[new.execution_id]
