"""Rules that change while trades are open: what a trade holds stays, what is decided is decided by the new rules."""

from __future__ import annotations

import random

import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Plan
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import Decision, FillRecord, PositionRecord, ReloadRecord, RuleChange, Touch
from rulec.runtime.event.inputs import OutsideInput, Price, Signal
from rulec.runtime.event.reload import RuleTexts, reload_from
from rulec.runtime.rule.rule_set import make_ready
from rulec.tests.support.driver import Rig, Run

SECOND = 1_000_000
TEN = 1_767_625_200 * SECOND  # 2026-01-05 10:00 in New York
ENTRY = "rule long\n  {options}\n  on signal BUY where confidence > {least} -> enter long 100 stop {stop} target 8%\n"


def entry(least: float = 0.8, stop: str = "3%", options: str = "") -> str:
    return ENTRY.format(least=least, stop=stop, options=options)


def plan_of(text: str) -> Plan:
    compilation = compile_text(text, "flow.rules")
    assert compilation.plan is not None, compilation.diagnostics
    return compilation.plan


class Reloading:
    """A run whose rules can be saved anew at any time; the invariants are checked at every step."""

    def __init__(self, text: str) -> None:
        plan = plan_of(text)
        self.text = text
        self.rig = Rig(plan.rules, SimulationSettings(fill=FillMode.STANDING))
        self.rig.engine.limits = plan.limits

    def save(self, seconds: float, text: str) -> ReloadRecord:
        engine, now = self.rig.engine, TEN + round(seconds * SECOND)
        before, after = (RuleTexts(("flow.rules",), {"flow.rules": each}) for each in (self.text, text))
        reload = reload_from(before, after, now)
        self.rig.session.reload(
            reload, make_ready(plan_of(text), reload.digest, engine.rules, engine.runner.index), now
        )
        self.text = text
        return next(one for one in reversed(self.rig.records) if isinstance(one, ReloadRecord))

    def handle(self, *events: OutsideInput) -> None:
        self.rig.handle(*events)

    def outcomes(self) -> list[tuple[str, str]]:
        return [(one.rule, one.outcome.value) for one in self.rig.records if isinstance(one, Decision)]

    def stop(self, symbol: str = "AAPL") -> float:
        price = self.rig.engine.desk.trades[symbol].stop_price
        assert price is not None
        return price / SECOND


def price(seconds: float, value: float, symbol: str = "AAPL") -> Price:
    return Price(TEN + round(seconds * SECOND), symbol, value)


def signal(seconds: float, kind: str = "BUY", confidence: float = 0.9, symbol: str = "AAPL") -> Signal:
    return Signal(TEN + round(seconds * SECOND), symbol, kind, confidence)


def long_at_100(text: str) -> Reloading:
    run = Reloading(text)
    run.handle(price(0, 100), signal(1), price(2, 100))
    assert run.rig.engine.desk.trades["AAPL"].held == 100
    return run


def test_a_trade_keeps_its_stop_and_a_new_one_gets_the_new_stop() -> None:
    run = long_at_100(entry())
    run.handle(price(2, 100, "MSFT"))
    record = run.save(3, entry(stop="5%", least=0.95))
    run.handle(signal(4, symbol="MSFT"), signal(5, confidence=0.96, symbol="MSFT"))
    assert run.stop() == 97.0
    assert run.stop("MSFT") == 95.0
    assert run.outcomes() == [("long", "acted"), ("long", "acted")]
    (changed,) = record.changes
    assert (changed.change, changed.rule, changed.at) == (RuleChange.CHANGED, "long", "flow.rules:1")
    assert [(one.symbol, one.touch) for one in changed.trades] == [("AAPL", Touch.ENTERED)]


def test_a_trade_whose_rule_is_gone_is_managed_to_its_conclusion() -> None:
    run = long_at_100(entry())
    record = run.save(3, "on signal SELL -> exit\n")
    assert [one.change for one in record.changes] == [RuleChange.ADDED, RuleChange.REMOVED]
    run.handle(price(4, 99), price(5, 96.5))
    closed = [one for one in run.rig.records if isinstance(one, PositionRecord)][-1]
    assert (closed.event.value, closed.reason) == ("closed", "stop")


def test_what_a_removed_rule_armed_on_a_trade_still_happens() -> None:
    adding = "on signal ADD -> scale in 50 at profit 1%\n"
    run = long_at_100(entry() + adding)
    run.handle(signal(3, "ADD"))
    record = run.save(4, entry())
    (removed,) = record.changes
    assert [(one.symbol, one.touch) for one in removed.trades] == [("AAPL", Touch.ARMED)]
    run.handle(price(5, 101.5), price(6, 101.5))
    assert run.rig.engine.desk.trades["AAPL"].held == 150


