"""The tables of the documents, made from the code that they describe.

`TABLES` has a function for each; `generate.py` puts what it returns between the markers in the documents. What the code
does not say (what an action means to a trader) stands here, under the name that the code has for it: a name that is
missing, or one too many, is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import click

from ..cli.main import COMMANDS, rulec
from ..dsl import kinds
from ..dsl.catalog import FUNCTIONS, QUOTES, STATEMENT_WORDS, TRIGGERS, Family
from ..dsl.codes import CODES
from ..dsl.nodes import PriceTrigger, SignalTrigger
from ..runtime.broker.port import OrderType
from ..runtime.core.records import OrderState, Outcome, PositionChange
from ..runtime.feed.lines import FAULTS
from ..runtime.order.working import Role
from ..runtime.risk.reasons import Reason
from ..runtime.trade.state import CloseReason
from .forms import forms, keywords

Key = TypeVar("Key")
Meaning = TypeVar("Meaning")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _code(text: str) -> str:
    return f"`{text}`"


def _each(names: Iterable[Key], meanings: Mapping[Key, Meaning]) -> list[tuple[Key, Meaning]]:
    """Names with their meanings.

    Raises:
        ValueError: the two do not have the same names.
    """
    known = list(names)
    if set(known) != set(meanings):
        raise ValueError(f"meanings are missing or left over: {set(known) ^ set(meanings)}")
    return [(name, meanings[name]) for name in known]


# ---- the language ----------------------------------------------------------------------------------------------------

ACTIONS = {
    "enter": ("", "Buys (long) or sells short, with its protection. See *Entering* below."),
    "scale_in": (
        "N",
        "Adds to the trade, now if it is at that profit, else as soon as it is. Once, unless `at most N`. The trade is "
        "that of the rule's own `enter`, else the one there is.",
    ),
    "double_down_at_loss": ("", "Rests a limit order on the losing side, that far from the average entry."),
    "double_down_to_stop": ("P%", "Rests a limit order that far on the way from the average entry to the stop."),
    "exit": ("N|P%", "Closes the symbol's position, or so many shares, or that part of it (at least one share)."),
    "exit_everything": ("", "Closes every open trade of this run."),
    "notify": ("", "Says a text: it stands in the decision, for people and programs."),
    "log": ("", "Records a text in the decision."),
    "halt": ("", "Stops new entries: unfilled opening orders are cancelled; exits and protection go on."),
}

PROTECTION = {
    "stop": ("", "A stop order at that distance on the losing side."),
    "target": ("P%", "A limit order at that distance on the winning side, for all shares or that part of them."),
    "trail": ("", "The stop follows the best price at that distance; with `after`, once that profit is reached."),
    "breakeven": ("", "At that profit the stop moves to the average entry."),
    "exit_after": ("DURATION", "Closes at market so long after the first fill."),
}

PRICING = {
    "at_market": ("", "At market: the default."),
    "at_limit": ("PRICE DURATION", "A limit order; with `for`, its unfilled rest is cancelled after that time."),
    "at_stop": ("PRICE PRICE DURATION", "A stop order, or with `limit` a stop-limit order."),
}

OPTIONS = {
    "priority": ("N", "Higher is tried first; the default is 0."),
    "cooldown": (
        "DURATION",
        "After it has acted on a symbol, the rule rests for that symbol; `shared`: all rules of NAME.",
    ),
    "at_most": ("N", "Acts at most so often, over all symbols; `each`: per symbol."),
    "during": ("TIME TIME", "Only between these times, exchange time, the second excluded; never on closed days."),
    "disabled": ("", "The rule is compiled but never tried."),
}

LIMITS = {
    "max_position": ("AMOUNT", "Most in one symbol."),
    "max_sector": ("AMOUNT", "Most in one sector; sectors stand in the configuration."),
    "max_exposure": ("AMOUNT", "Most in all symbols together, long and short added up."),
    "max_positions": ("N", "How many symbols at once."),
    "max_order": ("AMOUNT", "Most in one order that opens shares."),
    "max_orders": ("N", "How many orders that open; a bracket is one."),
    "max_daily_loss": ("AMOUNT", "A loss since the day's first equity that stops entries until the next session."),
    "only_symbols": ("SYMBOLS", "No other symbols."),
    "no_shorting": ("", "No short entries."),
}


def _forms(rule: str, texts: Mapping[str, tuple[str, str]]) -> str:
    written = forms(rule, {name: values for name, (values, _) in texts.items()})
    rows = _each(written, {name: meaning for name, (_, meaning) in texts.items()})
    return _table(("written", "meaning"), ((_code(written[name]), meaning) for name, meaning in rows))


def triggers() -> str:
    writing: dict[type[SignalTrigger] | type[PriceTrigger], tuple[str, str]] = {
        SignalTrigger: ("signal_trigger", "a signal of that kind, or of any"),
        PriceTrigger: ("price_trigger", "a trade's or a quote's price"),
    }
    written = forms("trigger", {"signal_trigger": "", "price_trigger": ""})
    rows = []
    for trigger, (form, fires) in _each(TRIGGERS, writing):
        facts = TRIGGERS[trigger]
        names = ", ".join(_code(name) for name in facts.names)
        rows.append((_code(written[form]), fires, names + (", and every declared `field`" if facts.fields else "")))
    return _table(("trigger", "fires on", "names it brings"), rows)


def event_names() -> str:
    noted = {
        "symbol": "what the event is about",
        "signal": "the signal's kind: `BUY`, `SELL`, `SHORT` or any other word",
        "confidence": "0 to 1; `0.8` and `80%` are the same",
        "price": "the signal's own price; of a price event, the trade's price or the quote's middle",
        "source": "where the signal came from",
        "size": "the shares of the trade; unknown for a quote",
    }
    types = {name: type_ for facts in TRIGGERS.values() for name, type_ in facts.names.items()}
    rows = [(_code(name), str(types[name]), meaning) for name, meaning in _each(types, noted)]
    return _table(("name", "is", "meaning"), rows)


def functions() -> str:
    meanings = {
        "atr": "the average true range over that many bars, by Wilder; the second value is a timeframe",
        "abs": "the value without its sign",
        "min": "the smallest",
        "max": "the largest",
        "round": "rounded, to so many decimals",
    }
    rows = []
    for name, meaning in _each(FUNCTIONS, meanings):
        function = FUNCTIONS[name]
        gives = str(function.result) if function.family is Family.INDICATOR else "what it is given"
        rows.append((function.usage, gives, meaning))
    return _table(("function", "gives", "meaning"), rows)


def quotes() -> str:
    meanings = {
        "last": "the last price",
        "bid": "the best bid",
        "ask": "the best ask",
        "spread": "the ask less the bid",
    }
    return _table(("name", "meaning"), ((_code(name), meaning) for name, meaning in _each(QUOTES, meanings)))


def field_types() -> str:
    examples = {
        "number": "`42`",
        "percent": "`0.03` in the signal, `3%` in the rules",
        "money": "`1500000` in the signal, `$1_500_000` in the rules",
        "text": '`"sweep"`',
        "flag": "`true`",
        "symbol": '`"SPY"` in the signal, `SPY` in the rules',
        "duration": "seconds in the signal, `5m` in the rules",
        "time": "seconds after midnight in the signal, `09:35` in the rules",
    }
    return _table(("type", "values"), ((_code(name), text) for name, text in _each(kinds.FIELD_TYPES, examples)))


def words() -> str:
    """The words of the language; those in bold type can name nothing."""
    every = sorted({*keywords(), *STATEMENT_WORDS})
    shown = (f"**{word}**" if word in STATEMENT_WORDS else word for word in every)
    return " ".join(shown) + "\n"


def diagnostics() -> str:
    return _table(
        ("code", "finds", "more"),
        ((_code(entry.code), entry.title, entry.story.replace("\n", " ")) for entry in CODES.values()),
    )


# ---- what comes out --------------------------------------------------------------------------------------------------


def outcomes() -> str:
    meanings = {
        Outcome.ACTED: "it was done, or is on its way",
        Outcome.REVERSED: "an entry met a trade of the other side: that is closed, then the other way is entered",
        Outcome.IGNORED: "there was nothing to do",
        Outcome.SUPPRESSED: "a rule tried earlier has acted on this symbol on the same event",
        Outcome.REFUSED: "a limit forbids it, or the order would be impossible",
        Outcome.SKIPPED: "something that the condition, the size or a distance needs is unknown",
        Outcome.THROTTLED: "the rule rests: `cooldown` or `at most`",
        Outcome.FAILED: "the broker rejected it, or code of yours raised",
        Outcome.ARMED: "it waits: for the entry's fill, for its profit, for the first half of a reversal",
    }
    return _table(("outcome", "meaning"), ((_code(one.value), text) for one, text in _each(Outcome, meanings)))


def reasons() -> str:
    return _table(("reason", "meaning"), ((_code(reason.text), reason.meaning) for reason in Reason))


def roles() -> str:
    meanings = {
        Role.MAIN: "the entry",
        Role.STOP: "the stop of the shares of one entry, scale-in or double-down",
        Role.TARGET: "a target, or an exit at a limit",
        Role.TRAIL: "a trailing stop that the broker moves",
        Role.SCALE: "a scale-in",
        Role.DOUBLE_DOWN: "a double-down",
        Role.EXIT: "a closing order at market",
    }
    known = [value for name, value in vars(Role).items() if name.isupper()]
    return _table(("role", "the order is"), ((_code(role), text) for role, text in _each(known, meanings)))


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
    return _table(("status", "meaning"), ((_code(one.value), text) for one, text in _each(OrderState, meanings)))


def order_types() -> str:
    return ", ".join(_code(one.value) for one in OrderType) + "\n"


def position_events() -> str:
    meanings = {
        PositionChange.OPENED: "the first share has filled",
        PositionChange.UPDATED: "shares were added or left",
        PositionChange.CLOSED: "the trade has concluded; `reason` says by what",
    }
    return _table(("event", "meaning"), ((_code(one.value), text) for one, text in _each(PositionChange, meanings)))


def close_reasons() -> str:
    meanings = {
        CloseReason.STOP: "its stop, also one that breakeven moved",
        CloseReason.TARGET: "a target",
        CloseReason.TRAIL: "its stop, where a trail had set the price",
        CloseReason.EXIT: "an `exit`, or the end of shares that had no stop for too long",
        CloseReason.TIME: "`exit after`",
        CloseReason.REVERSE: "an entry of the other side",
        CloseReason.MANUAL: "somebody else, at the broker",
    }
    return _table(
        ("reason", "the trade was closed by"), ((_code(one.value), text) for one, text in _each(CloseReason, meanings))
    )


def faults() -> str:
    meanings = {
        "reject_next": "the next order is rejected, with `reason` as the broker's text",
        "partial_next": "the next order's first fill has at most `quantity` shares",
        "late_fill": "the next order that is cancelled fills all the same, after its cancel was confirmed",
    }
    return _table(("event", "what goes wrong"), ((_code(name), text) for name, text in _each(FAULTS, meanings)))


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
                    rows.append((_code(record[0]), record[1].replace("  [", " [")))
            if rows:
                parts.append(_table(("option", "meaning"), rows))
    return "\n".join(parts)


def _argument(argument: click.Argument) -> str:
    return argument.metavar or f"{(argument.name or '').upper()}"


TABLES: Mapping[str, Callable[[], str]] = {
    "actions": lambda: _forms("action", ACTIONS),
    "close_reasons": close_reasons,
    "commands": commands,
    "diagnostics": diagnostics,
    "event_names": event_names,
    "faults": faults,
    "field_types": field_types,
    "functions": functions,
    "limits": lambda: _forms("limit", LIMITS),
    "options": lambda: _forms("option", OPTIONS),
    "order_types": order_types,
    "outcomes": outcomes,
    "position_events": position_events,
    "pricing": lambda: _forms("pricing", PRICING),
    "protection": lambda: _forms("protection", PROTECTION),
    "quotes": quotes,
    "reasons": reasons,
    "roles": roles,
    "statuses": statuses,
    "triggers": triggers,
    "words": words,
}
