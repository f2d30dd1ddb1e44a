"""`call NAME(args)`: rules run Python actions, through the commands."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.replaying import Replayed, price, replay, run, signal

HEAD = """
    from rulec.runtime.context import current_runtime
    from rulec.runtime.event.api import PredictionSignalEvent
    from rulec.runtime.event.market import PriceEvent
    from rulec.runtime.order.base import Order, OrderType
    from rulec.runtime.position import TradeTracker
    from rulec.runtime.rule import rule_action
    from rulec.runtime.rule.linked_order_actions import (
        LinkedCloseAllAction, LinkedCreateOrderAction, LinkedDoubleDownAction, LinkedScaleInAction,
    )
"""
MARKET = [price(0, 150.0), price(0, 400.0, "MSFT"), price(2, 150.0), price(2, 400.0, "MSFT"), price(9, 150.0)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration that names a module of actions."""
    monkeypatch.chdir(tmp_path)
    Path("rulec.toml").write_text('[actions]\nmodule = "my_actions.py"\n')
    return tmp_path


def actions(text: str, head: str = HEAD) -> None:
    Path("my_actions.py").write_text(textwrap.dedent(head) + textwrap.dedent(text))


def tried(rules: str, *signals: dict[str, Any], market: Iterable[dict[str, Any]] = MARKET) -> Replayed:
    """Replays rules on signals among prices of AAPL at 150 and MSFT at 400, twice, with the same output."""
    return replay(Path(), rules, sorted([*market, *signals], key=lambda event: str(event["time"])))


def refused(rules: str, *options: str) -> str:
    """What `replay` says of rules that it does not run: exit code 2, one sentence, no traceback."""
    Path("card.rules").write_text(rules)
    Path("events.jsonl").write_text(json.dumps(MARKET[0]) + "\n")
    code, out, errors = run(["replay", "card.rules", "--events", "events.jsonl", *options])
    assert (code, out) == (2, "")
    assert "Traceback" not in errors
    return errors.splitlines()[0].removeprefix("error: ")


# ---- what a function is given ----------------------------------------------------------------------------------------


def test_arguments_go_by_position_and_by_name_and_the_answer_is_shown() -> None:
    actions("""
    @rule_action
    def say(context, symbol: str, weight: float = 0.2, shares: int = 1, *, loud: bool = False, since=None):
        return f"{context['event'].signal} {symbol} {weight!r} {shares!r} {loud!r} {since!r}"
    """)
    done = tried(
        'on signal BUY -> call say(symbol, 30%, shares = 40 + 2, loud = confidence > 0.8, since = "now")\n'
        "on signal SELL -> call say(MSFT)\n",
        signal(3, "BUY"),
        signal(4, "SELL"),
    )
    first, second = (line["actions"][0] for line in done.of("decision"))
    assert first == {
        "action": "call",
        "outcome": "acted",
        "reason": None,
        "orders": [],
        "text": "BUY AAPL 0.3 42 True 'now'",
    }
    assert second["text"] == "SELL MSFT 0.2 1 False None"


def test_an_unknown_argument_is_named_and_nothing_is_called() -> None:
    actions("""
    @rule_action
    def say(context, symbol, value):
        return "called"
    """)
    done = tried("on signal BUY -> call say(symbol, atr(14))\n", signal(3, "BUY"))
    decision = done.one("decision")
    assert (decision["outcome"], decision["reason"]) == ("skipped", "atr(14) unknown")
    assert "called" not in done.text


def test_a_fraction_is_no_whole_number() -> None:
    actions("""
    @rule_action
    def buy(context, shares: "int | None" = None):
        return "called"
    """)
    (decision,) = tried("on signal BUY -> call buy(100 / 8)\n", signal(3, "BUY")).of("decision")
    assert decision["reason"] == "ValueError: shares is a whole number, and 12.5 is none"


