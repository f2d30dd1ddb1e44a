"""`rulec run --broker ib://…`: connects, takes up an earlier run, matches the books with the broker, and trades.

    journal -> earlier run rebuilt -> connect -> broker's snapshot -> reconcile -> released symbols -> ready -> trade

Nothing is sent before the whole snapshot is there and has been matched.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TypeVar

import attrs
import click

from ..runtime.at_broker import BrokerRun, assemble, follow_calls, known_hours
from ..runtime.broker.ib.address import parse_address
from ..runtime.broker.ib.broker import Account, BarsWanted, IBBroker
from ..runtime.broker.ib.refused import StartRefused
from ..runtime.broker.ib.settings import IBSettings, client_id_of, instance_of
from ..runtime.clock import Clock, ManualClock, SystemClock
from ..runtime.core.engine import Engine
from ..runtime.core.policy import TradePolicy
from ..runtime.core.records import Notice
from ..runtime.core.settings import Resumed, Settings
from ..runtime.event.inputs import Release
from ..runtime.event.reload import reload_from
from ..runtime.journal import RunHeader, SqliteJournal
from ..runtime.journal.headers import header_of
from ..runtime.live.broker_market import Bars, BrokerMarket
from ..runtime.live.inbox import EventInbox, FromBroker
from ..runtime.live.lockstep import LockstepLink, LockstepLost, LockstepShell
from ..runtime.live.pacing import SystemPace
from ..runtime.live.reconciling import reconcile, see_through, told
from ..runtime.live.shell import LiveShell
from ..runtime.live.sources import SignalSource
from ..runtime.live.symbols import symbols_of
from ..runtime.numbers import MICROS, to_float
from ..runtime.restart import EarlierRun
from ..runtime.rule.rule_set import make_ready
from ..runtime.view.ending import working_orders
from ..runtime.view.watch import Watch
from .driving import drive, end_on_signals, output_for, stop_listening
from .earlier_run import BrokerOptions, Refused, Wish, earlier_run, fitting, known_orders, refuse_strangers
from .errors import CommandError
from .journaling import telling_of_journals
from .outputs import Output, RunEnd
from .tracks import open_signals, read_signals

_PROBE = "SPY"
"""Whose hours tell those of the market where no rule names a symbol."""

T = TypeVar("T")


class _Ended(Exception):
    """A run that had begun cannot go on: exit code 1."""


class _Stopped(Exception):
    """Somebody stopped the run before it had begun."""


def broker_options(broker: str, live: str | None, release: Sequence[str]) -> BrokerOptions:
    """Reads the options of a run at a broker.

    Raises:
        CommandError: the address is none.
    """
    try:
        return BrokerOptions(parse_address(broker), live, tuple(symbol.upper() for symbol in release))
    except ValueError as error:
        raise CommandError(f"--broker: {error}") from error


def run_at_broker(wish: Wish) -> int:
    """Trades until somebody stops it; answers the exit code."""
    try:
        with telling_of_journals(), _opened_journal(wish) as journal:
            return asyncio.run(_run(wish, journal))
    except (Refused, StartRefused) as error:
        return _told(error, "nothing was sent to the broker")
    except (_Ended, LockstepLost) as error:
        return _told(error, "the run has ended; nothing was cancelled at the broker")
    except _Stopped:
        click.echo("stopped before the run began", err=True)
        return 0


def _told(error: Exception, end: str) -> int:
    click.echo(f"{click.style('error', fg='red', bold=True)}: {error}", err=True)
    click.echo(end, err=True)
    return 1


@contextlib.contextmanager
def _opened_journal(wish: Wish) -> Iterator[SqliteJournal | None]:
    if wish.journal is None:
        yield None
        return
    with SqliteJournal.open(wish.journal, wish.configuration.sync) as journal:
        yield journal


async def _run(wish: Wish, journal: SqliteJournal | None) -> int:
    inbox = EventInbox()
    end_on_signals(inbox)
    settings = _broker_settings(wish)
    if settings.lockstep is None:
        return await _run_on(wish, journal, inbox, settings, SystemClock(), None)
    link = await LockstepLink.open(*settings.lockstep, client_id_of(wish.options.address, settings))
    try:
        return await _run_on(wish, journal, inbox, settings, await link.begin(), link)
    finally:
        link.close()


async def _run_on(
    wish: Wish,
    journal: SqliteJournal | None,
    inbox: EventInbox,
    settings: IBSettings,
    clock: SystemClock | ManualClock,
    link: LockstepLink | None,
) -> int:
    """One run, on the system's clock or in step with a gateway."""
    earlier = None if journal is None else earlier_run(wish, journal.path)
    news = _News(clock)
    broker = IBBroker(
        wish.options.address,
        settings,
        lambda event: inbox.put(FromBroker(event)),
        news.tell,
        clock,
        () if earlier is None else known_orders(earlier),
    )
    sources = open_signals(wish.signals) if link is None else ()
    keeping: asyncio.Task[None] | None = None
    try:
        account = await _unless_stopped(broker.connect(), inbox)
        earlier = fitting(wish, earlier, account, settings)
        if earlier is None:
            refuse_strangers(wish, inbox)
        keeping = asyncio.ensure_future(broker.run())
        symbols = symbols_of(wish.plan)
        await _unless_stopped(broker.qualify(symbols or (_PROBE,)), inbox)
        built, chosen = _built(wish, journal, earlier, account, broker, settings, clock, news)
        watch = Watch(built.engine, [prepared.label for prepared in built.engine.rules])
        output = output_for(watch, _title(wish, account), link is None, wish.as_json)
        output.begin()
        built.session.sequencer.sinks.append(output.sink)
        news.go_to(output)
        if earlier is not None:
            _take_up(built, earlier, wish, chosen, clock.now())
        await _match(wish, built, inbox, clock, output)
        trading = _Trading(wish, built, broker, inbox, output)
        try:
            if link is not None and isinstance(clock, ManualClock):
                return await trading.in_step(link, clock, keeping)
            return await trading.by_the_clock(clock, sources, keeping)
        except StartRefused as error:  # of a connection that was made anew
            raise _Ended(str(error)) from error
    finally:
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        await broker.stop()


