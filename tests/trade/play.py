"""One game: markets, signals, faults and time against the engine, with the naive model keeping its own score.

`Play` is what the state machine and the planted bugs drive. Each move is one event; after it the invariants have been
checked by the rig, and the naive model is asked whether what the exchange shows is what must be.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import attrs

from rulec.dsl.plan import Limit
from rulec.runtime.broker.exchange import OrderEvent, Status
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import (
    Decision,
    Notice,
    OrderRecord,
    OrderState,
    Outcome,
    PositionChange,
    PositionRecord,
    Record,
)
from rulec.runtime.event.inputs import Bar, BrokerLink, Fault, LinkEvent, OutsideInput, Price, Quote, Signal
from rulec.runtime.risk.reasons import Reason
from rulec.runtime.trade.state import context_of
from rulec.tests.support.driver import NYSE, Rig
from rulec.tests.support.invariants import Invariants, trade_and_role
from rulec.tests.support.naive_model import CLOSING, NaiveTrade, Seen, on_a_cent
from rulec.tests.trade import palette

SECOND = 1_000_000
MINUTE = 60 * SECOND
MONDAY_OPEN = 1_767_623_400 * SECOND  # 2026-01-05 09:30 in New York
FEEDS = {"AAPL": Price, "MSFT": Quote, "SPY": Bar}
SYMBOLS = tuple(FEEDS)
FULL_EXITS = frozenset({"EXIT", "EXIT_ALL"})
LIMIT_EXITS = frozenset({"EXIT_AT_LIMIT", "EXIT_40_AT_LIMIT"})
PARTIAL_EXITS = frozenset({"EXIT_30", "EXIT_HALF"})
UNSURE_STOPS = frozenset({"TRAIL", "STOP_BUY", "STOP_SELL"})  # after these the stops need not stand at one price


SECTORS = {"AAPL": "technology", "MSFT": "technology", "SPY": "index"}
LIMIT_REASONS = frozenset(
    {
        Reason.MAX_ORDER.text,
        Reason.MAX_ORDERS.text,
        Reason.MAX_POSITION.text,
        Reason.MAX_POSITIONS.text,
        Reason.MAX_EXPOSURE.text,
        Reason.MAX_SECTOR.text,
        Reason.DAILY_LOSS.text,
        Reason.NO_SHORTING.text,
    }
)

RETELL = -1  # the move by which a broker that came back tells its last executions once more


def retell(rig: Rig) -> None:
    """What IB does when asked for executions: the same ones again, each of which counts once."""
    for execution in rig.told[-3:]:
        rig.session.sequencer.feed(execution, rig.session.sequencer.now)
    rig.session.drain(rig.session.sequencer.now)


class ModelDisagrees(AssertionError):
    """The naive model says that something must be otherwise."""


def fraction(price: float) -> Fraction:
    return Fraction(repr(price))


def of_micros(price: int | None) -> Fraction | None:
    return None if price is None else Fraction(price, 1_000_000)


class Play:
    """A game in progress. Prices move in steps; `counts` says what has happened in it."""

    def __init__(self, settings: SimulationSettings, start: int = MONDAY_OPEN, limits: tuple[Limit, ...] = ()) -> None:
        self.settings = settings
        self.limits = limits
        self.rig = Rig(palette.rules(), settings, limits=limits, sectors=SECTORS)
        self.now = start
        self.last = dict.fromkeys(SYMBOLS, 150.0)
        self.connected = True
        self.halted = False
        self.moves: list[OutsideInput | int] = []
        self.counts: Counter[str] = Counter()
        self.trades: dict[str, NaiveTrade] = {}
        self._whole = True
        self._signals = 0
        self._records = 0
        self._executions = 0
        self._entry_prices: dict[tuple[str, str], float] = {}
        self._opened_at: dict[str, int] = {}
        for symbol in SYMBOLS:
            self.tick(symbol, 0.0)

    # ---- moves -------------------------------------------------------------------------------------------------------

    def tick(self, symbol: str, move: float, adverse: float = 0.0) -> None:
        """The market moves by a fraction; of a bar the extremes reach further by another."""
        old = self.last[symbol]
        new = min(max(20.0, round(old * (1 + move), 2)), 900.0)
        self.last[symbol] = new
        self.now += SECOND
        event: OutsideInput
        if FEEDS[symbol] is Price:
            event, bid, ask = Price(self.now, symbol, new), new, new
        elif FEEDS[symbol] is Quote:
            bid, ask = round(new - 0.01, 2), round(new + 0.01, 2)
            event = Quote(self.now, symbol, bid, ask)
        else:
            high, low = round(max(old, new) * (1 + adverse), 2), round(min(old, new) * (1 - adverse), 2)
            begin = self.now - self.now % MINUTE  # a signal that came since does not fill in this bar
            end = begin + MINUTE
            event = Bar(begin, symbol, old, high, low, new, 100.0, MINUTE, begin, end, NYSE.is_open(begin))
            self.now, bid, ask = end, new, new
        self._handle(event)
        if isinstance(event, Bar) and not event.regular:
            return  # a bar outside the session moves nothing
        for trade_id, trade in self.trades.items():
            if trade.symbol == symbol and self._lives(trade_id):
                trade.market(fraction(bid if trade.sign > 0 else ask))
                trade.waited += trade.leaving and self.connected and NYSE.is_open(self.now)
        self._check()

    def signal(self, symbol: str, kind: str, factor: float = 1.0) -> None:
        price = round(self.last[symbol] * factor, 2)
        self._signals += 1
        self.now += SECOND // 5
        self._pass_time(self.now - 1)  # what ends by itself has ended before the signal comes
        entry = kind in palette.ENTRIES
        expected = self._expected_outcome(symbol, kind) if entry else None
        before = self._living(symbol)
        place = len(self.rig.records)
        event = Signal(self.now, symbol, kind, price=price, id=f"s{self._signals}")
        earlier = self._announce(kind, symbol, price, before)
        self._handle(event)
        decision = next(
            record for record in self.rig.records[place:] if isinstance(record, Decision) and record.rule == kind
        )
        if expected is not None and decision.outcome is not expected:
            raise ModelDisagrees(f"{kind} on {symbol}: {expected} was expected, not {decision}")
        if decision.outcome in (Outcome.ACTED, Outcome.REVERSED):
            self._decided(decision, kind, symbol, before)
        else:
            self._entry_prices[symbol, kind] = earlier[0]
            if before is not None:
                before.extra_targets, before.reasons = earlier[1:]
        self._check()

    def fault(self, event: str, role: str | None, quantity: int) -> None:
        self._handle(Fault(self.now, event, "on request", role, quantity))

    def link(self) -> None:
        """The connection goes, or comes back."""
        self.connected = not self.connected
        self.now += SECOND
        for trade in self.trades.values():
            trade.sure = False
        self._handle(BrokerLink(self.now, LinkEvent.CONNECTED if self.connected else LinkEvent.DISCONNECTED))
        if self.connected:
            self.moves.append(RETELL)
            retell(self.rig)
            self._listen()
        self._check()

    def wait(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)
        self._pass_time(self.now)
        self._check()

    def to_the_close(self, seconds: int) -> None:
        """On to so many seconds before (or after) the session's close."""
        self.now = max(self.now, NYSE.session_close(self.now) + seconds * SECOND)

    def to_the_open(self) -> None:
        """On to the next session."""
        self.now = NYSE.next_open(self.now)
        self.counts["sessions"] += 1

    def end(self) -> None:
        """The game is over: it is played once more, and must come out the same to the byte."""
        if not self._whole:
            return  # a checker stopped it in the middle of a move
        self.rig.finish()
        self._listen()
        again = Rig(palette.rules(), self.settings, limits=self.limits, sectors=SECTORS, check=False)
        for move in self.moves:
            if move == RETELL:
                retell(again)
            elif isinstance(move, int):
                again.wait_until(move)
            else:
                again.handle(move)
        again.finish()
        if again.lines != self.rig.lines:
            raise ModelDisagrees("7: the same moves gave different output")

    # ---- keeping score -----------------------------------------------------------------------------------------------

    def _pass_time(self, until: int) -> None:
        self.moves.append(until)
        self.rig.wait_until(until)
        self._listen()

    def _handle(self, event: OutsideInput) -> None:
        self.moves.append(event)
        self._whole = False
        self.rig.handle(event)
        self._whole = True
        self._listen()

    def _listen(self) -> None:
        """Takes in what has been said since: records for the scores, executions for the naive trades."""
        fresh = self.rig.records[self._records :]
        self._records = len(self.rig.records)
        for record in fresh:
            self._new_trade(record)
        executions = self.rig.broker.exchange.ledger.executions
        for execution in executions[self._executions :]:
            trade_id, role = trade_and_role(execution.reference)
            trade = self.trades[trade_id]
            trade.executed(role, execution.quantity, Fraction(execution.price, 1_000_000))
            self._opened_at.setdefault(trade_id, execution.time)
            if execution.cumulative == execution.quantity and role in ("scale", "doubledown"):
                self.counts["scale-ins" if role == "scale" else "double-downs"] += 1
        self._executions = len(executions)
        self._time_is_up()
        late = self._invariants.late_fills
        if late != self.counts["late fills"]:
            self.counts["late fills"] = late
            for trade in self.trades.values():
                trade.sure = False
        for record in fresh:
            self._score(record)
        for trade_id, trade in self.trades.items():
            if not trade.complete and trade.opened and not self._works(trade_id, "main"):
                if trade.shares:
                    trade.entered()
                trade.complete = True

    def _time_is_up(self) -> None:
        now = self.rig.session.sequencer.now
        for trade_id, started in self._opened_at.items():
            trade = self.trades[trade_id]
            if trade.wish.exit_after is not None and now >= started + trade.wish.exit_after * SECOND:
                trade.leaving = True
                trade.reasons.add("time")
                if trade.last_role == "exit":
                    trade.last_reason = set(trade.reasons)

    def _new_trade(self, record: Record) -> None:
        if not isinstance(record, OrderRecord) or record.role != "main" or record.trade in self.trades:
            return
        if record.rule == "TURN":
            wish, sign = attrs.evolve(palette.TURN, shares=record.quantity), record.side.sign
        else:
            wish, sign = palette.wish_of(record.rule)
        price = self._entry_prices[record.symbol, record.rule]
        stated = fraction(price) * (1 + sign * fraction(wish.stop_entry or 0.0))
        self.trades[record.trade] = NaiveTrade(
            symbol=record.symbol,
            sign=sign,
            wish=wish,
            price=fraction(price),
            reference=on_a_cent(stated, sign > 0),
            sure=self.connected,
            stop_known=not self.settings.latency,
        )

    def _score(self, record: Record) -> None:
        if isinstance(record, PositionRecord) and record.event is PositionChange.CLOSED:
            self.counts["trades"] += 1
            self.counts[f"ended by {record.reason}"] += 1
            trade = self.trades[record.trade]
            if trade.sure and record.reason not in trade.last_reason:
                raise ModelDisagrees(f"{record.reason} cannot be why this trade ended: {trade.last_reason}, {trade}")
        elif isinstance(record, OrderRecord):
            if record.status is OrderState.REJECTED:
                self.counts["rejects"] += 1
                self.trades[record.trade].sure = False
            elif record.status is OrderState.PARTIALLY_FILLED:
                self.counts["partial fills"] += 1
        elif isinstance(record, Decision):
            if record.outcome is Outcome.REVERSED:
                self.counts["reversals"] += 1
            self.counts["against a limit"] += record.reason in LIMIT_REASONS
        elif isinstance(record, Notice) and "is restored" in record.text:
            for trade in self.trades.values():
                trade.leaving = trade.leaving and trade.symbol != record.symbol

    def _announce(
        self, kind: str, symbol: str, price: float, trade: NaiveTrade | None
    ) -> tuple[float, set[Fraction], set[str]]:
        """Notes what a signal is about to cause, because all of it may happen within the one event.

        Returns:
            What was noted before, to be put back where nothing came of it.
        """
        earlier = self._entry_prices.get((symbol, kind), price)
        self._entry_prices[symbol, kind] = price
        if kind == "EXIT_ALL":
            for trade_id, other in self.trades.items():
                if self._lives(trade_id):
                    other.reasons.add("exit")
        if trade is None:
            return earlier, set(), set()
        noted = (earlier, set(trade.extra_targets), set(trade.reasons))
        if kind in palette.ENTRIES or kind == "TURN":
            trade.reasons.add("reverse")
        elif kind == "TARGET":
            trade.extra_targets.add(on_a_cent(fraction(price), trade.sign > 0))
        elif kind in FULL_EXITS | PARTIAL_EXITS:
            trade.reasons.add("exit")
        elif kind in LIMIT_EXITS or kind == ("PLACE_SELL" if trade.sign > 0 else "PLACE_BUY"):
            trade.extra_targets.add(fraction(price))
        return noted

    def _decided(self, decision: Decision, kind: str, symbol: str, trade: NaiveTrade | None) -> None:
        """What a signal that acted means for the trade that was there."""
        self.counts[kind] += 1
        if kind == "HALT":
            self.halted = True
        if kind == "EXIT_ALL":
            for trade_id, other in self.trades.items():
                if self._lives(trade_id):
                    other.leaving = True
        if trade is None or trade is not self._living(symbol):
            return
        last_shares = kind in PARTIAL_EXITS and len(trade.shares) <= 30
        if decision.outcome is Outcome.REVERSED or kind in FULL_EXITS or last_shares:
            trade.leaving = True
        elif kind in PARTIAL_EXITS:
            trade.winding = True
        elif kind == "MOVE":
            trade.moved(fraction(self._entry_prices[symbol, kind]))
        elif kind == "EVEN":
            trade.moved(trade.average)
        elif kind in UNSURE_STOPS:
            trade.stop_known = False
        trade.untouched = False

    def _expected_outcome(self, symbol: str, kind: str) -> Outcome | None:
        """What an entry must come to; None where that is open."""
        desk = self.rig.engine.desk
        certain = (
            not self.limits
            and self.connected
            and not self.halted
            and self.rig.broker.is_idle
            and not self.settings.latency
        )
        if not certain or symbol in desk.halted_symbols or not NYSE.is_open(self.now):
            return None
        trade = self._living(symbol)
        if trade is None:
            surplus = self._invariants.position(symbol)
            return None if surplus else Outcome.ACTED
        if not trade.sure or trade.leaving or trade.winding or trade.wish.exit_after is not None:
            return None
        _, sign = palette.wish_of(kind)
        return Outcome.IGNORED if sign == trade.sign else Outcome.REVERSED

    def _check(self) -> None:
        """At rest: what the exchange and the context show must be what the naive trades say."""
        if not self.rig.broker.is_idle or self.settings.latency:
            return
        for trade_id, trade in self.trades.items():
            if not self._lives(trade_id) or trade.symbol in self.rig.engine.desk.halted_symbols:
                continue
            orders = self._seen(trade_id)
            half_filled = [each for each in orders if each.alive and each.role not in CLOSING and each.filled]
            if half_filled and not NYSE.is_open(self.now):
                continue  # what has opened in part expires with the session, and its children follow then
            if trade.complete and trade.shares and not half_filled:
                trade.settled()
            if trade.winding and half_filled:
                trade.sure = False
            self._context(trade_id, trade)
            tradable = self.connected and not self.halted and not self.limits and NYSE.is_open(self.now)
            wrong = trade.complaints(orders, tradable=tradable)
            if wrong:
                raise ModelDisagrees(f"{trade_id} {trade.symbol}: {'; '.join(wrong)}")

    def _context(self, trade_id: str, trade: NaiveTrade) -> None:
        if not trade.sure:
            return
        [held] = [held for held in self.rig.engine.desk.trades.values() if held.id == trade_id]
        context = context_of(held)
        side = "BUY" if trade.sign > 0 else "SELL"
        if context["side"] != side or context["quantity"] != len(trade.shares):
            raise ModelDisagrees(f"the context of {trade.symbol} is {context} where {len(trade.shares)} are held")
        entry = context["entry_price"]
        if trade.shares and (not isinstance(entry, float) or abs(entry - float(trade.average)) > 1e-7):
            raise ModelDisagrees(f"{trade.symbol} was entered at {float(trade.average)}, the context says {entry}")

    # ---- who lives ---------------------------------------------------------------------------------------------------

    @property
    def _invariants(self) -> Invariants:
        assert self.rig.invariants is not None
        return self.rig.invariants

    def _works(self, trade_id: str, *roles: str) -> bool:
        orders = self._seen(trade_id)
        return any(order.alive and (not roles or order.role in roles) for order in orders)

    def _seen(self, trade_id: str) -> list[Seen]:
        events = self._invariants.orders_of(trade_id)
        dying = {event.order.order_id for event in events if event.status is Status.PENDING_CANCEL}
        return [seen(event, dying) for event in events]

    def _lives(self, trade_id: str) -> bool:
        """By the exchange: it holds shares of the trade, or one of its orders, or will once they have arrived."""
        arrived = self._invariants.orders_of(trade_id)
        return bool(self.trades[trade_id].shares) or not arrived or self._works(trade_id)

    def _living(self, symbol: str) -> NaiveTrade | None:
        found = [trade for trade_id, trade in self.trades.items() if trade.symbol == symbol and self._lives(trade_id)]
        return found[-1] if found else None


def seen(event: OrderEvent, dying: set[int]) -> Seen:
    order = event.order
    return Seen(
        role=trade_and_role(order.reference)[1],
        alive=event.status in (Status.PRE_SUBMITTED, Status.SUBMITTED, Status.PENDING_CANCEL),
        dying=order.order_id in dying or order.parent_id in dying,
        bracketed=order.parent_id is not None,
        quantity=order.quantity,
        filled=event.filled,
        limit=of_micros(order.limit_price),
        stop=of_micros(order.stop_price),
    )
