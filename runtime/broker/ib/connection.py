"""The connection to TWS or IB Gateway: made, watched, and made again when it is lost.

There is one socket at a time, and one place where it is opened. A lost one is told at once; attempts follow with longer
and longer pauses. The broker may also be out of reach behind a gateway that is well (1100); the socket stays open then,
and the gateway says when the servers are back, with the market data kept (1102) or lost (1101).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from ...clock import Clock
from ...market.hours import Hours
from ...times import MINUTE, SECOND
from .address import Address
from .data_wire import ServerTimeTold
from .farms import Farms
from .library import Library, Link
from .pulse import BackOff, Beat, Heartbeat
from .refused import StartRefused
from .session import CannotConnect, Listener, Lost, Session
from .settings import IBSettings
from .tap import Record, Tap
from .why_not import closed_early, id_taken, why_not
from .windows import is_within
from .wire import ErrorTold, ManagedAccountsTold, NextIdTold

_CLASH = 326
_AWAY = (1100, 2110)
_BACK_WITHOUT_DATA, _BACK = 1101, 1102
_AWAY_FOR_TOO_LONG = 10 * MINUTE
_CLOSING_STEP, _CLOSING_STEPS = 0.01, 100  # seconds
_QUIET_PAUSE = 15 * SECOND  # between attempts while the broker's systems restart

Say = Callable[[str, str | None, str], None]


class Connection:
    """Keeps the connection; `listener` is told.

    `clock` and `hours` tell whether the broker's systems restart now; `pulse` is the clock that waiting goes by;
    `chance` makes the pauses uneven.
    """

    def __init__(
        self,
        address: Address,
        client_id: int,
        settings: IBSettings,
        library: Library,
        listener: Listener,
        say: Say,
        clock: Clock,
        pulse: Clock,
        hours: Hours,
        chance: random.Random,
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._settings = settings
        self._library = library
        self._listener = listener
        self._say = say
        self._clock = clock
        self._pulse = pulse
        self._hours = hours
        self._back_off = BackOff(settings, chance)
        self._session: Session | None = None
        self._opening: Session | None = None
        self._clash: asyncio.Future[str] | None = None  # done, with nothing in it, also when the socket ends
        self._heartbeat: Heartbeat | None = None
        self._away_since: int | None = None
        self._farms = Farms(say)
        self._is_lost = asyncio.Event()
        self._counted_received = self._counted_sent = 0

    @property
    def link(self) -> Link | None:
        """What requests go through; None while there is no socket."""
        return None if self._session is None else self._session.link

    @property
    def received(self) -> int:
        """Messages received over all connections."""
        link = self.link
        return self._counted_received + (0 if link is None else link.received)

    @property
    def sent(self) -> int:
        link = self.link
        return self._counted_sent + (0 if link is None else link.sent)

    # ---- connecting ------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connects for the first time. A client id that is in use is tried again: an ended program may linger there.

        Raises:
            StartRefused: it cannot be done.
        """
        give_up_at = self._pulse.now() + self._settings.start_within
        said = False
        while True:
            try:
                await self._attempt()
            except _ClientIdTaken as taken:
                pause = self._back_off.pause()
                if self._pulse.now() + pause >= give_up_at:
                    raise StartRefused(str(taken)) from taken
                if not said:
                    said = True
                    self._say("info", None, f"{taken}; trying again")
                await asyncio.sleep(pause / SECOND)
            except CannotConnect as failure:
                raise StartRefused(str(failure)) from failure
            else:
                return

    async def run(self) -> None:
        """Connects again whenever the connection is lost, for ever."""
        while True:
            await self._is_lost.wait()
            await self._reconnect()

    async def _reconnect(self) -> None:
        tried = 0
        while self._session is None:
            quiet = self._is_quiet()
            await asyncio.sleep(self._back_off.pause(_QUIET_PAUSE if quiet else 0) / SECOND)
            try:
                await self._attempt()
            except CannotConnect as failure:
                tried += 1
                if tried == 1 or tried % 10 == 0:
                    self._say("info" if quiet else "warning", None, f"{failure}; trying again")
            else:
                self._say("info", None, f"connected to {self._address} again")

    async def _attempt(self) -> None:
        """One attempt, handshake included.

        Raises:
            CannotConnect: it failed.
        """
        tap = Tap(self._on_record, self._on_packet, self._on_gone, self._listener.on_failure)
        link = Link(self._library, tap)
        opening = self._opening = Session(link, tap)
        clash = self._clash = asyncio.get_running_loop().create_future()
        seconds = self._settings.connect_within / SECOND
        handshake = asyncio.ensure_future(link.open(self._address.host, self._address.port, self._client_id, seconds))
        try:
            await asyncio.wait({handshake, clash}, return_when=asyncio.FIRST_COMPLETED)
            if clash.done() and clash.result():
                raise _ClientIdTaken(clash.result())
            if handshake.done():
                handshake.result()
            if clash.done():
                raise CannotConnect(closed_early(self._address))
        except (OSError, UnicodeError) as error:
            await self._give_up(handshake, opening)
            raise CannotConnect(why_not(self._address, error)) from error
        except BaseException:
            await self._give_up(handshake, opening)
            raise
        finally:
            self._opening = self._clash = None
        self._stand(opening)

    async def _give_up(self, handshake: asyncio.Future[None], opening: Session) -> None:
        opening.tap.close()
        handshake.cancel()
        await asyncio.gather(handshake, return_exceptions=True)
        self._forget(opening)
        await asyncio.sleep(0)  # the loop closes an aborted socket in its next round

    def _stand(self, session: Session) -> None:
        self._session = session
        self._is_lost.clear()
        self._back_off.reset()
        self._heartbeat = Heartbeat(self._settings, self._pulse.now())
        self._away_since = None
        self._farms.forget()
        self._listener.on_up(session)

    def _forget(self, session: Session) -> None:
        session.tap.close()
        session.link.abort()
        self._counted_received += session.link.received
        self._counted_sent += session.link.sent

    async def close(self) -> None:
        """Ends the connection in order: what was written still leaves, if the other end takes it."""
        session, self._session = self._session, None
        if session is None:
            return
        session.tap.close()
        session.link.close()
        for _ in range(_CLOSING_STEPS):
            if session.link.is_closed:
                break
            await asyncio.sleep(_CLOSING_STEP)
        self._forget(session)
        await asyncio.sleep(0)  # the loop closes an aborted socket in its next round

    def drop(self) -> None:
        """Drops the connection; it is made again by `run`."""
        session = self._session
        if session is not None:
            self._session = None
            self._forget(session)
            self._tell_lost()

    # ---- watching --------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Looks for signs of life, and after servers that stay away."""
        session, heartbeat, now = self._session, self._heartbeat, self._pulse.now()
        if session is None or heartbeat is None:
            return
        if session.tap.take_arrived():
            heartbeat.heard(now)
        beat = heartbeat.beat(now)
        if beat is Beat.ASK:
            session.link.ask_time()
        elif beat is Beat.DEAD:
            silent = (self._settings.heartbeat + self._settings.dead_after) // SECOND
            self._say("warning", None, f"{self._address} has given no sign of life for {silent} seconds")
            self.drop()
        elif self._away_since is not None and now - self._away_since >= _AWAY_FOR_TOO_LONG:
            self._say("info", None, "the broker's servers have been out of reach for long: connecting anew")
            self.drop()

    def _is_quiet(self) -> bool:
        return is_within(self._settings.quiet_windows, self._hours, self._clock.now())

    def _on_record(self, record: Record) -> None:
        if isinstance(record, ErrorTold):
            if not self._on_error(record):
                self._listener.on_record(record)
        elif isinstance(record, ManagedAccountsTold):
            session = self._opening or self._session
            if session is not None:
                session.accounts = record.accounts
        elif isinstance(record, NextIdTold):
            session = self._opening or self._session
            if session is not None:
                session.next_number = max(session.next_number, record.number)
        elif not isinstance(record, ServerTimeTold):
            self._listener.on_record(record)

    def _on_error(self, told: ErrorTold) -> bool:
        """Takes what is about the connection itself."""
        code = told.code
        if code == _CLASH and self._clash is not None and not self._clash.done():
            self._clash.set_result(id_taken(self._address, self._client_id))
            return True
        if code in _AWAY:
            self._on_away(told.text)
        elif code in (_BACK, _BACK_WITHOUT_DATA):
            self._on_back(data_kept=code == _BACK)
        else:
            return self._farms.on_notice(code, told.text)
        return True

    def _on_away(self, text: str) -> None:
        if self._away_since is None:
            self._away_since = self._pulse.now()
            quiet = self._is_quiet()
            reason = "as on most nights" if quiet else text
            self._say("info" if quiet else "warning", None, f"the broker's servers are out of reach: {reason}")
            if self._session is not None:
                self._listener.on_down(Lost.SERVERS)

    def _on_back(self, *, data_kept: bool) -> None:
        self._away_since = None
        self._say("info", None, "the broker's servers are in reach again")
        if self._session is not None:
            self._listener.on_back(data_kept=data_kept)

    def _on_packet(self) -> None:
        self._listener.on_packet()

    def _on_gone(self) -> None:
        if self._opening is not None:
            if self._clash is not None and not self._clash.done():
                self._clash.set_result("")
            return
        session, self._session = self._session, None
        if session is not None:
            self._forget(session)
            self._tell_lost()

    def _tell_lost(self) -> None:
        self._heartbeat = None
        self._away_since = None
        quiet = self._is_quiet()
        reason = ", as on most nights; it is made again" if quiet else "; it is made again as soon as possible"
        self._say("info" if quiet else "warning", None, f"the connection to {self._address} is lost{reason}")
        self._listener.on_down(Lost.SOCKET)
        self._is_lost.set()


class _ClientIdTaken(CannotConnect):
    """Another program is connected under our client id."""