def test_the_context_is_a_copy_of_the_trades_with_the_event() -> None:
    actions("""
    @rule_action
    def spoil(context):
        seen = f"{context['rule']} {context['AAPL']['side']} {context['AAPL']['quantity']}"
        context["AAPL"]["stop_orders"].clear()
        context.clear()
        return seen
    """)
    done = tried(
        "on signal BUY -> enter long 100 stop 3%\non signal LOOK -> call spoil()\n",
        signal(1, "BUY"),
        signal(3, "LOOK"),
        signal(4, "LOOK"),
    )
    assert [line["actions"][0].get("text") for line in done.of("decision")][1:] == ["card#2 BUY 100"] * 2
    assert done.last_order(role="stop")["status"] == "submitted"


EVENTS = """
    @rule_action
    def event(context):
        known = context["event"]
        names = "symbol quantity price volume role side order_id fill_price reason schedule".split()
        told = [f"{name}={getattr(known, name)}" for name in names if getattr(known, name, None) not in (None, "")]
        return " ".join([type(known).__name__, *told])
    """


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        ("signal BUY", "PredictionSignalEvent symbol=AAPL"),
        ("price of AAPL where price > $150.5", "PriceEvent symbol=AAPL price=151.0"),
        ("volume of AAPL", "VolumeEvent symbol=AAPL price=151.0 volume=300.0"),
        ("position opened", "PositionOpenEvent symbol=AAPL quantity=100 side=BUY"),
        ("position closed", "PositionCloseEvent symbol=AAPL quantity=100 side=BUY reason=exit"),
        (
            "order filled where role is main",
            "OrderFilledEvent symbol=AAPL quantity=100 role=main side=BUY order_id=r0-2 fill_price=150.0",
        ),
        ("order cancelled", "OrderCancelledEvent symbol=AAPL quantity=100 role=stop side=SELL order_id=r0-3"),
        (
            "order submitted where role is stop",
            "OrderSubmittedEvent symbol=AAPL quantity=100 role=stop side=SELL order_id=r0-3",
        ),
        ("time 10:00:05", "ClockEvent schedule=time 36005"),
        ("every 5m of AAPL", "ClockEvent symbol=AAPL schedule=every 300"),
        ("start", "StartEvent"),
        ("broker disconnected", "ConnectionEvent"),
    ],
)
def test_the_event_is_the_one_that_python_rules_know(trigger: str, told: str) -> None:
    actions(EVENTS)
    done = tried(
        f"on signal BUY -> enter long 100 stop 3%\non signal OUT -> exit\nrule asked on {trigger} -> call event()\n",
        signal(1, "BUY"),
        signal(4, "OUT"),
        {**price(6, 151.0), "size": 300},
        {"type": "broker", "event": "disconnected", "time": price(7, 1.0)["time"]},
    )
    texts = [line["actions"][0]["text"] for line in done.of("decision", rule="asked")]
    assert any(text.startswith(told) for text in texts), texts


def test_each_of_several_orders_that_end_at_once_is_told_as_itself() -> None:
    actions("""
    @rule_action
    def which(context):
        event = context["event"]
        return f"{event.order_id} {event.role} {event.quantity}"
    """)
    done = tried(
        "on signal BUY -> enter long 100 stop 3% target 4% for 50% target 8% for 50%\n"
        "on signal OUT -> exit\n"
        "rule asked on order cancelled -> call which()\n",
        signal(1, "BUY"),
        signal(4, "OUT"),
    )
    told = {line["actions"][0]["text"] for line in done.of("decision", rule="asked")}
    ended = done.of("order", status="cancelled")
    assert len(ended) > 2
    assert told == {f"{line['id']} {line['role']} {line['quantity']}" for line in ended}


# ---- what a function asks for ----------------------------------------------------------------------------------------


def test_what_it_asks_for_goes_the_way_of_the_rules_own_actions() -> None:
    actions("""
    @rule_action
    async def long(context, symbol: str, shares: int):
        done = await LinkedCreateOrderAction(symbol, shares, "BUY", stop_loss_pct=0.03).execute(context)
        return done.outcome.value

    @rule_action
    async def leave(context, symbol: str):
        await LinkedCloseAllAction(symbol, "enough").execute(context)
    """)
    done = tried(
        "on signal BUY -> call long(symbol, 100)\non signal OUT -> call leave(symbol)\n",
        signal(1, "BUY"),
        signal(4, "OUT"),
    )
    call = done.of("decision")[0]["actions"][0]
    assert call["text"] == "acted"
    assert call["orders"] == [line["id"] for line in done.of("order", rule="card#1", status="submitted")]
    assert done.last_order(role="stop")["stop_price"] == 145.5
    closed = done.one("position", event="closed")
    assert (closed["reason"], closed["detail"]) == ("exit", "enough")


