"""Games at a broker: markets, fills, somebody else's trades, lost connections and forgotten orders, in any order.

After each move the scripted broker checks that nothing could close more than is there and that stops cover what a trade
has. At the end the connection is back and everything is let go: then no order of ours works, our books and the
account agree, and the same inputs give the same records and commands once more.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from rulec.runtime.broker.port import OrderSide, PositionReport, StrayOrder
from rulec.runtime.event.inputs import Release, TimerFired
from rulec.runtime.journal.codec import VERSION, decode, encode
from rulec.runtime.journal.state import state_digest
from rulec.tests.support.scripted import LONG, Order, Scripted

RULES = (
    LONG,
    "on signal TWO -> enter long 90 stop $4 away target $3 away for 50% target $6 away for 50%",
    "on signal SELL -> enter short 80 stop $5 away target $10 away",
    "on signal TRAIL -> enter long 60 trail $2 away",
    "on signal MORE -> scale in 30 -> double down 20 at loss $1 away",
    "on signal HALF -> exit 50%",
    "on signal UP -> move stop to breakeven",
    "on signal OUT -> exit",
)
ENTRIES = ("BUY", "TWO", "SELL", "TRAIL")


class Game:
    """One broker and one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.broker = Scripted(*RULES)
        self.price = 150.0
        self.seen: Counter[str] = Counter()
        self.broker.connect()
        self.quote()

    @property
    def is_away(self) -> bool:
        return not self.broker.engine.desk.connected

    def play(self, moves: int) -> None:
        choices = {
            self.quote: 30,
            self.enter: 18,
            self.manage: 12,
            self.fill: 40,
            self.trade_by_hand: 6,
            self.transfer: 2,
            self.lose_an_order: 3,
            self.break_off: 3,
            self.come_back: 10,
            self.stray: 1,
            self.report: 5,
            self.release: 4,
            self.wait: 10,
        }
        for _ in range(moves):
            (move,) = self.random.choices(list(choices), list(choices.values()))
            self.seen[move.__name__] += 1
            move()

    # ---- moves -------------------------------------------------------------------------------------------------------

    def quote(self) -> None:
        self.price = round(self.price + self.random.choice((-1.0, -0.2, 0.1, 0.8)), 2)
        self.broker.quote(self.price, self.price + 0.01)

    def enter(self) -> None:
        self.quote()
        self.broker.account(1_000_000.0)
        self.broker.signal(self.random.choice(ENTRIES))

    def manage(self) -> None:
        self.broker.signal(self.random.choice(("MORE", "HALF", "UP", "OUT")))

    def fill(self) -> None:
        ready = [order for order in self.broker.working() if self.broker.could_fill(order)]
        if ready:
            self.fill_some(self.random.choice(ready), self.random.choice((0.3, 1.0, 1.0)))

    def fill_some(self, order: Order, part: float) -> None:
        quantity = max(1, int(self.broker.could_fill(order) * part))
        self.broker.fill_order(order, quantity, self.price)

    def trade_by_hand(self) -> None:
        side = self.random.choice((OrderSide.BUY, OrderSide.SELL))
        self.broker.by_hand(side, self.random.choice((10, 40, 100)), self.price)

    def transfer(self) -> None:
        self.broker.transfer(self.random.choice((-100, -20, 15, 100)))

    def lose_an_order(self) -> None:
        protecting = [order for order in self.broker.working() if order.role in ("stop", "target") and not order.filled]
        if self.is_away and protecting:
            del self.broker.orders[self.random.choice(protecting).spec.order_id]

    def break_off(self) -> None:
        if not self.is_away:
            self.broker.disconnect()

    def come_back(self) -> None:
        if self.is_away:
            self.broker.forgets = self.random.random() < 0.5
            self.broker.connect()

    def stray(self) -> None:
        number = self.random.randrange(1_000)
        role, side = self.random.choice((("main", OrderSide.BUY), ("stop", OrderSide.SELL)))
        self.broker.tell(StrayOrder(number, f"rulec/1/r9-1/{role}/{number}", "AAPL", side, 10))

    def report(self) -> None:
        if not self.is_away:
            self.broker.tell(PositionReport("AAPL", self.broker.net["AAPL"]))

    def release(self) -> None:
        self.broker.tell(Release(self.broker.now, "AAPL"))

    def wait(self) -> None:
        self.broker.wait(self.random.choice((0.5, 3.0, 12.0)))

    # ---- the end -----------------------------------------------------------------------------------------------------

    def end(self) -> None:
        self.come_back()
        for _ in range(12):
            self.broker.tell(Release(self.broker.now, "AAPL"), PositionReport("AAPL", self.broker.net["AAPL"]))
            self.quote()
            self.broker.signal("OUT") if self.broker.trade() is not None else None
            self.broker.wait(15)
            for order in self.broker.working("exit"):
                self.fill_some(order, 1.0)
            for order in self.broker.working("main"):
                self.fill_some(order, 1.0)
        assert self.broker.trade() is None, self.broker.trade()
        assert self.broker.working() == []
        desk = self.broker.engine.desk
        assert desk.account_holds("AAPL") == self.broker.net["AAPL"]
        assert desk.portfolio.quantity("AAPL") == 0
        self._play_again()

    def _play_again(self) -> None:
        """The inputs, as a journal has them, make the same records, commands and state."""
        again = Scripted(*RULES).engine
        for seq, now, event, records, commands in self.broker.journal.rows:
            written = decode(type(event).__name__, VERSION, encode(event))
            assert written == event
            if isinstance(event, TimerFired):
                assert again.timers.take(now) == event.key
            made = again.step(seq, now, written)
            assert (tuple(made[0]), tuple(made[1])) == (records, commands)
        assert state_digest(again) == state_digest(self.broker.engine)


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_games_at_a_broker_keep_the_invariants_and_end_flat(first: int) -> None:
    closed: Counter[str | None] = Counter()
    for seed in range(first, first + 50):
        game = Game(seed)
        game.play(60)
        game.end()
        closed.update(reason for _, reason, _ in game.broker.closings())
    assert {"stop", "target", "exit", "manual"} <= set(closed)
