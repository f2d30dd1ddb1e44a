"""What the trade functions work with: the books, the clock of this step, and where records and commands go.

The desk decides nothing. It is the one place where a record is shown, a command is queued, an order is registered and
an id is taken, so that `journalled before it is sent` and `shown when it changes` hold everywhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import attrs

from ...dsl.plan import Expression, OrderMoment, PositionMoment
from ..broker.port import (
    AskOrder,
    Cancel,
    Command,
    DataState,
    Modify,
    OrderSide,
    OrderSpec,
    Place,
    StrayOrder,
    Subscribe,
)
from ..core.policy import TradePolicy
from ..core.records import Notice, OrderRecord, OrderState, PositionChange, PositionRecord, Record
from ..core.timers import Timers
from ..event.happenings import OrderTurn
from ..event.inputs import Signal
from ..market.board import Board
from ..market.hours import Hours
from ..numbers import MICROS, US_STOCK_TICKS, TickBand
from ..order.lifecycle import OrderHappening, OrderStatus
from ..order.working import WorkingOrder
from ..position.foreign import ForeignShares
from ..position.portfolio import Portfolio
from ..risk.gate import Intent
from ..risk.reasons import Reason
from .state import OpenEntry, Trade

Evaluate = Callable[[Expression, object], float | str | bool | None]
Judge = Callable[[Intent], Reason | None]

_SHOWN = {
    OrderStatus.FILLED: OrderState.FILLED,
    OrderStatus.CANCELLED: OrderState.CANCELLED,
    OrderStatus.REJECTED: OrderState.REJECTED,
    OrderStatus.EXPIRED: OrderState.EXPIRED,
}


_ORDER_MOMENTS = {
    OrderState.SUBMITTED: (OrderMoment.CREATED, OrderMoment.SUBMITTED),
    OrderState.FILLED: (OrderMoment.FILLED,),
    OrderState.CANCELLED: (OrderMoment.CANCELLED,),
    OrderState.EXPIRED: (OrderMoment.CANCELLED,),
    OrderState.REJECTED: (OrderMoment.REJECTED,),
}
_POSITION_MOMENTS = {
    PositionChange.OPENED: PositionMoment.OPENED,
    PositionChange.UPDATED: PositionMoment.UPDATED,
    PositionChange.CLOSED: PositionMoment.CLOSED,
}


@attrs.frozen(eq=False)
class TradeTurn:
    """A position came to a turn of its life; with the shares that it held before it closed."""

    trade: Trade
    moment: PositionMoment
    pnl: int  # micros
    reason: str | None
    quantity: int


@attrs.define(eq=False)
class Desk:
    """The books of one runtime, and the output of the present step."""

    hours: Hours
    board: Board
    portfolio: Portfolio
    policy: TradePolicy
    timers: Timers
    next_id: Callable[[], str]
    evaluate: Evaluate
    wording: Callable[[Expression], str]
    equity: Callable[[], float | None]  # currency
    judge: Judge
    instance: str = "1"
    now: int = 0
    seq: int = 0
    connected: bool = True
    at_broker: bool = False  # a real account: quotes grow old, others trade in it too
    timeframes_of: Callable[[str], tuple[float, ...]] = lambda symbol: ()  # seconds: the bars that rules want
    trades: dict[str, Trade] = attrs.Factory(dict)
    orders: dict[str, WorkingOrder] = attrs.Factory(dict)
    trade_of: dict[str, Trade] = attrs.Factory(dict)
    halted_symbols: dict[str, str] = attrs.Factory(dict)
    openings: list[int] = attrs.Factory(list)  # when each opening bracket was sent
    entering: dict[str, WorkingOrder] = attrs.Factory(dict)  # by id: opening orders, until they are seen to be over
    open_entries: dict[str, OpenEntry] = attrs.Factory(dict)  # by symbol: entries that wait for the next open
    closed_until: dict[str | None, int] = attrs.Factory(dict)  # no entries before; None is every symbol
    ready: list[Trade | OpenEntry] = attrs.Factory(list)  # what waits no longer, to be carried out in this step
    steps: dict[str, tuple[TickBand, ...]] = attrs.Factory(dict)  # of prices, where they are not those of US stocks
    foreign: ForeignShares = attrs.Factory(ForeignShares)
    doubted: dict[str, int] = attrs.Factory(dict)  # foreign shares by a report that nothing explained, asked again
    unexplained: set[str] = attrs.Factory(set)  # symbols with shares that nothing explains, until a release
    strays: dict[int, StrayOrder] = attrs.Factory(dict)  # orders that work under our name and no book of ours knows
    reported_strays: set[int] = attrs.Factory(set)
    subscribed: dict[str, int] = attrs.Factory(dict)  # by symbol: when its market data was first asked for
    data: dict[str, DataState] = attrs.Factory(dict)  # by symbol, where it is not live
    emitted: list[Signal] = attrs.Factory(list)  # new inputs after this step
    watched: frozenset[PositionMoment | OrderMoment] = frozenset()  # what rules wait for
    happened: deque[OrderTurn | TradeTurn] = attrs.Factory(deque)  # of that, what rules are yet to be tried on
    opened_today: int = 0  # trades that got their first share on the exchange's present day
    concluded: int = 0
    banked: int = 0  # micros: net P&L of concluded trades
    records: list[Record] = attrs.Factory(list)
    commands: list[Command] = attrs.Factory(list)

    # ---- what is so

    def can_trade(self, symbol: str) -> bool:
        """Whether an order could execute now: regular hours, and the broker is there."""
        return self.connected and self.hours.is_open(self.now)

    def is_reconciled(self, symbol: str) -> bool:
        """Whether what our books say of a symbol has been held against the broker's since the last connection."""
        trade = self.trades.get(symbol)
        return self.connected and (trade is None or trade.synced)

    def data_of(self, symbol: str) -> DataState:
        return self.data.get(symbol, DataState.LIVE)

    def account_holds(self, symbol: str) -> int:
        """Shares that the account holds, as far as was told: positive long, negative short, foreign ones included."""
        return self.portfolio.quantity(symbol) + self.foreign.of(symbol)

    def realised(self) -> int:
        """Micros won or lost on shares that have left, net of commission, over all trades."""
        return self.banked + sum(trade.realised() for trade in self.trades.values())

    def closing_price(self, symbol: str, side: OrderSide) -> float | None:
        """What closing a share of that side would bring now, in currency."""
        found = self.board.reference(symbol, buy=side is OrderSide.SELL)
        return None if found is None else found[0]

    # ---- orders

    def register(self, trade: Trade, spec: OrderSpec, role: str, rule: str, name: str | None = None) -> WorkingOrder:
        order = WorkingOrder(spec=spec, role=role, trade_id=trade.id, rule=rule, name=name)
        trade.orders[spec.order_id] = order
        self.orders[spec.order_id] = order
        self.trade_of[spec.order_id] = trade
        return order

    def opening_orders(self) -> list[WorkingOrder]:
        """The orders that may still open shares, of the trades that there are."""
        found = []
        for order in list(self.entering.values()):
            trade = self.trade_of[order.id]
            belongs = self.trades.get(trade.symbol) is trade and order.id in trade.orders
            if order.is_alive:
                if belongs:
                    found.append(order)
            elif order.status is not OrderStatus.REJECTED or not belongs:  # a rejected one can come back to life
                del self.entering[order.id]
        return found

    def subscribe(self, symbol: str) -> None:
        """Asks for a symbol's market data, once."""
        if symbol not in self.subscribed:
            self.subscribed[symbol] = self.now
            self.commands.append(Subscribe(symbol, self.timeframes_of(symbol)))

    def reference(self, trade: Trade, role: str, order_id: str) -> str:
        """The orderRef that the broker echoes: `rulec/<instance>/<trade>/<role>/<n>`."""
        return f"rulec/{self.instance}/{trade.id}/{role}/{order_id.rpartition('-')[2]}"

    def place(self, *orders: WorkingOrder) -> None:
        """Sends orders as one family, and asks about those that stay unanswered."""
        for order in orders:
            order.happen(OrderHappening.SEND)
            self.show(order)
            self.timers.start(("answer", order.id), self.now + self.policy.answer_within)
        self.commands.append(Place(tuple(order.spec for order in orders), urgent=not orders[0].opens))
        if orders[0].opens:
            self.openings.append(self.now)
            self.entering[orders[0].id] = orders[0]

    def is_reachable(self, trade: Trade) -> bool:
        """Whether the broker is there and has told all that happened while it was not."""
        return self.connected and trade.synced

    def modify(self, order: WorkingOrder, spec: OrderSpec) -> None:
        """Sends new terms, unless an earlier wish is still unanswered: `settle` comes back at the answer."""
        if order.wanted is not None or order.cancel_sent or self.now < max(order.retry_at, order.modify_at):
            return
        if not self.is_reachable(self.trade_of[order.id]):
            return
        order.wanted = spec
        self.commands.append(Modify(spec))
        self.timers.start(("answer", order.id), self.now + self.policy.answer_within)

    def cancel(self, order: WorkingOrder) -> None:
        """Cancels an order, as soon as that can be sent."""
        order.unwanted = True
        if not order.is_alive or order.cancel_sent or self.now < order.retry_at:
            return
        if not self.is_reachable(self.trade_of[order.id]):
            return
        order.cancel_sent = True
        self.commands.append(Cancel(order.id))
        self.timers.start(("answer", order.id), self.now + self.policy.answer_within)

    def ask(self, order: WorkingOrder) -> None:
        """Asks what an order is doing; while the broker is away the reconnection asks about all."""
        if not self.connected:
            return
        self.commands.append(AskOrder(order.id))
        self.timers.start(("answer", order.id), self.now + self.policy.answer_within)

    # ---- records

    def show(self, order: WorkingOrder, reason: str | None = None) -> None:
        """Records an order when its status, quantity, fills or prices changed since it was last shown."""
        state = _SHOWN.get(order.status)
        if state is None:
            if order.shown is None:
                state = OrderState.SUBMITTED
            elif order.filled and order.filled != order.shown[2]:
                state = OrderState.PARTIALLY_FILLED
            else:
                state = order.shown[0]
        spec = order.spec
        look = (state, spec.quantity, order.filled, spec.limit_price, spec.stop_price)
        if look == order.shown:
            return
        if (order.shown is not None and state is order.shown[0] and state is not OrderState.PARTIALLY_FILLED) or (
            order.shown is not None and look[:3] == order.shown[:3]
        ):
            state = OrderState.MODIFIED
        order.shown = (state, *look[1:])
        if self.watched:
            for moment in _ORDER_MOMENTS.get(state, ()):
                if moment in self.watched:
                    self._happen(order, moment, "expired" if state is OrderState.EXPIRED else reason)
        self.records.append(
            OrderRecord(
                time=self.now,
                id=order.id,
                trade=order.trade_id,
                role=order.shown_role,
                symbol=spec.symbol,
                side=spec.side,
                quantity=spec.quantity,
                filled=order.filled,
                order_type=spec.order_type,
                limit_price=spec.limit_price,
                stop_price=spec.stop_price,
                status=state,
                rule=order.rule,
                reason=reason,
            )
        )

    def _happen(self, order: WorkingOrder, moment: OrderMoment, reason: str | None) -> None:
        price = None if order.average_fill is None else order.average_fill / MICROS
        quantity = float(order.spec.quantity)
        self.happened.append(OrderTurn(self.now, order.spec.symbol, moment, order.shown_role, quantity, price, reason))

    def show_position(self, trade: Trade, change: PositionChange, pnl: int, reason: str | None = None) -> None:
        self.records.append(
            PositionRecord(
                time=self.now,
                event=change,
                trade=trade.id,
                symbol=trade.symbol,
                side=trade.side,
                quantity=max(0, trade.held),
                entry_price=trade.average,
                pnl=pnl,
                reason=reason,
                detail=trade.detail if change is PositionChange.CLOSED else None,
            )
        )

        moment = _POSITION_MOMENTS[change]
        if moment in self.watched:
            self.happened.append(TradeTurn(trade, moment, pnl, reason, trade.shown_quantity))
        if change is not PositionChange.CLOSED:
            trade.shown_quantity = max(0, trade.held)

    def say(self, level: str, symbol: str | None, text: str) -> None:
        self.records.append(Notice(time=self.now, level=level, symbol=symbol, text=text))

    def steps_of(self, symbol: str) -> tuple[TickBand, ...]:
        """The steps in which a symbol's prices are written."""
        return self.steps.get(symbol, US_STOCK_TICKS)

    def halt_symbol(self, symbol: str, why: str) -> None:
        """Nothing more is entered in a symbol until somebody releases it; protection and exits go on."""
        if symbol not in self.halted_symbols:
            self.halted_symbols[symbol] = why
            remedy = f"; `rulec run … --release {symbol}` lets it trade again" if self.at_broker else ""
            self.say("error", symbol, f"{symbol} is halted: {why}{remedy}")
