"""The step: one input in, records and commands out. Nothing here waits, sends or reads a clock.

    input -> books (prices, executions) -> trades -> rules -> records and commands

A step handles its input to the end. What it wants of the broker leaves as commands; the answers are inputs of later
steps. The shell journals a step's output before it sends anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

from ...dsl.plan import (
    BarTrigger,
    Limit,
    LimitKind,
    OrderTrigger,
    PositionMoment,
    PositionTrigger,
    Rule,
    StartTrigger,
)
from ..broker.port import (
    AccountReport,
    CancelRejected,
    Command,
    Execution,
    ForeignExecution,
    ModifyRejected,
    OrderMissing,
    OrderRejected,
    OrderUpdate,
    PositionReport,
    PriceSteps,
    ProfitReport,
    StrayOrder,
    SymbolData,
)
from ..event.happenings import NOTHING_BEFORE, OrderTurn, PositionTurn, Started
from ..event.inputs import Bar, BrokerLink, Fault, LinkEvent, Price, Quote, Release, Signal, TimerFired
from ..event.reload import Reload
from ..market.board import Board
from ..market.hours import Hours
from ..market.indicators import Indicators
from ..numbers import to_float, to_micros
from ..position.foreign import ForeignShares
from ..position.portfolio import Portfolio
from ..risk.gate import Intent, judge
from ..risk.reasons import Reason
from ..rule.counters import Counters
from ..rule.index import RuleIndex
from ..rule.parts import why_unknown
from ..rule.prepared import Prepared, prepare
from ..rule.reference import evaluate
from ..rule.rule_set import RuleSet
from ..trade import adding, awaiting, holding, market, messages
from ..trade.closing import follow_bar
from ..trade.desk import Desk, TradeTurn
from ..trade.missing import on_missing
from ..trade.opening import enter
from ..trade.settle import settle
from ..trade.state import Origin, Trade
from ..trade.strays import on_stray
from ..trade.synchronising import synchronise
from ..trade.view import before_its_close
from .account import Account, BookedAccount, ReportedAccount
from .actions import Actions, on_symbol
from .broker_side import follow_connection, on_data, subscribe_again, timeframes_wanted
from .facts import BookFacts
from .halts import Halts
from .hand import HandCancel, HandEvent, HandHalt, HandRequest
from .ids import IdSource
from .records import ActionOutcome, Decision, Record
from .reloading import reload_record
from .rule_clock import CLOCK, RuleClock
from .rules import Progress, RuleRunner
from .settings import Resumed, Settings
from .signal_log import SignalLog
from .situation import BookSituation
from .timers import Timers
from .timing import on_timer
from .waiting import Waiting
from .wants import bars_by_symbol, timeframes_for, want_past

Input = (
    Signal
    | Price
    | Quote
    | Bar
    | BrokerLink
    | Started
    | Fault
    | TimerFired
    | OrderUpdate
    | Execution
    | OrderRejected
    | ModifyRejected
    | CancelRejected
    | OrderMissing
    | StrayOrder
    | PositionReport
    | ForeignExecution
    | AccountReport
    | ProfitReport
    | SymbolData
    | PriceSteps
    | Release
    | Reload
    | Resumed
    | HandRequest
    | HandCancel
    | HandHalt
    | HandEvent
)

# The rule that decisions name for what code outside any rule asks for.
BY_HAND = "by hand"

# Ids of signals are remembered for a while, not for ever: more than a busy feed brings in a day.
_SIGNALS_REMEMBERED = 200_000

# Turns of orders and positions that one input may lead to; more is rules that answer each other without end.
_MOST_HAPPENINGS = 1_000


class Engine:
    """One runtime's state and its step. Two engines never see each other."""

    def __init__(
        self,
        rules: Iterable[Rule],
        hours: Hours,
        settings: Settings,
        board: Board | None = None,
        limits: Iterable[Limit] = (),
    ) -> None:
        """`limits` are those of the rules: they join the settings' own, and go with the rules."""
        self.settings = settings
        self.timers = Timers()
        self.ids = IdSource(settings.run)
        self.halts = Halts()
        portfolio = Portfolio(to_micros(settings.equity))
        self.desk = Desk(
            hours=hours,
            board=board or Board(Indicators(hours, settings.timeframe, lambda: self.desk.now)),
            portfolio=portfolio,
            policy=settings.policy,
            timers=self.timers,
            next_id=self.ids,
            evaluate=lambda expression, event: evaluate(expression, event, self.facts),
            wording=lambda expression: why_unknown(expression, None, self.facts).removesuffix(" unknown"),
            equity=lambda: self.account.equity(),
            judge=self._judge,
            instance=settings.instance,
            connected=not settings.at_broker,
            at_broker=settings.at_broker,
            timeframes_of=self._timeframes_of if settings.at_broker else lambda symbol: (),
            foreign=ForeignShares(is_complete=not settings.at_broker),
        )
        self.account: Account = ReportedAccount(self.desk) if settings.at_broker else BookedAccount(self.desk)
        self.signal_log = SignalLog()
        self.facts = BookFacts(self.desk, self.halts, self.signal_log, self.account)
        self.counters = Counters(hours)
        self.actions = Actions(self.desk, self.facts, self.halts, self.counters, settings.run)
        self.waiting = Waiting(self.desk, self.counters, self.actions.perform, self._rule_of)
        self.situation = BookSituation(
            self.desk, self.halts, settings.sectors, self.account, settings.short_selling, settings.dry_run
        )
        self.hand_built: dict[str, Callable[[Prepared, object, Origin], Sequence[ActionOutcome]]] = {}
        self.answer: ActionOutcome | None = None  # what became of the last request made by hand
        self.limits: tuple[Limit, ...] = (*settings.limits, *limits)
        self.offered: RuleSet | None = None  # what the next reload brings into force
        self.runner = RuleRunner(
            desk=self.desk,
            facts=self.facts,
            index=RuleIndex(()),
            counters=self.counters,
            perform=self.actions.perform,
            by_hand=self._by_hand,
        )
        self._seen_signals: dict[str, None] = {}
        self._bars_wanted: Mapping[str | None, Set[float | None]] | None = None  # found when first asked for
        self._next_day = 0
        self._has_begun = False
        self.clock = RuleClock(hours, self.timers)
        self.set_rules(prepare(rules))

    def set_rules(self, rules: Sequence[Prepared]) -> None:
        """Takes a rule set into use, between two inputs."""
        of_plan = self._use(rules, RuleIndex(rules))
        want_past(self.desk.board, self.signal_log, of_plan, self.desk.now if self._has_begun else None)

    def _use(self, rules: Sequence[Prepared], index: RuleIndex) -> list[Rule]:
        """From now on these are the rules; answers those of a plan that are switched on."""
        self._bars_wanted = None
        self.rules = list(rules)
        of_plan = [prepared.rule for prepared in self.rules if prepared.rule is not None and prepared.enabled]
        triggers = [rule.trigger for rule in of_plan]
        self._bar_rules = any(isinstance(one, BarTrigger) for one in triggers) or any(
            prepared.event_type is Bar for prepared in self.rules
        )
        self.wants_start = any(isinstance(one, StartTrigger) for one in triggers)
        self.desk.watched = frozenset(one.moment for one in triggers if isinstance(one, PositionTrigger | OrderTrigger))
        self.runner.index = index
        self.clock.set_rules(of_plan)
        return of_plan

    def _timeframes_of(self, symbol: str) -> tuple[float, ...]:
        if self._bars_wanted is None:
            of_plan = [prepared.rule for prepared in self.rules if prepared.rule is not None and prepared.enabled]
            self._bars_wanted = bars_by_symbol(of_plan)
        if not self._bars_wanted:
            return ()
        return timeframes_for(symbol, self._bars_wanted, self.settings.timeframe)

    def _rule_of(self, identity: str) -> Prepared | None:
        return next((rule for rule in self.rules if rule.identity == identity), None)

    def _judge(self, intent: Intent) -> Reason | None:
        if self.limits:
            self._watch_loss()
        return judge(intent, self.situation, self.limits)

    def _by_hand(self, prepared: Prepared, event: object, origin: Origin) -> Sequence[ActionOutcome]:
        return self.hand_built[prepared.identity](prepared, event, origin)

    # ---- the step

    def step(self, seq: int, now: int, event: Input) -> tuple[list[Record], list[Command]]:
        """Handles one input to its end.

        Returns:
            The records of what was decided and changed, and the commands to send once they are journalled. Both lists
            are the caller's.
        """
        desk = self.desk
        desk.now = now
        desk.seq = seq
        desk.emitted.clear()  # taken over after the step that emitted them, unless this is a rebuild from a journal
        if now >= self._next_day:
            self._begin_day(now)
        if not self._has_begun:
            self._has_begun = True
            self.signal_log.begin(now)
        self.clock.begin(now)
        _HANDLERS[type(event)](self, event)
        if desk.ready or desk.happened:
            self._follow_up()
        records, commands = desk.records, desk.commands
        if records or commands:
            desk.records, desk.commands = [], []
        return records, commands

    def take_emitted(self) -> list[Signal]:
        """The signals that rules put on the bus in the last step: inputs of their own, after it."""
        return list(self.desk.emitted)

    def _follow_up(self) -> None:
        """What came of the input by itself, first in first out: actions that waited, and rules on what happened."""
        desk = self.desk
        for _ in range(_MOST_HAPPENINGS):
            if desk.ready:
                self.waiting.carry_out()
            if not desk.happened:
                return
            self._try_on(desk.happened.popleft())
        desk.happened.clear()
        self.actions.halt("rules on orders and positions keep answering each other")
        desk.say("error", None, "new entries are halted: rules on orders and positions keep answering each other")

    def _try_on(self, turn: OrderTurn | TradeTurn) -> None:
        if isinstance(turn, OrderTurn):
            self.runner.run(turn)
            return
        trade, before = turn.trade, NOTHING_BEFORE
        if turn.moment is PositionMoment.CLOSED:
            before = before_its_close(self.desk, trade, turn.quantity)
            self.facts.closed = (trade.symbol, before)
        pnl = to_float(turn.pnl)
        try:
            self.runner.run(PositionTurn(self.desk.now, trade.symbol, turn.moment, turn.reason, pnl, before))
        finally:
            self.facts.closed = None

    def _begin_day(self, now: int) -> None:
        hours = self.desk.hours
        self._next_day = hours.day_end(now)
        self.account.begin_day()
        self.halts.begin_day(hours.day(now), self.account.equity())
        self.desk.opened_today = 0
        # the order rate looks back a day at most
        oldest = now - 2 * 86_400 * 1_000_000
        self.desk.openings = [sent for sent in self.desk.openings if sent >= oldest]

    def _concluded(self, trade: Trade | None) -> None:
        """A reversal's second half is priced, sized and judged afresh once its first half is flat."""
        if trade is None or trade.second_half is None:
            return
        second = trade.second_half
        trade.second_half = None  # a late fill can take this trade up again: it reverses only once
        done = enter(self.desk, second.action, second.origin)
        if not done.acted:
            adding.decide(self.desk, trade, second.origin, "enter", done)
            return
        self.waiting.follow(trade.symbol, second.origin, second.followers)
        settle(self.desk, self.desk.trades[trade.symbol])

    def _on_market(self, symbol: str) -> None:
        trade = self.desk.trades.get(symbol)
        if trade is not None and market.on_price(self.desk, trade):
            self._concluded(trade)
        if self.limits:
            self._watch_loss()

    def _watch_loss(self) -> None:
        bounds = [limit for limit in self.limits if limit.kind is LimitKind.DAILY_LOSS and limit.value is not None]
        if not bounds:
            return
        today = self.desk.hours.day(self.desk.now)
        self.halts.begin_day(today, self.account.equity())
        base = self.halts.base
        lost = self.account.lost(base)
        if lost is None or self.halts.loss_halted(today):
            return
        for limit in bounds:
            if limit.of_equity and base is None:
                continue
            bound = (limit.value or 0.0) * (base if limit.of_equity and base is not None else 1.0)
            if lost >= bound:
                self.halts.loss_day = today
                self.actions.cancel_openings()
                self.desk.say("error", None, "the daily loss limit is reached: no new entries until the next session")
                return

    # ---- inputs

    def _on_signal(self, signal: Signal) -> None:
        if not self._is_new(signal):
            return
        self.desk.subscribe(signal.symbol)
        self.signal_log.add(signal.symbol, signal.signal, self.desk.now)
        self.runner.run(signal)

    def _is_new(self, signal: Signal) -> bool:
        """A signal counts once: by its id, else by source, symbol, kind and time."""
        key = signal.id or f"{signal.source}\x00{signal.symbol}\x00{signal.signal}\x00{signal.time}"
        if key in self._seen_signals:
            return False
        self._seen_signals[key] = None
        if len(self._seen_signals) > _SIGNALS_REMEMBERED:
            del self._seen_signals[next(iter(self._seen_signals))]
        return True

    def _on_price(self, price: Price) -> None:
        self.desk.board.on_price(price)
        self._on_market(price.symbol)
        self.runner.run(price)

    def _on_quote(self, quote: Quote) -> None:
        self.desk.board.on_quote(quote)
        awaiting.on_quote(self.desk, quote.symbol)
        self._on_market(quote.symbol)
        self.runner.run(quote)

    def _on_bar(self, bar: Bar) -> None:
        if bar.past:
            self.desk.board.on_past_bar(bar)
            return
        completed = self.desk.board.on_bar(bar)
        trade = self.desk.trades.get(bar.symbol)
        if trade is not None and trade.second_half is not None:
            follow_bar(self.desk, trade, bar.start)
        if bar.regular and (self.limits or bar.symbol in self.desk.trades):
            self._on_market(bar.symbol)
        if self._bar_rules:
            for each in completed:
                self.runner.run_bar(each, usual=self.desk.board.is_default(each))

    def _on_link(self, link: BrokerLink) -> None:
        desk = self.desk
        desk.connected = link.event is LinkEvent.CONNECTED
        for trade in desk.trades.values():
            if desk.connected:
                synchronise(desk, trade)
            else:
                trade.synced = False
        if desk.at_broker:
            follow_connection(desk)
        self.runner.run(link)

    def _on_resumed(self, resumed: Resumed) -> None:
        """Takes up the settings of now; what the rules themselves limit stays."""
        of_rules = self.limits[len(self.settings.limits) :]
        self.settings = resumed.settings
        self.limits = (*resumed.settings.limits, *of_rules)
        self.situation.sectors = resumed.settings.sectors
        self.situation.short_selling = resumed.settings.short_selling
        self.situation.dry_run = resumed.settings.dry_run
        self.desk.policy = resumed.settings.policy
        self._on_link(BrokerLink(resumed.time, LinkEvent.DISCONNECTED))

    def _on_started(self, started: Started) -> None:
        self.runner.run(started)

    def _on_fault(self, fault: Fault) -> None:
        """Faults are the simulated broker's; here they only take a place in the journal."""

    def _on_timer(self, timer: TimerFired) -> None:
        if timer.key == CLOCK:
            self.runner.run_together(self.clock.ticks(self.desk.now))
        else:
            self._concluded(on_timer(self.desk, timer.key))

    def _on_hand_request(self, asked: HandRequest) -> None:
        request = asked.request
        origin = Origin(request.rule or BY_HAND, request.rule or BY_HAND, "", None, self.desk.seq)
        place = len(self.desk.records)
        done = self.actions.perform(on_symbol(request), origin, request.index, Progress(symbol=request.symbol))
        self._answer(origin.rule, request.symbol, done, place)

    def _on_hand_cancel(self, asked: HandCancel) -> None:
        order = self.desk.orders.get(asked.order_id)
        done = self.actions.cancel(asked.order_id)
        self._answer(BY_HAND, None if order is None else order.spec.symbol, done, len(self.desk.records))

    def _on_hand_halt(self, asked: HandHalt) -> None:
        self.actions.halt(asked.reason)
        self.desk.say("error", None, f"new entries are halted: {asked.reason}")

    def _answer(self, rule: str, symbol: str | None, done: ActionOutcome, place: int) -> None:
        """What became of something asked for by hand is a decision like a rule's."""
        self.answer = done
        decision = Decision(
            time=self.desk.now,
            seq=self.desk.seq,
            rule=rule,
            at="",
            symbol=symbol,
            outcome=done.outcome,
            reason=done.reason,
            values={},
            actions=(done,),
        )
        self.desk.records.insert(place, decision)

    def _on_reload(self, reload: Reload) -> None:
        """Takes the rules into force that were offered, all at once: no event meets some old and some new ones."""
        ready, self.offered = self.offered, None
        if ready is None or ready.digest != reload.digest:
            raise RuntimeError("a reload comes with the rules that it brings, compiled from its texts")
        before = [prepared.rule for prepared in self.rules if prepared.rule is not None]
        wanted = timeframes_wanted(self.desk)
        limits = (*self.settings.limits, *ready.limits)
        self.desk.records.append(
            reload_record(self.desk.now, before, ready, self.desk.trades, limits_changed=limits != self.limits)
        )
        for prepared, rule, position in ready.moved:
            prepared.stand_at(rule, position)
        for prepared in ready.rules:
            prepared.true_or_unknown = 0  # counted against the events that an index has seen, and this one is new
        self.limits = limits
        self._use(ready.rules, ready.index)
        self.clock.begin_anew(self.desk.now)
        subscribe_again(self.desk, wanted)
        want_past(self.desk.board, self.signal_log, [rule for rule in ready.new if rule.enabled], self.desk.now)

    def _on_hand_event(self, hand: HandEvent) -> None:
        self.runner.run(hand)

    def _on_execution(self, message: Execution) -> None:
        self._concluded(messages.on_execution(self.desk, message))

    def _on_update(self, message: OrderUpdate) -> None:
        self._concluded(messages.on_update(self.desk, message))

    def _on_rejected(self, message: OrderRejected) -> None:
        self._concluded(messages.on_rejected(self.desk, message))

    def _on_refused_change(self, message: ModifyRejected | CancelRejected) -> None:
        self._concluded(messages.on_refused_change(self.desk, message))

    def _on_missing(self, message: OrderMissing) -> None:
        self._concluded(on_missing(self.desk, message))

    def _on_stray(self, message: StrayOrder) -> None:
        on_stray(self.desk, message)

    def _on_position(self, message: PositionReport) -> None:
        self._concluded(holding.on_position(self.desk, message))

    def _on_foreign_execution(self, message: ForeignExecution) -> None:
        self._concluded(holding.on_foreign_execution(self.desk, message))

    def _on_release(self, asked: Release) -> None:
        self._concluded(holding.release(self.desk, asked.symbol))

    def _on_account(self, message: AccountReport) -> None:
        self.account.on_report(message)
        self._watch_loss()

    def _on_profit(self, message: ProfitReport) -> None:
        self.account.on_profit(message)
        self._watch_loss()

    def _on_steps(self, message: PriceSteps) -> None:
        """What is priced from now on is priced in these steps; a trade keeps those with which it began."""
        self.desk.steps[message.symbol] = message.bands

    def _on_data(self, message: SymbolData) -> None:
        on_data(self.desk, message)


