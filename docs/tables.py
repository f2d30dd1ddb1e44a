"""The tables of the documents, made from the code that they describe.

`TABLES` has a function for each; `generate.py` puts what it returns between the markers in the documents. Those of the
language stand in `language_tables.py` and `name_tables.py`, those of what comes out here. What the code does not say
stands beside it, under the name that the code has for it: a name that is missing, or one too many, is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click

from ..cli.main import COMMANDS, rulec
from ..runtime.broker.ib.errors import CODES, CodeClass
from ..runtime.broker.port import OrderType
from ..runtime.core.records import OrderState, Outcome, PositionChange
from ..runtime.feed.lines import FAULTS
from ..runtime.order.working import Role
from ..runtime.risk.reasons import Reason
from ..runtime.trade.state import CloseReason
from . import gateway_tables as gateway
from . import language_tables as language
from . import name_tables as names
from .markdown import code, each, table


def outcomes() -> str:
    meanings = {
        Outcome.ACTED: "it was done, or is on its way",
        Outcome.REVERSED: "what is held is closed first, then the other way is entered",
        Outcome.IGNORED: "there was nothing to do",
        Outcome.SUPPRESSED: "a rule tried earlier has acted on this symbol on the same event",
        Outcome.REFUSED: "a limit forbids it, or the order would be impossible",
        Outcome.SKIPPED: "something that the condition, the size or a distance needs is unknown",
        Outcome.THROTTLED: "the rule rests: `cooldown` or `at most`",
        Outcome.FAILED: "the broker rejected it, or code of yours raised",
        Outcome.ARMED: "it waits: for the entry's fill, for its profit, for the next open, for the other half of a "
        "reversal; once it is done it leaves a decision of its own",
    }
    return table(("outcome", "meaning"), ((code(one.value), text) for one, text in each(Outcome, meanings)))


def reasons() -> str:
    return table(("reason", "meaning"), ((code(reason.text), reason.meaning) for reason in Reason))


def roles() -> str:
    meanings = {
        Role.MAIN: "the entry",
        Role.STOP: "the stop of the shares of one entry, scale-in or double-down",
        Role.TARGET: "a target, or an exit at a limit",
        Role.TRAIL: "a trailing stop that the broker moves",
        Role.SCALE: "a scale-in",
        Role.DOUBLE_DOWN: "a double-down",
        Role.EXIT: "a closing order at market",
        Role.PLACED: "an order of `place` without a name of its own; with `as NAME` the role is that name",
    }
    known = [value for name, value in vars(Role).items() if name.isupper()]
    return table(("role", "the order is"), ((code(role), text) for role, text in each(known, meanings)))


def statuses() -> str:
    meanings = {
        OrderState.SUBMITTED: "sent",
        OrderState.MODIFIED: "its quantity or price was changed, or the broker changed it",
        OrderState.PARTIALLY_FILLED: "a part has filled",
        OrderState.FILLED: "all of it has filled",
        OrderState.CANCELLED: "cancelled; what had filled stays",
        OrderState.REJECTED: "the broker refused it; `reason` says why",
        OrderState.EXPIRED: "its day is over",
    }
    return table(("status", "meaning"), ((code(one.value), text) for one, text in each(OrderState, meanings)))


def order_types() -> str:
    return ", ".join(code(one.value) for one in OrderType) + "\n"


def position_events() -> str:
    meanings = {
        PositionChange.OPENED: "the first share has filled",
        PositionChange.UPDATED: "shares were added or left",
        PositionChange.CLOSED: "the trade has concluded; `reason` says by what",
    }
    return table(("event", "meaning"), ((code(one.value), text) for one, text in each(PositionChange, meanings)))


def close_reasons() -> str:
    meanings = {
        CloseReason.STOP: "its stop, also one that breakeven moved",
        CloseReason.TARGET: "a target, or an `exit` or `place` at a limit",
        CloseReason.TRAIL: "its stop, where a trail had set the price",
        CloseReason.EXIT: "an `exit`, or the end of shares that had no stop for too long",
        CloseReason.TIME: "`exit after`",
        CloseReason.REVERSE: "an entry of the other side, or `reverse`",
        CloseReason.MANUAL: "somebody else, at the broker",
    }
    return table(
        ("reason", "the trade was closed by"), ((code(one.value), text) for one, text in each(CloseReason, meanings))
    )


def faults() -> str:
    meanings = {
        "reject_next": "the next order is rejected, with `reason` as the broker's text",
        "partial_next": "the next order's first fill has at most `quantity` shares",
        "late_fill": "the next order that is cancelled fills all the same, after its cancel was confirmed",
    }
    return table(("event", "what goes wrong"), ((code(name), text) for name, text in each(FAULTS, meanings)))


def code_classes() -> str:
    return table(("class", "what follows"), ((code(kind.value), kind.meaning) for kind in CodeClass))


def error_codes() -> str:
    rows = sorted(CODES, key=lambda row: row.code)
    return table(
        ("code", "class", "the broker says"), ((str(row.code), code(row.kind.value), row.meaning) for row in rows)
    )


# ---- the command line ------------------------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its arguments and options."""
    parts = []
    with click.Context(rulec, info_name="rulec") as context:
        for name, entry in COMMANDS.items():
            command = rulec.get_command(context, name)
            assert command is not None
            arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
            written = " ".join(["rulec", name, *(_argument(argument) for argument in arguments)])
            parts.append(f"### `{written}`\n\n{entry.summary}\n")
            rows = []
            for parameter in command.params:
                record = parameter.get_help_record(context)
                if record is not None and record[1]:
                    rows.append((code(record[0]), record[1].replace("  [", " [")))
            if rows:
                parts.append(table(("option", "meaning"), rows))
    return "\n".join(parts)


def _argument(argument: click.Argument) -> str:
    return argument.metavar or f"{(argument.name or '').upper()}"


TABLES: Mapping[str, Callable[[], str]] = {
    "account_fields": names.account_fields,
    "actions": language.actions,
    "always_there": names.always_there,
    "close_reasons": close_reasons,
    "code_classes": code_classes,
    "commands": commands,
    "declarations": language.declarations,
    "diagnostics": language.diagnostics,
    "error_codes": error_codes,
    "event_names": names.event_names,
    "faults": faults,
    "field_types": names.field_types,
    "functions": names.functions,
    "gateway_policies": gateway.policies,
    "gateway_requests": gateway.requests,
    "indicators": names.indicators,
    "limits": language.limits,
    "modules": language.modules,
    "operators": language.operators,
    "options": language.options,
    "order_types": order_types,
    "outcomes": outcomes,
    "position_events": position_events,
    "position_fields": names.position_fields,
    "pricing": language.pricing,
    "protection": language.protection,
    "reasons": reasons,
    "roles": roles,
    "statuses": statuses,
    "triggers": language.triggers,
    "words": language.words,
}
