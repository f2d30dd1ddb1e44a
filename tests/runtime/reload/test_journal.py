"""A run whose rules changed, made again from its journal: the same records, the same state."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulec.dsl.plan import Plan
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.engine import Engine
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import Price, Signal
from rulec.runtime.event.reload import RuleTexts, reload_from
from rulec.runtime.journal import JournalError, SqliteJournal, read_runs, read_steps
from rulec.runtime.journal.rebuild import fresh_engine, rebuild
from rulec.runtime.journal.state import state_digest
from rulec.runtime.recorded import begin_run
from rulec.runtime.recorded_rules import compile_texts
from rulec.runtime.rule.rule_set import make_ready
from rulec.runtime.simulation import simulate
from rulec.tests.support.driver import NYSE

SECOND = 1_000_000
TEN = 1_767_625_200 * SECOND
FIRST = "rule long\n  cooldown 3m\n  on signal BUY -> enter long 100 stop 3% -> scale in 50 at profit 1%\n"
SECOND_TEXT = FIRST.replace("3%", "4%") + 'limits { max order $20_000 }\non every 10s -> log "tick"\n'


def texts(text: str) -> RuleTexts:
    return RuleTexts(("flow.rules",), {"flow.rules": text})


def compiled(of: RuleTexts) -> Plan:
    plan = compile_texts(of, {}).plan
    assert plan is not None
    return plan


def record(path: str) -> Engine:
    """A run with three reloads; a trade is open, something is armed and a cooldown runs at each."""
    simulation = SimulationSettings(fill=FillMode.STANDING)
    with SqliteJournal.open(path) as journal:
        now = texts(FIRST)
        settings = begin_run(journal, compiled(now), "nyse", Settings(), simulation, {}, now)
        run = simulate(compiled(now), NYSE, settings, simulation, journal=journal)
        for number, text in enumerate((SECOND_TEXT, "# gone\n", FIRST), 1):
            at = TEN + number * 20 * SECOND
            run.session.handle(Price(at, "AAPL", 100.0 + number / 2))
            run.session.handle(Signal(at + SECOND, "AAPL", "BUY", 0.9))
            reload = reload_from(now, texts(text), at + 2 * SECOND)
            now = texts(text)
            ready = make_ready(compiled(now), reload.digest, run.engine.rules, run.engine.runner.index)
            run.session.reload(reload, ready, at + 2 * SECOND)
            run.session.handle(Price(at + 3 * SECOND, "AAPL", 100.2 + number / 2))
    return run.engine


def test_the_rows_make_the_same_state_again(tmp_path: Path) -> None:
    path = str(tmp_path / "run.db")
    engine = record(path)
    (header,) = read_runs(path)
    assert header.texts == texts(FIRST)
    again = fresh_engine(compiled(texts(FIRST)), NYSE, header)
    rebuild(again, read_steps(path, header.run), path, header.texts, compiled)
    assert state_digest(again) == state_digest(engine)
    assert [rule.label for rule in again.rules] == ["long"]
    assert again.desk.trades["AAPL"].held == 150


def test_without_the_texts_a_rebuild_stops_at_the_first_reload(tmp_path: Path) -> None:
    path = str(tmp_path / "run.db")
    record(path)
    (header,) = read_runs(path)
    again = fresh_engine(compiled(texts(FIRST)), NYSE, header)
    with pytest.raises(JournalError, match="the rules were reloaded in step"):
        rebuild(again, read_steps(path, header.run), path)
