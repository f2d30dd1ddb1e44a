"""A trade as conditions see it: what stands after `position.`, at this step's prices.

When flat, `side` is `flat`, `quantity` and `scale_ins` are 0 and everything else is unknown. A profit is that of
closing a share now: as a fraction of the entry, in currency over all shares held, or in multiples of R.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...dsl.plan import Kind
from ..numbers import MICROS, to_float
from ..order.working import Role
from ..times import SECOND
from .desk import Desk
from .levels import nearest_target, slice_target, tightest_stop
from .pricing import profit_per_share
from .state import Trade

Field = float | str | None

_FLAT: Mapping[str, Field] = {"side": "flat", "quantity": 0.0, "scale_ins": 0.0}
_UNITS = (Kind.PERCENT, Kind.MONEY, Kind.R)
_PROFITS = ("profit", "peak_profit")
_PLAIN = ("side", "quantity", "entry_price", "pnl", "age", "scale_ins", "stop_price", "target_price")


def position_field(desk: Desk, symbol: str, name: str, unit: Kind) -> Field:
    """A field of the symbol's position now; None where it is unknown."""
    trade = desk.trades.get(symbol)
    if trade is None or trade.held <= 0:
        return _FLAT.get(name)
    return _field(desk, trade, name, unit, trade.held)


def before_its_close(desk: Desk, trade: Trade, quantity: int) -> Mapping[str, Field]:
    """All fields of a position that has just closed, as they were with so many shares left."""
    fields = {name: _field(desk, trade, name, Kind.PERCENT, quantity) for name in _PLAIN}
    for name in _PROFITS:
        for unit in _UNITS:
            fields[key_of(name, unit)] = _field(desk, trade, name, unit, quantity)
    return fields


def key_of(name: str, unit: Kind) -> str:
    """What a field is filed under in `before_its_close`."""
    return name if unit is Kind.PERCENT else f"{name} {unit.value}"


def _field(desk: Desk, trade: Trade, name: str, unit: Kind, quantity: int) -> Field:
    match name:
        case "side":
            return "long" if trade.sign > 0 else "short"
        case "quantity":
            return float(quantity)
        case "entry_price":
            return trade.average
        case "profit":
            return _profit(trade, desk.closing_price(trade.symbol, trade.side), unit, quantity)
        case "peak_profit":
            return _profit(trade, trade.peak, unit, quantity)
        case "pnl":
            return _pnl(desk, trade)
        case "age":
            return None if trade.opened_at is None else (desk.now - trade.opened_at) / SECOND
        case "scale_ins":
            return float(sum(1 for part in trade.slices if part.parent.role == Role.SCALE and part.parent.filled))
        case "stop_price":
            stop = tightest_stop(trade)
            return None if stop is None else to_float(stop)
        case _:
            return _nearest_target(trade)


def _profit(trade: Trade, price: float | None, unit: Kind, quantity: int) -> float | None:
    if price is None or trade.average <= 0:
        return None
    gain = profit_per_share(trade.sign, trade.average, price)
    match unit:
        case Kind.MONEY:
            return gain * quantity
        case Kind.R:
            return None if not trade.initial_risk else gain / trade.initial_risk
        case _:
            return gain / trade.average


def _pnl(desk: Desk, trade: Trade) -> float | None:
    """Currency: what has left, less all commission, and what the shares held would bring now."""
    held = max(0, trade.held)
    price = desk.closing_price(trade.symbol, trade.side)
    if held and price is None:
        return None
    open_part = 0.0 if price is None else profit_per_share(trade.sign, trade.average, price) * held
    return trade.realised() / MICROS + open_part


def _nearest_target(trade: Trade) -> float | None:
    part = nearest_target(trade)
    price = None if part is None else slice_target(trade, part)
    return None if price is None else to_float(price)
