"""Puts the sides of a connection together, once the account is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from ...clock import Clock
from ...market.hours import Hours
from .account import AccountWatch
from .asking import RequestNumbers
from .bars import BarFeed
from .contracts import Contracts, StockContract
from .errors import CodeTable
from .identity import Identity
from .library import Library, Link
from .market import MarketData
from .outlet import Outlet
from .runs import KnownOrder, Put, Say
from .sending import SendingQueue
from .settings import IBSettings
from .sides import Sides
from .trading import Trading


@attrs.frozen
class Ways:
    """What the sides call: where news go, what can be used now, and what the whole does next.

    `link` is the link that may be used now, `con_id` a symbol's contract, `is_open` says whether its market is open.
    `on_complete` hears that everything was told, `on_contract` of a contract that is new, `on_read_only` of a broker
    that takes no orders.
    """

    put: Put
    say: Say
    link: Callable[[], Link | None]
    con_id: Callable[[str], int | None]
    is_open: Callable[[str], bool]
    on_complete: Callable[[], None]
    on_contract: Callable[[StockContract], None]
    on_read_only: Callable[[], None]


def assemble(
    identity: Identity,
    settings: IBSettings,
    known: Iterable[KnownOrder],
    ways: Ways,
    library: Library,
    queue: SendingQueue,
    clock: Clock,
    pulse: Clock,
    hours: Hours,
) -> Sides:
    """The sides; contracts of known orders that may still work are asked for before anybody needs them.

    `clock` stamps what is told, waiting goes by `pulse`; `hours` hold where no contract tells its own.
    """
    numbers, codes = RequestNumbers(), CodeTable(settings.codes)
    outlet = Outlet(library, queue, numbers, ways.link, ways.con_id)
    trading = Trading(
        identity,
        outlet,
        outlet,
        queue,
        ways.put,
        ways.say,
        clock,
        codes,
        settings.answer_within,
        ways.on_complete,
        ways.is_open,
    )
    contracts = Contracts(outlet, numbers, pulse, settings, hours, ways.on_contract, ways.put)
    for order in known:
        trading.book.know(order.spec, order.sent, is_done=order.is_done)
        if not order.is_done:
            contracts.want(order.spec.symbol)
    return Sides(
        identity.account,
        outlet,
        trading,
        contracts,
        MarketData(outlet, numbers, clock, pulse, ways.put, ways.say),
        BarFeed(outlet, numbers, clock, pulse, settings, ways.put, ways.say),
        AccountWatch(identity.account, ways.put, ways.say),
        codes,
        ways.say,
        ways.on_read_only,
    )