def test_limits_hold_for_it_and_the_decision_says_so() -> None:
    actions("""
    @rule_action
    async def long(context, symbol: str):
        await LinkedCreateOrderAction(symbol, 100, "BUY", stop_loss_pct=0.03).execute(context)
    """)
    done = tried("limits { max order $10_000 }\non signal BUY -> call long(symbol)\n", signal(1, "BUY"))
    decision = done.one("decision")
    assert (decision["outcome"], decision["reason"]) == ("acted", "enter refused: max order")
    assert done.of("order") == []


def test_the_first_rule_that_acts_on_a_symbol_owns_the_event_here_too() -> None:
    actions("""
    @rule_action
    async def short(context, symbol: str):
        await LinkedCreateOrderAction(symbol, 10, "SELL", stop_loss_pct=0.03).execute(context)
    """)
    rules = (
        "rule entered on signal BUY -> enter long 100 stop 3%\n",
        "rule called on signal BUY -> call short(symbol)\n",
    )
    first = tried("".join(rules), signal(1, "BUY")).of("decision", rule="called")[0]
    assert first["reason"] == "enter suppressed: another rule acted first"
    second = tried("".join(reversed(rules)), signal(1, "BUY")).of("decision", rule="entered")[0]
    assert second["outcome"] == "suppressed"


def test_several_symbols_in_one_call_are_kept_apart() -> None:
    actions("""
    @rule_action
    async def spread(context):
        for symbol in ("MSFT", "AAPL"):
            await LinkedCreateOrderAction(symbol, 10, "BUY", stop_loss_pct=0.03).execute(context)
            for profit in (0.01, 0.02):
                await LinkedScaleInAction(symbol, 5, trigger_profit_pct=profit).execute(context)
    """)
    done = tried(
        "on signal BUY -> call spread()\n",
        signal(1, "BUY"),
        market=[*MARKET, price(10, 152.0), price(11, 154.0), price(12, 156.0), price(13, 156.0)],
    )
    bought = {line["symbol"] for line in done.of("fill", side="BUY", quantity=10)}
    assert bought == {"AAPL", "MSFT"}
    assert [line["symbol"] for line in done.of("fill", side="BUY", quantity=5)] == ["AAPL", "AAPL"]


def test_what_stands_behind_a_call_is_about_the_rules_own_symbol() -> None:
    actions("""
    @rule_action
    async def hedge(context):
        await LinkedCreateOrderAction("MSFT", 10, "SELL", stop_loss_pct=0.03).execute(context)
    """)
    done = tried(
        "on signal BUY -> enter long 100 stop 3% -> call hedge() -> scale in 50 at profit 1%\n",
        signal(1, "BUY"),
        market=[*MARKET, price(10, 152.0), price(11, 152.0)],
    )
    assert [each["outcome"] for each in done.of("decision")[0]["actions"]] == ["acted", "acted", "armed"]
    assert [line["symbol"] for line in done.of("fill", quantity=50)] == ["AAPL"]


def test_orders_trackers_and_cancels_work_inside() -> None:
    actions("""
    @rule_action
    async def work(context, symbol: str):
        before = TradeTracker().has_active_trade(symbol)
        order = Order(symbol, 100, OrderType.LIMIT, limit_price=149.0)
        await order.submit()
        return f"{before} {order.status.name}"

    @rule_action
    async def undo(context, symbol: str):
        for order_id in context[symbol]["main_orders"]:
            current_runtime().cancel_order(order_id, "changed my mind")
        return str(TradeTracker().has_active_trade(symbol))
    """)
    done = tried(
        "on signal BUY -> call work(symbol)\non signal OUT -> call undo(symbol)\n", signal(1, "BUY"), signal(4, "OUT")
    )
    assert [line["actions"][0]["text"] for line in done.of("decision")] == ["False SUBMITTED", "True"]
    assert done.last_order(role="main")["status"] == "cancelled"


