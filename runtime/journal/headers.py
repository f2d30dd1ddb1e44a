"""The header of a run: with the rules, all that it was made with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import attrs
import msgspec

from ...dsl.plan import Plan
from ..core.settings import Settings
from ..event.reload import RuleTexts
from .rows import RunHeader


def header_of(
    plan: Plan,
    hours: str,
    settings: Settings,
    parameters: Mapping[str, str],
    texts: RuleTexts | None,
    *,
    account: str,
    client_id: int,
    # Any: plain JSON data of the simulated exchange's settings
    simulation: Mapping[str, Any] | None = None,
) -> RunHeader:
    """The header of a run that begins.

    `hours` is a name of `runtime.market.hours.HOURS`; `parameters` are the values that the plan was compiled with,
    `texts` what it was compiled from. `simulation` is None at a real broker.
    """
    made_with = msgspec.json.encode((hours, dict(parameters), attrs.evolve(settings, run=""), simulation))
    return RunHeader(
        run=settings.run,
        engine=version("rulec"),
        account=account,
        client_id=client_id,
        instance=settings.instance,
        rules=plan.fingerprint,
        configuration=hashlib.sha256(made_with).hexdigest()[:16],
        hours=hours,
        parameters=dict(parameters),
        settings=settings,
        simulation=simulation,
        texts=texts,
    )
