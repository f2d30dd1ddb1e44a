"""A real account whose broker says what a test lets it say: positions, strays, forgotten orders, reports.

    broker = Scripted("on signal BUY -> enter long 100 stop $5 away target $10 away")
    broker.connect()
    broker.quote(149.99, 150.01)
    broker.signal("BUY")
    broker.fill("main", 100, 150.01)

Orders are acknowledged, questions answered and groups cancelled as Interactive Brokers does, unless the test says
otherwise (`silent`, `forgets`). After each step the invariants are checked against what this broker holds: what could
fill on the closing side is at most what is there, and at rest stops cover what the trade has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Plan
from rulec.runtime.broker.port import (
    AccountReport,
    AskOrder,
    AskPosition,
    Cancel,
    CancelRejected,
    CancelStray,
    Command,
    Execution,
    ForeignExecution,
    Modify,
    ModifyRejected,
    OrderMissing,
    OrderSide,
    OrderSpec,
    OrderUpdate,
    Place,
    PositionReport,
    ProfitReport,
    Subscribe,
    TimeInForce,
    WireStatus,
)
from rulec.runtime.core.engine import Engine, Input
from rulec.runtime.core.policy import TradePolicy
from rulec.runtime.core.records import Decision, Notice, Outcome, PositionChange, PositionRecord, Record
from rulec.runtime.core.sequencer import MemoryJournal, Sequencer
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import BrokerLink, LinkEvent, Price, Quote, Signal
from rulec.runtime.event.reload import RuleTexts, reload_from
from rulec.runtime.market.hours import Hours, NyseHours
from rulec.runtime.numbers import to_micros
from rulec.runtime.rule.rule_set import make_ready
from rulec.runtime.trade.state import Trade

SECOND = 1_000_000
TEN = 1_767_625_200 * SECOND  # 10:00 in New York on Monday, 2026-01-05
NYSE = NyseHours()
LONG = "on signal BUY -> enter long 100 stop $5 away target $10 away"
CLOSING = frozenset({"stop", "trail", "target", "exit"})

Kind = TypeVar("Kind")


class Broken(AssertionError):
    """An invariant does not hold."""


@attrs.define(eq=False)
class Order:
    """An order as this broker holds it."""

    spec: OrderSpec
    status: WireStatus = WireStatus.SUBMITTED
    filled: int = 0

    @property
    def role(self) -> str:
        return self.spec.reference.split("/")[3]

    @property
    def is_alive(self) -> bool:
        return self.status in (WireStatus.SUBMITTED, WireStatus.PRE_SUBMITTED, WireStatus.PENDING_CANCEL)

    @property
    def remaining(self) -> int:
        return self.spec.quantity - self.filled

    def echo(self, status: WireStatus | None = None, why_held: str = "") -> OrderUpdate:
        """What the broker tells of it, as it is or with another status."""
        spec = self.spec
        return OrderUpdate(
            spec.order_id,
            status or self.status,
            spec.quantity,
            self.filled,
            spec.limit_price,
            spec.stop_price,
            spec.time_in_force,
            _group(self) if spec.oca_group or spec.parent_id else None,
            why_held,
        )


class Scripted:
    """One engine at a broker. `now` in microseconds since 1970 UTC; prices in currency.

    Attributes:
        net: what the account holds by symbol, as this broker tells it.
        silent: nothing is acknowledged or answered.
        forgets: asked about an order that does not work, it is not sure that it never did.
        keeps_for_the_day: every order is held as a DAY order, whatever was asked for.
        loses: commands of these kinds never arrive.
    """

    def __init__(
        self,
        *rules: str,
        policy: TradePolicy | None = None,
        hours: Hours = NYSE,
        equity: float | None = 1_000_000.0,
        at: int = TEN,
        short_selling: bool = True,
        dry_run: bool = False,
        sectors: Mapping[str, str] | None = None,
    ) -> None:
        self.text = "\n".join(rules) + "\n"
        plan = _plan_of(self.text)
        settings = Settings(
            policy=policy or TradePolicy(signal_prices=False),
            sectors=sectors or {},
            at_broker=True,
            short_selling=short_selling,
            dry_run=dry_run,
        )
        self.engine = Engine(plan.rules, hours, settings, limits=plan.limits)
        self.journal = MemoryJournal()
        self.sequencer = Sequencer(self.engine, self, self.journal, [self._keep])
        self.now = at
        self.equity = equity
        self.net: Counter[str] = Counter()
        self.orders: dict[str, Order] = {}
        self.records: list[Record] = []
        self.commands: list[Command] = []
        self.silent = False
        self.forgets = False
        self.keeps_for_the_day = False
        self.loses: tuple[type[Command], ...] = ()
        self.held_back: list[Input] = []  # what happened while the connection was gone
        self._answers: list[Input] = []
        self._numbers = 0

    # ---- the port ----------------------------------------------------------------------------------------------------

    def send(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self.commands.append(command)
            if not isinstance(command, self.loses):
                self._apply(command)

    def take(self) -> list[Input]:
        answers, self._answers = self._answers, []
        return [] if self.silent else answers

    def _apply(self, command: Command) -> None:
        match command:
            case Place():
                for spec in command.orders:
                    self.orders[spec.order_id] = Order(self._held(spec))
                    self._answers.append(self.orders[spec.order_id].echo())
            case Modify() if command.order.order_id not in self.orders:
                self._answers.append(ModifyRejected(command.order.order_id, 135, "Can't find order"))
            case Modify():
                order = self.orders[command.order.order_id]
                order.spec = self._held(command.order)
                self._answers.append(order.echo())
            case Cancel() if command.order_id not in self.orders:
                self._answers.append(CancelRejected(command.order_id, 10147, "is not found"))
            case Cancel():
                self._answers += self._end(self.orders[command.order_id], WireStatus.CANCELLED)
            case AskOrder():
                found = self.orders.get(command.order_id)
                known = found is not None and (found.is_alive or not self.forgets)
                missing = OrderMissing(command.order_id, conclusive=not self.forgets)
                self._answers.append(found.echo() if known and found is not None else missing)
            case AskPosition():
                self._answers.append(PositionReport(command.symbol, self.net[command.symbol]))
            case Subscribe() | CancelStray():
                pass

    def _held(self, spec: OrderSpec) -> OrderSpec:
        return attrs.evolve(spec, time_in_force=TimeInForce.DAY) if self.keeps_for_the_day else spec

    def _end(self, order: Order, status: WireStatus) -> list[Input]:
        """An order ends; children of an empty parent end with it, others are sized to what it has filled."""
        if not order.is_alive:
            return [order.echo()]
        order.status = status
        told: list[Input] = [order.echo()]
        children = [child for child in self.orders.values() if child.spec.parent_id == order.spec.order_id]
        left = order.filled - sum(child.filled for child in children)
        for child in children:
            if not child.is_alive:
                continue
            if left <= 0:
                child.status = WireStatus.CANCELLED
            elif status is not WireStatus.FILLED:
                child.spec = attrs.evolve(child.spec, quantity=child.filled + left)
            told.append(child.echo())
        return told

    # ---- what happens ------------------------------------------------------------------------------------------------

    def tell(self, *messages: Input) -> None:
        """Hands messages over, and the answers to what comes of them."""
        for message in messages:
            self.sequencer.feed(message, self.now)
            self._check_closing_side()
        while answers := self.take():
            for answer in answers:
                self.sequencer.feed(answer, self.now)
                self._check_closing_side()
        if not self.silent:
            self._check_at_rest()

    def connect(self, *told: Input, net: Mapping[str, int] | None = None) -> None:
        """A connection begins: the snapshot, then the word that it is whole."""
        self.net.update(net or {})
        told = (*self.held_back, *told)
        self.held_back = []
        reports = [PositionReport(symbol, held) for symbol, held in self.net.items() if held]
        self.tell(*told, *reports)
        if self.equity is not None:
            self.account(self.equity)
        self.tell(BrokerLink(self.now, LinkEvent.CONNECTED))

    def account(self, equity: float, profit: float | None = 0.0) -> None:
        """The account's values, and today's profit and loss, in currency."""
        self.tell_account(equity)
        if profit is not None:
            self.tell_profit(profit)

    def tell_account(self, equity: float) -> None:
        self.tell(AccountReport(to_micros(equity), to_micros(equity)))

    def tell_profit(self, daily: float) -> None:
        self.tell(ProfitReport(to_micros(daily)))

    def disconnect(self) -> None:
        self.tell(BrokerLink(self.now, LinkEvent.DISCONNECTED))

    def quote(self, bid: float, ask: float, symbol: str = "AAPL") -> None:
        self.tell(Quote(self.now, symbol, bid, ask))

    def price(self, price: float, symbol: str = "AAPL") -> None:
        self.tell(Price(self.now, symbol, price))

    def signal(self, kind: str, price: float | None = None, symbol: str = "AAPL") -> Decision:
        """A signal; answers its decision."""
        self._numbers += 1
        place = len(self.records)
        self.tell(Signal(self.now, symbol, kind, 0.9, price, id=f"s{self._numbers}"))
        return next(record for record in self.records[place:] if isinstance(record, Decision))

    def reload(self, *rules: str) -> None:
        """Other rules are in force from now on."""
        before, self.text = self.text, "\n".join(rules) + "\n"
        texts = [RuleTexts(("card.rules",), {"card.rules": text}) for text in (before, self.text)]
        reload = reload_from(texts[0], texts[1], self.now)
        engine = self.engine
        engine.offered = make_ready(_plan_of(self.text), reload.digest, engine.rules, engine.runner.index)
        self.tell(reload)

    def wait(self, seconds: float) -> None:
        """Lets time pass: timers that come due fire."""
        until = self.now + round(seconds * SECOND)
        while (due := self.engine.timers.next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            self.sequencer.fire_timer(due)
            self.tell()
        self.now = until

    def fill(self, role: str, quantity: int, price: float, *, commission: float = 0.0, symbol: str = "AAPL") -> str:
        """Shares of the first working order of a role change hands; answers the execution's id."""
        return self.fill_order(self.working(role, symbol)[0], quantity, price, commission)

    def fill_order(self, order: Order, quantity: int, price: float, commission: float = 0.0) -> str:
        """Shares of an order change hands; answers the execution's id."""
        symbol = order.spec.symbol
        self._numbers += 1
        order.filled += quantity
        self.net[symbol] += order.spec.side.sign * quantity
        execution = Execution(
            f"0001.{self._numbers}.01",
            order.spec.order_id,
            symbol,
            order.spec.side,
            quantity,
            to_micros(price),
            to_micros(commission),
        )
        told: list[Input] = [execution]
        if order.remaining == 0:
            told += self._end(order, WireStatus.FILLED)
        else:
            told.append(order.echo())
        if order.role in CLOSING:
            told += self._follow_in_group(order, quantity)
        self._tell_unless_away(told)
        return execution.execution_id

    def _follow_in_group(self, order: Order, quantity: int) -> list[Input]:
        """A fill of one member reduces the others, a complete one ends them."""
        told: list[Input] = []
        for other in self.orders.values():
            if other is order or not other.is_alive or _group(other) != _group(order):
                continue
            if order.remaining == 0 or other.remaining <= quantity:
                other.status = WireStatus.CANCELLED
            else:
                other.spec = attrs.evolve(other.spec, quantity=other.spec.quantity - quantity)
            told.append(other.echo())
        return told

    def _tell_unless_away(self, told: Sequence[Input]) -> None:
        if self.engine.desk.connected:
            self.tell(*told)
        else:
            self.held_back += told

    def by_hand(self, side: OrderSide, quantity: int, price: float, symbol: str = "AAPL") -> ForeignExecution:
        """Somebody trades in this account: the execution, then the new position."""
        self._numbers += 1
        self.net[symbol] += side.sign * quantity
        done = ForeignExecution(f"0002.{self._numbers}.01", symbol, side, quantity, to_micros(price))
        self._tell_unless_away([done, PositionReport(symbol, self.net[symbol])])
        return done

    def transfer(self, shares: int, symbol: str = "AAPL") -> None:
        """Shares come or go with nothing to explain it."""
        self.net[symbol] += shares
        self._tell_unless_away([PositionReport(symbol, self.net[symbol])])

    def lose(self, role: str, symbol: str = "AAPL") -> Order:
        """An order is gone, and nobody says so."""
        order = self.working(role, symbol)[0]
        order.status = WireStatus.CANCELLED
        del self.orders[order.spec.order_id]
        return order

    # ---- what is there -----------------------------------------------------------------------------------------------

    def working(self, role: str | None = None, symbol: str = "AAPL") -> list[Order]:
        return [
            order
            for order in self.orders.values()
            if order.is_alive and order.spec.symbol == symbol and role in (None, order.role)
        ]

    def sizes(self, role: str, symbol: str = "AAPL") -> list[int]:
        """Shares left of the working orders of a role."""
        return [order.remaining for order in self.working(role, symbol)]

    def sent(self, kind: type[Kind]) -> list[Kind]:
        return [command for command in self.commands if isinstance(command, kind)]

    def said(self, text: str) -> bool:
        """Whether a notice holds this text."""
        return any(text in notice.text for notice in self.of(Notice))

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [record for record in self.records if isinstance(record, kind)]

    def last_decision(self) -> Decision:
        return self.of(Decision)[-1]

    def trade(self, symbol: str = "AAPL") -> Trade | None:
        return self.engine.desk.trades.get(symbol)

    def closings(self) -> list[tuple[str, str | None, float]]:
        """Symbol, reason and P&L in currency of each trade that concluded."""
        ended = [record for record in self.of(PositionRecord) if record.event is PositionChange.CLOSED]
        return [(record.symbol, record.reason, record.pnl / SECOND) for record in ended]

    def is_halted(self, symbol: str = "AAPL") -> bool:
        return symbol in self.engine.desk.halted_symbols

    def _keep(self, event: Input, records: Sequence[Record]) -> None:
        self.records.extend(records)

    # ---- the invariants ----------------------------------------------------------------------------------------------

    def _check_closing_side(self) -> None:
        """What could fill on the closing side, given the groups, is at most what the books say is there.

        What this broker holds may be ahead of what it told: then the engine cannot know yet, and the next word says so.
        """
        desk = self.engine.desk
        for symbol in {order.spec.symbol for order in self.orders.values()}:
            told = desk.account_holds(symbol)
            if told != self.net[symbol] or not desk.is_reconciled(symbol):
                continue
            most: Counter[tuple[str, int]] = Counter()
            for order in self.working(symbol=symbol):
                if order.role in CLOSING and not self._is_being_ended(order):
                    key = (_group(order), order.spec.side.sign)
                    most[key] = max(most[key], self._effective(order))
            for sign in (1, -1):
                could = sum(shares for (_, side), shares in most.items() if side == sign)
                if could > max(0, -sign * told):
                    raise Broken(f"{could} shares of {symbol} could fill against a position of {told}")

    def _is_being_ended(self, order: Order) -> bool:
        """The engine has asked for its end or for less of it, or is about to, once the broker's parent order has ended:
        then the next word makes it so."""
        known = self.engine.desk.orders.get(order.spec.order_id)
        return known is not None and (known.cancel_sent or known.wanted is not None or known.awaits_broker)

    def _effective(self, order: Order) -> int:
        parent = self.orders.get(order.spec.parent_id or "")
        if parent is None or (not parent.is_alive and parent.filled):
            return order.remaining
        closed = sum(each.filled for each in self.orders.values() if each.spec.parent_id == parent.spec.order_id)
        return max(0, min(order.remaining, parent.filled - closed))

    def could_fill(self, order: Order) -> int:
        """How many shares of an order could change hands now."""
        return self._effective(order) if order.is_alive else 0

    def _check_at_rest(self) -> None:
        """Stops cover what a trade has, where it asked for one."""
        desk = self.engine.desk
        for symbol, trade in desk.trades.items():
            if not trade.terms.wants_stop or not desk.is_reconciled(symbol) or trade.in_flight or trade.held <= 0:
                continue
            if any(order.is_in_doubt or desk.now < order.retry_at for order in trade.alive_orders()):
                continue
            if any(desk.now < part.retry_stop_at for part in trade.slices):
                continue
            covered = sum(map(self._effective, self.working("stop", symbol) + self.working("trail", symbol)))
            leaving = sum(map(self._effective, self.working("exit", symbol)))
            if covered + leaving != trade.held:
                raise Broken(f"stops of {covered} shares for {trade.held} of {symbol}")


def _plan_of(text: str) -> Plan:
    plan = compile_text(text, "card.rules").plan
    assert plan is not None, text
    return plan


def _group(order: Order) -> str:
    return order.spec.oca_group or (f"of {order.spec.parent_id}" if order.spec.parent_id else order.spec.order_id)


# Any: what the tests say of the settings, passed on to `Scripted`
def connected(*rules: str, **settings: Any) -> Scripted:
    """A broker that has told its account; without rules of its own, one that buys 100 shares on BUY."""
    broker = Scripted(*(rules or (LONG,)), **settings)
    broker.connect()
    return broker


def quoted(*rules: str, **settings: Any) -> Scripted:
    """The same, and a quote of AAPL."""
    broker = connected(*rules, **settings)
    broker.quote(149.99, 150.0)
    return broker


def bought(*rules: str, **settings: Any) -> Scripted:
    """A broker at which 100 shares of AAPL were bought at $150, with a stop at $145 and a target at $160."""
    broker = quoted(LONG, *rules, **settings)
    assert broker.signal("BUY").outcome is Outcome.ACTED
    broker.fill("main", 100, 150.0)
    return broker