def test_a_new_rule_acts_on_a_trade_that_was_open_before_it() -> None:
    run = long_at_100(entry())
    record = run.save(3, entry() + "on price of AAPL where position.profit > 2% -> move stop to breakeven\n")
    (added,) = record.changes
    assert [(one.symbol, one.touch) for one in added.trades] == [("AAPL", Touch.MAY_ACT)]
    run.handle(price(4, 103))
    assert run.stop() == 100.0


def test_a_rule_narrowed_to_another_symbol_touches_no_trade() -> None:
    run = long_at_100(entry())
    record = run.save(
        3,
        entry()
        + 'on signal SELL of MSFT -> exit\non signal SELL where symbol == MSFT -> exit\non time 15:00 -> log "x"\n',
    )
    assert [one.trades for one in record.changes] == [(), (), ()]


def test_a_trade_that_is_reversing_goes_on_to_its_second_half_without_its_rule() -> None:
    run = long_at_100(entry() + "on signal SELL -> enter short 100 stop 3%\n")
    run.handle(signal(3, "SELL"))
    run.save(3.0001, "# nothing is left\n")
    run.handle(price(4, 100), price(5, 100))
    trade = run.rig.engine.desk.trades["AAPL"]
    assert (trade.side.value, trade.held) == ("SELL", 100)


def test_cooldowns_and_counts_follow_a_named_rule_that_was_changed() -> None:
    run = long_at_100(entry(options="cooldown 10m"))
    run.save(3, entry(least=0.5, options="cooldown 10m"))
    run.handle(price(3, 50, "MSFT"), signal(4), signal(700))
    assert [outcome for _, outcome in run.outcomes()] == ["acted", "throttled", "ignored"]
    run.save(701, entry(least=0.5, options="at most 1 per day"))
    run.handle(signal(702, symbol="MSFT"))
    assert run.outcomes()[-1] == ("long", "throttled")


def test_a_rule_without_a_name_keeps_its_cooldown_while_its_text_means_the_same() -> None:
    text = "rule\n  cooldown 10m\n  on signal BUY -> enter long 100 stop 3%\n".replace("rule\n  cooldown 10m\n  ", "")
    run = long_at_100("let least = 0.5\n" + text.replace("BUY", "BUY where confidence > least"))
    before = run.rig.engine.rules[0]
    record = run.save(3, "# moved down\n\n" + text.replace("BUY", "BUY where confidence > 0.5"))
    assert record.changes == ()
    assert run.rig.engine.rules[0] is before
    run.handle(signal(4))
    decision = [one for one in run.rig.records if isinstance(one, Decision)][-1]
    assert (decision.at, decision.rule) == ("flow.rules:3", "flow#1")


def test_the_limits_of_the_new_rules_take_the_place_of_the_old_ones() -> None:
    run = Reloading(entry() + "limits { max order $20_000 }\n")
    run.handle(price(0, 100))
    record = run.save(1, entry() + "limits { max order $5_000 }\n")
    assert record.limits_changed
    run.handle(signal(2))
    assert run.outcomes() == [("long", "refused")]
    record = run.save(3, entry())
    assert record.limits_changed
    run.handle(signal(4))
    assert run.outcomes()[-1] == ("long", "acted")


def test_a_time_that_has_passed_fires_neither_again_nor_late() -> None:
    run = Reloading('on time 10:01 -> log "one"\n')
    run.handle(price(0, 100), price(90, 100))
    assert run.outcomes() == [("flow#1", "acted")]
    run.save(91, 'on time 10:01 -> log "another"\n')
    run.handle(price(100, 100))
    run.save(101, 'on time 10:00:30 -> log "earlier"\non time 10:03 -> log "later"\n')
    run.handle(price(300, 100))
    said = [action.text for one in run.rig.records if isinstance(one, Decision) for action in one.actions]
    assert said == ["one", "later"]


