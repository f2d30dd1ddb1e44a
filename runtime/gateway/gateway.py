"""The gateway's synchronous core: sessions, the exchange, and what each says to the other.

Bytes come in, bytes go out, and time comes in with every call (microseconds since 1970 UTC); no sockets, no clock, no
asyncio. The same calls in the same order give the same bytes.

    gateway = Gateway(exchange, hours, accounts=("DU1",), policy=GatewayPolicy(), faults=…, history=…)
    session = gateway.connect(now)                    # a socket was opened
    gateway.receive(session, data, now)               # it brought bytes
    gateway.on_market(event, now)                     # Price | Quote | Bar: fills first, then ticks
    gateway.market(event, now)                        # the same, with a pause after each fill: walk it to its end
    for _ in gateway.market(event, now): …            # the same, with pauses in which clients can answer
    gateway.on_time(now); gateway.next_due()          # orders that expire, errors that come late, P&L
    gateway.take_output()                             # [Output(session, frames, closes)], to write now
    gateway.disconnect(session, now)                  # the socket has gone

For faults and the control API:
    gateway.exchange                                  # the one exchange, its ledger and its faults
    gateway.tell(session, replies, now)               # messages out of the blue, to one session
    gateway.tell_client(client_id, replies, now)      # to the session of a client, where it is connected
    gateway.tell_all(replies, now)                    # to every session that has started
    gateway.tell_events(events, now)                  # exchange events that were held back
    gateway.settle(now)                               # after touching the exchange by hand: its events become messages
    gateway.later(time, session, replies)             # messages that are due at a time
    gateway.place_by_hand(order, now)                 # an order typed into TWS: order id 0, of no API client
    gateway.lose_market_data(now)                     # 1101: nobody is subscribed any more
    gateway.close(session)                            # after what it has been told, the socket is closed
    gateway.sessions()                                # [SessionInfo(number, client_id, received, sent, since)]
    gateway.take_wanted()                             # symbols that were asked for: the market is to `meet` them

For the store:
    gateway.state() / gateway.restore(state)          # ids and what clients sent; the exchange has its own
    gateway.changes                                   # counts everything worth storing; unchanged means nothing new
    gateway.note = …                                  # is called with everything that the exchange says
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from ..broker.exchange import (
    BarPrices,
    Exchange,
    ExchangeEvent,
    ExchangeTerms,
    ExecutionEvent,
    Order,
)
from ..event.inputs import Bar, MarketInput, Price
from ..market.hours import Hours
from ..numbers import US_STOCK_TICKS, TickBand, to_micros
from .account import Accounts
from .answers import Answers, log
from .board import Board
from .codec import decode
from .figures import Figures
from .instruments import Instruments
from .mapper import Key, Mapper, OrderFile
from .market_data import MarketFeed
from .notices import CLIENT_ID_IN_USE, FARMS, warnings_of
from .orders import OrderDesk
from .policy import GatewayPolicy
from .replies import ManagedAccountsList, Reply
from .requests import Request, StartApi
from .seams import History, Interference, NoFaults, NoHistory
from .session import Session, Stage
from .switchboard import Capture, Output, SessionInfo, Switchboard


@attrs.frozen
class GatewayState:
    """What the gateway itself remembers: the highest number of each client, and what it knows of each order."""

    highest: Mapping[int, int]
    files: Mapping[Key, OrderFile]


class Gateway:
    """See the module. `terms` are those of the exchange, `ticks` its legal prices."""

    def __init__(
        self,
        exchange: Exchange,
        hours: Hours,
        policy: GatewayPolicy | None = None,
        terms: ExchangeTerms | None = None,
        ticks: tuple[TickBand, ...] = US_STOCK_TICKS,
        faults: Interference | None = None,
        history: History | None = None,
        capture: Capture | None = None,
        note: Callable[[Sequence[ExchangeEvent]], object] | None = None,
    ) -> None:
        self.exchange = exchange
        self.board = Board()
        self.policy = policy or GatewayPolicy()
        self.faults: Interference = faults or NoFaults()
        self.history: History = history or NoHistory()
        self.changes = 0
        self._hours = hours
        self.note = note
        self._switchboard = Switchboard(self.policy, self.faults, capture)
        self._later: list[tuple[int, int, Callable[[], Iterable[Session]], Sequence[Reply]]] = []
        self._mapper = Mapper(self.policy)
        instruments = Instruments(hours, ticks, self.policy.size_unit)
        self._feed = MarketFeed(self.board, instruments, hours, self.policy)
        self._figures = Figures(exchange, self.board, hours)
        self._accounts = Accounts(self._figures, hours, self.policy)
        self._desk = OrderDesk(
            exchange, self._mapper, self.board, hours, self.policy, terms or ExchangeTerms(), self._deliver
        )
        self._answers = Answers(
            self._figures.names, self._accounts, self._desk, self._feed, self.history, instruments, self.policy
        )

    # ---- connections -----------------------------------------------------------------------------------------------

    def connect(self, now: int) -> int:
        """A client has connected; answers its session's number."""
        return self._switchboard.connect(now)

    def disconnect(self, session: int, now: int) -> None:
        """A connection has gone. Orders stay; what was subscribed to ends."""
        gone = self._switchboard.remove(session)
        if gone is not None:
            self._feed.drop(gone)
            self._accounts.drop(gone)
            self.history.drop(session)

    def close(self, session: int) -> None:
        """Ends a connection once what waits is written."""
        found = self._switchboard.find(session)
        if found is not None:
            found.close()

    def sessions(self) -> list[SessionInfo]:
        return self._switchboard.infos()

    def take_output(self) -> list[Output]:
        """What is to be written now. After an output that closes, its session is gone."""
        outputs = self._switchboard.take_output()
        for output in outputs:
            if output.closes:
                self.disconnect(output.session, 0)
        return outputs

    def take_wanted(self) -> list[str]:
        """Symbols (rulec's spelling) that were asked for since this was last asked, each the first time."""
        return self._answers.take_wanted()

    # ---- what comes in ---------------------------------------------------------------------------------------------

    def receive(self, session: int, data: bytes, now: int) -> None:
        """Bytes of a client, in any pieces. A stream that cannot be read ends its connection."""
        self._figures.roll(now)
        here = self._switchboard.find(session)
        if here is not None:
            for fields in self._switchboard.hear(here, data, now):
                self._message(here, decode(fields, here.version), now)
            self._switchboard.flush(now)

    def on_market(self, event: MarketInput, now: int) -> None:
        """A price, a quote or a bar: what fills is told first, then the market itself."""
        for _ in self.market(event, now):
            pass

    def market(self, event: MarketInput, now: int) -> Iterator[None]:
        """The same with a pause after each fill, in which clients may act before the price moves on."""
        self.on_time(now)
        if isinstance(event, Bar) and event.past:
            self._tell_history(event, now)
            return
        row = self.board.take(event, self._hours.day_end(now))
        self._feed.collect(event, row)
        for _ in self._meet(event, now):
            self._deliver(self.exchange.take_events(), now)
            self._switchboard.flush(now)
            yield
        self._deliver(self.exchange.take_events(), now)
        self._feed.tell(event, row, self._switchboard.started())
        self._accounts.moved(now)
        self._tell_history(event, now)
        self._switchboard.flush(now)

    def next_due(self) -> int | None:
        """When `on_time` has something to do next."""
        news = (self._feed.next_due(self._switchboard.all()), self._accounts.next_due())
        return min((each for each in (self._next_happening(), *news) if each is not None), default=None)

    def on_time(self, now: int) -> None:
        """Does all that is due by now."""
        self._figures.roll(now)
        while (due := self._next_happening()) is not None and due <= now:
            while self._later and self._later[0][0] <= due:
                _, _, sessions, replies = heapq.heappop(self._later)
                self._switchboard.say(sessions(), replies)
            self.faults.on_time(due)
            self.exchange.on_time(due)
            self._deliver(self.exchange.take_events(), due)
            self._switchboard.flush(due)
        self._feed.on_time(now, self._switchboard.started())
        self._accounts.on_time(now, self._switchboard.started())
        self._switchboard.flush(now)

    def _next_happening(self) -> int | None:
        """When something happens next that is more than news of what there is."""
        late = self._later[0][0] if self._later else None
        candidates = (self.exchange.next_due(), self.faults.next_due(), late)
        return min((each for each in candidates if each is not None), default=None)

    # ---- for faults, the control API and the store -----------------------------------------------------------------

    def tell(self, session: int, replies: Sequence[Reply], now: int) -> None:
        """Messages out of the blue."""
        self._switchboard.say([each for each in self._switchboard.started() if each.number == session], replies)
        self._switchboard.flush(now)

    def tell_client(self, client_id: int, replies: Sequence[Reply], now: int) -> None:
        self._switchboard.say(self._switchboard.of_client(client_id), replies)
        self._switchboard.flush(now)

    def tell_all(self, replies: Sequence[Reply], now: int) -> None:
        self._switchboard.say(self._switchboard.started(), replies)
        self._switchboard.flush(now)

    def later(self, time: int, client_id: int, replies: Sequence[Reply]) -> None:
        """Messages to a client that are due at a time, if it is connected then."""
        self.changes += 1
        heapq.heappush(self._later, (time, self.changes, lambda: self._switchboard.of_client(client_id), replies))

    def tell_events(self, events: Sequence[ExchangeEvent], now: int) -> None:
        """Events of the exchange that were held back become messages."""
        self._tell(events, now)
        self._switchboard.flush(now)

    def settle(self, now: int) -> None:
        """What was done to the exchange by hand becomes messages."""
        self._deliver(self.exchange.take_events(), now)
        self._switchboard.flush(now)

    def place_by_hand(self, order: Order, now: int) -> Key:
        """An order typed into TWS: number 0, of no client. Answers its key in the exchange."""
        binders = [each for each in self._switchboard.started() if each.client_id == 0 and each.subscriptions.auto_bind]
        key = self._desk.place_by_hand(order, now, binders[0] if binders else None)
        self._switchboard.flush(now)
        return key

    def lose_market_data(self, now: int) -> None:
        """Every subscription to the market is gone (1101)."""
        for session in self._switchboard.all():
            self._feed.drop(session)
            self.history.drop(session.number)

    def state(self) -> GatewayState:
        """As it is and will be: not a copy."""
        return GatewayState(self._desk.highest, self._mapper.files)

    def restore(self, state: GatewayState) -> None:
        """Takes up where another gateway left off; to be called before the first connection."""
        self._desk.highest = dict(state.highest)
        self._mapper.files = dict(state.files)

    # ---- messages --------------------------------------------------------------------------------------------------

    def _message(self, session: Session, request: Request, now: int) -> None:
        if session.is_started:
            instead = self.faults.request(session.number, session.client_id, request, now)
            if instead is None:
                self._answers.answer(session, request, now)
            else:
                self._switchboard.say([session], instead)
        elif isinstance(request, StartApi):
            self._start(session, request, now)
        else:
            log.warning("session %d: a request before startApi", session.number)

    def _start(self, session: Session, request: StartApi, now: int) -> None:
        refusal = self.faults.request(session.number, request.client_id, request, now)
        if refusal is None and self._is_connected(request.client_id):
            refusal = [CLIENT_ID_IN_USE]
        if refusal is not None:
            session.close()
            self._switchboard.say([session], refusal)
            return
        session.client_id = request.client_id
        session.stage = Stage.STARTED
        session.send(ManagedAccountsList(",".join(self._figures.names)))
        self._desk.tell_next_id(session)
        self._switchboard.say([session], FARMS)

    def _is_connected(self, client_id: int) -> bool:
        return any(each.client_id == client_id for each in self._switchboard.started())

    # ---- the exchange ----------------------------------------------------------------------------------------------

    def _meet(self, event: MarketInput, now: int) -> Iterable[None]:
        if isinstance(event, Bar):
            prices = [to_micros(each) for each in (event.open, event.high, event.low, event.close)]
            return self.exchange.on_bar(BarPrices(event.symbol, event.start, event.end, *prices), event.regular)
        if isinstance(event, Price):
            return self.exchange.on_price(event.symbol, to_micros(event.price), now)
        return self.exchange.on_quote(event.symbol, to_micros(event.bid), to_micros(event.ask), now)

    def _deliver(self, events: Sequence[ExchangeEvent], now: int) -> None:
        """What the exchange says, through the faults, to the clients."""
        if events:
            self.changes += 1
            if self.note is not None:
                self.note(events)
            self._tell(self.faults.events(events, now), now)

    def _tell(self, events: Sequence[ExchangeEvent], now: int) -> None:
        if not events:
            return
        is_open = self._hours.is_open(now)
        warns = self.policy.held_until_open and not is_open
        warnings = warnings_of(events, self._hours.next_open(now)) if warns else {}
        for each in self._mapper.messages(events, now, warnings, is_open):
            if each.delay:
                self.later(now + each.delay, each.client_id, [each.reply])
            else:
                self._switchboard.say(self._switchboard.of_client(each.client_id), [each.reply])
        executed = [each.execution for each in events if isinstance(each, ExecutionEvent)]
        if executed:
            self._accounts.moved(now)
            pairs = [(each.account, each.symbol) for each in executed]
            self._accounts.changed(pairs, self._switchboard.started(), now)

    def _tell_history(self, event: MarketInput, now: int) -> None:
        for number, reply in self.history.on_market(event, now):
            session = self._switchboard.find(number)
            if session is not None:
                session.send(reply)
