"""The rows of a journal as records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..broker.port import Command
from ..core.engine import Input
from ..core.records import Record
from ..core.settings import Settings
from ..event.reload import RuleTexts


@attrs.frozen
class RunHeader:
    """What a run was made with: with the rules, all that is needed to do it again.

    Attributes:
        run: what its ids start with; no two runs of a journal have the same.
        engine: the version of rulec that wrote it.
        account: the broker's account, with `client_id` and `instance` as the broker saw them.
        rules: the plan's fingerprint.
        configuration: the hash of everything below.
        hours: the name of the regular hours, as in `runtime.market.hours.HOURS`.
        parameters: the values given to params of the rules, as texts.
        settings: the engine's, before the limits of the rules join them.
        simulation: the simulated exchange's settings as plain data; None at a real broker.
        texts: the rule files as they were when the run began; None in journals of older versions.
    """

    run: str
    engine: str
    account: str
    client_id: int
    instance: str
    rules: str
    configuration: str
    hours: str
    parameters: Mapping[str, str]
    settings: Settings
    # Any: plain JSON data of the broker's own settings, which only whoever makes that broker can read
    simulation: Mapping[str, Any] | None = None
    texts: RuleTexts | None = None


@attrs.frozen
class RunEnd:
    """The run's inputs came to their end, and its timers ran to the end of the last session.

    A run that was stopped has none: it ends with its last row.
    """


@attrs.frozen
class Row:
    """One row of the log, read back. `value` is what `body` (JSON) stands for; `now` in microseconds since 1970 UTC."""

    run: str
    seq: int
    now: int
    kind: str
    version: int
    body: str
    value: RunHeader | RunEnd | Input | Record | Command


@attrs.frozen
class Step:
    """One input with what came of it."""

    seq: int
    now: int
    event: Input
    records: tuple[Record, ...]
    commands: tuple[Command, ...]
