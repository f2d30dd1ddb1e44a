"""Who waits for whom in lockstep: a step is released once every client has handled all of the step before.

Pure bookkeeping; `control.py` has the sockets, `driving.py` makes the steps. A client reports how many messages it has
received and sent; it is idle when the gateway has sent it no more and received as many.

Libraries differ in whether they count the frame that offers their versions. Which way a client counts is found out at
its first step: from a word of it around which nothing else came from it for a moment.
"""

from __future__ import annotations

import enum

import attrs

from ..times import parse_time, time_text


class StepKind(enum.Enum):
    """Why a step is released: a market event is over, the exchange pauses inside one, or the time has come."""

    MARKET = "market"
    PAUSE = "pause"
    TIME = "time"


@attrs.frozen
class Step:
    """`time` in microseconds since 1970 UTC."""

    kind: StepKind
    time: int


@attrs.frozen
class Released:
    """A step with its number, as clients are told of it."""

    number: int
    step: Step

    def told(self, sent: int) -> dict[str, object]:
        """`sent` is how many messages the gateway has sent to the client that is told."""
        return {
            "event": self.number,
            "time": time_text(self.step.time),
            "kind": self.step.kind.value,
            "sent": sent,
        }


@attrs.frozen
class Idle:
    """A client has handled everything up to a step. `due` is when its next timer is, in microseconds."""

    event: int
    received: int
    sent: int
    due: int | None

    @classmethod
    def read(cls, given: dict[str, object]) -> Idle:
        """Reads `{"idle":N,"received":r,"sent":s,"next":T}`.

        Raises:
            ValueError: another form.
        """
        numbers = [given.get(name) for name in ("idle", "received", "sent")]
        due = given.get("next")
        whole = [each for each in numbers if isinstance(each, int) and not isinstance(each, bool) and each >= 0]
        if len(whole) != len(numbers) or not (due is None or isinstance(due, str)):
            raise ValueError('write {"idle": 7, "received": 41, "sent": 12, "next": "2026-01-05T15:00:00Z"}')
        event, received, sent = whole
        return cls(event, received, sent, None if due is None else parse_time(due))


@attrs.frozen
class Counts:
    """Messages of a session as the gateway counts them, the handshake's included."""

    received: int
    sent: int


@attrs.define
class Follower:
    """One client in lockstep.

    `due` is when its next timer is, as it said last; `received` how many of its messages the gateway had when it told
    the client last; `handshakes` is how many frames it does not count as sent, None: not known yet.
    """

    client_id: int
    idle: Idle | None = None
    due: int | None = None
    received: int = 0
    handshakes: int | None = None

    def hear(self, idle: Idle) -> None:
        """It says how far it is."""
        self.idle = idle
        self.due = idle.due

    def is_behind(self, released: Released, counts: Counts | None) -> bool:
        """Whether this client, or what it sent, is still under way. One without a session has nothing to handle."""
        idle = self.idle
        if idle is None or idle.event != released.number:
            return True
        if counts is None:
            return idle.received > 0 or idle.sent > 0
        return (idle.received, idle.sent + (self.handshakes or 0)) != (counts.sent, counts.received)

    def wants_telling(self, released: Released, counts: Counts | None) -> bool:
        """Whether all that it had sent when it answered is handled, but more has gone to and fro since."""
        idle = self.idle
        if idle is None or idle.event != released.number or counts is None:
            return False
        return counts.received >= idle.sent + (self.handshakes or 0) and self.is_behind(released, counts)

    def learn(self, counts: Counts) -> None:
        """Finds out how it counts; `counts` are those of a moment in which nothing was under way."""
        if self.idle is not None:
            self.handshakes = max(0, counts.received - self.idle.sent)
