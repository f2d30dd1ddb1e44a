"""Which request is answered by what: one function for each, found by the request's class.

A request that is not offered, or that makes no sense, is logged and answered with error 321 on its number, or with
nothing where it has none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from ..times import SECOND
from . import requests as ask
from .account import Accounts
from .figures import ALL_TAGS
from .instruments import Instruments, contract_of, is_symbol, own_symbol, resolve, symbol_of
from .market_data import KINDS, MarketFeed
from .orders import OrderDesk
from .policy import GatewayPolicy
from .replies import (
    ContractDataEnd,
    CurrentTimeIs,
    ErrorMessage,
    ManagedAccountsList,
    SymbolSamples,
)
from .requests import Contract, Request
from .seams import History
from .session import Session

log = logging.getLogger("rulec.gateway")
NO_SUCH_CONTRACT = "No security definition has been found for the request"


class Answers:
    """Answers requests. `names` are those of the accounts."""

    def __init__(
        self,
        names: tuple[str, ...],
        accounts: Accounts,
        desk: OrderDesk,
        feed: MarketFeed,
        history: History,
        instruments: Instruments,
        policy: GatewayPolicy,
    ) -> None:
        self._policy = policy
        self._names = names
        self._accounts = accounts
        self._desk = desk
        self._feed = feed
        self._history = history
        self._instruments = instruments
        self._wanted: dict[str, None] = {}
        self._known: set[str] = set()
        self._by_kind: Mapping[type, Callable[[Session, Any, int], None]] = {
            ask.PlaceOrder: self._place,
            ask.CancelOrder: lambda session, request, now: desk.cancel(session, request.order_id, now),
            ask.GlobalCancel: lambda session, request, now: desk.cancel_all(now),
            ask.OpenOrders: lambda session, request, now: desk.tell_open(session, everybody=False),
            ask.AllOpenOrders: lambda session, request, now: desk.tell_open(session, everybody=True),
            ask.AutoOpenOrders: self._auto_open_orders,
            ask.CompletedOrders: lambda session, request, now: desk.tell_completed(session, request.api_only),
            ask.Executions: desk.tell_executions,
            ask.OrderIds: lambda session, request, now: desk.tell_next_id(session),
            ask.ManagedAccounts: self._managed_accounts,
            ask.AccountUpdates: self._account_updates,
            ask.AccountUpdatesMulti: self._account_updates_multi,
            ask.CancelAccountUpdatesMulti: self._cancel("account_multi"),
            ask.AccountSummary: self._summary,
            ask.CancelAccountSummary: self._cancel("summaries"),
            ask.Positions: lambda session, request, now: accounts.begin_positions(session),
            ask.CancelPositions: self._cancel_positions,
            ask.PositionsMulti: self._positions_multi,
            ask.CancelPositionsMulti: self._cancel("positions_multi"),
            ask.ProfitAndLoss: self._profit,
            ask.CancelProfitAndLoss: self._cancel("profit"),
            ask.ProfitAndLossSingle: self._profit_single,
            ask.CancelProfitAndLossSingle: self._cancel("profit_single"),
            ask.ContractDetailsOf: self._contract_details,
            ask.MatchingSymbols: self._matching_symbols,
            ask.MarketRuleOf: self._market_rule,
            ask.MarketData: self._market_data,
            ask.CancelMarketData: lambda session, request, now: feed.end(session, request.request_id),
            ask.MarketDataType: self._market_data_type,
            ask.RealTimeBars: self._real_time_bars,
            ask.CancelRealTimeBars: lambda session, request, now: feed.end_bars(session, request.request_id),
            ask.HistoricalBars: self._historical_bars,
            ask.CancelHistoricalBars: lambda session, request, now: history.cancel(session.number, request.request_id),
            ask.HeadTimestamp: self._head_timestamp,
            ask.CancelHeadTimestamp: _nothing,
            ask.CurrentTime: lambda session, request, now: session.send(CurrentTimeIs(now // SECOND)),
            ask.ServerLogLevel: _nothing,
            ask.StartApi: _nothing,
            ask.Unknown: self._unknown,
        }

    def answer(self, session: Session, request: Request, now: int) -> None:
        self._by_kind[type(request)](session, request, now)

    def take_wanted(self) -> list[str]:
        """Symbols (rulec's spelling) that were asked for, each the first time."""
        wanted = list(self._wanted)
        self._wanted.clear()
        return wanted

    # ---- orders ----------------------------------------------------------------------------------------------------

    def _place(self, session: Session, request: ask.PlaceOrder, now: int) -> None:
        symbol = self._desk.place(session, request, now)
        if symbol is not None:
            self._want(symbol)

    def _auto_open_orders(self, session: Session, request: ask.AutoOpenOrders, now: int) -> None:
        if session.client_id != 0:
            _refuse(session, -1, "Only the default client (i.e. 0) can auto bind orders")
            return
        session.subscriptions.auto_bind = request.auto_bind
        if request.auto_bind:
            self._desk.bind(session)

    # ---- account ---------------------------------------------------------------------------------------------------

    def _managed_accounts(self, session: Session, request: ask.ManagedAccounts, now: int) -> None:
        session.send(ManagedAccountsList(",".join(self._names)))

    def _account(self, session: Session, request_id: int, stated: str) -> str | None:
        """The account that a request names; without a name the only one."""
        names = self._names
        account = stated or (names[0] if len(names) == 1 else "")
        if account in names:
            return account
        _refuse(session, request_id, f"Invalid account code '{stated}'")
        return None

    def _account_updates(self, session: Session, request: ask.AccountUpdates, now: int) -> None:
        if not request.subscribe:
            session.subscriptions.account = None
            return
        account = self._account(session, -1, request.account)
        if account is not None:
            self._accounts.begin_updates(session, account, now)

    def _account_updates_multi(self, session: Session, request: ask.AccountUpdatesMulti, now: int) -> None:
        account = self._account(session, request.request_id, request.account)
        if account is not None:
            self._accounts.begin_multi(session, request.request_id, account, request.model, now)

    def _summary(self, session: Session, request: ask.AccountSummary, now: int) -> None:
        tags = tuple(tag.strip() for tag in request.tags.split(",") if tag.strip())
        if any(tag.startswith("$LEDGER") for tag in tags):
            tags = (*tags, "CashBalance", "TotalCashBalance", "NetLiquidationByCurrency", "StockMarketValue")
        self._accounts.begin_summary(session, request.request_id, tags or ALL_TAGS, now)

    def _cancel_positions(self, session: Session, request: ask.CancelPositions, now: int) -> None:
        session.subscriptions.positions = False

    def _positions_multi(self, session: Session, request: ask.PositionsMulti, now: int) -> None:
        account = "" if not request.account else self._account(session, request.request_id, request.account)
        if account is not None:
            self._accounts.begin_positions_multi(session, request.request_id, account, request.model)

    def _profit(self, session: Session, request: ask.ProfitAndLoss, now: int) -> None:
        account = self._account(session, request.request_id, request.account)
        if account is not None:
            self._accounts.begin_profit(session, request.request_id, account)

    def _profit_single(self, session: Session, request: ask.ProfitAndLossSingle, now: int) -> None:
        account = self._account(session, request.request_id, request.account)
        wire = symbol_of(request.contract_id)
        if wire is None:
            session.send(ErrorMessage(request.request_id, 200, NO_SUCH_CONTRACT))
        elif account is not None:
            self._accounts.begin_profit_single(session, request.request_id, account, own_symbol(wire))

    # ---- contracts and the market ----------------------------------------------------------------------------------

    def _contract_details(self, session: Session, request: ask.ContractDetailsOf, now: int) -> None:
        symbol = self._symbol(session, request.request_id, request.contract, quoted=False)
        if symbol is not None:
            session.send(self._instruments.details(request.request_id, symbol, now))
            session.send(ContractDataEnd(request.request_id))

    def _matching_symbols(self, session: Session, request: ask.MatchingSymbols, now: int) -> None:
        wire = request.pattern.strip().upper()
        found = (contract_of(own_symbol(wire)),) if is_symbol(wire) else ()
        session.send(SymbolSamples(request.request_id, found))

    def _market_rule(self, session: Session, request: ask.MarketRuleOf, now: int) -> None:
        rule = self._instruments.market_rule(request.rule_id)
        if rule is None:
            _refuse(session, -1, f"no market rule {request.rule_id}")
        else:
            session.send(rule)

    def _market_data(self, session: Session, request: ask.MarketData, now: int) -> None:
        subscribed = session.subscriptions.market_data
        if request.request_id in subscribed:
            session.send(ErrorMessage(request.request_id, 322, "Error processing request.Duplicate ticker id"))
            return
        if len(subscribed) >= self._policy.market_data_lines:
            session.send(ErrorMessage(request.request_id, 101, "Max number of tickers has been reached"))
            return
        symbol = self._symbol(session, request.request_id, request.contract)
        if symbol is not None:
            snapshot = request.snapshot or request.regulatory_snapshot
            self._feed.begin(session, request, symbol, snapshot, now)

    def _market_data_type(self, session: Session, request: ask.MarketDataType, now: int) -> None:
        session.data_type = request.type if request.type in (1, 2, 3, 4) else 1

    def _real_time_bars(self, session: Session, request: ask.RealTimeBars, now: int) -> None:
        if request.what not in KINDS:
            _refuse(session, request.request_id, f"real-time bars of {request.what[:20]!r} are not offered")
            return
        symbol = self._symbol(session, request.request_id, request.contract)
        if symbol is not None:
            self._feed.end_bars(session, request.request_id)
            self._feed.begin_bars(session, request.request_id, symbol, request.what, now)

    def _historical_bars(self, session: Session, request: ask.HistoricalBars, now: int) -> None:
        symbol = self._symbol(session, request.request_id, request.contract)
        if symbol is not None:
            for reply in self._history.ask(session.number, request, symbol, now):
                session.send(reply)

    def _head_timestamp(self, session: Session, request: ask.HeadTimestamp, now: int) -> None:
        symbol = self._symbol(session, request.request_id, request.contract)
        if symbol is not None:
            for reply in self._history.head(session.number, request, symbol, now):
                session.send(reply)

    def _symbol(self, session: Session, request_id: int, contract: Contract, quoted: bool = True) -> str | None:
        symbol = resolve(contract)
        if symbol is None:
            session.send(ErrorMessage(request_id, 200, NO_SUCH_CONTRACT))
        elif quoted:
            self._want(symbol)
        return symbol

    def _want(self, symbol: str) -> None:
        if symbol not in self._known:
            self._known.add(symbol)
            self._wanted[symbol] = None

    # ---- the rest --------------------------------------------------------------------------------------------------

    @staticmethod
    def _cancel(name: str) -> Callable[[Session, Any, int], None]:
        """Ends a subscription of this name; one that is not there needs no answer."""

        def cancel(session: Session, request: Any, now: int) -> None:
            getattr(session.subscriptions, name).pop(request.request_id, None)

        return cancel

    def _unknown(self, session: Session, request: ask.Unknown, now: int) -> None:
        log.warning("client %s: %s", session.client_id, request.reason)
        if request.request_id is not None:
            _refuse(session, request.request_id, request.reason)


def _refuse(session: Session, request_id: int, why: str) -> None:
    session.send(ErrorMessage(request_id, 321, f"Error validating request.-'bX' : cause - {why}."))


def _nothing(session: Session, request: Any, now: int) -> None:
    """There is nothing to say."""
