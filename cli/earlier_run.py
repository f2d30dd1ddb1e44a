"""What a run at a broker is made of, and whether it may go on with what the journal and the broker have from before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from ..dsl.plan import Plan
from ..runtime.at_broker import follow_calls
from ..runtime.broker.ib.address import Address
from ..runtime.broker.ib.broker import Account, KnownOrder
from ..runtime.broker.ib.settings import IBSettings, client_id_of, instance_of
from ..runtime.broker.port import StrayOrder
from ..runtime.configuration import Configuration
from ..runtime.core.engine import Engine
from ..runtime.core.sequencer import Sink
from ..runtime.event.reload import RuleTexts
from ..runtime.live.inbox import EventInbox, FromBroker
from ..runtime.market.hours import HOURS
from ..runtime.restart import EarlierRun, last_run_at_broker, rebuild_run
from ..runtime.rule.registered import RegisteredAction
from .driving import Watched
from .feeding import SignalsOption
from .loading import recorded_rules


@attrs.frozen
class BrokerOptions:
    """The options of `run` that are about a broker alone."""

    address: Address
    live: str | None
    release: tuple[str, ...]


@attrs.frozen(eq=False)
class Wish:
    """All that a run at a broker is made of.

    `plan` is compiled from `texts` with `parameters`; `actions` are those that rules call, of the Python file that
    the configuration names; `watched` is None where saved rules are not taken into force.
    """

    options: BrokerOptions
    configuration: Configuration
    plan: Plan
    texts: RuleTexts
    parameters: Mapping[str, str]
    actions: dict[str, RegisteredAction]
    signals: Sequence[SignalsOption]
    journal: str | None
    dry_run: bool
    as_json: bool
    watched: Watched | None


class Refused(Exception):
    """The run must not begin: exit code 1."""


def earlier_run(wish: Wish, path: str) -> EarlierRun | None:
    """The journal's last run at a broker as it was when it was stopped; None where it holds none."""
    header = last_run_at_broker(path)
    if header is None:
        return None
    module = wish.configuration.actions
    followers: list[Sink] = []

    def prepare(engine: Engine) -> Sequence[Sink]:
        followers.extend(follow_calls(engine, wish.actions if module is not None else None))
        return followers

    compiled = recorded_rules(module, wish.actions)
    return rebuild_run(path, header, HOURS[header.hours](), compiled, prepare)


def known_orders(earlier: EarlierRun) -> list[KnownOrder]:
    return [
        KnownOrder(order.spec.reference, order.id, earlier.sent.get(order.id, earlier.now), order.spec, order.is_done)
        for order in earlier.engine.desk.orders.values()
    ]


def fitting(wish: Wish, earlier: EarlierRun | None, account: Account, settings: IBSettings) -> EarlierRun | None:
    """The earlier run, where it is one of this account, client and instance.

    Raises:
        Refused: it is of others, and not finished.
    """
    if earlier is None:
        return None
    header = earlier.header
    client, instance = client_id_of(wish.options.address, settings), instance_of(wish.options.address, settings)
    if (header.account, header.client_id, header.instance) == (account.id, client, instance):
        return earlier
    if earlier.is_open:
        raise Refused(
            f"{wish.journal}: run {header.run} trades account {header.account} as client {header.client_id}, instance "
            f"{header.instance}, and has trades or orders open; this run would be account {account.id}, client "
            f"{client}, instance {instance}. Start it as that one, or give another --journal"
        )
    return None


def refuse_strangers(wish: Wish, inbox: EventInbox) -> None:
    """Orders of this instance work at the broker, and no journal tells what they are for: touch nothing.

    Raises:
        Refused: there are such orders.
    """
    arrivals = inbox.take()
    inbox.put_back(arrivals)
    strays = [
        arrival.event
        for arrival in arrivals
        if isinstance(arrival, FromBroker) and isinstance(arrival.event, StrayOrder)
    ]
    if strays:
        orders = ", ".join(f"{one.side.value} {one.remaining} {one.symbol} ({one.reference})" for one in strays)
        journal = "without --journal" if wish.journal is None else f"and {wish.journal} does not know them"
        raise Refused(
            f"orders of this instance work at the broker, {journal}: {orders}. Start with the --journal of the run "
            "that sent them, give this run an instance of its own ([broker] instance), or cancel them in TWS"
        )
