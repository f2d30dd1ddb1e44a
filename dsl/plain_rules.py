"""What rules do, in plain English with numbers: what `rulec explain FILE` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from . import plan
from .plain_actions import action, ends, limit, loss, trigger
from .plain_example import ASSUMED
from .plain_terms import condition, duration, listed, time_of_day

_WIDTH = 100


def explain_rules(rules: Sequence[plan.Rule], limits: Sequence[plan.Limit]) -> str:
    """Rules in the order given, and the limits that hold for them."""
    parts = [explain_rule(rule) for rule in rules]
    if limits:
        parts.append("Limits, for all rules together:\n" + "".join(f"  - {limit(one)}\n" for one in limits))
    return "\n".join([f"{ASSUMED}\n", *parts])


def explain_rule(rule: plan.Rule) -> str:
    """One rule: when it acts, what it does, what ends the trade."""
    said = "" if rule.description is None else f": {rule.description}"
    lines = [f"{rule.label}{said}  ({rule.place})"]
    if not rule.enabled:
        lines.append("  It is disabled, and does nothing.")
    lines += _wrapped("When", [trigger(rule.trigger)])
    if rule.condition is not None:
        lines += _wrapped("If", condition(rule.condition))
    lines += _wrapped("Only", _options(rule))
    steps = [action(one) for one in rule.actions]
    for at, (head, *more) in enumerate(steps, 1):
        number = f"{at}. " if len(steps) > 1 else ""
        lines += _wrapped("Then" if at == 1 else "", [f"{number}{head}", *(f"  - {line}" for line in more)])
    lines += _wrapped(
        "Worst", [said for at, one in enumerate(rule.actions) for said in loss(one, rule.actions[at + 1 :])]
    )
    found = [end for one in rule.actions for end in ends(one)]
    if any(isinstance(one, plan.Enter | plan.Reverse) for one in rule.actions):
        other = "another rule closes it" if found else "nothing of this rule's ends it; another rule must close it"
        lines += _wrapped("Ends", [f"when {listed([*found, other], 'or')}" if found else other])
    return "\n".join(lines) + "\n"


def _options(rule: plan.Rule) -> list[str]:
    options = []
    if rule.during is not None:
        options.append(f"from {time_of_day(rule.during.start)} until {time_of_day(rule.during.end)}, exchange time")
    if rule.cooldown is not None:
        shared = "" if rule.cooldown.shared is None else f", shared as {rule.cooldown.shared}"
        options.append(f"{duration(rule.cooldown.seconds)} after it last acted on the symbol{shared}")
    for most in rule.at_most:
        times = "once" if most.count == 1 else f"{most.count} times"
        options.append(f"{times} per {most.period.value}{' and symbol' if most.each_symbol else ''}")
    if rule.priority:
        options.append(f"with priority {rule.priority} (rules are tried from the highest down; the usual is 0)")
    return options


def _wrapped(head: str, lines: Sequence[str]) -> list[str]:
    """Lines behind a word in the margin, each broken where it is too long."""
    found: list[str] = []
    for line in lines:
        margin = "  " + (f"{head}:" if head and not found else "").ljust(7)
        inner = " " * (len(line) - len(line.lstrip()) + 2)
        found += textwrap.wrap(
            margin + line, _WIDTH, subsequent_indent=" " * 9 + inner, break_long_words=False, break_on_hyphens=False
        )
    return found
