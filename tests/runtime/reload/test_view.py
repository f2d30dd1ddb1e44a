"""What people see of a reload: a line for each rule, the mistakes of a refused save, counts that follow their rules."""

from __future__ import annotations

from rulec.runtime.core.records import ChangedRule, Notice, ReloadRecord, RuleChange, Touch, TouchedTrade
from rulec.runtime.view.lines import record_text, reload_lines
from rulec.runtime.view.screen import draw
from rulec.runtime.view.watch import Watch
from rulec.tests.runtime.reload.test_swap import Reloading, entry, price, signal

TEN = 1_767_625_200_000_000


def test_a_reload_reads_as_a_list_of_rules_with_the_trades_they_touch() -> None:
    trades = (TouchedTrade("t1", "AAPL", Touch.ENTERED), TouchedTrade("t2", "MSFT", Touch.MAY_ACT))
    changes = (
        ChangedRule(RuleChange.CHANGED, "long", "flow.rules:1", trades),
        ChangedRule(RuleChange.ADDED, "flow#3", "flow.rules:4"),
    )
    assert record_text(ReloadRecord(TEN, 3, changes, limits_changed=True)).splitlines() == [
        "10:00:00  -      reload    rules reloaded: 1 added, 1 changed; 3 rules in force",
        "                           ~ long  flow.rules:1  (it entered AAPL; it may act on MSFT)",
        "                           + flow#3  flow.rules:4",
        "                           ~ limits",
    ]


def test_of_thousands_of_rules_the_first_are_told() -> None:
    changes = tuple(ChangedRule(RuleChange.REMOVED, f"r{at}", f"flow.rules:{at}") for at in range(10_000))
    lines = reload_lines(ReloadRecord(TEN, 0, changes))
    assert len(lines) == 20
    assert lines[-1] == "… and 9,981 more"


def test_the_screen_shows_what_is_wrong_with_saved_rules_until_they_are_mended() -> None:
    run = Reloading(entry())
    watch = Watch(run.rig.engine, ["long"])
    watch.refuse(Notice(TEN, "error", None, "the saved rules are not used"), ["error[E202]: a stop needs a unit"])
    shown = draw(watch.snapshot(TEN), "a title", 100, 30).plain
    assert "SAVED RULES, NOT USED\nerror[E202]: a stop needs a unit" in shown
    assert "the saved rules are not used" in shown
    watch.sink(price(1, 100), [run.save(1, entry(0.5))])
    shown = draw(watch.snapshot(TEN), "a title", 100, 30).plain
    assert "SAVED RULES" not in shown
    assert "rules reloaded: 1 changed; 1 rule in force" in shown


def test_a_report_leaves_the_trades_and_the_latest_decision_in_sight() -> None:
    run = Reloading(entry())
    watch = Watch(run.rig.engine, ["long"])
    run.rig.session.sequencer.sinks.append(watch.sink)
    run.handle(price(0, 100), *(signal(at) for at in range(1, 20)))
    watch.refuse(Notice(TEN, "error", None, "not used"), [f"line {at} of the report" for at in range(1, 7)])
    for height in (24, 30):
        parts = [part.strip() for part in draw(watch.snapshot(TEN), "", 100, height).plain.split("\n\n")]
        assert "AAPL   long" in next(part for part in parts if part.startswith("TRADES"))
        decisions = next(part for part in parts if part.startswith("SIGNALS AND DECISIONS")).split("\n")
        assert "already that side" in decisions[-1]
        report = next(part for part in parts if part.startswith("SAVED RULES, NOT USED")).split("\n")
        assert report[1:7] == [f"line {at} of the report" for at in range(1, 7)]


def test_a_reload_of_many_rules_begins_with_its_headline_on_the_screen() -> None:
    run = Reloading(entry())
    watch = Watch(run.rig.engine, ["long"])
    changes = tuple(ChangedRule(RuleChange.ADDED, f"r{at}", f"flow.rules:{at}") for at in range(15))
    watch.sink(price(1, 100), [ReloadRecord(TEN, 16, changes)])
    news = draw(watch.snapshot(TEN), "", 80, 24).plain.split("ORDERS AND FILLS\n")[1].split("\n")
    assert news[0] == "10:00:00  -      reload    rules reloaded: 15 added; 16 rules in force"
    assert news[1] == "                           + r0  flow.rules:0"
    assert news[-2].startswith("… and ")


def test_counts_follow_a_rule_to_its_new_number() -> None:
    text = "on signal BUY -> enter long 100 stop 3%\n"
    run = Reloading(text)
    watch = Watch(run.rig.engine, ["flow#1"])
    run.rig.session.sequencer.sinks.append(watch.sink)
    run.handle(price(0, 100), signal(1))
    run.save(2, "on signal SELL -> exit\n" + text)
    assert [(row.label, row.fired) for row in watch.snapshot(TEN).rules] == [("flow#1", 0), ("flow#2", 1)]