def test_a_signal_that_it_emits_is_an_input_after_the_step() -> None:
    actions("""
    @rule_action
    async def relay(context, symbol: str):
        await current_runtime().event_bus.emit(PredictionSignalEvent(symbol=symbol, signal="BUY", confidence=0.9))
    """)
    done = tried("on signal BUY -> enter long 100 stop 3%\non signal HINT -> call relay(symbol)\n", signal(1, "HINT"))
    relayed, entered = done.of("decision")
    assert (relayed["rule"], entered["rule"]) == ("card#2", "card#1")
    assert entered["seq"] == relayed["seq"] + 1
    assert done.of("fill")


def test_nothing_but_signals_can_be_emitted() -> None:
    actions("""
    @rule_action
    async def invent(context):
        await current_runtime().event_bus.emit(PriceEvent(symbol="AAPL", price=1.0))
    """)
    (decision,) = tried("on signal BUY -> call invent()\n", signal(1, "BUY")).of("decision")
    assert decision["reason"] == "ValueError: an action that a rule calls can emit signals, not a PriceEvent"


def test_actions_that_answer_each_others_signals_without_end_halt_new_entries() -> None:
    actions("""
    @rule_action
    async def again(context):
        await current_runtime().event_bus.emit(PredictionSignalEvent(symbol="AAPL", signal="GO", confidence=0.9))
    """)
    done = tried(
        "on signal GO -> call again()\non signal BUY -> enter long 100 stop 3%\n", signal(1, "GO"), signal(3, "BUY")
    )
    assert (
        done.one("notice", level="error")["text"]
        == "new entries are halted: actions keep answering each other's signals"
    )
    assert done.of("decision", rule="card#2")[0]["reason"] == "halted"


# ---- what fails ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise TypeError('no such book')", "TypeError: no such book"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("return work(context)", "RecursionError: maximum recursion depth exceeded"),
        ("Order('AAPL', 0, OrderType.MARKET)", "ValueError: an order of 0 shares buys and sells nothing"),
    ],
)
def test_what_raises_has_failed_and_the_run_goes_on(body: str, reason: str) -> None:
    actions(f"""
    @rule_action
    def work(context):
        {body}
    """)
    rules = 'rule broken on signal BUY -> call work() -> log "not said"\non signal BUY -> enter long 100 stop 3%\n'
    done = tried(rules, signal(1, "BUY"))
    (broken,) = done.of("decision", rule="broken")
    assert (broken["outcome"], [each["outcome"] for each in broken["actions"]]) == ("failed", ["failed"])
    assert broken["reason"].startswith(reason)
    assert done.of("fill")


def test_a_coroutine_that_waits_has_failed() -> None:
    actions("""
    import asyncio

    @rule_action
    async def wait(context):
        await asyncio.sleep(0)
    """)
    (decision,) = tried("on signal BUY -> call wait()\n", signal(1, "BUY")).of("decision")
    assert decision["outcome"] == "failed"
    assert decision["reason"].startswith("RuntimeError: a condition or an action of a rule waited for something")


def test_orders_that_left_before_it_raised_are_listed() -> None:
    actions("""
    @rule_action
    async def work(context, symbol: str):
        await LinkedCreateOrderAction(symbol, 100, "BUY", stop_loss_pct=0.03).execute(context)
        raise LookupError("afterwards")
    """)
    done = tried("on signal BUY -> call work(symbol)\n", signal(1, "BUY"))
    (call,) = done.one("decision")["actions"]
    assert (call["outcome"], call["orders"]) == ("failed", ["r0-2", "r0-3"])
    assert done.last_order(role="stop")["status"] == "submitted"


