"""The account: which one may be traded, what it is worth, and its profit and loss as it moves.

A paper account's id begins with D. Any other is real money and is traded only where its id was spelt out. Where the
connection shows several accounts, the address must name one.

Worth and profit are reported in USD, the currency of the orders. The broker tells them in the account's own currency;
where that is another, its exchange rate is used, and nothing is reported without one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ...numbers import to_micros
from ..port import AccountReport, ProfitReport
from .data_wire import AccountEnd, AccountTimeTold
from .refused import StartRefused
from .wire import AccountValueTold, ProfitTold

USD = "USD"
_WORTH, _CASH, _RATE = "NetLiquidation", "TotalCashValue", "ExchangeRate"


def is_paper(account: str) -> bool:
    return account.upper().startswith("D")


def choose_account(accounts: Sequence[str], wanted: str | None, live: str | None) -> str:
    """The account to trade. `wanted` is the address's, `live` the id that allows real money.

    Raises:
        StartRefused: there is no such account, the choice is open, or it is real money that nobody allowed.
    """
    if not accounts:
        raise StartRefused("the broker shows no account; log in to TWS or IB Gateway, and start again")
    if wanted is None and len(accounts) > 1:
        raise StartRefused(
            f"the broker shows several accounts: {', '.join(accounts)}; add the one to trade to the address, "
            f"as in ?account={accounts[0]}"
        )
    account = accounts[0] if wanted is None else wanted
    if account not in accounts:
        raise StartRefused(f"the broker shows no account {account}, but {', '.join(accounts)}; correct the address")
    if is_paper(account):
        if live is not None:
            raise StartRefused(f"--live {live} was given, but {account} is a paper account; leave it out or correct it")
    elif live is None:
        raise StartRefused(f"{account} is an account with real money; to trade it, add  --live {account}")
    elif live.upper() != account.upper():
        raise StartRefused(f"--live names {live}, but the account is {account}; they must be the same")
    return account


class AccountWatch:
    """Follows one account's values. `put` takes its reports, `say` what a person should read."""

    def __init__(
        self,
        account: str,
        put: Callable[[AccountReport | ProfitReport], None],
        say: Callable[[str, str | None, str], None],
    ) -> None:
        self._account = account
        self._put = put
        self._say = say
        self._currency: str | None = None
        self._values: dict[str, float] = {}
        self._rate: float | None = None
        self._moved = False
        self._said_currency = False

    @property
    def worth(self) -> int | None:
        """Net liquidation in micros of USD; None as long as it is not known."""
        return self._in_dollars(self._values.get(_WORTH))

    def disconnected(self) -> None:
        """Nothing is known any more: values grow old by themselves, but must not be told as new."""
        self._values.clear()
        self._moved = False

    def on_value(self, told: AccountValueTold) -> None:
        if told.account != self._account:
            return
        if told.key == _RATE and told.currency == USD:
            self._rate = _number(told.value)
            self._moved = True
        elif told.key in (_WORTH, _CASH) and told.currency != "BASE":
            number = _number(told.value)
            if number is not None:
                self._currency = told.currency
                self._values[told.key] = number
                self._moved = True

    def on_time(self, told: AccountTimeTold) -> None:
        """The values as they stand are confirmed."""
        self._moved = True

    def on_end(self, told: AccountEnd) -> None:
        if told.account == self._account:
            self._moved = True

    def on_profit(self, told: ProfitTold) -> None:
        daily = self._in_dollars(told.daily)
        if daily is not None:
            self._put(ProfitReport(daily))

    def flush(self) -> None:
        """All values of a packet are taken: reports what has moved."""
        if not self._moved:
            return
        self._moved = False
        worth = self.worth
        if worth is not None:
            self._put(AccountReport(worth, self._in_dollars(self._values.get(_CASH))))

    def _in_dollars(self, value: float | None) -> int | None:
        if value is None or self._currency is None:
            return None
        if self._currency == USD:
            return to_micros(value)
        if self._rate is None:
            if not self._said_currency:
                self._said_currency = True
                self._say(
                    "warning",
                    None,
                    f"the account is kept in {self._currency} and the broker tells no exchange rate to USD: "
                    "limits that are measured by the account refuse",
                )
            return None
        return to_micros(value / self._rate)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e300 else None
