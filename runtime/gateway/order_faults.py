"""Faults of orders: most go to the exchange's own injector, the others do to the exchange what somebody else would."""

from __future__ import annotations

from collections.abc import Callable

from ..broker.exchange import Action, Code, Execution, Order, OrderKind, Rejected, Tif
from .fault_arming import Governed, repeat
from .fault_kinds import CANCELLED_FOR_MARGIN
from .fault_specs import Fault, FaultError
from .mapper import BY_HAND


class OrderFaults:
    """Puts faults of orders in force."""

    def __init__(self, gateway: Governed) -> None:
        self._gateway = gateway
        self._corrections: list[Fault] = []
        self._kinds: dict[str, Callable[[Fault, int], None]] = {
            "reject": self._reject,
            "margin": self._reject,
            "refuse_change": self._refuse_change,
            "preset": self._preset,
            "partial": self._quantity,
            "late_fill": self._quantity,
            "overfill": self._quantity,
            "race": self._race,
            "correct": self._correct,
            "cancel": self._cancel,
            "manual": self._place,
            "foreign": self._place,
        }

    def put_in_force(self, fault: Fault, now: int) -> None:
        """A fault begins, at a time in microseconds.

        Raises:
            FaultError: it names something that is not there.
        """
        self._kinds[fault.kind](fault, now)

    def correction_of(self, execution: Execution) -> Fault | None:
        """The correction that waited for this execution, if one did."""
        for fault in self._corrections:
            if self._is_of(execution, fault):
                self._corrections.remove(fault)
                return fault
        return None

    # ---- the exchange's own injector -------------------------------------------------------------------------------

    def _reject(self, fault: Fault, now: int) -> None:
        faults = self._gateway.exchange.faults
        text = CANCELLED_FOR_MARGIN if fault.kind == "margin" else fault.text
        rejected = Rejected(fault.code or Code.REJECTED, text)
        repeat(fault, lambda fits: faults.reject_next_as(rejected, fits))

    def _refuse_change(self, fault: Fault, now: int) -> None:
        faults = self._gateway.exchange.faults
        refused = Rejected(fault.code, fault.text, fault.values.get("cancels", False))
        repeat(fault, lambda fits: faults.refuse_next_change(refused, fits))

    def _preset(self, fault: Fault, now: int) -> None:
        faults, tif = self._gateway.exchange.faults, Tif(fault.values["tif"])
        repeat(fault, lambda fits: faults.preset_next(tif, fits))

    def _quantity(self, fault: Fault, now: int) -> None:
        faults, quantity = self._gateway.exchange.faults, fault.values.get("quantity")
        if fault.kind == "late_fill":
            repeat(fault, lambda fits: faults.late_fill(quantity, fits))
        elif fault.kind == "partial":
            repeat(fault, lambda fits: faults.partial_next(fault.values["quantity"], fits))
        else:
            repeat(fault, lambda fits: faults.overfill_next(fault.values["quantity"], fits))

    def _race(self, fault: Fault, now: int) -> None:
        self._gateway.exchange.faults.cancel_window = fault.values["window"]

    # ---- somebody else ---------------------------------------------------------------------------------------------

    def _place(self, fault: Fault, now: int) -> None:
        """An order typed into TWS, or one of another client."""
        values, exchange = fault.values, self._gateway.exchange
        client = BY_HAND if fault.client is None else fault.client
        order = Order(
            account=next(iter(exchange.ledger.accounts)),
            client_id=client,
            order_id=exchange.next_order_id(client),
            symbol=values["symbol"],
            action=Action(values["action"]),
            quantity=values["quantity"],
            kind=OrderKind(values.get("type", "MKT")),
            tif=Tif(values.get("tif", "DAY")),
            limit_price=values.get("limit_price"),
            stop_price=values.get("stop_price"),
        )
        if client == BY_HAND:
            self._gateway.place_by_hand(order, now)
        else:
            exchange.submit(order, now)
            self._gateway.settle(now)

    def _cancel(self, fault: Fault, now: int) -> None:
        """Cancels what fits; what an earlier cancel has taken along is left alone."""
        exchange = self._gateway.exchange
        for event in exchange.open_orders():
            state = exchange.order(*event.order.key)
            if state is not None and state.status is event.status and fault.order.fits(event.order):
                exchange.cancel(*event.order.key, now)
        self._gateway.settle(now)

    def _correct(self, fault: Fault, now: int) -> None:
        """Corrects the latest execution that fits; where there is none yet, the next one."""
        exchange, named = self._gateway.exchange, fault.values.get("execution")
        for execution in reversed(exchange.executions()):
            if named in (None, execution.execution_id) and self._is_of(execution, fault):
                exchange.correct(execution.execution_id, fault.values["price"])
                self._gateway.settle(now)
                return
        if named is not None:
            raise FaultError(f"there is no execution {named}")
        self._corrections.append(fault)

    def _is_of(self, execution: Execution, fault: Fault) -> bool:
        state = self._gateway.exchange.order(execution.client_id, execution.order_id)
        return state is not None and fault.order.fits(state.order)
