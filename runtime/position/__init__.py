"""Positions: those made by hand with their tracker, our books, and which symbols have a trade."""

from __future__ import annotations

from .base import Position as Position
from .base import PositionStatus as PositionStatus
from .stock import StockPosition as StockPosition
from .tracker import PositionTracker as PositionTracker
from .trades import TradeInfo as TradeInfo
from .trades import TradeTracker as TradeTracker
