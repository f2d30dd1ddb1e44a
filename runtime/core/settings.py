"""What a runtime is made with."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ...dsl.plan import Limit
from .policy import TradePolicy


@attrs.frozen
class Settings:
    """What a runtime is made with.

    `equity` is the account's cash in currency at the start; `timeframe` (seconds) is that of indicators for which the
    rules state none.

    `at_broker` says that this is a real account, paper or live: its own reports tell what it is worth, others may trade
    in it, quotes grow old, and nothing is known of it before the first connection. Without `short_selling` nothing is
    sold short; a `dry_run` sends nothing that opens shares.
    """

    equity: float = 100_000.0
    run: str = "r0"
    instance: str = "1"
    policy: TradePolicy = attrs.field(factory=TradePolicy)
    limits: tuple[Limit, ...] = ()
    sectors: Mapping[str, str] = attrs.field(factory=dict)
    timeframe: float | None = None
    at_broker: bool = False
    short_selling: bool = True
    dry_run: bool = False


@attrs.frozen
class Resumed:
    """The run goes on after it was stopped, with these settings from now on.

    What the broker did meanwhile is not known yet: until it is connected and has told, all of it counts as away. The
    rules, where they or the values of their params (`parameters`) have changed, come with a reload after this.
    """

    time: int
    settings: Settings
    parameters: Mapping[str, str] = attrs.field(factory=dict, hash=False)
