"""The wire seam of fault injection: what happens to bytes between the gateway and a client.

`shape` turns the messages that are to be written into steps for whoever writes them. Times here are real seconds,
because sockets know no others; `elapsed` counts them from any beginning.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import attrs

from ..times import SECOND
from .fault_specs import Fault

WIRE_KINDS = ("drop", "half", "silent", "delay", "split", "coalesce", "restart")


@attrs.frozen
class Send:
    data: bytes


@attrs.frozen
class Wait:
    seconds: float


@attrs.frozen
class Abort:
    """The socket is closed without another byte."""


Step = Send | Wait | Abort
AbortClients = Callable[["int | None"], None]


@attrs.define
class _InForce:
    fault: Fault
    skip: int
    until: float | None

    def concerns(self, client_id: int, now: float) -> bool:
        return self.fault.client in (None, client_id) and (self.until is None or now < self.until)


class WireFaults:
    """What is in force on the wire. `abort` closes the sockets of a client, or all of them (None)."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._in_force: list[_InForce] = []
        self._refuses_until = 0.0
        self.abort: AbortClients = lambda client_id: None

    def put_in_force(self, fault: Fault) -> None:
        """A fault begins; a drop of a socket, or a restart, happens at once."""
        now = self._elapsed()
        length = fault.values.get("for")
        until = None if length is None else now + length / SECOND
        if fault.kind == "restart":
            self._refuses_until = until or now
            self.abort(None)
        elif fault.kind == "drop" and fault.skip == 0:
            self.abort(fault.client)
        else:
            self._in_force.append(_InForce(fault, fault.skip, until))

    def accepts(self) -> bool:
        """Whether a connection that comes in is taken."""
        return self._elapsed() >= self._refuses_until

    def is_silent(self, client_id: int) -> bool:
        """Whether a client's socket is dead: nothing is read from it, nothing written to it."""
        now = self._elapsed()
        return any(each.fault.kind == "silent" and each.concerns(client_id, now) for each in self._in_force)

    def shape(self, client_id: int, frames: Sequence[bytes]) -> list[Step]:
        """What is to be done with messages for a client."""
        if not self._in_force:
            return [Send(b"".join(frames))] if frames else []
        now = self._elapsed()
        self._in_force = [each for each in self._in_force if each.until is None or now < each.until]
        if not frames or self.is_silent(client_id):
            return []
        mine = [each for each in self._in_force if each.concerns(client_id, now)]
        whole, broken = self._up_to_the_end(mine, frames)
        steps: list[Step] = []
        for each in mine:
            if each.fault.kind in ("delay", "coalesce"):
                steps.append(Wait(each.fault.values["by"] / SECOND))
        sizes = [each.fault.values["size"] for each in mine if each.fault.kind == "split"]
        if sizes:
            for at in range(0, len(whole), min(sizes)):
                steps += [Send(whole[at : at + min(sizes)]), Wait(0.0)]
        elif whole:
            steps.append(Send(whole))
        if broken:
            steps.append(Abort())
        return steps

    def _up_to_the_end(self, mine: list[_InForce], frames: Sequence[bytes]) -> tuple[bytes, bool]:
        """The bytes that still leave, and whether the socket dies after them."""
        ends = [each for each in mine if each.fault.kind in ("drop", "half")]
        left = bytearray()
        for frame in frames:
            for each in ends:
                if each.skip == 0:
                    self._in_force.remove(each)
                    if each.fault.kind == "half":
                        left += frame[: max(1, len(frame) // 2)]
                    return bytes(left), True
                each.skip -= 1
            left += frame
        return bytes(left), False
