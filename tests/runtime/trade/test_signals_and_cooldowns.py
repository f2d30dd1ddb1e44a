"""`emit signal` and `reset cooldown`."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.runtime.core.records import Outcome
from rulec.runtime.event.inputs import Signal
from rulec.runtime.risk.reasons import Reason
from rulec.tests.runtime.trade.table import Table

CONFIDENCE = p.EventName("confidence", p.Kind.NUMBER)


def emitted(*actions: p.Action, confidence: float | None = 0.9) -> tuple[Outcome, str | None, list[Signal]]:
    """What a rule with these actions came to on a signal for AAPL, and what it emitted."""
    heard: list[Signal] = []

    def hears(signal: Signal) -> bool:
        heard.append(signal)
        return False

    table = Table(1).rule("GO", *actions).on(Signal, "hear", hears)
    table.rig.handle(Signal(table.now, "AAPL", "GO", confidence, id="first"))
    [done] = table.decisions("GO")
    return done.outcome, done.reason, heard[1:]


def test_a_signal_is_for_the_events_symbol_and_comes_from_the_rules() -> None:
    outcome, _, [signal] = emitted(p.EmitSignal("STRONG"))
    assert outcome is Outcome.ACTED
    assert (signal.symbol, signal.signal, signal.confidence, signal.source) == ("AAPL", "STRONG", None, "rules")
    assert signal.price is None


def test_the_symbol_and_the_confidence_can_be_stated() -> None:
    half = p.Product((("*", CONFIDENCE), ("*", p.Number(0.5))))
    _, _, [signal] = emitted(p.EmitSignal("HEDGE", p.Symbol("SPY"), half))
    assert signal.symbol == "SPY"
    assert signal.confidence == pytest.approx(0.45)


def test_each_signal_of_a_step_has_an_id_of_its_own_that_is_the_same_every_time() -> None:
    runs = [[each.id for each in emitted(p.EmitSignal("A"), p.EmitSignal("B"))[2]] for _ in range(2)]
    assert runs == [["r0/1/1", "r0/1/2"]] * 2


@pytest.mark.parametrize("value", [-0.01, 1.01, 80.0])
def test_a_confidence_outside_its_range_is_refused(value: float) -> None:
    outcome, reason, signals = emitted(p.EmitSignal("A", confidence=p.Number(value)), p.EmitSignal("B"))
    assert (outcome, reason, signals) == (Outcome.REFUSED, Reason.CONFIDENCE.text, [])


def test_a_confidence_that_is_unknown_skips_it() -> None:
    outcome, reason, signals = emitted(p.EmitSignal("A", confidence=CONFIDENCE), confidence=None)
    assert (outcome, reason, signals) == (Outcome.SKIPPED, "confidence unknown", [])


def resting(*actions: p.Action) -> Table:
    """SLOW rests an hour a symbol, OTHER too, under a name that they share; GO does the actions."""
    table = Table(1)
    said = p.Log(p.Text(("said",)))
    for kind, shared in (("SLOW", None), ("OTHER", "group")):
        rest = p.Cooldown(3600.0, shared)
        table.add(p.Rule(p.SignalTrigger((kind,)), None, (said,), name=kind, label=kind, cooldown=rest))
    table.rule("GO", *actions)
    for symbol in ("AAPL", "MSFT"):
        for kind in ("SLOW", "OTHER"):
            table.say(kind, symbol=symbol)
            assert table.say(kind, symbol=symbol).outcome is Outcome.THROTTLED
    return table


@pytest.mark.parametrize(
    ("name", "free"),
    [(None, ["SLOW", "OTHER"]), ("SLOW", ["SLOW"]), ("group", ["OTHER"]), ("nobody", [])],
)
def test_the_symbols_cooldowns_are_forgotten(name: str | None, free: list[str]) -> None:
    table = resting(p.ResetCooldown(name))
    assert table.say("GO").outcome is Outcome.ACTED
    acted = [kind for kind in ("SLOW", "OTHER") if table.say(kind).outcome is Outcome.ACTED]
    assert acted == free
    assert [table.say(kind, symbol="MSFT").outcome for kind in ("SLOW", "OTHER")] == [Outcome.THROTTLED] * 2


def test_where_no_symbol_is_meant_they_are_forgotten_for_all() -> None:
    table = resting()
    table.rig.engine.counters.reset_everywhere("SLOW")
    for symbol in ("AAPL", "MSFT"):
        assert table.say("SLOW", symbol=symbol).outcome is Outcome.ACTED
        assert table.say("OTHER", symbol=symbol).outcome is Outcome.THROTTLED


def test_an_action_that_nobody_registered_fails() -> None:
    table = Table(1).rule("GO", p.CallAction("alarm"))
    done = table.say("GO")
    assert (done.outcome, done.reason) == (Outcome.FAILED, "no action alarm is registered")
