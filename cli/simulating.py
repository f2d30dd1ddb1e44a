"""The options of the simulated exchange, shared by the commands that trade on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import click

from ..runtime.broker.exchange import Commission, FillMode, Slippage
from ..runtime.broker.simulated import SimulationSettings
from ..runtime.times import parse_duration

F = TypeVar("F", bound=Callable[..., Any])


def _parsed(name: str, parse: Callable[[str], Any], help_text: str) -> Callable[[F], F]:
    """An option that is read by a function which raises ValueError with what it expects; None where not given."""

    def convert(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
        try:
            return None if value is None else parse(value)
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from error

    return click.option(name, callback=convert, help=help_text)


def parse_latency(text: str) -> int:
    """Microseconds of `50ms` or `1s`.

    Raises:
        ValueError: neither.
    """
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ValueError(f"latency is a time, as in `50ms` or `1s`, not `{text}`") from error


def parse_equity(text: str) -> float:
    """Currency, from `50000`, `50_000` or `$50_000`; more than nothing.

    Raises:
        ValueError: not such an amount.
    """
    try:
        equity = float(text.strip().removeprefix("$").replace("_", ""))
    except ValueError:
        equity = 0.0
    if not 0 < equity < 1e12:
        raise ValueError(f"equity is an amount above zero, as in `100000`, not `{text}`")
    return equity


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _parsed("--equity", parse_equity, "What the account starts with [100000]."),
    click.option(
        "--fill",
        type=click.Choice([mode.value for mode in FillMode]),
        help="When a market order meets a tick: the next one, or the standing price at once.",
    ),
    _parsed("--slippage", Slippage.parse, "As `5bp` or `$0.01` a share."),
    _parsed("--commission", Commission.parse, "As `$0.005` a share, or `$0.005,min $1`."),
    _parsed("--latency", parse_latency, "How long a command is under way, as `50ms`."),
    click.option("--partial-fills", "partial_fills", type=int, metavar="SEED", help="Fill in random parts."),
)


def simulation_options(function: F) -> F:
    """Adds the options of the simulated exchange to a command; it gets them by name, None where not given."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def with_options(settings: SimulationSettings, given: dict[str, Any]) -> SimulationSettings:
    """Settings with the options that were given on top."""
    changes = {name: value for name, value in given.items() if value is not None}
    if "fill" in changes:
        changes["fill"] = FillMode(changes["fill"])
    return attrs.evolve(settings, **changes)
