"""What to say where a rule asks for something that its event does not bring: E107.

on price where confidence > 0.8     a price has no confidence
on time 10:00 where last > $3       of which symbol?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import nodes
from .catalog import FUNCTIONS, POSITION_FLAGS, TRIGGERS, Family, TriggerFacts
from .diagnostics import Diagnostic
from .lets import is_position
from .source import SourceFile

CLOCKS: Mapping[str, str] = {"time": "time 15:59", "every": "every 5m", "market": "market close"}
"""The triggers that bring a symbol only with `of`, and an example of each."""


def narrowed(facts: TriggerFacts, trigger: nodes.Trigger | None, source: SourceFile) -> str:
    """How a rule whose trigger brings no symbol can have one."""
    if facts.noun not in CLOCKS:
        return "a rule with a symbol begins `on price`, `on signal BUY` or `on time 10:00 of AAPL`"
    written = CLOCKS[facts.noun]
    if trigger is not None:
        written = " ".join(source.text[trigger.span.start : trigger.span.end].split())
    return f"narrow the trigger: `{written} of AAPL`"


def without_event(name: nodes.Name, event_name: str, path: str) -> Diagnostic:
    """A value that must be the same at all times reads what comes with events."""
    of_let = "" if name.name == event_name else f", which `{name.name}` reads"
    message = f"`{event_name}`{of_let} comes with an event, and there is none here"
    help_text = "write a value that is the same at all times"
    return Diagnostic("E107", message, path, name.span, f"known in `on {_givers(event_name)}` rules", help_text)


def not_brought(
    name: nodes.Name,
    event_name: str,
    facts: TriggerFacts,
    brings: Callable[[TriggerFacts, str], bool],
    trigger: nodes.Trigger | None,
    source: SourceFile,
) -> Diagnostic:
    """A name of other events, or of a let that reads one; `brings` says which events bring a name."""
    if event_name == "symbol" and name.name != "symbol":
        message = f"`{name.name}` asks for the event's symbol, and `on {facts.noun}` has none"
        help_text = narrowed(facts, trigger, source)
        return Diagnostic("E107", message, source.path, name.span, "of which symbol?", help_text)
    of_let = "" if name.name == event_name else f", which `{name.name}` reads"
    message = f"a {facts.noun} event does not bring `{event_name}`{of_let}"
    giver = next((other.noun for other in TRIGGERS.values() if brings(other, event_name)), "signal")
    label = f"known in `on {giver}` rules"
    known = ", ".join(f"`{known}`" for known in facts.names)
    if event_name == "symbol":
        help_text = narrowed(facts, trigger, source)
    elif event_name == "price":
        help_text = f"the last price of a symbol is `{'last' if facts.has_symbol else 'SPY.last'}`, in any rule"
    else:
        help_text = f"`on {facts.noun}` brings {known}" if known else f"`on {facts.noun}` brings no names"
    return Diagnostic("E107", message, source.path, name.span, label, help_text)


def no_symbol(node: nodes.Node, facts: TriggerFacts, trigger: nodes.Trigger | None, source: SourceFile) -> Diagnostic:
    """Something is asked of the event's symbol, and the event has none."""
    written = " ".join(source.text[node.span.start : node.span.end].split())
    message = f"`{written}` is asked of the event's symbol, and `on {facts.noun}` has none"
    remedy = _of_a_named_symbol(node, written, source)
    if remedy is None:
        remedy = narrowed(facts, trigger, source)
    elif facts.noun in CLOCKS:
        remedy = f"{remedy}, or {narrowed(facts, trigger, source)}"
    return Diagnostic("E107", message, source.path, node.span, "of which symbol?", remedy)


def _of_a_named_symbol(node: nodes.Node, written: str, source: SourceFile) -> str | None:
    """How the same is asked of a named symbol, where that can be done."""
    if isinstance(node, nodes.AtrMultiple):
        factor, length = (
            "14" if part is None else source.text[part.span.start : part.span.end]
            for part in (node.factor, node.length)
        )
        return f"name the symbol: `{factor} * SPY.atr({length})`"
    if is_position(node) or (isinstance(node, nodes.Call) and FUNCTIONS[node.function.name].family is Family.COUNT):
        return None
    if isinstance(node, nodes.Name) and node.name in POSITION_FLAGS:
        return None
    return f"name the symbol: `SPY.{written}`"


def _givers(event_name: str) -> str:
    return next((facts.noun for facts in TRIGGERS.values() if event_name in facts.names), "signal")
