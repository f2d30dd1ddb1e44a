"""A table at which one trade is played for both sides: plan records by hand, the exchange, and the invariants.

Prices are written for a long around 150; for a short they are mirrored, so that one test says both. Each signal kind is
a rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rulec.dsl import plan as p
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.port import OrderSide
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import (
    ActionOutcome,
    Decision,
    OrderRecord,
    OrderState,
    PositionChange,
    PositionRecord,
)
from rulec.runtime.core.rules import STOPPING
from rulec.runtime.event.inputs import BrokerLink, Fault, LinkEvent, Price, Signal
from rulec.runtime.rule.facts import Facts
from rulec.runtime.rule.prepared import Prepared, prepare, prepare_opaque
from rulec.runtime.trade.state import Origin, Trade
from rulec.tests.support.driver import Rig

SECOND = 1_000_000
TEN = 1_767_625_200 * SECOND  # 10:00 in New York on Monday, 2026-01-05
BASE = 150.0
_ENDED = frozenset({OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED})

SIDES = (1, -1)


def shares(number: float) -> p.Size:
    return p.Size(p.SizeUnit.SHARES, p.Number(number))


def percent(value: float) -> p.Distance:
    return p.Distance(p.DistanceUnit.PERCENT, p.Percent(value))


def away(value: float) -> p.Distance:
    return p.Distance(p.DistanceUnit.AMOUNT, p.Money(value))


def in_r(value: float) -> p.Distance:
    return p.Distance(p.DistanceUnit.R, p.RMultiple(value))


def target(value: float, fraction: float | None = None) -> p.Target:
    return p.Target(away(value), None if fraction is None else p.Percent(fraction))


def protection(stop: float | None = 5.0, *targets: p.Target) -> p.Protection:
    return p.Protection(None if stop is None else away(stop), targets)


class Table:
    """One runtime; `sign` is +1 to play the long side and -1 to play the short one."""

    def __init__(self, sign: int, settings: SimulationSettings | None = None, limits: Sequence[p.Limit] = ()) -> None:
        self.sign = sign
        self.now = TEN
        self.side = p.Side.LONG if sign > 0 else p.Side.SHORT
        self.other = p.Side.SHORT if sign > 0 else p.Side.LONG
        self._settings = settings or SimulationSettings(equity=1_000_000.0, fill=FillMode.STANDING)
        self._limits = limits
        self._rules: list[p.Rule] = []
        self._by_hand: list[tuple[str, type, Callable[[Any], bool], tuple[p.Action, ...]]] = []
        self._rig: Rig | None = None
        self._signals = 0

    # ---- what is written for a long ----------------------------------------------------------------------------------

    def price(self, long: float) -> float:
        """A price as it is for this side."""
        return long if self.sign > 0 else 2 * BASE - long

    def money(self, long: float) -> p.Money:
        return p.Money(self.price(long))

    def at(self, long: float) -> p.Distance:
        return p.Distance(p.DistanceUnit.PRICE, self.money(long))

    def limit(self, long: float) -> p.Pricing:
        return p.Pricing(p.PricingKind.LIMIT, limit=self.money(long))

    def stop(self, long: float) -> p.Pricing:
        return p.Pricing(p.PricingKind.STOP, stop=self.money(long))

    def enter(self, size: float = 100, guard: p.Protection | None = None, pricing: p.Pricing | None = None) -> p.Enter:
        at = p.Pricing(p.PricingKind.MARKET) if pricing is None else pricing
        return p.Enter(self.side, shares(size), None, at, protection() if guard is None else guard)

    # ---- rules and events --------------------------------------------------------------------------------------------

    def rule(self, kind: str, *actions: p.Action) -> Table:
        self.add(p.Rule(p.SignalTrigger((kind,)), None, actions, name=kind, label=kind))
        return self

    def add(self, rule: p.Rule) -> None:
        assert self._rig is None, "the rules come before the events"
        self._rules.append(rule)

    def on(self, event_type: type, name: str, test: Callable[[Any], bool], *actions: p.Action) -> Table:
        """A rule on events of a type, its actions done as a rule file's are."""
        assert self._rig is None, "the rules come before the events"
        self._by_hand.append((name, event_type, test, actions))
        return self

    @property
    def rig(self) -> Rig:
        if self._rig is None:
            self._rig = Rig(self._rules, self._settings, limits=self._limits)
            self._take_by_hand(self._rig)
        return self._rig

    def _take_by_hand(self, rig: Rig) -> None:
        engine = rig.engine

        def doing(actions: tuple[p.Action, ...]) -> Callable[[Prepared, object, Origin], Sequence[ActionOutcome]]:
            def act(prepared: Prepared, event: object, origin: Origin) -> Sequence[ActionOutcome]:
                outcomes: list[ActionOutcome] = []
                for number, action in enumerate(actions):
                    outcomes.append(engine.runner.request(action, origin, number))
                    if outcomes[-1].outcome in STOPPING:
                        break
                return outcomes

            return act

        rules = prepare(self._rules)
        for name, event_type, test, actions in self._by_hand:
            rules.append(prepare_opaque(name, event_type, _as_condition(test), position=len(rules)))
            engine.hand_built[name] = doing(actions)
        engine.set_rules(rules)

    def tick(self, *long: float) -> None:
        for price in long:
            self.now += SECOND
            self.rig.handle(Price(self.now, "AAPL", round(self.price(price), 4)))

    def say(self, kind: str, age: float = 0.0, symbol: str = "AAPL") -> Decision:
        """A signal; answers the decision of its rule."""
        self.now += SECOND
        self._signals += 1
        place = len(self.rig.records)
        made = self.now - round(age * SECOND)
        self.rig.session.handle(Signal(made, symbol, kind, 0.9, id=f"s{self._signals}"), self.now)
        return next(d for d in self.rig.records[place:] if isinstance(d, Decision) and d.rule == kind)

    def fault(self, event: str, role: str | None = None, quantity: int | None = None) -> None:
        self.rig.handle(Fault(self.now, event, "on request", role, quantity))

    def link(self, event: LinkEvent) -> None:
        self.now += SECOND
        self.rig.handle(BrokerLink(self.now, event))

    def wait(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)
        self.rig.wait_until(self.now)

    # ---- what is there -----------------------------------------------------------------------------------------------

    @property
    def trade(self) -> Trade | None:
        return self.rig.engine.desk.trades.get("AAPL")

    @property
    def held(self) -> int:
        """Shares by the exchange's executions: positive on the side that is played."""
        assert self.rig.invariants is not None
        return self.rig.invariants.position("AAPL") * self.sign

    def decisions(self, rule: str) -> list[Decision]:
        return [d for d in self.rig.records if isinstance(d, Decision) and d.rule == rule]

    def orders(self) -> list[OrderRecord]:
        """The latest record of each order."""
        return list({o.id: o for o in self.rig.records if isinstance(o, OrderRecord)}.values())

    def working(self, role: str) -> list[tuple[int, float | None]]:
        """Shares left and price, as for a long, of the working orders of a role; the lowest price first."""
        found = []
        for order in self.orders():
            if order.role == role and order.status not in _ENDED:
                price = order.limit_price if order.stop_price is None else order.stop_price
                found.append((order.quantity - order.filled, None if price is None else self.price(price / 1_000_000)))
        return sorted(found, key=lambda each: (each[1] or 0.0, each[0]))

    def stops(self) -> list[tuple[int, float | None]]:
        return self.working("stop")

    def targets(self) -> list[tuple[int, float | None]]:
        return self.working("target")

    def closings(self) -> list[tuple[str | None, str | None]]:
        """Reason and detail of each trade that concluded."""
        ended = [r for r in self.rig.records if isinstance(r, PositionRecord) and r.event is PositionChange.CLOSED]
        return [(record.reason, record.detail) for record in ended]

    def opened(self) -> list[tuple[OrderSide, int]]:
        """Side and size of each entry."""
        return [(order.side, order.quantity) for order in self.orders() if order.role == "main"]


def _as_condition(test: Callable[[Any], bool]) -> Callable[[Any, Facts], bool | None]:
    return lambda event, facts: test(event)