def test_an_interval_goes_on_when_its_rule_was_edited() -> None:
    run = Reloading('on every 1m -> log "one"\n')
    run.handle(price(0, 100), price(30, 100))
    run.save(59, 'on every 1m -> log "two"\n')
    run.handle(price(130, 100))
    decisions = [one for one in run.rig.records if isinstance(one, Decision)]
    assert [((one.time - TEN) // SECOND, one.actions[0].text) for one in decisions] == [
        (0, "one"),
        (60, "two"),
        (120, "two"),
    ]


def test_what_a_new_rule_counts_is_unknown_until_it_has_been_watched() -> None:
    counting = "on signal BUY where signals(SELL, 1m) >= 1 -> enter long 100 stop 3%\n"
    run = Reloading(entry())
    run.handle(price(0, 100), signal(90, "SELL"))
    run.save(100, counting)
    run.handle(signal(110))
    assert run.outcomes() == [("flow#1", "skipped")]
    run.handle(signal(150, "SELL"), price(165, 100), signal(166))
    assert run.outcomes()[-1] == ("flow#1", "acted")


def test_a_longer_count_than_before_reaches_back_as_far_as_was_kept() -> None:
    counting = "on signal BUY where signals(SELL, {}) >= 1 -> enter long 100 stop 3%\n"
    run = Reloading(counting.format("1m"))
    run.handle(price(0, 100), signal(100, "SELL"))
    run.save(120, counting.format("2m"))
    run.handle(signal(130), signal(181))
    assert [outcome for _, outcome in run.outcomes()] == ["skipped", "acted"]


def test_rules_that_start_with_the_system_do_not_start_with_a_reload() -> None:
    run = Reloading(entry())
    run.handle(price(0, 100))
    run.save(1, 'on start -> log "hello"\n')
    run.handle(price(2, 100))
    assert run.outcomes() == []


def test_a_rule_switched_off_and_on_again_is_changed() -> None:
    run = Reloading(entry())
    run.handle(price(0, 100))
    assert [one.change for one in run.save(1, entry(options="disabled")).changes] == [RuleChange.CHANGED]
    run.handle(signal(2))
    assert run.outcomes() == []
    run.save(3, entry())
    run.handle(signal(4))
    assert run.outcomes() == [("long", "acted")]


# ---- at random -------------------------------------------------------------------------------------------------------

POOL = (
    entry(),
    entry(stop="2%", least=0.5),
    entry(options="cooldown 30s"),
    "on signal SELL -> enter short 50 stop 2% target 2% for 50% target 4% for 50%\n",
    "rule turn\n  on signal TURN -> reverse stop 2%\n",
    "rule turn\n  on signal TURN -> exit\n",
    "on signal ADD -> scale in 20 at profit 0.5%\n",
    "on signal ADD -> double down 30 at loss 1%\n",
    "on price where position.profit > 1% -> move stop to breakeven\n",
    "on price where position.profit < -1.5% -> exit 50%\n",
    'on every 1m -> log "a minute"\n',
    "limits { max order $12_000 }\n",
    'on position closed -> log "closed {position.pnl}"\n',
)


def draw_text(draw: random.Random) -> str:
    pieces = draw.sample(POOL, draw.randrange(1, 7))
    names: set[str] = set()
    kept = []
    for piece in pieces:
        name = piece.split("\n")[0] if piece.startswith("rule") else piece
        if name not in names:
            names.add(name)
            kept.append(piece)
    return "".join(kept)


def play(seed: int, *, saves: bool = True, same: bool = False) -> Run:
    draw, other = random.Random(seed), random.Random(seed + 1)
    run = Reloading(draw_text(draw))
    value = {"AAPL": 100.0, "MSFT": 50.0}
    now = 0.0
    for symbol, first in value.items():
        run.handle(price(now, first, symbol))
    for _ in range(120):
        now += draw.choice((0.1, 1, 5, 20))
        symbol = draw.choice(tuple(value))
        value[symbol] = round(value[symbol] * (1 + draw.choice((0, 0.003, -0.003, 0.011, -0.011, 0.025, -0.025))), 2)
        if draw.random() < 0.3:
            run.handle(signal(now, draw.choice(("BUY", "SELL", "TURN", "ADD")), draw.choice((0.6, 0.9)), symbol))
        else:
            run.handle(price(now, value[symbol], symbol))
        if saves and other.random() < 0.15:
            run.save(now, f"# {other.random()}\n{run.text}" if same else draw_text(other))
    return run.rig.finish()


@pytest.mark.parametrize("seed", range(40))
def test_the_invariants_hold_through_reloads_at_any_moment_and_a_second_run_is_the_first(seed: int) -> None:
    first = play(seed)
    assert any(isinstance(one, ReloadRecord) for one in first.records)
    assert first.lines == play(seed).lines


@pytest.mark.parametrize("seed", range(20))
def test_a_reload_that_changes_nothing_changes_nothing(seed: int) -> None:
    def told(run: Run) -> list[str]:
        decided = (Decision, FillRecord, PositionRecord)
        lines = []
        for record, line in zip(run.records, run.lines, strict=True):
            if isinstance(record, decided):
                place = getattr(record, "at", "")
                seq = f'"seq":{getattr(record, "seq", 0)},'
                lines.append(line.replace(seq, "").replace(f'"at":"{place}",', ""))
        return lines

    assert told(play(seed, same=True)) == told(play(seed, saves=False))