# Any: each handler takes the very type it is filed under.
_HANDLERS: dict[type, Callable[[Engine, Any], None]] = {
    Signal: Engine._on_signal,
    Price: Engine._on_price,
    Quote: Engine._on_quote,
    Bar: Engine._on_bar,
    BrokerLink: Engine._on_link,
    Started: Engine._on_started,
    Fault: Engine._on_fault,
    TimerFired: Engine._on_timer,
    Execution: Engine._on_execution,
    OrderUpdate: Engine._on_update,
    OrderRejected: Engine._on_rejected,
    ModifyRejected: Engine._on_refused_change,
    CancelRejected: Engine._on_refused_change,
    OrderMissing: Engine._on_missing,
    StrayOrder: Engine._on_stray,
    PositionReport: Engine._on_position,
    ForeignExecution: Engine._on_foreign_execution,
    AccountReport: Engine._on_account,
    ProfitReport: Engine._on_profit,
    SymbolData: Engine._on_data,
    PriceSteps: Engine._on_steps,
    Release: Engine._on_release,
    Reload: Engine._on_reload,
    Resumed: Engine._on_resumed,
    HandRequest: Engine._on_hand_request,
    HandCancel: Engine._on_hand_cancel,
    HandHalt: Engine._on_hand_halt,
    HandEvent: Engine._on_hand_event,
}
