"""Keeps positions made by hand, marks them, and says on the bus when one of their levels is hit.

A tracker sends no orders: whoever holds shares behind such a position hears `PositionCloseEvent` and acts on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..event.base import BaseEvent
from ..event.bus import EventBus
from ..event.market import PriceEvent
from ..event.position import PositionCloseEvent, PositionOpenEvent, PositionUpdateEvent
from .base import Position, PositionStatus
from .stock import StockPosition


class PositionTracker:
    """Tracks and manages multiple positions. `positions` holds every one of them by id, closed ones too."""

    def __init__(self, event_bus: EventBus) -> None:
        """Initialize with event bus."""
        self.positions: dict[str, Position] = {}
        self.event_bus = event_bus

    async def create_position(self, symbol: str, **kwargs: Any) -> Position:
        """Create a new position.

        Args:
            symbol: what is held.
            **kwargs: those of `StockPosition`, and `quantity` (positive long, negative short) and `entry_price`. With
                both it is open; with a quantity alone it opens at the first price it is told.

        Raises:
            ValueError: see `Position`; an id that is in use; an entry price without a quantity.
        """
        quantity = kwargs.pop("quantity", None)
        entry_price = kwargs.pop("entry_price", None)
        if entry_price is not None and quantity is None:
            raise ValueError("a position with an entry_price needs a quantity")
        position = StockPosition(symbol, **kwargs)
        if position.position_id in self.positions:
            raise ValueError(f"there is a position {position.position_id} already")
        if quantity is not None and entry_price is not None:
            await position.open(quantity, entry_price)
        elif quantity is not None:
            position.plan(quantity)
        self.positions[position.position_id] = position
        if position.is_open:
            await self._tell_open(position)
        return position

    async def get_position(self, position_id: str) -> Position | None:
        """Get a position by ID; None where there is none."""
        return self.positions.get(position_id)

    async def get_positions_for_symbol(self, symbol: str) -> list[Position]:
        """Get all positions for a symbol, in the order in which they were created."""
        return [position for position in self.positions.values() if position.symbol == symbol]

    async def update_positions(self, market_data: Mapping[str, float]) -> None:
        """Update all positions with latest market data: prices in currency by symbol.

        A position whose stop, trail or target that price hits is closed at it.

        Raises:
            ValueError: a price that is not above 0.
        """
        for position in tuple(self.positions.values()):
            price = market_data.get(position.symbol)
            if price is None or position.status is PositionStatus.CLOSED:
                continue
            was_open = position.is_open
            await position.update(price)
            if not was_open and position.is_open:
                await self._tell_open(position)
            elif position.is_open:
                await self._tell(
                    PositionUpdateEvent(
                        symbol=position.symbol,
                        position_id=position.position_id,
                        quantity=position.quantity,
                        entry_price=position.entry_price,
                        current_price=price,
                        pnl=position.unrealized_pnl,
                    )
                )
            reason = position.triggered()
            if reason is not None:
                await self._close(position, price, reason)

    async def on_price(self, event: PriceEvent) -> None:
        """Update from a price event: `await bus.subscribe(PriceEvent, tracker.on_price)`."""
        await self.update_positions({event.symbol: event.price})

    async def close_position(self, position_id: str, reason: str = "manual") -> None:
        """Close a position at the last price it was told; one that never opened is given up.

        Raises:
            ValueError: no such position, or it is closed already.
        """
        position = self.positions.get(position_id)
        if position is None:
            raise ValueError(f"no position {position_id!r} is tracked here")
        if position.status is PositionStatus.PLANNED:
            position.abandon(reason)
            return
        price = position.current_price
        if position.status is PositionStatus.CLOSED or price is None:
            raise ValueError(f"position {position_id} is closed already")
        await self._close(position, price, reason)

    async def _close(self, position: Position, price: float, reason: str) -> None:
        if not position.is_open:
            return  # a handler of the update that was just told has closed it
        quantity = position.quantity
        await position.close(price, reason)
        await self._tell(
            PositionCloseEvent(
                symbol=position.symbol,
                position_id=position.position_id,
                quantity=quantity,
                entry_price=position.entry_price,
                exit_price=price,
                reason=reason,
                pnl=position.realized_pnl,
            )
        )

    async def _tell_open(self, position: Position) -> None:
        await self._tell(
            PositionOpenEvent(
                symbol=position.symbol,
                position_id=position.position_id,
                quantity=position.quantity,
                entry_price=position.entry_price,
            )
        )

    async def _tell(self, event: BaseEvent) -> None:
        await self.event_bus.emit(event)
