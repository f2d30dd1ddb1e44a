"""The linked order actions: enter with protection, add, double down, close.

    on signal BUY of AAPL -> enter long 100 stop 3% target 8%

is by hand

    LinkedCreateOrderAction(
        symbol="AAPL", quantity=100, side="BUY", auto_create_stops=True, stop_loss_pct=0.03, take_profit_pct=0.08
    )

and both are one object: the compiler's record (`plan.Enter`) inside, equal where they ask for the same. Every value may
be a function of the context instead; it is called with a copy, and then the record is made at each execution.
Percentages are fractions, prices are in the contract's currency, quantities are whole shares or a `plan.Size`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar

from ...dsl.plan import (
    Action as AnyAction,
)
from ...dsl.plan import (
    DoubleDown,
    Enter,
    Exit,
    Percent,
    PlaceOrder,
    ScaleIn,
    Size,
    Symbol,
    Text,
)
from ..checks import is_name
from ..context import Request
from ..order.base import OrderType
from ..order.intent import pricing_for
from .action import Choice, Context, RequestAction, place_in_rule, resolve
from .linked_order_context import LinkedOrderConclusionManager, LinkedOrderManager
from .terms_by_hand import fraction_of, percent, positive, protection_of, ratchet, side_of, size_of, symbol_of

Self = TypeVar("Self", bound="LinkedAction")
Quantity: TypeAlias = Choice[int | Size]


class LinkedAction(RequestAction):
    """An action on the linked orders of one symbol.

    `arguments` are what it was made with, `node` is the plan record; None as long as a function of the context has a
    say in it.
    """

    arguments: dict[str, Any]
    node: AnyAction | None

    @classmethod
    def from_plan(cls: type[Self], node: AnyAction) -> Self:
        """The action that a rule file's `node` is."""
        action = cls.__new__(cls)
        action.arguments = {}
        action.node = node
        return action

    def _prepare(self, **arguments: Any) -> None:
        self.arguments = arguments
        self.node = None
        if not any(callable(value) for value in arguments.values()) and not self._is_open(arguments):
            self.node = self._build(arguments)

    def _is_open(self, arguments: Mapping[str, Any]) -> bool:
        """Whether something is still to be said before this can be done."""
        return False

    @abstractmethod
    def _build(self, values: Mapping[str, Any]) -> AnyAction:
        """The plan's action for these arguments, each of them now a plain value."""

    def request(self, context: Context) -> Request:
        node = self.node
        if node is None:
            node = self._build({name: resolve(value, context) for name, value in self.arguments.items()})
        event = context.get("event")
        return Request(node, self._symbol(context, node), event, context.get("rule"), place_in_rule(context))

    def _symbol(self, context: Context, node: AnyAction) -> str | None:
        named = getattr(node, "symbol", None)
        if isinstance(named, Symbol):
            return named.name
        own: str | None = resolve(self.arguments.get("symbol"), context)
        return own if own is not None else getattr(context.get("event"), "symbol", None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LinkedAction):
            return NotImplemented
        if self.node is None or other.node is None:
            return type(self) is type(other) and self.arguments == other.arguments
        same_symbol = self.arguments.get("symbol") == other.arguments.get("symbol") or hasattr(self.node, "symbol")
        return type(self) is type(other) and self.node == other.node and same_symbol

    def __hash__(self) -> int:
        return hash((type(self), self.node))

    def __repr__(self) -> str:
        if self.arguments:
            shown = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items() if value is not None)
            return f"{type(self).__name__}({shown})"
        return f"{type(self).__name__}.from_plan({self.node!r})"


