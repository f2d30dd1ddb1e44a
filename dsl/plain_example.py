"""The numbers of an example: what sizes, distances and prices come to at $100 a share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from . import plan
from .plain_terms import money, number
from .record import Record
from .trial import Value, evaluate

PRICE = 100.0
EQUITY = 100_000.0
ATR = 2.0
ASSUMED = "Example: a price of $100, an account of $100,000 and an average true range (ATR) of $2."

_PRICES = frozenset(("price", "open", "high", "low", "close", "fill_price", "last", "bid", "ask", "entry_price"))
_AVERAGES = frozenset(("sma", "ema", "vwap", "highest", "lowest", "bollinger_upper", "bollinger_lower"))


class _Known(Mapping[plan.Expression, Value]):
    """What parts are worth in the example: every price is $100, what can't be said is unknown."""

    def __getitem__(self, node: plan.Expression) -> Value:
        match node:
            case plan.Indicator():
                return ATR if node.name == "atr" else PRICE if node.name in _AVERAGES else None
            case plan.EventName() | plan.BarField() | plan.QuoteField() | plan.PositionField():
                return PRICE if node.name in _PRICES else None
            case plan.AccountField():
                return EQUITY if node.name in ("equity", "cash") else None
        return None

    def __iter__(self) -> Iterator[plan.Expression]:
        return iter(())

    def __len__(self) -> int:
        return 0


_KNOWN: Any = _Known()


def example(node: plan.Expression) -> float | None:
    """What an expression comes to; of a table, the entry for every other symbol."""
    if isinstance(node, plan.TableLookup):
        return None if node.default is None else example(node.default)
    value = evaluate(node, _KNOWN)
    return value if isinstance(value, float) else None


def away(distance: plan.Distance, risk: float | None) -> float | None:
    """A distance in dollars a share; `risk` is that of the stop, of which R is a multiple."""
    value = example(distance.value)
    if value is None:
        return None
    match distance.unit:
        case plan.DistanceUnit.PERCENT:
            return value * PRICE
        case plan.DistanceUnit.AMOUNT:
            return value
        case plan.DistanceUnit.R:
            return None if risk is None else value * risk
    return abs(value - PRICE)


@attrs.frozen(eq=False, repr=False)
class Worth(Record):
    """An entry in the example: shares, and dollars a share that its stop is away; None where it can't be said."""

    shares: float | None
    risk: float | None


def worst_loss(entered: Worth, later: Sequence[plan.Action]) -> str:
    """The most that is lost where the stop fills at its price, with all that `later` actions add to the trade."""
    if entered.risk is None:
        return "not limited by a stop"
    added = [_added(one, entered, entered.risk) for one in later if isinstance(one, plan.ScaleIn | plan.DoubleDown)]
    with_added = ", with all that is added" if added else ""
    if entered.shares is None or None in added:
        return (
            f"{money(entered.risk)} a share{', without what is added' if added else ''}, if the stop fills at its price"
        )
    total = entered.shares * entered.risk + sum(loss for loss in added if loss is not None)
    each = f" ({number(entered.shares)} shares, {money(entered.risk)} each)" if not added else ""
    return f"{money(total)}{each}{with_added}, if the stop fills at its price"


def _added(one: plan.ScaleIn | plan.DoubleDown, entered: Worth, risk: float) -> float | None:
    """What the shares of an addition lose at the stop, which is never loosened; None where it can't be said."""
    counted: float | None
    if one.size.unit is plan.SizeUnit.POSITION:
        part = example(one.size.value)
        counted = None if part is None or entered.shares is None else math.floor(part * entered.shares + 1e-9)
    else:
        counted = shares(one.size, risk)
    times = one.at_most if isinstance(one, plan.ScaleIn) else 1
    if isinstance(one, plan.ScaleIn):
        gain = 0.0 if one.at_profit is None else away(one.at_profit, risk)
        lost = None if gain is None else risk + gain
    elif one.at_loss is not None:
        loss = away(one.at_loss, risk)
        lost = None if loss is None else max(0.0, risk - loss)
    else:
        way = None if one.to_stop is None else example(one.to_stop)
        lost = None if way is None else max(0.0, (1 - way) * risk)
    if counted is None or lost is None or (times > 1 and one.size.unit is plan.SizeUnit.POSITION):
        return None
    return counted * lost * times


def worth(size: plan.Size, protection: plan.Protection) -> Worth:
    stop = protection.stop or (protection.trail.distance if protection.trail and not protection.trail.after else None)
    risk = None if stop is None else away(stop, None)
    return Worth(shares(size, risk), risk)


def shares(size: plan.Size, risk: float | None) -> float | None:
    """How many shares a size is, in the example."""
    value = example(size.value)
    if value is None:
        return None
    match size.unit:
        case plan.SizeUnit.SHARES:
            return value
        case plan.SizeUnit.ALLOCATION:
            return float(math.floor(value / PRICE))
        case plan.SizeUnit.EQUITY:
            return float(math.floor(value * EQUITY / PRICE + 1e-9))
        case plan.SizeUnit.RISK_EQUITY | plan.SizeUnit.RISK_MONEY:
            amount = value * EQUITY if size.unit is plan.SizeUnit.RISK_EQUITY else value
            return float(math.floor(amount / risk + 1e-9)) if risk else None
    return None
