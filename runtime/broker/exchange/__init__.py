"""The one exchange: a synchronous, deterministic state machine in Interactive Brokers' vocabulary.

`machine.py` is the door. Behind it: `orders.py`, `events.py` and `policy.py` are what goes in and out; `book.py` finds
orders; `checks.py`, `margin.py` and `admission.py` judge them; `desk.py` moves them through their life; `matching.py`
and `walk.py` bring the market to them; `fills.py` fills them; `ledger.py` keeps the books; `saved.py` brings orders
over a restart; `faults.py` makes things go wrong.
"""

from __future__ import annotations

from .events import Code, ErrorEvent, ExchangeEvent, Execution, ExecutionEvent, OrderEvent, Request
from .faults import Faults, Rejected
from .ledger import Account, Holding, Ledger
from .machine import Exchange
from .orders import Action, OcaType, Order, OrderKind, Status, Tif
from .policy import (
    Commission,
    ExchangePolicy,
    ExchangeTerms,
    FillMode,
    OcaReduction,
    PartialParent,
    Slippage,
)
from .saved import SavedOrder
from .tape import Hours
from .walk import BarPrices

__all__ = [
    "Account",
    "Action",
    "BarPrices",
    "Code",
    "Commission",
    "ErrorEvent",
    "Exchange",
    "ExchangeEvent",
    "ExchangePolicy",
    "ExchangeTerms",
    "Execution",
    "ExecutionEvent",
    "Faults",
    "FillMode",
    "Holding",
    "Hours",
    "Ledger",
    "OcaReduction",
    "OcaType",
    "Order",
    "OrderEvent",
    "OrderKind",
    "PartialParent",
    "Rejected",
    "Request",
    "SavedOrder",
    "Slippage",
    "Status",
    "Tif",
]