class LinkedCreateOrderAction(LinkedAction):
    """Enters a trade with its protective orders, or adds an order to the trade there is.

    As an entry (`link_type="main"`): no trade enters, the same side is ignored, the opposite side reverses. The stop
    lies below a long's entry and above a short's, the target on the other side. With another `link_type`:

    - `stop` (or `trail`) with a TRAIL or STOP order ratchets the trade's one stop, never looser;
    - any other name (`target`, `scale`, `hedge`, …) places an order of the trade under `<name>_orders`.

    Args:
        symbol: the symbol, a function of the context, or None for the event's.
        quantity: whole shares, or a `plan.Size`.
        side: `BUY` for a long entry, `SELL` for a short one; of another order, what it does.
        auto_create_stops: whether stop and target are created with the entry.
        stop_loss_pct: the stop's distance as a fraction (0.03 is 3%).
        take_profit_pct: the target's distance as a fraction.
        order_type: MARKET, LIMIT, STOP, STOP_LIMIT, or TRAIL for `link_type="stop"`.
        limit_price: of LIMIT and STOP_LIMIT.
        stop_price: of STOP and STOP_LIMIT.
        trail_pct: how far a trail stays behind the best price, as a fraction.
        atr_stop_multiplier: the stop's distance in 14-bar ATRs, in place of `stop_loss_pct`.
        atr_target_multiplier: the target's distance in 14-bar ATRs, in place of `take_profit_pct`.
        link_type: what the order is for.

    Raises:
        ValueError: a side, quantity, price or fraction that makes no order, or a distance given in two ways.
    """

    def __init__(
        self,
        symbol: Choice[str | None],
        quantity: Quantity,
        side: Choice[str],
        auto_create_stops: bool = True,
        stop_loss_pct: Choice[float | None] = None,
        take_profit_pct: Choice[float | None] = None,
        *,
        order_type: OrderType = OrderType.MARKET,
        limit_price: Choice[float | None] = None,
        stop_price: Choice[float | None] = None,
        trail_pct: Choice[float | None] = None,
        atr_stop_multiplier: Choice[float | None] = None,
        atr_target_multiplier: Choice[float | None] = None,
        link_type: str = "main",
    ) -> None:
        if not is_name(link_type):
            raise ValueError(f"a link_type is a name like 'main', 'stop' or 'hedge', not {link_type!r}")
        self._prepare(
            symbol=symbol,
            quantity=quantity,
            side=side,
            auto_create_stops=auto_create_stops,
            stop_loss_pct=stop_loss_pct,
            take_profit_pct=take_profit_pct,
            order_type=OrderType(order_type),
            limit_price=limit_price,
            stop_price=stop_price,
            trail_pct=trail_pct,
            atr_stop_multiplier=atr_stop_multiplier,
            atr_target_multiplier=atr_target_multiplier,
            link_type=link_type,
        )

    def _is_open(self, arguments: Mapping[str, Any]) -> bool:
        # A trail without its distance is a form that may be filled in; it fails when it is executed as it is.
        distances = (arguments["trail_pct"], arguments["stop_loss_pct"])
        return arguments["order_type"] is OrderType.TRAIL and distances == (None, None)

    def _build(self, values: Mapping[str, Any]) -> AnyAction:
        side, size, symbol = side_of(values["side"]), size_of(values["quantity"]), symbol_of(values["symbol"])
        link_type: str = values["link_type"]
        order_type: OrderType = values["order_type"]
        if link_type in ("stop", "trail"):
            return ratchet(values, symbol)
        pricing = pricing_for(
            order_type,
            positive(values["limit_price"], "limit_price"),
            positive(values["stop_price"], "stop_price"),
        )
        if link_type == "main":
            return Enter(side, size, symbol, pricing, protection_of(values))
        return PlaceOrder(side, size, pricing, link_type, symbol)


class LinkedScaleInAction(LinkedAction):
    """Arms a scale-in: it adds to the trade now if that is at its profit, else as soon as it is.

    Args:
        symbol: the symbol, a function of the context, or None for the event's.
        scale_quantity: whole shares, or a `plan.Size`.
        trigger_profit_pct: the profit from which to add, as a fraction; None adds at once.
        at_most: how many times a trade is added to.
    """

    def __init__(
        self,
        symbol: Choice[str | None],
        scale_quantity: Quantity,
        trigger_profit_pct: Choice[float | None] = None,
        *,
        at_most: int = 1,
    ) -> None:
        if at_most < 1:
            raise ValueError(f"at_most must be at least 1, not {at_most}")
        self._prepare(
            symbol=symbol, scale_quantity=scale_quantity, trigger_profit_pct=trigger_profit_pct, at_most=at_most
        )

    def _build(self, values: Mapping[str, Any]) -> AnyAction:
        profit = positive(values["trigger_profit_pct"], "trigger_profit_pct")
        return ScaleIn(
            size_of(values["scale_quantity"]), None if profit is None else percent(profit), values["at_most"]
        )


class LinkedDoubleDownAction(LinkedAction):
    """Rests a limit order on the losing side of the trade.

    Args:
        symbol: the symbol, a function of the context, or None for the event's.
        quantity: whole shares, or a `plan.Size`.
        loss_pct: how far from the average entry, as a fraction.
        to_stop_pct: or how far on the way from there to the stop, as a fraction (0.5 is half-way).

    Raises:
        ValueError: neither or both of the two, or a fraction that makes no order.
    """

    def __init__(
        self,
        symbol: Choice[str | None],
        quantity: Quantity,
        loss_pct: Choice[float | None] = None,
        to_stop_pct: Choice[float | None] = None,
    ) -> None:
        if (loss_pct is None) == (to_stop_pct is None):
            raise ValueError("a double-down lies at loss_pct or at to_stop_pct: give one of them")
        self._prepare(symbol=symbol, quantity=quantity, loss_pct=loss_pct, to_stop_pct=to_stop_pct)

    def _build(self, values: Mapping[str, Any]) -> AnyAction:
        loss, to_stop = fraction_of(values["loss_pct"], "loss_pct"), fraction_of(values["to_stop_pct"], "to_stop_pct")
        return DoubleDown(
            size_of(values["quantity"]),
            at_loss=None if loss is None else percent(loss),
            to_stop=None if to_stop is None else Percent(to_stop),
        )


class LinkedCloseAllAction(LinkedAction):
    """Cancels all orders of the symbol's trade and closes its position.

    Args:
        symbol: the symbol, a function of the context, or None for the event's.
        reason: what is written into the position's `detail`.
    """

    def __init__(self, symbol: Choice[str | None], reason: Choice[str | None] = None) -> None:
        self._prepare(symbol=symbol, reason=reason)

    def _build(self, values: Mapping[str, Any]) -> AnyAction:
        reason = values["reason"]
        return Exit(symbol=symbol_of(values["symbol"]), because=None if reason is None else Text((str(reason),)))


__all__ = [
    "LinkedAction",
    "LinkedCloseAllAction",
    "LinkedCreateOrderAction",
    "LinkedDoubleDownAction",
    "LinkedOrderConclusionManager",
    "LinkedOrderManager",
    "LinkedScaleInAction",
]
