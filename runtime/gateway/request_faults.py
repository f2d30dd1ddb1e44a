"""Faults of requests: refused, ignored, too many, or of a client whose number is said to be in use."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import attrs

from ..times import SECOND
from .bar_pacing import BarPacing
from .bar_requests import RequestError, read_bar_size
from .fault_arming import Armed, Governed
from .fault_kinds import TEXTS
from .fault_specs import Fault
from .message_names import REQUESTS, number_of
from .replies import ErrorMessage, Reply
from .requests import HistoricalBars, Request, StartApi

REQUEST_KINDS = ("refuse", "ignore", "clash", "bar_pacing")
_BARS_TOO_FAST = "Historical Market Data Service error message:Historical data request pacing violation"


class RequestFaults:
    """Answers requests in place of the gateway."""

    def __init__(self, gateway: Governed) -> None:
        self._gateway = gateway
        self._armed: list[Armed] = []
        self._clashes = 0
        self._limit: Fault | None = None
        self._recent: dict[int, deque[int]] = {}
        self._bars: tuple[Fault, BarPacing] | None = None

    def put_in_force(self, fault: Fault) -> None:
        if fault.kind == "clash":
            self._clashes += fault.times
        elif fault.kind == "pacing":
            self._limit = fault
        elif fault.kind == "bar_pacing":
            self._bars = (fault, BarPacing())
        else:
            self._armed.append(Armed.of(fault))

    def answer(self, session: int, client_id: int, request: Request, now: int) -> Sequence[Reply] | None:
        """What a request is answered with; None: it is to be answered as ever."""
        if isinstance(request, StartApi):
            clashes, self._clashes = self._clashes > 0, max(0, self._clashes - 1)
            return (ErrorMessage(-1, 326, TEXTS[326]),) if clashes else None
        if self._limit is not None and self._is_too_fast(self._limit, session, client_id, now):
            if self._limit.values.get("disconnects", True):
                self._gateway.close(session)
            return (ErrorMessage(-1, 100, TEXTS[100]),)
        if isinstance(request, HistoricalBars) and self._asks_too_fast(client_id, request, now):
            return (ErrorMessage(request.request_id, 162, _BARS_TOO_FAST),)
        for armed in self._armed:
            fault = armed.fault
            fits = isinstance(request, REQUESTS[fault.values["message"]]) and fault.client in (None, client_id)
            if fits and armed.takes():
                self._armed = [each for each in self._armed if not each.is_used_up]
                return () if fault.kind == "ignore" else (ErrorMessage(number_of(request), fault.code, fault.text),)
        return None

    def _is_too_fast(self, limit: Fault, session: int, client_id: int, now: int) -> bool:
        if limit.client not in (None, client_id):
            return False
        recent = self._recent.setdefault(session, deque())
        recent.append(now)
        while recent[0] <= now - SECOND:
            recent.popleft()
        return len(recent) > int(limit.values["per_second"])

    def _asks_too_fast(self, client_id: int, request: HistoricalBars, now: int) -> bool:
        if self._bars is None or self._bars[0].client not in (None, client_id):
            return False
        try:
            size = read_bar_size(request.bar_size)
        except RequestError:
            return False  # it is answered as any other request that makes no sense
        same = attrs.evolve(request, request_id=0)
        return not self._bars[1].allows(same, request.contract.symbol, size, now)
