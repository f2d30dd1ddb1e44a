"""The cases of the language once more, with the invariants checked at every step by the exchange's own ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulec.dsl.compile import compile_text
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.feed import read_events
from rulec.tests.support.driver import NYSE, Rig
from rulec.tests.support.invariants import InvariantBroken
from rulec.tests.support.language_cases import cases_of, themes
from rulec.tests.support.telling import Case

FILLS = {
    "at the next price": SimulationSettings(),
    "at once": SimulationSettings(fill=FillMode.STANDING),
    "in random parts": SimulationSettings(partial_fills=5),
    "a quarter of a second late": SimulationSettings(latency=250_000),
}


@pytest.mark.parametrize("theme", themes())
@pytest.mark.parametrize("fills", FILLS)
def test_the_invariants_hold_in_every_case(theme: str, fills: str, tmp_path: Path) -> None:
    broken: list[str] = []
    for case in cases_of(theme):
        if not isinstance(case, Case) or case.files or case.options:
            continue  # what a file beside it or an option says is not known here
        plan = compile_text(case.rules, "card.rules").plan
        assert plan is not None
        recorded = tmp_path / "events.jsonl"
        recorded.write_text("".join(json.dumps(event) + "\n" for event in case.events))
        rig = Rig(plan.rules, FILLS[fills], limits=plan.limits)
        try:
            rig.handle(*read_events([str(recorded)], NYSE))
            rig.finish()
        except InvariantBroken as error:
            broken.append(f"{case.sentence}: {error}")
    assert not broken, "\n".join(broken)