def test_the_traceback_is_shown_on_request_alone() -> None:
    actions("""
    @rule_action
    def work(context):
        raise LookupError("no such book")
    """)
    Path("card.rules").write_text("on signal BUY -> call work()\n")
    Path("events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (price(0, 150.0), signal(1, "BUY"))))
    arguments = ["replay", "card.rules", "--events", "events.jsonl"]
    code, out, errors = run(arguments)
    assert (code, errors) == (0, "")
    assert "card#1 failed, LookupError: no such book" in out
    code, again, errors = run(["--debug", *arguments])
    assert (code, again) == (0, out)
    assert 'raise LookupError("no such book")' in errors


def test_code_that_outlives_its_call_asks_for_nothing_any_more() -> None:
    actions("""
    kept = []

    @rule_action
    async def keep(context):
        kept.append((current_runtime(), LinkedCreateOrderAction("AAPL", 100, "BUY").request(context)))

    @rule_action
    def later(context):
        import threading

        said = []

        def work():
            try:
                current_runtime()
            except RuntimeError as error:
                said.append(type(error).__name__)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return said[0]
    """)
    done = tried("on signal BUY -> call keep()\non signal OUT -> call later()\n", signal(1, "BUY"), signal(3, "OUT"))
    assert [line["actions"][0].get("text") for line in done.of("decision")] == [None, "NoRuntimeError"]


# ---- the module ------------------------------------------------------------------------------------------------------

CALL = "on signal BUY -> call work()\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def work(:\n", "my_actions.py:1: not Python: invalid syntax"),
        (
            "x = 1\n@rule_action\ndef work(context): ...\n",
            "my_actions.py:2: importing it failed: NameError: name 'rule_action'",
        ),
        (
            "from rulec.runtime.rule import rule_action\nimport there_is_no_such_module\n"
            "@rule_action\ndef work(context): ...\n",
            "my_actions.py:2: importing it failed: ModuleNotFoundError: No module named 'there_is_no_such_module'",
        ),
        (
            "from rulec.runtime.rule import rule_action\n\n@rule_action\ndef work(): ...\n",
            "my_actions.py:3: importing it failed: TypeError: the action work needs a first parameter: the context",
        ),
        (
            "import sys\nfrom rulec.runtime.rule import rule_action\n"
            "@rule_action\ndef work(context): ...\nsys.exit(0)\n",
            "my_actions.py:5: importing it failed: SystemExit: 0",
        ),
        (
            "def rule_action(function): return function\n@rule_action\ndef work(context): ...\n",
            "my_actions.py: imported, it has no action `work`",
        ),
    ],
)
def test_a_module_that_cannot_be_used_is_one_clear_error(text: str, said: str) -> None:
    Path("my_actions.py").write_text(text)
    assert refused(CALL).startswith(said)


def test_a_module_that_is_not_there_is_named() -> None:
    assert refused(CALL) == "[actions] module: my_actions.py: there is no such file"


def test_a_module_whose_actions_nobody_calls_is_not_imported() -> None:
    actions("""
    @rule_action
    def work(context): ...

    raise SystemExit("imported")
    """)
    assert tried("on signal BUY -> enter long 100 stop 3%\n", signal(1, "BUY")).of("fill")
    assert refused(CALL).startswith("my_actions.py:")


def test_the_module_may_use_others_of_its_folder_and_leaves_the_path_as_it_was(folder: Path) -> None:
    Path("signs_of_rain.py").write_text("RAIN = 'it rains'\n")
    actions("""
    import attrs
    from signs_of_rain import RAIN

    @attrs.frozen
    class Weather:
        text: str = RAIN

    @rule_action
    def work(context):
        return Weather().text
    """)
    before = list(sys.path)
    done = tried(CALL, signal(1, "BUY"))
    assert done.one("decision")["actions"][0]["text"] == "it rains"
    assert sys.path == before
    assert not list(folder.glob("__pycache__/my_actions*"))


