"""What is promised of decisions: who comes first, what a decision says, what is unknown, when a rule may act."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.replaying import at, fault, price, quote, replay, run, signal

ENTER = "enter long 100 stop 3% target 8%"
LONG = f"on signal BUY where confidence > 0.8 -> {ENTER}\n"
TICKS = [price(0, 150.0), signal(1, "BUY"), price(2, 150.0)]

Events = list[dict[str, Any]]


def bar(minute: int, symbol: str = "AAPL", close: float = 150.0, start: int = 15 * 60) -> dict[str, Any]:
    """A one-minute bar, `minute` minutes after 10:00 in New York unless another start is given."""
    hours, minutes = divmod(start + minute, 60)
    prices = {"open": 150.0, "high": max(150.5, close), "low": min(149.5, close), "close": close, "volume": 1000}
    time = f"2026-01-05T{hours:02d}:{minutes:02d}:00Z"
    return {"type": "bar", "time": time, "symbol": symbol, "timeframe": "1m", **prices}


# ---- what a decision says ------------------------------------------------------------------------------------------


def test_a_decision_names_its_input_its_rule_its_place_and_the_values_of_its_condition(tmp_path: Path) -> None:
    rules = '# a comment\nrule flow on signal BUY where confidence > 0.8 and price > $100 -> log "{symbol}"\n'
    decision = replay(tmp_path, rules, [price(0, 150.0), signal(1, "BUY", price=151.0)]).one("decision")
    assert (decision["seq"], decision["rule"], decision["symbol"]) == (2, "flow", "AAPL")
    assert decision["at"].endswith("card.rules:2")
    assert decision["values"] == {"confidence": 0.9, "price": 151.0}
    assert decision["actions"] == [{"action": "log", "outcome": "acted", "reason": None, "orders": [], "text": "AAPL"}]


def test_a_false_condition_leaves_no_decision(tmp_path: Path) -> None:
    outcome = replay(tmp_path, LONG, [price(0, 150.0), signal(1, "BUY", confidence=0.5)])
    assert outcome.of("decision") == []


def test_the_outcome_is_that_of_the_first_action_and_each_action_has_its_own(tmp_path: Path) -> None:
    rules = f'on signal BUY -> {ENTER} -> scale in 50 at profit 2% -> double down 50% at loss 1% -> notify "in"\n'
    decision = replay(tmp_path, rules, TICKS).of("decision")[0]
    assert decision["outcome"] == "acted"
    assert [done["outcome"] for done in decision["actions"]] == ["acted", "armed", "armed", "acted"]


def test_an_armed_action_that_triggers_writes_a_decision_of_its_own(tmp_path: Path) -> None:
    rules = f"rule add on signal BUY -> {ENTER} -> scale in 50 at profit 2%\n"
    outcome = replay(tmp_path, rules, [*TICKS, price(3, 153.1), price(4, 153.1)])
    first, second = outcome.of("decision")
    assert (second["rule"], second["at"]) == (first["rule"], first["at"])
    assert [done["action"] for done in second["actions"]] == ["scale_in"]


@pytest.mark.parametrize(
    ("first_action", "outcome"),
    [
        ("exit", "ignored"),
        ("enter long 100 stop at $151", "refused"),
        ("enter long 100 stop 2 atr", "skipped"),
    ],
)
def test_after_an_action_that_did_nothing_the_rest_is_not_done(tmp_path: Path, first_action: str, outcome: str) -> None:
    run_ = replay(tmp_path, f'on signal BUY -> {first_action} -> log "never"\n', TICKS)
    decision = run_.one("decision")
    assert decision["outcome"] == outcome
    assert len(decision["actions"]) == 1


def test_an_entry_that_the_broker_rejects_is_a_failed_decision(tmp_path: Path) -> None:
    outcome = replay(tmp_path, LONG, [fault(0, "reject_next", reason="no margin"), *TICKS])
    assert outcome.outcomes == ["acted", "failed"]
    assert "no margin" in outcome.of("decision")[1]["reason"]


# ---- what is unknown -----------------------------------------------------------------------------------------------


def test_a_signal_without_confidence_is_skipped_and_the_decision_says_what_was_missing(tmp_path: Path) -> None:
    decision = replay(tmp_path, LONG, [price(0, 150.0), signal(1, "BUY", confidence=None)]).one("decision")
    assert (decision["outcome"], decision["reason"]) == ("skipped", "confidence unknown")
    assert decision["values"] == {"confidence": None}


def test_the_same_cause_of_a_skip_is_recorded_once(tmp_path: Path) -> None:
    rules = 'on signal BUY where confidence > 0.8 -> log "x"\non signal BUY where price > $1 -> log "y"\n'
    blind = [signal(second, "BUY", confidence=None) for second in range(1, 5)]
    reasons = [line["reason"] for line in replay(tmp_path, rules, blind).of("decision")]
    assert reasons == ["confidence unknown", "price unknown"]


@pytest.mark.parametrize(
    ("condition", "fires"),
    [
        ("confidence > 0.8 and symbol == MSFT", False),
        ("confidence > 0.8 or symbol == AAPL", True),
        ("not (confidence > 0.8)", None),
        ("confidence > 0.8 or symbol == MSFT", None),
        ("confidence > 0.8 and symbol == AAPL", None),
    ],
)
def test_only_true_fires_and_unknown_is_not_false(tmp_path: Path, condition: str, fires: bool | None) -> None:
    outcome = replay(tmp_path, f'on signal BUY where {condition} -> log "x"\n', [signal(1, "BUY", confidence=None)])
    assert outcome.outcomes == {True: ["acted"], False: [], None: ["skipped"]}[fires]


def test_an_atr_is_unknown_until_its_bars_are_complete(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 2 atr(3)\n"
    early = {**signal(0, "BUY"), "time": "2026-01-05T15:03:30Z"}
    late = {**signal(0, "BUY"), "time": "2026-01-05T15:04:30Z"}
    outcome = replay(tmp_path, rules, [bar(0), bar(1), bar(2), bar(3), early, late, bar(5)])
    assert outcome.outcomes == ["skipped", "acted"]
    assert "atr(3)" in outcome.of("decision")[0]["reason"]


# ---- who comes first -----------------------------------------------------------------------------------------------


def test_rules_are_tried_by_priority_then_as_they_stand(tmp_path: Path) -> None:
    rules = "".join(
        f'rule {name} priority {priority} on signal BUY -> log "x"\n'
        for name, priority in (("first", 0), ("second", 0), ("top", 5), ("last", -1))
    )
    names = [line["rule"] for line in replay(tmp_path, rules, [signal(1, "BUY")]).of("decision")]
    assert names == ["top", "first", "second", "last"]


def test_of_several_files_the_one_given_first_comes_first(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.rules").write_text(f'rule {name} on signal BUY -> log "x"\n')
    events = tmp_path / "events.jsonl"
    events.write_text(f'{{"type":"signal","time":"{at(1)}","symbol":"AAPL","signal":"BUY"}}\n')
    files = [str(tmp_path / "b.rules"), str(tmp_path / "a.rules")]
    _, text, _ = run(["replay", *files, "--events", str(events)])
    assert text.index("b acted") < text.index("a acted")


def test_the_first_rule_that_acts_on_a_symbol_owns_the_event_but_exits_and_words_are_never_suppressed(
    tmp_path: Path,
) -> None:
    rules = (
        f"rule one priority 9 on signal BUY -> {ENTER}\n"
        "rule two on signal BUY -> enter short 50 stop 3%\n"
        "rule three on signal BUY -> scale in 10\n"
        'rule four on signal BUY -> log "seen"\n'
        "rule five on signal BUY -> exit\n"
    )
    decisions = replay(tmp_path, rules, TICKS).of("decision")
    assert [(line["rule"], line["outcome"]) for line in decisions[:5]] == [
        ("one", "acted"),
        ("two", "suppressed"),
        ("three", "suppressed"),
        ("four", "acted"),
        ("five", "acted"),
    ]
    assert decisions[1]["reason"] == "another rule acted first"


def test_a_rule_that_did_nothing_leaves_the_event_to_the_next(tmp_path: Path) -> None:
    rules = f"rule big priority 9 on signal BUY -> enter long 5000 stop 3%\nrule small on signal BUY -> {ENTER}\n"
    assert replay(tmp_path, rules, TICKS).outcomes == ["refused", "acted"]


def test_at_one_instant_orders_fill_first_then_price_rules_then_signals_then_timers(tmp_path: Path) -> None:
    rules = (
        "on signal BUY -> enter long 100 stop 3% target 2% exit after 60s\n"
        'rule ticks on price where price > $152 -> log "tick"\n'
        'rule word on signal NOTE -> log "note"\n'
    )
    hit = [price(62, 153.0), signal(62, "NOTE")]
    lines = replay(tmp_path, rules, [*TICKS, *hit]).lines
    at_once = [line for line in lines if line.get("time") == "2026-01-05T15:01:02Z"]
    kinds = [(line["type"], line.get("event") or line.get("rule")) for line in at_once if line["type"] != "order"]
    assert kinds == [("fill", None), ("position", "closed"), ("decision", "ticks"), ("decision", "word")]
    still = replay(tmp_path, rules, [*TICKS, price(62, 152.5), signal(62, "NOTE")]).lines
    order = [(line.get("rule"), line.get("role")) for line in still if line.get("time") == "2026-01-05T15:01:02Z"]
    assert order[:2] == [("ticks", None), ("word", None)]
    assert ("card#1", "exit") in order[2:]


# ---- when a rule may act -------------------------------------------------------------------------------------------


def test_outside_its_window_a_rule_does_not_match(tmp_path: Path) -> None:
    rules = (
        'rule early during 09:30..10:00 on signal BUY -> log "x"\n'
        'rule now during 10:00..10:01 on signal BUY -> log "y"\n'
    )
    outcome = replay(tmp_path, rules, [signal(0, "BUY"), signal(59, "BUY"), signal(60, "BUY")])
    assert [line["rule"] for line in outcome.of("decision")] == ["now", "now"]


def test_a_cooldown_rests_a_rule_for_one_symbol_and_counts_only_what_acted(tmp_path: Path) -> None:
    rules = "rule calm cooldown 1m on signal BUY -> enter long 10 stop 3% exit after 5s\n"
    events: Events = [price(0, 150.0), price(0, 400.0, "MSFT"), signal(1, "BUY"), price(2, 150.0)]
    events += [price(8, 150.0), signal(10, "BUY"), signal(11, "BUY", "MSFT"), signal(61, "BUY")]
    outcome = replay(tmp_path, rules, events)
    assert [(line["symbol"], line["outcome"]) for line in outcome.of("decision")] == [
        ("AAPL", "acted"),
        ("AAPL", "throttled"),
        ("MSFT", "acted"),
        ("AAPL", "acted"),
    ]


def test_an_ignored_decision_uses_up_no_cooldown(tmp_path: Path) -> None:
    rules = f"rule in_ on signal BUY -> {ENTER}\nrule out cooldown 1h on signal OUT -> exit\n"
    events = [price(0, 150.0), signal(1, "OUT"), signal(2, "BUY"), price(3, 150.0), signal(4, "OUT"), price(5, 150.0)]
    assert replay(tmp_path, rules, events).outcomes == ["ignored", "acted", "acted"]


def test_at_most_counts_over_all_symbols_unless_each(tmp_path: Path) -> None:
    rules = (
        'rule all at most 1 per hour on signal BUY -> log "x"\n'
        'rule own at most 1 per hour each on signal BUY -> log "y"\n'
    )
    outcome = replay(tmp_path, rules, [signal(1, "BUY"), signal(2, "BUY", "MSFT"), signal(3, "BUY")])
    assert [(line["rule"], line["outcome"]) for line in outcome.of("decision")] == [
        ("all", "acted"),
        ("own", "acted"),
        ("all", "throttled"),
        ("own", "acted"),
        ("all", "throttled"),
        ("own", "throttled"),
    ]


# ---- signals -------------------------------------------------------------------------------------------------------


def test_a_signal_counts_once(tmp_path: Path) -> None:
    rules = 'on signal BUY -> log "x"\n'
    twice = [signal(1, "BUY", id="a"), signal(2, "BUY", id="a"), signal(3, "BUY"), signal(3, "BUY"), signal(4, "BUY")]
    assert len(replay(tmp_path, rules, twice).of("decision")) == 3


def test_ids_are_counted_from_the_runs_name(tmp_path: Path) -> None:
    ids = {line["id"] for line in replay(tmp_path, LONG, TICKS).of("order")}
    assert ids == {"r0-2", "r0-3", "r0-4"}


def test_a_quote_is_a_price_for_rules_on_prices(tmp_path: Path) -> None:
    rules = 'on price where price >= $150 and spread < $0.10 -> log "{price}"\n'
    outcome = replay(tmp_path, rules, [quote(1, 149.99, 150.05), quote(2, 149.9, 150.3)])
    assert [line["actions"][0]["text"] for line in outcome.of("decision")] == ["150.02"]


def test_a_distance_that_is_unknown_is_recorded_once_for_each_symbol(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 2 atr\n"
    events = [price(0, 150.0), *(signal(second, "BUY") for second in (1, 2)), signal(3, "BUY", "MSFT", price=300.0)]
    outcome = replay(tmp_path, rules, events)
    assert [(line["symbol"], line["reason"]) for line in outcome.of("decision")] == [
        ("AAPL", "atr(14) unknown"),
        ("MSFT", "atr(14) unknown"),
    ]
