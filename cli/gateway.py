"""`rulec gateway`: a stand-in for TWS and IB Gateway on a socket, for any IB client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Any

import attrs
import click

from ..runtime.broker.exchange import Exchange, ExchangePolicy, ExchangeTerms, FillMode
from ..runtime.clock import SystemClock
from ..runtime.feed import FeedError, read_events
from ..runtime.gateway.control import Control
from ..runtime.gateway.driving import Driver
from ..runtime.gateway.fault_specs import Fault, FaultError, read_faults
from ..runtime.gateway.faults import GatewayFaults
from ..runtime.gateway.gateway import Gateway
from ..runtime.gateway.history import MarketHistory
from ..runtime.gateway.policies import read_policies
from ..runtime.gateway.policy import GatewayPolicy
from ..runtime.gateway.random_past import RandomPast
from ..runtime.gateway.server import STOPPING, GatewayServer, stop_on_signals
from ..runtime.gateway.store import StateError, Store
from ..runtime.gateway.switchboard import Capture
from ..runtime.live.markets import RecordedMarket
from ..runtime.live.pacing import RecordedPace, SystemPace, Unpaced
from ..runtime.live.random_market import RandomMarket
from ..runtime.market.hours import HOURS, Hours
from ..runtime.numbers import to_micros
from ..runtime.times import time_text
from .errors import CommandError, LineRefused
from .feeding import FileMarketOption, RandomMarketOption, parse_market, parse_speed
from .simulating import simulation_options

_CASH = 100_000.0
_ACCOUNT = "DU1"
_HERE = "127.0.0.1"
VERSIONS = ("157", "176", "178")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=4002, show_default=True, help="0 takes a free one.")
@click.option(
    "--market",
    multiple=True,
    metavar="FILE|random:SEED",
    help="Recorded bars (CSV) or events (JSON lines), several merged by time; or a market made up [random:1].",
)
@click.option(
    "--speed",
    type=float,
    metavar="N",
    help="How fast a recorded market passes: N times real time [1]; 0 as fast as it goes.",
)
@click.option("--hours", type=click.Choice(list(HOURS)), help="When the market is open [files: nyse, random: always].")
@click.option("--account", "accounts", multiple=True, metavar="ID", help=f"An account, or several [{_ACCOUNT}].")
@click.option(
    "--server-version",
    type=click.Choice(VERSIONS),
    default=VERSIONS[0],
    show_default=True,
    help="The protocol's version that is spoken with clients that know it; with others their own.",
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME=VALUE",
    help="How the gateway behaves where IB is not verified; docs/gateway.md lists the names.",
)
@click.option("--state", metavar="FILE", help="Keep orders, executions and numbers in a file, for the next start.")
@click.option("--faults", metavar="FILE", help="What shall go wrong, one JSON object a line.")
@click.option("--control", type=click.IntRange(0, 65535), metavar="PORT", help="Open the control port; 0: a free one.")
@click.option("--lockstep", is_flag=True, help="Release the market's events through the control port alone.")
@click.option("--capture", metavar="FILE", help="Write every message to a file, one JSON object a line.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@simulation_options
def gateway(
    host: str,
    port: int,
    market: Sequence[str],
    speed: float | None,
    hours: str | None,
    accounts: Sequence[str],
    server_version: str,
    policies: Sequence[str],
    state: str | None,
    faults: str | None,
    control: int | None,
    lockstep: bool,
    capture: str | None,
    as_json: bool,
    **given: Any,
) -> int:
    """Speak the TWS API to any IB client, with the simulated exchange behind it. Ctrl-C (SIGINT) and SIGTERM end it."""
    option = parse_market(market) or RandomMarketOption(1)
    is_random = isinstance(option, RandomMarketOption)
    policy, exchange_policy = _policies(policies)
    policy = attrs.evolve(policy, server_version=int(server_version))
    open_hours = HOURS[hours or ("always" if is_random else "nyse")]()
    if lockstep and control is None:
        raise CommandError("--lockstep: without the control port nothing would ever happen", "add `--control 0`")
    with _stoppable():
        driver = _driver(option, parse_speed(speed), open_hours, lockstep)
    wanted = _read_faults(faults)
    cash = dict.fromkeys(accounts or [_ACCOUNT], to_micros(given.pop("equity") or _CASH))
    terms = _terms(given)
    planned = GatewayFaults()
    past = RandomPast(option.seed, open_hours).fill if isinstance(option, RandomMarketOption) else None
    history = MarketHistory(open_hours, fill_past=past)
    with _opened(capture) as file, _stored(state) as store:
        kept = store.accounts if store is not None and store.accounts else cash
        exchange = Exchange(open_hours, kept, terms, exchange_policy)
        core = Gateway(exchange, open_hours, policy, terms, faults=planned, history=history, capture=_capture_to(file))
        if store is not None:
            store.attach(exchange, core)
            core.note = store.note
        planned.attach(core)
        planned.plan(wanted, driver.now())
        server = GatewayServer(core, driver, planned.wire, before_writing=None if store is None else store.save)
        history.meets(server.show)
        controls = None if control is None else Control(server, core, driver, planned)
        return asyncio.run(_serve(server, controls, host, (port, control or 0), as_json))


gateway.params = [each for each in gateway.params if each.name != "latency"]  # a socket has its own


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Whoever stops the command while it still reads a market ends it as cleanly."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = {number: signal.signal(number, stop) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _policies(texts: Sequence[str]) -> tuple[GatewayPolicy, ExchangePolicy]:
    try:
        return read_policies(texts)
    except ValueError as error:
        raise CommandError(f"--policy {error}", "docs/gateway.md lists the names") from error


@contextlib.contextmanager
def _stored(path: str | None) -> Iterator[Store | None]:
    """The state of an earlier start, open.

    Raises:
        CommandError: the file is damaged, newer, in use, or cannot be written.
    """
    store: Store | None = None
    try:
        store = None if path is None else Store(path)
        yield store
    except StateError as error:
        raise CommandError(str(error)) from error
    finally:
        if store is not None:
            store.close()


def _read_faults(path: str | None) -> list[Fault]:
    """What shall go wrong, from a file.

    Raises:
        CommandError: the file cannot be read, or a line of it is wrong.
    """
    if path is None:
        return []
    try:
        return read_faults(path, Path(path).read_text(encoding="utf-8").splitlines())
    except FaultError as error:
        raise LineRefused(str(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _terms(given: dict[str, Any]) -> ExchangeTerms:
    chosen = {name: value for name, value in given.items() if value is not None}
    fill = FillMode(chosen.pop("fill", FillMode.STANDING))
    return ExchangeTerms(fill=fill, **chosen)


def _driver(option: RandomMarketOption | FileMarketOption, speed: float | None, hours: Hours, lockstep: bool) -> Driver:
    """The market and its clock.

    Raises:
        CommandError: a file cannot be read, or a line of it is wrong.
    """
    if isinstance(option, RandomMarketOption):
        if lockstep:
            raise CommandError("--lockstep: a market made up runs on the system's clock", "name a file of --market")
        if speed is not None:
            raise CommandError("--speed: a market made up runs on the system's clock", "leave it out, or name a file")
        clock = SystemClock()
        made_up = RandomMarket(option.seed, hours, (), clock.now())
        return Driver(made_up, SystemPace(clock), clock.now())
    try:
        recorded = RecordedMarket(read_events(option.paths, hours))
    except FeedError as error:
        raise LineRefused(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename}: cannot be read: {error.strerror or error}") from error
    pace = Unpaced() if speed == 0 else RecordedPace(1.0 if speed is None else speed, recorded.start, time.monotonic)
    return Driver(recorded, pace, recorded.start, waits_for_client=True, hours=hours, lockstep=lockstep)


def _opened(path: str | None) -> contextlib.AbstractContextManager[IO[str] | None]:
    if path is None:
        return contextlib.nullcontext()
    try:
        return Path(path).open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror or error}") from error


def _capture_to(file: IO[str] | None) -> Capture | None:
    if file is None:
        return None

    def capture(now: int, session: int, direction: str, fields: Sequence[str]) -> None:
        line = {"time": time_text(now), "session": session, "direction": direction, "fields": list(fields)}
        file.write(json.dumps(line) + "\n")

    return capture


async def _serve(
    server: GatewayServer, control: Control | None, host: str, ports: tuple[int, int], as_json: bool
) -> int:
    """Listens until somebody stops it; the control port is open on this machine alone."""
    stop_on_signals(server)
    async with contextlib.AsyncExitStack() as stack:
        taken = await _entered(stack, server.listening(host, ports[0]), f"{host}:{ports[0]}")
        ready: dict[str, object] = {"type": "ready", "port": taken}
        if control is not None:
            ready["control"] = await _entered(stack, control.listening(_HERE, ports[1]), f"{_HERE}:{ports[1]}")
        if as_json:
            click.echo(json.dumps(ready))
        else:
            controlled = f", control on {_HERE}:{ready['control']}" if control is not None else ""
            click.echo(f"listening on {host}:{taken}{controlled}; Ctrl-C ends it")
        await server.run()
    return 0


async def _entered(
    stack: contextlib.AsyncExitStack, listening: contextlib.AbstractAsyncContextManager[int], where: str
) -> int:
    try:
        return await stack.enter_async_context(listening)
    except OSError as error:
        raise CommandError(f"{where}: cannot listen there: {error.strerror or error}") from error