def test_the_module_stands_beside_the_configuration_that_names_it(folder: Path) -> None:
    (folder / "desk").mkdir()
    (folder / "desk" / "other.toml").write_text('[actions]\nmodule = "own.py"\n')
    (folder / "desk" / "own.py").write_text(
        "from rulec.runtime.rule import rule_action\n@rule_action()\ndef work(context):\n    return 'own'\n"
    )
    Path("card.rules").write_text(CALL)
    Path("events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (price(0, 150.0), signal(1, "BUY"))))
    code, out, errors = run(["replay", "card.rules", "--events", "events.jsonl", "--config", "desk/other.toml"])
    assert (code, errors) == (0, "")
    assert "“own”" in out


# ---- nothing else in a rule file runs Python -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "on signal BUY -> call helper()",
        "on signal BUY -> call Path()",
        'on signal BUY -> call __import__("os")',
        'on signal BUY -> call eval("boom()")',
        'on signal BUY -> call os.system("true")',
        "on signal BUY where helper() > 1 -> exit",
        "on signal BUY where work(symbol) -> exit",
        'on signal BUY -> notify "{helper()}"',
        'on signal BUY -> notify "{symbol.__class__}"',
        'on signal BUY -> notify "{__import__}"',
        "use my_actions\non signal BUY -> exit",
        "on signal BUY -> work()",
        "let x = work(1)\non signal BUY -> exit",
    ],
)
def test_nothing_else_in_a_rule_file_runs_python(rule: str, folder: Path) -> None:
    actions("""
    from pathlib import Path

    Path("touched").touch()

    def helper(context=None): ...

    @rule_action
    def work(context, symbol="AAPL"): ...
    """)
    Path("card.rules").write_text(rule + "\n")
    Path("events.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (price(0, 150.0), signal(1, "BUY"))))
    assert run(["check", "card.rules"])[0] == 1
    code, out, errors = run(["replay", "card.rules", "--events", "events.jsonl"])
    assert (code, out) == (1, "")
    assert "nothing was run" in errors
    assert not (folder / "touched").exists()


def test_a_check_runs_nothing_of_the_module(folder: Path) -> None:
    actions("""
    from pathlib import Path

    Path("touched").touch()

    @rule_action
    def work(context): ...
    """)
    Path("card.rules").write_text(CALL)
    assert run(["check", "card.rules"])[0] == 0
    assert not (folder / "touched").exists()


# ---- runs and their journals -----------------------------------------------------------------------------------------

TWO_WAYS = """
    @rule_action
    async def long(context, symbol: str, shares: int):
        await LinkedCreateOrderAction(symbol, shares, "BUY", stop_loss_pct=0.03).execute(context)
        await current_runtime().event_bus.emit(PredictionSignalEvent(symbol=symbol, signal="MORE", confidence=0.9))
        return "bought"
    """


def test_a_run_calls_and_its_journal_calls_again() -> None:
    actions(TWO_WAYS)
    Path("card.rules").write_text(
        'on signal BUY -> call long(symbol, 100)\non signal MORE -> log "more {symbol}"\non signal OUT -> exit\n'
    )
    events = sorted([*MARKET, signal(1, "BUY"), signal(4, "OUT")], key=lambda event: str(event["time"]))
    Path("events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    code, out, errors = run(["run", "card.rules", "--market", "events.jsonl", "--journal", "run.db", "--json"])
    assert code == 0, errors
    recorded = [line for line in out.splitlines() if json.loads(line)["type"] != "ready"]
    said = [line["actions"][0].get("text") for line in map(json.loads, recorded) if line["type"] == "decision"]
    assert said == ["bought", "more AAPL", None]
    code, out, errors = run(["replay", "card.rules", "--journal", "run.db", "--json"])
    assert code == 0, errors
    assert out.splitlines() == recorded


def test_a_journal_is_replayed_with_the_actions_as_they_are_now() -> None:
    actions(TWO_WAYS)
    Path("card.rules").write_text("on signal BUY -> call long(symbol, 100)\n")
    events = sorted([*MARKET, signal(1, "BUY")], key=lambda event: str(event["time"]))
    Path("events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    assert run(["run", "card.rules", "--market", "events.jsonl", "--journal", "run.db", "--json"])[0] == 0
    actions("""
    @rule_action
    def long(context, symbol: str, shares: int):
        return "thought better of it"
    """)
    code, out, errors = run(["replay", "card.rules", "--journal", "run.db", "--json"])
    assert code == 0, errors
    assert "thought better of it" in out
    assert '"type":"order"' not in out
