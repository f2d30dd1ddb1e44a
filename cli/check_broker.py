"""`rulec check --broker ib://…`: whether the broker can do what the rules want: symbols, order types, market data.

Asked are the symbols that rules and limits name; those that only signals bring are not known before they come. Nothing
but questions is sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import attrs
import click

from ..dsl.plan import DoubleDown, Plan, Pricing, PricingKind, Protection, TrailStop
from ..runtime.broker.ib.address import Address, parse_address
from ..runtime.broker.ib.checking import Finding, Severity, check_symbols
from ..runtime.broker.ib.refused import StartRefused
from ..runtime.broker.ib.settings import IBSettings
from ..runtime.broker.port import OrderType
from ..runtime.clock import SystemClock
from ..runtime.core.wants import records_below
from ..runtime.live.symbols import symbols_of
from .checking import FINE, NOT_FINE, Asked
from .configuring import load_configuration
from .errors import CommandError
from .rules import compile_paths

_PRICINGS = {
    PricingKind.MARKET: OrderType.MARKET,
    PricingKind.LIMIT: OrderType.LIMIT,
    PricingKind.STOP: OrderType.STOP,
    PricingKind.STOP_LIMIT: OrderType.STOP_LIMIT,
}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "green"}


def broker_address(asked: Asked, broker: str) -> Address:
    """Reads `--broker` of a check.

    Raises:
        CommandError: it is no address, or goes with another format only.
    """
    if asked.form not in ("full", "concise", "json"):
        raise CommandError(f"--broker: not with --format {asked.form}", "write --format full, concise or json")
    try:
        return parse_address(broker)
    except ValueError as error:
        raise CommandError(f"--broker: {error}") from error


def ask_broker(asked: Asked, address: Address, config: str | None) -> tuple[int, list[Finding]]:
    """What the broker says of rules that compile, and the exit code for it."""
    _, compilation = compile_paths(asked.paths, asked.settings, actions=asked.actions)
    assert compilation.plan is not None, "the broker is asked about rules that compile"
    plan = compilation.plan
    settings = attrs.evolve(IBSettings(), **load_configuration(config).broker)
    try:
        findings = asyncio.run(check_symbols(address, settings, symbols_of(plan), order_types_of(plan), SystemClock()))
    except StartRefused as error:
        raise CommandError(f"--broker: {error}") from error
    bad = {Severity.ERROR, Severity.WARNING} if asked.strict else {Severity.ERROR}
    return (NOT_FINE if any(finding.severity in bad for finding in findings) else FINE), findings


def order_types_of(plan: Plan) -> tuple[OrderType, ...]:
    """The order types that rules may send; whatever they open is closed at market in the end."""
    found = {OrderType.MARKET: None}
    for record in records_below(plan.rules):
        match record:
            case Pricing():
                found[_PRICINGS[record.kind]] = None
            case Protection():
                if record.stop is not None or record.breakeven_after is not None:
                    found[OrderType.STOP] = None
                if record.targets:
                    found[OrderType.LIMIT] = None
                if record.trail is not None:
                    found[OrderType.TRAIL if record.stop is None else OrderType.STOP] = None
            case DoubleDown():
                found[OrderType.LIMIT] = None
            case TrailStop():
                found[OrderType.TRAIL] = None
            case _:
                pass
    return tuple(kind for kind in OrderType if kind in found)


def show(findings: Sequence[Finding], address: Address) -> None:
    """Prints findings, a line each; says so where there was nothing to ask."""
    for finding in findings:
        mark = click.style(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
        click.echo(f"{mark}: {finding.symbol}: {finding.text}")
    if not findings:
        click.echo(f"{address}: the rules name no symbol to ask about; those of signals are met as they come")


def as_json(findings: Sequence[Finding], address: Address) -> list[dict[str, Any]]:
    """Findings in the form of diagnostics; their place is the broker's address."""
    return [
        {
            "code": "broker",
            "severity": finding.severity.value,
            "message": f"{finding.symbol}: {finding.text}",
            "path": f"ib://{address}",
            "line": 1,
            "column": 1,
            "end_line": 1,
            "end_column": 1,
            "help": None,
            "fixes": [],
        }
        for finding in findings
    ]


def with_findings(diagnostics: str, findings: Sequence[Finding], address: Address) -> str:
    """A JSON array of diagnostics with those of the broker behind them."""
    return json.dumps([*json.loads(diagnostics), *as_json(findings, address)], indent=1, ensure_ascii=False) + "\n"
