"""Accounts as clients see them: values, portfolio, positions, summaries, profit and loss, and who follows them."""

from __future__ import annotations

from collections.abc import Iterable

from ..market.hours import Hours
from .figures import Figures, average
from .instruments import contract_of
from .policy import GatewayPolicy
from .replies import (
    AccountDownloadEnd,
    AccountSummaryEnd,
    AccountSummaryValue,
    AccountTime,
    AccountValue,
    AccountValueMulti,
    AccountValueMultiEnd,
    Position,
    PositionEnd,
    PositionMulti,
    PositionMultiEnd,
    ProfitAndLossIs,
    ProfitAndLossSingleIs,
)
from .session import Session


class Accounts:
    """Answers about accounts, and tells subscribers what has changed."""

    def __init__(self, figures: Figures, hours: Hours, policy: GatewayPolicy) -> None:
        self._figures = figures
        self._hours = hours
        self._policy = policy
        self._values_due: int | None = None
        self._profit_due: int | None = None
        self._profit_told = 0
        self._profit_wanted = False
        self._told: dict[tuple[int, int], object] = {}

    # ---- answers ---------------------------------------------------------------------------------------------------

    def begin_updates(self, session: Session, account: str, now: int) -> None:
        session.subscriptions.account = account
        self._tell_values(session, account, now)
        for reply in self._figures.portfolio(account, self._figures.held(account)):
            session.send(reply)
        session.send(AccountTime(self._clock(now)))
        session.send(AccountDownloadEnd(account))
        self._schedule(now)

    def begin_multi(self, session: Session, request_id: int, account: str, model: str, now: int) -> None:
        session.subscriptions.account_multi[request_id] = (account, model)
        self._tell_multi(session, request_id, account, model)
        session.send(AccountValueMultiEnd(request_id))
        self._schedule(now)

    def begin_summary(self, session: Session, request_id: int, tags: tuple[str, ...], now: int) -> None:
        session.subscriptions.summaries[request_id] = tags
        self._tell_summary(session, request_id, tags)
        session.send(AccountSummaryEnd(request_id))
        self._schedule(now)

    def begin_positions(self, session: Session) -> None:
        session.subscriptions.positions = True
        for account in self._figures.names:
            for symbol in self._figures.held(account):
                session.send(self._position(account, symbol))
        session.send(PositionEnd())

    def begin_positions_multi(self, session: Session, request_id: int, account: str, model: str) -> None:
        session.subscriptions.positions_multi[request_id] = account
        for name in [account] if account else self._figures.names:
            for symbol in self._figures.held(name):
                session.send(self._position_multi(request_id, name, symbol))
        session.send(PositionMultiEnd(request_id))

    def begin_profit(self, session: Session, request_id: int, account: str) -> None:
        session.subscriptions.profit[request_id] = account
        session.send(self._profit(request_id, account))
        self._profit_wanted = True

    def begin_profit_single(self, session: Session, request_id: int, account: str, symbol: str) -> None:
        session.subscriptions.profit_single[request_id] = (account, symbol)
        session.send(self._profit_single(request_id, account, symbol))
        self._profit_wanted = True

    def drop(self, session: Session) -> None:
        self._told = {key: value for key, value in self._told.items() if key[0] != session.number}

    # ---- changes ---------------------------------------------------------------------------------------------------

    def changed(self, changed: Iterable[tuple[str, str]], sessions: Iterable[Session], now: int) -> None:
        """Positions changed, by account and symbol: everybody who follows them hears it at once."""
        pairs = list(dict.fromkeys(changed))
        accounts = {account for account, _ in pairs}
        for session in sessions:
            wanted = session.subscriptions
            for account, symbol in pairs:
                if wanted.positions:
                    session.send(self._position(account, symbol))
                for request_id, name in wanted.positions_multi.items():
                    if name in ("", account):
                        session.send(self._position_multi(request_id, account, symbol))
                if wanted.account == account:
                    for reply in self._figures.portfolio(account, [symbol]):
                        session.send(reply)
            if wanted.account in accounts:
                self._tell_values(session, wanted.account, now)
            self._tell_others(session, accounts)

    def moved(self, now: int) -> None:
        """The market or a position moved: whoever follows profit and loss hears it, not more often than agreed."""
        if self._profit_wanted and self._profit_due is None:
            self._profit_due = max(now, self._profit_told + self._policy.pnl_interval)

    def next_due(self) -> int | None:
        due = [each for each in (self._values_due, self._profit_due) if each is not None]
        return min(due, default=None)

    def on_time(self, now: int, sessions: Iterable[Session]) -> None:
        followed = list(sessions)
        if self._values_due is not None and self._values_due <= now:
            self._values_due = None
            for session in followed:
                wanted = session.subscriptions
                if wanted.account is not None:
                    self._tell_values(session, wanted.account, now)
                    for reply in self._figures.portfolio(wanted.account, self._figures.held(wanted.account)):
                        session.send(reply)
                    session.send(AccountTime(self._clock(now)))
                self._tell_others(session, set(self._figures.names))
                if wanted.account is not None or wanted.account_multi or wanted.summaries:
                    self._schedule(now)
        if self._profit_due is not None and self._profit_due <= now:
            self._profit_due, self._profit_told, self._profit_wanted = None, now, False
            for session in followed:
                self._tell_profits(session)

    def _schedule(self, now: int) -> None:
        if self._values_due is None:
            self._values_due = now + self._policy.account_interval

    def _tell_values(self, session: Session, account: str, now: int) -> None:
        for key, value, currency in self._figures.values(account):
            session.send(AccountValue(key, value, currency, account))

    def _tell_others(self, session: Session, accounts: set[str]) -> None:
        for request_id, (account, model) in session.subscriptions.account_multi.items():
            if account in accounts:
                self._tell_multi(session, request_id, account, model)
        for request_id, tags in session.subscriptions.summaries.items():
            self._tell_summary(session, request_id, tags)

    def _tell_multi(self, session: Session, request_id: int, account: str, model: str) -> None:
        for key, value, currency in self._figures.values(account):
            session.send(AccountValueMulti(request_id, account, model, key, value, currency))

    def _tell_summary(self, session: Session, request_id: int, tags: tuple[str, ...]) -> None:
        for account in self._figures.names:
            for key, value, currency in self._figures.values(account):
                if key in tags:
                    session.send(AccountSummaryValue(request_id, account, key, value, currency))

    def _tell_profits(self, session: Session) -> None:
        wanted = session.subscriptions
        self._profit_wanted = self._profit_wanted or bool(wanted.profit or wanted.profit_single)
        replies: list[ProfitAndLossIs | ProfitAndLossSingleIs] = [
            self._profit(request_id, account) for request_id, account in wanted.profit.items()
        ]
        replies += [self._profit_single(request_id, *key) for request_id, key in wanted.profit_single.items()]
        for reply in replies:
            key = (session.number, reply.request_id)
            if self._told.get(key) != reply:
                self._told[key] = reply
                session.send(reply)

    def _profit(self, request_id: int, account: str) -> ProfitAndLossIs:
        figures, books = self._figures, self._figures.books(account)
        return ProfitAndLossIs(
            request_id,
            daily=figures.daily(account),
            unrealised=sum(figures.unrealised(account, symbol) for symbol in books.holdings),
            realised=books.realised - books.commissions,
        )

    def _profit_single(self, request_id: int, account: str, symbol: str) -> ProfitAndLossSingleIs:
        figures, holding = self._figures, self._figures.holding(account, symbol)
        return ProfitAndLossSingleIs(
            request_id,
            position=holding.quantity,
            daily=figures.daily_of(account, symbol),
            unrealised=figures.unrealised(account, symbol),
            realised=holding.realised,
            value=figures.value(account, symbol),
        )

    def _position(self, account: str, symbol: str) -> Position:
        holding = self._figures.holding(account, symbol)
        return Position(account, contract_of(symbol), holding.quantity, average(holding.average_cost))

    def _position_multi(self, request_id: int, account: str, symbol: str) -> PositionMulti:
        holding = self._figures.holding(account, symbol)
        cost = average(holding.average_cost)
        return PositionMulti(request_id, account, contract_of(symbol), holding.quantity, cost, "")

    def _clock(self, now: int) -> str:
        seconds = self._hours.seconds_of_day(now)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
