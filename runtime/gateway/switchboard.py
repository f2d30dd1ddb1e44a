"""All connections: who is connected, what is said to whom, and what of it is to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from .answers import log
from .mapper import BY_HAND
from .moments import utc_text
from .policy import GatewayPolicy
from .replies import Reply
from .seams import Interference
from .session import Session, Stage
from .wire import WireError, offered_versions, to_fields

OLDEST_VERSION = 157

Capture = Callable[[int, int, str, Sequence[str]], None]
"""Time, session, `in` or `out`, and the fields of a message."""


@attrs.frozen
class Output:
    """Whole messages with their lengths, to be written to a session in this order; `closes`: and then it ends."""

    session: int
    client_id: int
    frames: tuple[bytes, ...]
    closes: bool


@attrs.frozen
class SessionInfo:
    """A connection as others may see it; `client_id` is -1 until it has started."""

    number: int
    client_id: int
    received: int
    sent: int
    since: int
    is_started: bool


class Switchboard:
    """The sessions of a gateway. What is said waits until `flush`, where faults may change it."""

    def __init__(self, policy: GatewayPolicy, faults: Interference, capture: Capture | None) -> None:
        self._policy = policy
        self._faults = faults
        self._capture = capture
        self._sessions: dict[int, Session] = {}
        self._numbers = 0

    # ---- who is connected ------------------------------------------------------------------------------------------

    def connect(self, now: int) -> int:
        self._numbers += 1
        self._sessions[self._numbers] = Session(self._numbers, now, self._policy.longest_message)
        return self._numbers

    def remove(self, number: int) -> Session | None:
        return self._sessions.pop(number, None)

    def find(self, number: int) -> Session | None:
        return self._sessions.get(number)

    def all(self) -> list[Session]:
        return list(self._sessions.values())

    def started(self) -> list[Session]:
        return [each for each in self._sessions.values() if each.is_started]

    def of_client(self, client_id: int) -> list[Session]:
        """Who hears of a client's orders: the client, and the master; of orders by hand, client 0 that binds them."""
        return [
            each
            for each in self.started()
            if each.client_id in (client_id, self._policy.master_client)
            or (client_id == BY_HAND and each.client_id == 0 and each.subscriptions.auto_bind)
        ]

    def infos(self) -> list[SessionInfo]:
        return [
            SessionInfo(each.number, each.client_id, each.received, each.sent, each.since, each.is_started)
            for each in self._sessions.values()
        ]

    # ---- what comes in ---------------------------------------------------------------------------------------------

    def hear(self, session: Session, data: bytes, now: int) -> Iterator[list[str]]:
        """The fields of each message behind the handshake. A stream that cannot be read ends its connection."""
        try:
            for message in session.frames.feed(data):
                if session.stage is Stage.CLOSING:
                    return
                session.received += 1
                if session.stage is Stage.GREETING:
                    self._greet(session, message, now)
                else:
                    fields = to_fields(message)
                    self._note(now, session, "in", fields)
                    yield fields
        except WireError as error:
            log.warning("session %d: %s", session.number, error)
            session.close()

    def _greet(self, session: Session, message: bytes, now: int) -> None:
        """A client offers versions, and is told the one that is spoken."""
        self._note(now, session, "in", [message.decode("ascii", "replace")])
        least, greatest = offered_versions(message)
        session.version = min(greatest, self._policy.server_version)
        if session.version < max(least, OLDEST_VERSION):
            log.warning("session %d: speaks no version of %d or later", session.number, OLDEST_VERSION)
            session.close()
            return
        session.stage = Stage.OFFERED
        fields = [str(session.version), f"{utc_text(now).replace('-', ' ')} GMT"]
        session.put(fields)
        self._note(now, session, "out", fields)

    # ---- what goes out ---------------------------------------------------------------------------------------------

    @staticmethod
    def say(sessions: Iterable[Session], replies: Sequence[Reply]) -> None:
        for session in sessions:
            for reply in replies:
                session.send(reply)

    def flush(self, now: int) -> None:
        """What was said becomes bytes, unless a fault has it otherwise. What was said twice is written out once."""
        written: dict[tuple[int, int], list[str]] = {}
        kept: list[Reply] = []  # so that no other record gets the identity of one that is gone
        for session in self.all():
            said = session.take_said()
            if said and session.stage in (Stage.STARTED, Stage.CLOSING):
                for reply in self._faults.replies(session.number, session.client_id, said, now):
                    key = (id(reply), session.version)
                    fields = written.get(key)
                    if fields is None:
                        fields = written[key] = session.fields_of(reply)
                        kept.append(reply)
                    self._note(now, session, "out", session.put(fields))

    def take_output(self) -> list[Output]:
        """What is to be written now."""
        outputs = []
        for session in self.all():
            frames = session.take()
            closes = session.stage is Stage.CLOSING
            if frames or closes:
                outputs.append(Output(session.number, session.client_id, tuple(frames), closes))
        return outputs

    def _note(self, now: int, session: Session, direction: str, fields: Sequence[str]) -> None:
        if self._capture is not None:
            self._capture(now, session.number, direction, fields)