class _News:
    """What the adapter has to say, kept until there is somewhere to say it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: list[Notice] = []
        self._output: Output | None = None

    def tell(self, level: str, symbol: str | None, text: str) -> None:
        notice = Notice(self._clock.now(), level, symbol, text)
        if self._output is None:
            self._kept.append(notice)
        else:
            self._output.say(notice)

    def go_to(self, output: Output) -> None:
        self._output = output
        for notice in self._kept:
            output.say(notice)
        self._kept.clear()


async def _unless_stopped(work: Coroutine[Any, Any, T], inbox: EventInbox) -> T:
    """Waits for something to be done, unless somebody stops the run before."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(inbox.stopped())
    try:
        await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise _Stopped
        return task.result()
    finally:
        for each in (task, stop):
            each.cancel()
        await asyncio.gather(task, stop, return_exceptions=True)


def _broker_settings(wish: Wish) -> IBSettings:
    settings = attrs.evolve(IBSettings(), **wish.configuration.broker)
    if settings.lockstep is not None:  # the market waits for every message: there is no second to fill
        settings = attrs.evolve(settings, messages_per_second=1_000_000)
    return settings if wish.options.live is None else attrs.evolve(settings, live=wish.options.live)


# ---- the run ---------------------------------------------------------------------------------------------------------


