"""A scene: a gateway whose market is moved by hand, a run that trades there, and somebody who watches the exchange.

    with scene(tmp_path) as at:
        at.start()
        at.fault("reject", order={"role": "stop"})
        at.buys()                             a signal; waits until its shares are held
        at.rests(AAPL=100)                    nothing is under way, and a stop stands behind every share
    # and when it is over, the judge: what must be true of every scene, whatever went wrong

The judge reads the exchange's own ledger and, over the wire, what another client is told. Of the run it reads the lines
of `--json` alone, and compares them with the exchange.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from .exchange_watch import CLOSING, WORKING, Look, Watch, is_ours, order_id_of, role_of, watching
from .processes import PATIENCE, Gateway, Process, gateway, running
from .socket_client import client_at

LARGEST_ORDER, LARGEST_POSITION = 16_000.0, 16_000.0  # dollars; what the rules below enter is one order of 100 at $150
LIMITS = "limits { max order $16_000 max position $16_000 max orders 20 per minute }"
RULES = f"""\
language 1
{LIMITS}
rule long on signal BUY -> enter long 100 stop $5 away target $10 away
rule dip on signal DIP -> enter long 100 at limit $149 stop $5 away target $10 away
rule short on signal SHORT -> enter short 100 at limit $152 stop $5 away
rule up on signal UP -> move stop to breakeven
rule out on signal OUT -> exit
"""
CONFIG = """\
[broker]
heartbeat = "1s"
dead_after = "1s"
reconnect_from = "100ms"
reconnect_to = "300ms"
connect_within = "1s"
answer_within = "1s"
[policy]
answer_within = "1s"
naked_for = "2s"
locate_within = "1s"
"""
START = 150.0
OTHER = 77  # the client that looks at everything over the wire
QUIET = 0.4  # seconds for which nothing changes before a scene counts as at rest
_AWAY = ("broker disconnected", "not reconciled", "order unknown", "no quote", "stale quote")
_NEWS_WITHIN = 10.0  # seconds
ALLOWED = 1.0  # seconds without a stop that are nobody's fault: a stop that has to be placed again is under way


@attrs.define
class Scene:
    """What a test does to a run, and what it sees of it."""

    folder: Path
    there: Gateway
    watch: Watch
    stack: contextlib.ExitStack
    arguments: tuple[str, ...]
    runs: list[Process] = attrs.Factory(list)
    signals: int = 0
    corrected: Counter[tuple[Any, ...]] = attrs.Factory(Counter)

    @property
    def run(self) -> Process:
        return self.runs[-1]

    # ---- the run -----------------------------------------------------------------------------------------------------

    def start(self, *, journal: bool = False, ready: bool = True, client_id: int = 1) -> Process:
        """Starts a run, the first or the next one, and waits until it trades."""
        kept = ("--journal", str(self.folder / "run.journal")) if journal else ()
        address = self.there.address(client_id)
        arguments = ("run", "scene.rules", "--broker", address, "--signals", "-", "--json", *kept)
        self.runs.append(self.stack.enter_context(running(self.folder, *arguments)))
        if ready:
            self.run.until("ready")
        return self.run

    def kill(self) -> None:
        """As with `kill -9`: it has no time for a last word."""
        self.run.kill()

    def signal(self, name: str, symbol: str = "AAPL") -> dict[str, Any]:
        """Brings a signal; answers the decision that it led to."""
        self.signals += 1
        before = len(self.run.of("decision", symbol=symbol))
        line = {"type": "signal", "symbol": symbol, "signal": name, "id": f"s{self.signals}"}
        self.run.write(json.dumps(line) + "\n")
        return self._decision(symbol, before)

    def decides(self, name: str, symbol: str = "AAPL") -> dict[str, Any]:
        """The decision on a signal; of an entry that waits for its first quote the one that follows."""
        before = len(self.run.of("decision", symbol=symbol))
        decision = self.signal(name, symbol)
        return decision if decision["outcome"] != "armed" else self._decision(symbol, before + 1)

    def _decision(self, symbol: str, number: int) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while len(self.run.of("decision", symbol=symbol)) <= number:
            assert time.monotonic() < end, f"no decision on {symbol}:\n{self.run.text}"
            time.sleep(0.01)
        return self.run.of("decision", symbol=symbol)[number]

    def buys(self, symbol: str = "AAPL", quantity: int = 100, name: str = "BUY") -> None:
        """Enters as soon as the run is connected, and waits until the exchange has filled it."""
        end = time.monotonic() + PATIENCE
        while (decision := self.decides(name, symbol))["outcome"] == "refused":
            assert decision["reason"] in _AWAY and time.monotonic() < end, f"{decision}\n{self.run.text}"
            time.sleep(0.1)
            self.quote(START, symbol)
        self.watch.until(lambda look: look.held(symbol) == quantity, f"{quantity} {symbol} are bought")

    def hears(self, text: str) -> dict[str, Any]:
        """Waits until a person who reads along was told this."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in list(self.run.lines):
                if text in _said(line):
                    return line
            time.sleep(0.01)
        raise AssertionError(f"nobody said {text!r}:\n{self.run.text}")

    # ---- the exchange ------------------------------------------------------------------------------------------------

    def fault(self, kind: str, **values: Any) -> None:
        answer = self.there.ask({"fault": kind, **{name.rstrip("_"): value for name, value in values.items()}})
        assert answer == {"ok": True}, answer

    def quote(self, bid: float, symbol: str = "AAPL") -> None:
        """The market moves: this bid, and an ask a cent above it."""
        assert self.there.ask({"quote": symbol, "bid": bid, "ask": round(bid + 0.01, 2)}) == {"ok": True}

    def reopen(self) -> None:
        """The gateway's process ends and another one begins, on the same ports."""
        ports = ("--port", str(self.there.port), "--control", str(self.there.control))
        self.there.process.stop()
        self.there = self.stack.enter_context(opened(self.folder, *self.arguments, *ports))

    def look(self) -> Look:
        """The exchange as it is now."""
        return self.watch.until(lambda look: True, "a look")

    def rests(self, *, stop: float | None = None, **held: int) -> Look:
        """Waits until nothing is under way and a stop stands behind every share; `held` tells how many shares of ours
        there are to be, `stop` where the stops stand."""

        def is_at_rest(look: Look) -> bool:
            symbols = look.symbols | set(held)
            return all(
                look.to_protect(symbol) == held.get(symbol, 0)
                and look.stops(symbol) == abs(held.get(symbol, 0))
                and look.could_close(symbol) == abs(held.get(symbol, 0))
                and look.opening(symbol) == 0
                and (stop is None or all(each["stop_price"] == stop for each in look.working(symbol, "stop")))
                for symbol in symbols
            )

        end = time.monotonic() + PATIENCE
        while True:
            look = self.watch.until(is_at_rest, f"at rest with {held}, stop {stop}", end - time.monotonic())
            since = len(self.watch.looks)
            time.sleep(QUIET)
            if all(map(is_at_rest, self.watch.looks[since:])) and len(self.watch.looks) > since:
                return look

    def corrects(self, price: float, order: dict[str, Any], *, told: bool = True) -> None:
        """The exchange gives the only execution of an order another price; waits until the run has `told` it."""
        (wrong,) = [each for each in self.look().executions if role_of(each) == order["role"]]
        self.corrected[order_id_of(wrong), wrong["quantity"], wrong["price"]] += 1
        self.fault("correct", price=price, order=order)
        if told:
            self.run.until("fill", order=order_id_of(wrong), price=price)

    # ---- the judge ---------------------------------------------------------------------------------------------------

    def judge(self, naked: float, halted: Sequence[str], overfilled: Sequence[str]) -> None:
        """What must be true of every scene."""
        if self.run.process.poll() is None:
            self._wait_for_its_news()
            assert self.run.stop() == 0, self.run.text
        look = self.look()
        self._every_intent_is_at_most_one_order(look)
        self._every_execution_counts_once(look)
        self._what_it_says_it_holds_is_there(look)
        self._another_client_is_told_the_same(look)
        for symbol in look.symbols:
            longest = self.watch.naked(symbol)
            assert longest <= naked, f"{symbol} was without a stop for {longest:.2f} s\n{self.run.text}"
            if symbol not in overfilled:
                self._within_limits(symbol)
        said = [_said(line) for run in self.runs for line in run.of("notice")]
        found = {each.split()[0] for each in said if " is halted: " in each}
        assert found == set(halted), f"halted: {found}, expected {halted}\n{self.run.text}"

    def _every_intent_is_at_most_one_order(self, look: Look) -> None:
        references = Counter(order["ref"] for order in look.ours)
        assert set(references.values()) <= {1}, f"an intent became several orders: {references}"

    def _every_execution_counts_once(self, look: Look) -> None:
        ours = [each for each in look.executions if is_ours(each)]
        there = Counter((order_id_of(each), each["quantity"], each["price"]) for each in ours)
        told = self._told()
        assert told == there, f"the exchange has {there}, the run told {told}\n{self.run.text}"

    def _told(self) -> Counter[tuple[Any, ...]]:
        """The fills that all runs told of, without what a correction has taken the place of."""
        lines = [line for run in self.runs for line in run.of("fill")]
        return Counter((line["order"], line["quantity"], line["price"]) for line in lines) - self.corrected

    def _wait_for_its_news(self) -> None:
        """The last fill may still be on its way to the run."""
        end = time.monotonic() + _NEWS_WITHIN
        ours = [each for each in self.look().executions if is_ours(each)]
        while self._told().total() < len(ours) and time.monotonic() < end:
            time.sleep(0.05)

    def _what_it_says_it_holds_is_there(self, look: Look) -> None:
        """The positions of the last line are those of the exchange."""
        summary = self.run.find("summary")
        assert summary is not None, self.run.text
        told = {
            each["symbol"]: each["quantity"] * (1 if each["side"] == "BUY" else -1)
            for each in summary["open_positions"]
        }
        there = {symbol: look.to_protect(symbol) for symbol in look.symbols if look.to_protect(symbol)}
        assert told == there, f"the run holds {told}, at the exchange there is {there}\n{self.run.text}"

    def _another_client_is_told_the_same(self, look: Look) -> None:
        with client_at(self.there, OTHER) as other:
            assert other.positions() == {symbol: shares for symbol, shares in look.net.items() if shares}
            orders = {each["terms.permanent_id"] for each in other.open_orders()}
            assert orders == {each["permanent_id"] for each in look.orders if each["status"] in WORKING}
            executions = {each["execution_id"] for each in other.executions()}
            assert executions == {each["id"] for each in look.executions}

    def _within_limits(self, symbol: str) -> None:
        for look in self.watch.looks:
            for order in look.ours:
                worth = order["quantity"] * (order["limit_price"] or order["stop_price"] or START)
                assert role_of(order) in CLOSING or worth <= LARGEST_ORDER, f"too large: {order}"
            exposed = (abs(look.held(symbol)) + look.opening(symbol)) * START
            assert exposed <= LARGEST_POSITION, f"${exposed:,.0f} of {symbol} at once: {look.working(symbol)}"


