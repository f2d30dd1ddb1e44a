"""Where others hook into the gateway: faults between it and its clients, and the bars of the past.

`Gateway` is built with one of each; `NoFaults` and `NoHistory` do nothing. A session is named by its number, a client
by its client id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..broker.exchange import ExchangeEvent
from ..event.inputs import MarketInput
from .replies import ErrorMessage, Reply
from .requests import HeadTimestamp, HistoricalBars, Request


class Interference(Protocol):
    """The domain seam: between the exchange and the messages, both ways. Times in microseconds since 1970 UTC."""

    def request(self, session: int, client_id: int, request: Request, now: int) -> Sequence[Reply] | None:
        """A client asks. None lets it pass; else these are the answers in place of the gateway's."""

    def events(self, events: Sequence[ExchangeEvent], now: int) -> Sequence[ExchangeEvent]:
        """What the exchange says before it becomes messages: what of it is to be told now. What is held back comes
        out later by `Gateway.tell_events`."""

    def replies(self, session: int, client_id: int, replies: Sequence[Reply], now: int) -> Sequence[Reply]:
        """Messages of one occasion to one session: those that it is to get."""

    def next_due(self) -> int | None:
        """When `on_time` has something to do next."""

    def on_time(self, now: int) -> None:
        """Does what is due by now."""


class History(Protocol):
    """Bars of the past, and bars that are kept up to date."""

    def ask(self, session: int, request: HistoricalBars, symbol: str, now: int) -> Sequence[Reply]:
        """The answer to a request; with `keep_up_to_date` updates follow from `on_market`. `symbol` is rulec's
        spelling (`BRK.B`)."""

    def head(self, session: int, request: HeadTimestamp, symbol: str, now: int) -> Sequence[Reply]:
        """The earliest time for which there are bars."""

    def cancel(self, session: int, request_id: int) -> None:
        """No more updates for a request."""

    def drop(self, session: int) -> None:
        """A session has ended."""

    def on_market(self, event: MarketInput, now: int) -> Sequence[tuple[int, Reply]]:
        """A market event: updates that follow from it, each with its session."""


class NoFaults:
    """Nothing goes wrong."""

    def request(self, session: int, client_id: int, request: Request, now: int) -> Sequence[Reply] | None:
        return None

    def events(self, events: Sequence[ExchangeEvent], now: int) -> Sequence[ExchangeEvent]:
        return events

    def replies(self, session: int, client_id: int, replies: Sequence[Reply], now: int) -> Sequence[Reply]:
        return replies

    def next_due(self) -> int | None:
        return None

    def on_time(self, now: int) -> None:
        return


class NoHistory:
    """There is no past."""

    def ask(self, session: int, request: HistoricalBars, symbol: str, now: int) -> Sequence[Reply]:
        text = "Historical Market Data Service error message:HMDS query returned no data"
        return (ErrorMessage(request.request_id, 162, text),)

    def head(self, session: int, request: HeadTimestamp, symbol: str, now: int) -> Sequence[Reply]:
        text = "Historical Market Data Service error message:No head time stamp"
        return (ErrorMessage(request.request_id, 162, text),)

    def cancel(self, session: int, request_id: int) -> None:
        return

    def drop(self, session: int) -> None:
        return

    def on_market(self, event: MarketInput, now: int) -> Sequence[tuple[int, Reply]]:
        return ()
