"""A configuration that has been read: what it changes of the settings that a run is made with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ...dsl.plan import Limit
from ..broker.simulated import SimulationSettings
from ..core.settings import Settings
from ..journal import Sync


@attrs.frozen
class Configuration:
    """What a `rulec.toml` sets; the empty one sets nothing.

    The mappings hold what is set and nothing else, by the names of the settings' attributes.

    Attributes:
        path: the file; None where there is none.
        market: `hours` (a name) and `timeframe` (seconds).
        broker: attributes of `IBSettings`.
        signal_ages: microseconds by source.
        actions: the path of the Python file whose functions rules may `call`.
    """

    path: str | None = None
    params: Mapping[str, str] = attrs.field(factory=dict)
    limits: tuple[Limit, ...] = ()
    sectors: Mapping[str, str] = attrs.field(factory=dict)
    # Any: values by attribute, each made by its key's reader
    market: Mapping[str, Any] = attrs.field(factory=dict)
    broker: Mapping[str, Any] = attrs.field(factory=dict)
    exchange: Mapping[str, Any] = attrs.field(factory=dict)
    policy: Mapping[str, Any] = attrs.field(factory=dict)
    signal_ages: Mapping[str, int] = attrs.field(factory=dict)
    sync: Sync = Sync.NORMAL
    actions: str | None = None

    def apply(self, settings: Settings) -> Settings:
        """The engine's settings with this configuration on top."""
        ages = {**settings.policy.stale_by_source, **self.signal_ages}
        return attrs.evolve(
            settings,
            limits=(*settings.limits, *self.limits),
            sectors={**settings.sectors, **self.sectors},
            policy=attrs.evolve(settings.policy, **self.policy, stale_by_source=ages),
            timeframe=self.market.get("timeframe", settings.timeframe),
        )

    def simulation(self, settings: SimulationSettings) -> SimulationSettings:
        """The simulated exchange's settings with this configuration on top."""
        return attrs.evolve(settings, **self.exchange)

    def parameters(self) -> list[str]:
        """The params it sets, each as `NAME=VALUE`; the command line's come after them."""
        return [f"{name}={value}" for name, value in self.params.items()]

    def hours(self, otherwise: str) -> str:
        """The name of the regular hours, as in `runtime.market.hours.HOURS`."""
        name: str = self.market.get("hours", otherwise)
        return name
