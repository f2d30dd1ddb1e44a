"""`emit signal`: a rule's own signal, put on the bus as a new input after the step that emitted it."""

from __future__ import annotations

from ...dsl.plan import EmitSignal
from ..event.inputs import Signal
from ..risk.reasons import Reason
from ..trade.desk import Desk
from ..trade.outcome import Done, number_of, refused, skipped, symbol_of
from ..trade.state import Origin
from ..trade.terms import Missing
from .records import Outcome

SOURCE = "rules"


def emit_signal(desk: Desk, action: EmitSignal, origin: Origin, run: str) -> Done:
    """Emits a signal for the event's symbol, or the one that is named. Its id is the same in every replay."""
    symbol = symbol_of(desk, action.symbol, origin.event)
    if symbol is None:
        return Done(Outcome.SKIPPED, "symbol unknown")
    confidence = None
    if action.confidence is not None:
        try:
            confidence = number_of(desk, origin.event)(action.confidence)
        except Missing as missing:
            return skipped(missing)
        if not 0.0 <= confidence <= 1.0:
            return refused(Reason.CONFIDENCE)
    number = len(desk.emitted) + 1
    desk.emitted.append(
        Signal(desk.now, symbol, action.kind, confidence, source=SOURCE, id=f"{run}/{desk.seq}/{number}", emitted=True)
    )
    return Done(Outcome.ACTED)
