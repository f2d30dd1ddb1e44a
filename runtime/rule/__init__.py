"""Rules at work: what a condition means, which rules an event concerns, how often a rule may act.

What a Python user builds rules from is importable here; it is loaded when it is first asked for, because the parts that
the sequencer uses stand below it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .action import Action as Action
    from .action import ActionList as ActionList
    from .condition import Condition as Condition
    from .engine import Rule as Rule
    from .engine import RuleEngine as RuleEngine
    from .registered import rule_action as rule_action
    from .truth import UNKNOWN as UNKNOWN

_HOMES = {
    "Action": "action",
    "ActionList": "action",
    "Condition": "condition",
    "Rule": "engine",
    "RuleEngine": "engine",
    "UNKNOWN": "truth",
    "rule_action": "registered",
}

__all__ = ["UNKNOWN", "Action", "ActionList", "Condition", "Rule", "RuleEngine", "rule_action"]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)
