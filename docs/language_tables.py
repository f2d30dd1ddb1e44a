"""The tables of what rules are made of: triggers, options, operators, actions, declarations, words, diagnostics.

What the code does not say (what an action means to a trader) stands here, under the name that the code has for it: a
name that is missing, or one too many, is an error.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..dsl import nodes
from ..dsl.catalog import STATEMENT_WORDS, TRIGGERS
from ..dsl.codes import CODES
from ..dsl.library import standard_modules
from .forms import forms, keywords, names_of, parts_of
from .markdown import code, each, table

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
    "reverse": ("", "Closes the position and enters the other way, with as many shares as are held now."),
    "move_stop": ("PRICE", "Moves the stop to that price, if that is tighter and not at or through the market."),
    "move_stop_to_breakeven": ("", "The same, to the average entry, or so far from it: `+` is toward profit."),
    "move_target": ("PRICE", "Moves the nearest unfilled target to that price, where it stays."),
    "trail_stop": ("", "From now on the stop follows the best price at that distance."),
    "cancel": (
        "",
        "Cancels linked orders: the targets; scale-ins and double-downs; what has not filled of the entry; or all of "
        "these. A stop or trail never.",
    ),
    "place": ("", "Any other order of this trade, shown under the role NAME. See *Other orders* below."),
    "emit": ("FRACTION", "Puts a signal on the bus: an input of its own, after this one."),
    "notify": ("", "Says a text: it stands in the decision, for people and programs."),
    "log": ("", "Records a text in the decision."),
    "halt": ("", "Stops new entries: unfilled opening orders are cancelled; exits and protection go on."),
    "reset_cooldown": (
        "",
        "Forgets the symbol's cooldown of that rule, or of all that share that name; without `of`, all its cooldowns.",
    ),
    "call_action": ("", "Runs a Python function of yours; see [python.md](python.md)."),
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

# By the name of the form in the grammar: its node, its plain values, what it fires on.
_WRITTEN: Mapping[str, tuple[type, str, str]] = {
    "signal_trigger": (nodes.SignalTrigger, "", "a signal of that kind, or of any"),
    "price_trigger": (nodes.PriceTrigger, "", "a trade's price, or the middle of a quote"),
    "volume_trigger": (nodes.VolumeTrigger, "", "a trade that says its size"),
    "bar_trigger": (nodes.BarTrigger, "DURATION", "a completed bar of that length; without one, of the usual length"),
    "position_trigger": (nodes.PositionTrigger, "", "a position's first share, a change of its shares, its end"),
    "order_trigger": (nodes.OrderTrigger, "", "a turn in the life of an order of ours"),
    "time_trigger": (nodes.TimeTrigger, "TIME", "that time, on trading days"),
    "every_trigger": (nodes.EveryTrigger, "DURATION", "each such span of a session, counted from its open"),
    "market_open_trigger": (nodes.MarketTrigger, "DURATION", "the open, or so long after it"),
    "market_close_trigger": (nodes.MarketTrigger, "DURATION", "the close, or so long before it"),
    "start_trigger": (nodes.StartTrigger, "", "the start of the run, once, before anything else"),
    "broker_trigger": (nodes.BrokerTrigger, "", "the broker comes back, or is gone"),
}


def _forms(rule: str, texts: Mapping[str, tuple[str, str]]) -> str:
    written = forms(rule, {name: values for name, (values, _) in texts.items()})
    rows = each(written, {name: meaning for name, (_, meaning) in texts.items()})
    return table(("written", "meaning"), ((code(written[name]), meaning) for name, meaning in rows))


def actions() -> str:
    return _forms("action", ACTIONS)


def protection() -> str:
    return _forms("protection", PROTECTION)


def pricing() -> str:
    return _forms("pricing", PRICING)


def options() -> str:
    return _forms("option", OPTIONS)


def limits() -> str:
    return _forms("limit", LIMITS)


def triggers() -> str:
    written = forms("trigger", {name: values for name, (_, values, _) in _WRITTEN.items()})
    each(TRIGGERS, {node: None for node, _, _ in _WRITTEN.values()})
    rows = []
    for name, (node, _, fires) in each(written, _WRITTEN):
        facts = TRIGGERS[node]
        brings = ", ".join(map(code, facts.names)) + (", and every declared `field`" if facts.fields else "")
        if not brings:
            brings = "`symbol` with `of`; else none" if "[of" in written[name] else "none"
        rows.append((code(written[name]), fires, brings))
    return table(("trigger", "fires on", "names it brings"), rows)


def operators() -> str:
    """From the tightest bond to the loosest."""
    meanings = {
        "index": ("`stake[symbol]`, `close[1]`", "the entry of a table; the value so many bars ago"),
        "negate": ("`-x`", "minus"),
        "atr_multiple": ("`6 atr`, `6 atr(20)`", "`6 * atr(14)`, `6 * atr(20)`"),
        "product_chain": ("`*` `/`", "times, divided by; a percentage of money is money"),
        "sum_chain": ("`+` `-`", "plus, minus; both sides in the same unit"),
        "compare": ("`==` `!=` `<` `<=` `>` `>=`", "comparisons, in chains too: `0.2 < x <= 0.7`"),
        "member": ("`in [..]`, `not in [..]`", "is one of them, or none"),
        "within": ("`in low..high`, `not in low..high`", "both ends included; of times the end is excluded"),
        "is_word": ("`is WORD`, `is not WORD`", "is that word: `position.side is long`, `reason is stop`"),
        "crosses": (
            "`crosses above`, `crosses below`",
            "was at or below it before and is above it now; or the other way round",
        ),
        "not_": ("`not`", "true where false, and false where true"),
        "and_chain": ("`and`", "all of them"),
        "or_chain": ("`or`", "at least one of them"),
    }
    tightest_first = ("member_or_call", "unary", "multiple", "product", "sum", "comparison", "negation")
    found = names_of(*tightest_first, "conjunction", "expression")
    return table(("written", "meaning"), (row for _, row in each(found, meanings)))


def declarations() -> str:
    meanings = {
        "use": (
            '`use std.risk`, `use "limits.rules" with (name = value)`',
            "takes the rules of another file into this",
        ),
        "let": ("`let NAME = VALUE`", "names a value, a condition, a list or a table"),
        "param": ("`param NAME = VALUE [in LOW..HIGH [step N]] [TEXT]`", "a value that can be set from outside"),
        "field": ("`field NAME: TYPE [TEXT]`", "what signals carry beyond the standard values"),
        "limits": ("`limits { … }`", "bounds of what all rules together may do"),
        "rule": ("`[rule NAME …] on TRIGGER … -> ACTION`", "what to do, and when"),
        "test": ("`test TEXT { … }`", "what happens and what is expected; see [testing-rules.md](testing-rules.md)"),
    }
    return table(("written", "meaning"), (row for _, row in each(parts_of("statement"), meanings)))


def modules() -> str:
    """The files that ship with rulec, as `use` names them."""
    return ", ".join(map(code, standard_modules())) + "\n"


def words() -> str:
    """The words of the language; those in bold type can name nothing."""
    every = sorted({*keywords(), *STATEMENT_WORDS})
    shown = (f"**{word}**" if word in STATEMENT_WORDS else word for word in every)
    return " ".join(shown) + "\n"


def diagnostics() -> str:
    return table(
        ("code", "finds", "more"),
        ((code(entry.code), entry.title, entry.story.replace("\n", " ")) for entry in CODES.values()),
    )
