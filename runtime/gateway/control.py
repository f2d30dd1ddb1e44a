"""The control port: JSON lines on a second loopback socket, for tests and for whoever wants to look inside.

Each line is one request, each answered by one line: `{"ok": true, …}` or `{"error": "…"}`.

    {"fault": "reject", "order": {"type": "STP"}}     puts a fault in force, as a line of a --faults file does
    {"ask": "orders"}                                 also executions, positions, ledger, sessions
    {"price": "AAPL", "at": 150.25, "size": 100}      a trade, or {"quote": "AAPL", "bid": 150.2, "ask": 150.3}
    {"release": 1}                                    so many steps of a market that is in lockstep
    {"lockstep": 1}                                   client 1 goes in step with the market from now on

Who goes in step is told `{"event": N, "time": T, "kind": K, "sent": M}` of every step and answers `{"idle": N,
"received": r, "sent": s, "next": T}`; the next step is released when all have handled everything. See `lockstep.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from ..event.inputs import MarketInput, Price, Quote
from ..times import time_text
from .answers import log
from .driving import Driver
from .fault_specs import FaultError, read_fault
from .faults import GatewayFaults
from .gateway import Gateway
from .instruments import is_symbol, wire_symbol
from .lockstep import Counts, Follower, Idle, Released, Step, StepKind
from .server import GatewayServer
from .showing import SHOWN
from .stepping import steps

_LONGEST_LINE = 1 << 16
_QUIET = 0.05  # seconds in which nothing more comes from a client, before it is believed how it counts

Line = dict[str, Any]


class Control:
    """Answers the lines of the control port, and keeps clients in step with the market."""

    def __init__(self, server: GatewayServer, gateway: Gateway, driver: Driver, faults: GatewayFaults) -> None:
        self._server = server
        self._gateway = gateway
        self._driver = driver
        self._faults = faults
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._followers: dict[asyncio.StreamWriter, Follower] = {}
        self._released = Released(0, Step(StepKind.PAUSE, driver.now()))
        self._steps: Iterator[Step] = steps(gateway, driver, self._next_timer)
        self._is_over = False
        self._said: dict[int, tuple[Idle, float]] = {}
        server.watchers.append(self.look)

    # ---- sockets ---------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[int]:
        """The port is open inside; answers it.

        Raises:
            OSError: the port is taken.
        """
        server = await asyncio.start_server(self._serve, host, port, limit=_LONGEST_LINE)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            serving = dict(self._serving)
            for writer in serving.values():
                writer.close()
            await asyncio.gather(*serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a coroutine runs in a task"
        self._serving[task] = writer
        try:
            while line := await reader.readline():
                for answer in self.answer(line, writer):
                    writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError) as error:  # ValueError: a line beyond the limit
            log.warning("control: %s", error)
        finally:
            del self._serving[task]
            self._followers.pop(writer, None)
            writer.close()
            self.look()

    # ---- requests --------------------------------------------------------------------------------------------------

    def answer(self, line: bytes, writer: asyncio.StreamWriter) -> list[Line]:
        """Does what a line asks for; a client in step gets no answer but the next step."""
        try:
            asked = json.loads(line)
            if not isinstance(asked, dict):
                raise ValueError("a request is an object")
            if "idle" in asked:
                self._idle(Idle.read(asked), writer)
                return []
            return [self._do(asked, writer)]
        except KeyError as error:
            return [{"error": f"{error} is missing"}]
        except (FaultError, ValueError, TypeError, RecursionError) as error:
            return [{"error": str(error)}]

    def _do(self, asked: Line, writer: asyncio.StreamWriter) -> Line:
        answers: dict[str, Callable[[Line], Line]] = {
            "fault": self._fault,
            "price": self._price,
            "quote": self._quote,
            "release": self._release,
            "ask": self._ask,  # the last one: a quote has an ask, too
        }
        if "lockstep" in asked:
            return self._follow(asked, writer)
        for name, answer in answers.items():
            if name in asked:
                told = answer(asked)
                self._server.after()
                return told
        raise ValueError(f"write one of {', '.join([*answers, 'lockstep', 'idle'])}")

    def _fault(self, asked: Line) -> Line:
        self._faults.plan([read_fault(asked)], self._driver.now())
        return {"ok": True}

    def _ask(self, asked: Line) -> Line:
        show = SHOWN.get(asked["ask"])
        if show is None:
            raise ValueError(f"`ask`: one of {', '.join(SHOWN)}")
        return {"ok": True, "time": time_text(self._driver.now()), asked["ask"]: show(self._gateway)}

    def _price(self, asked: Line) -> Line:
        size = None if asked.get("size") is None else _amount(asked, "size")
        return self._bring(Price(self._driver.now(), _symbol(asked, "price"), _amount(asked, "at"), size))

    def _quote(self, asked: Line) -> Line:
        bid, ask = _amount(asked, "bid"), _amount(asked, "ask")
        if bid > ask:
            raise ValueError("the bid is above the ask")
        return self._bring(Quote(self._driver.now(), _symbol(asked, "quote"), bid, ask))

    def _bring(self, event: MarketInput) -> Line:
        self._gateway.on_market(event, self._driver.now())
        return {"ok": True}

    # ---- lockstep --------------------------------------------------------------------------------------------------

    def _follow(self, asked: Line, writer: asyncio.StreamWriter) -> Line:
        client_id = asked["lockstep"]
        if not isinstance(client_id, int) or isinstance(client_id, bool):
            raise TypeError("`lockstep`: the number of a client is wanted")
        if not self._driver.is_lockstep:
            raise ValueError("this gateway's market runs by itself: start it with --lockstep")
        follower = self._followers[writer] = Follower(client_id)
        return self._told(follower)

    def _release(self, asked: Line) -> Line:
        if not self._driver.is_lockstep:
            raise ValueError("this gateway's market runs by itself: start it with --lockstep")
        count = asked["release"]
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise ValueError("`release`: a number of steps of at least 1 is wanted")
        for _ in range(count):
            self._next()
        return {"ok": True, "end": self._is_over, **self._released.told(0)}

    def _idle(self, idle: Idle, writer: asyncio.StreamWriter) -> None:
        follower = self._followers.get(writer)
        if follower is None:
            raise ValueError("only who goes in step can be idle: begin with lockstep")
        follower.hear(idle)
        self.look()

    def look(self) -> None:
        """Releases the next step if everybody has handled the last one; tells those again who have been sent more."""
        if not self._followers or self._is_over:
            return
        behind = False
        for writer, follower in self._followers.items():
            counts = self._counts(follower.client_id)
            if self._is_to_be_known(follower, counts):
                behind = True
            elif follower.wants_telling(self._released, counts):
                self._write(writer, self._told(follower))
                behind = True
            elif follower.is_behind(self._released, counts):
                behind = True
        if not behind:
            goes_on = self._next()
            # the step first, then its messages: a client's clock shows the time of the step when it reads them
            for writer, follower in self._followers.items():
                self._write(writer, self._told(follower) if goes_on else {"end": True})
            self._server.after()

    def _is_to_be_known(self, follower: Follower, counts: Counts | None) -> bool:
        """Whether it is still to be found out how a client counts; then there is more to wait for."""
        idle = follower.idle
        if follower.handshakes is not None or counts is None or idle is None:
            return False
        loop = asyncio.get_running_loop()
        said, since = self._said.get(follower.client_id, (None, 0.0))
        if said is not idle:
            self._said[follower.client_id] = (idle, loop.time())
            loop.call_later(_QUIET, self.look)
            return True
        if loop.time() - since < _QUIET * 0.9:
            return True
        if counts.received == follower.received:
            follower.learn(counts)
            return False
        writer = next(writer for writer, each in self._followers.items() if each is follower)
        self._write(writer, self._told(follower))
        return True

    def _next(self) -> bool:
        """Releases the next step; False where the market is used up."""
        step = next(self._steps, None)
        if step is None:
            self._is_over = True
            return False
        self._released = Released(self._released.number + 1, step)
        return True

    def _told(self, follower: Follower) -> Line:
        counts = self._counts(follower.client_id)
        follower.idle = None
        follower.received = 0 if counts is None else counts.received
        return self._released.told(0 if counts is None else counts.sent)

    def _counts(self, client_id: int) -> Counts | None:
        for each in self._gateway.sessions():
            if each.client_id == client_id and each.is_started:
                return Counts(each.received, each.sent)
        return None

    def _next_timer(self) -> int | None:
        due = [each.due for each in self._followers.values() if each.due is not None]
        return min(due, default=None)

    @staticmethod
    def _write(writer: asyncio.StreamWriter, line: Line) -> None:
        if not writer.is_closing():
            writer.write(json.dumps(line).encode() + b"\n")


def _symbol(asked: Line, name: str) -> str:
    value = asked[name]
    if not isinstance(value, str) or not is_symbol(wire_symbol(value)):
        raise ValueError(f"`{name}`: a symbol is wanted, like AAPL or BRK.B")
    return value


def _amount(asked: Line, name: str) -> float:
    value = asked[name]
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value < 1e9:
        raise ValueError(f"`{name}`: a number above zero is wanted")
    return float(value)