def _built(
    wish: Wish,
    journal: SqliteJournal | None,
    earlier: EarlierRun | None,
    account: Account,
    broker: IBBroker,
    ib: IBSettings,
    clock: Clock,
    news: _News,
) -> tuple[BrokerRun, Settings]:
    """The engine at the broker, as it was or new, and the settings of now; the journal has the header."""
    now = clock.now()
    hours = known_hours(broker.hours_of, symbols_of(wish.plan) or (_PROBE,), now)
    if hours.differing:
        names = ", ".join(hours.differing)
        news.tell(
            "warning", None, f"{names}: the contract's hours differ from the {hours.name} calendar, which is used"
        )
    client = client_id_of(wish.options.address, ib)
    settings = _settings(wish, account, instance_of(wish.options.address, ib), str(now // MICROS), ib)

    def header(settings: Settings, name: str) -> RunHeader:
        return header_of(wish.plan, name, settings, wish.parameters, wish.texts, account=account.id, client_id=client)

    if earlier is None:
        if journal is not None:
            settings = attrs.evolve(settings, run=journal.free_run(settings.run))
            journal.begin(header(settings, hours.name))
        engine = Engine(wish.plan.rules, hours.hours, settings, limits=wish.plan.limits)
        return assemble(
            engine, broker, journal, follow_calls(engine, None if wish.configuration.actions is None else wish.actions)
        ), settings
    if earlier.header.hours != hours.name:
        kept = earlier.header.hours
        news.tell(
            "warning", None, f"the run goes on with the hours it began with, {kept}; the contracts say {hours.name}"
        )
    settings = attrs.evolve(settings, run=earlier.header.run)
    assert journal is not None, "an earlier run comes from a journal"
    journal.go_on(header(settings, earlier.header.hours), earlier.seq, earlier.now)
    built = assemble(earlier.engine, broker, journal, earlier.followers, earlier.tally)
    built.session.sequencer.seq, built.session.sequencer.now = earlier.seq, earlier.now
    return built, settings


def _take_up(built: BrokerRun, earlier: EarlierRun, wish: Wish, settings: Settings, now: int) -> None:
    """Brings the settings and the rules of now into force, where they are others than the earlier run's."""
    built.session.sequencer.feed(Resumed(now, settings, wish.parameters), now)
    if (earlier.texts, dict(earlier.parameters)) != (wish.texts, dict(wish.parameters)):
        reload = reload_from(earlier.texts, wish.texts, now)
        ready = make_ready(wish.plan, reload.digest, earlier.engine.rules, earlier.engine.runner.index)
        built.session.reload(reload, ready, now)


def _settings(wish: Wish, account: Account, instance: str, run: str, ib: IBSettings) -> Settings:
    """What the engine is made with: the account is the broker's, and a signal's own price prices nothing."""
    settings = Settings(
        equity=0.0 if account.equity is None else to_float(account.equity),
        run=run,
        instance=instance,
        policy=TradePolicy(signal_prices=False),
        at_broker=True,
        short_selling=account.is_paper or ib.short_selling,
        dry_run=wish.dry_run,
    )
    return wish.configuration.apply(settings)


def _title(wish: Wish, account: Account) -> str:
    kind = "paper" if account.is_paper else "real money"
    dry = ", dry run: no order that opens shares is sent" if wish.dry_run else ""
    return f"ib://{wish.options.address}, account {account.id} ({kind}){dry}"


async def _match(wish: Wish, built: BrokerRun, inbox: EventInbox, clock: Clock, output: Output) -> None:
    """Matches the books with the broker, and lets go of what is to be released."""
    session, engine = built.session, built.engine
    found = await reconcile(session, inbox, clock.now)
    for line in told(found, engine):
        output.say(Notice(clock.now(), "info", None, line))
    for symbol in wish.options.release:
        session.take(Release(clock.now(), symbol), clock.now())
    session.begin(clock.now())


@attrs.frozen(eq=False)
class _Trading:
    """A run that is ready to trade."""

    wish: Wish
    built: BrokerRun
    broker: IBBroker
    inbox: EventInbox
    output: Output

    async def by_the_clock(self, clock: Clock, sources: Sequence[SignalSource], keeping: asyncio.Task[None]) -> int:
        """Trades until somebody stops it."""
        market = self._market(clock)
        shell = LiveShell(self.built.session, market, SystemPace(clock), self.inbox, self.output.say, merges=False)
        beside = [_until(keeping)]
        await drive(shell, self.inbox, sources, self.output, self.built.engine, self.wish.watched, beside)
        await see_through(self.built.session, self.inbox, clock.now)
        return self._ended(shell.now, self.inbox.stop_reason)

    async def in_step(self, link: LockstepLink, clock: ManualClock, keeping: asyncio.Task[None]) -> int:
        """Trades until the gateway's market is over."""
        self._market(clock)
        signals = read_signals(self.wish.signals, self.built.engine.desk.hours, clock.now())
        shell = LockstepShell(self.built.session, signals, clock, self.inbox, link, self.broker.wire, self.output.say)
        self.output.ready()
        trading = asyncio.ensure_future(shell.run())
        await asyncio.wait((trading, keeping), return_when=asyncio.FIRST_COMPLETED)
        if not trading.done():
            trading.cancel()
            await keeping
        trading.result()
        return self._ended(shell.now, self.inbox.stop_reason)

    def _market(self, clock: Clock) -> BrokerMarket:
        """The broker's market, asked for what the rules name."""

        def watch(symbol: str, bars: Bars) -> None:
            self.broker.watch((symbol,), [BarsWanted(timeframe, past) for timeframe, past in bars.items()])

        market = BrokerMarket(self.built.engine, watch)
        for symbol in symbols_of(self.wish.plan):
            market.meet(symbol, clock.now(), None)
        return market

    def _ended(self, now: int, stopped_by: str | None) -> int:
        stop_listening()
        self.output.end(RunEnd(now, self.built.summary(), working_orders(self.built.engine), stopped_by))
        return 0


async def _until(task: asyncio.Task[None]) -> None:
    """Goes on as long as the connection is kept, and fails with it."""
    await task
