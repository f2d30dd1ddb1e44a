"""Conditions of rules, built by hand or from a plan, joined with `&`, `|` and `~`.

    EventCondition(PredictionSignalEvent, {"signal": "BUY", "confidence": lambda c: c > 0.8}) & MarketCondition(
        field_conditions={"spread": lambda s: s < 0.05}
    )

`evaluate` answers true, false or unknown; only true fires. This module is the one to import from.
"""

from __future__ import annotations

from .condition_base import AllOf, AnyOf, Condition, Inverse, PlanCondition
from .field_conditions import EventCondition, MarketCondition, PositionCondition, TimeCondition
from .truth import UNKNOWN

__all__ = [
    "UNKNOWN",
    "AllOf",
    "AnyOf",
    "Condition",
    "EventCondition",
    "Inverse",
    "MarketCondition",
    "PlanCondition",
    "PositionCondition",
    "TimeCondition",
]