@contextlib.contextmanager
def scene(
    folder: Path,
    *arguments: str,
    rules: str = RULES,
    config: str = CONFIG,
    naked: float = ALLOWED,
    halted: Sequence[str] = (),
    overfilled: Sequence[str] = (),
    judged: bool = True,
) -> Iterator[Scene]:
    """A gateway with AAPL and MSFT at $150. `naked` are the seconds that shares may be without a stop, `halted` the
    symbols that a person has to release, `overfilled` those of which the exchange itself filled too much."""
    (folder / "scene.rules").write_text(rules, encoding="utf-8")
    (folder / "rulec.toml").write_text(config, encoding="utf-8")
    with contextlib.ExitStack() as stack:
        there = stack.enter_context(opened(folder, *arguments))
        at = Scene(folder, there, stack.enter_context(watching(there)), stack, arguments)
        at.quote(START)
        at.quote(START, "MSFT")
        yield at
        if judged:
            at.judge(naked, halted, overfilled)


@contextlib.contextmanager
def opened(folder: Path, *arguments: str) -> Iterator[Gateway]:
    """A gateway that is open round the clock, whose market does nothing by itself."""
    market = folder / "market.jsonl"
    now = datetime.datetime.now(datetime.UTC)  # noqa: TID251 - a market beside real processes is on their clock
    far = {"type": "price", "time": f"{now + datetime.timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", "symbol": "ZZZZ"}
    near = {**far, "time": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    market.write_text("".join(json.dumps({**each, "price": 1.0}) + "\n" for each in (near, far)), encoding="utf-8")
    with gateway(folder, "--market", str(market), "--hours", "always", *arguments) as there:
        yield there


def _said(line: dict[str, Any]) -> str:
    """What a line tells a person in words."""
    return " ".join(str(line[name]) for name in ("text", "reason") if line.get(name))
