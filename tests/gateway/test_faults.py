"""Everything that docs/gateway-faults.md shows goes wrong as it says: its own examples, put in force and looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.broker.exchange import Exchange, ExchangeTerms, FillMode
from rulec.runtime.event.inputs import Quote
from rulec.runtime.gateway.fault_kinds import KINDS
from rulec.runtime.gateway.fault_specs import FaultError, read_fault, read_faults
from rulec.runtime.gateway.faults import GatewayFaults
from rulec.runtime.gateway.gateway import Gateway
from rulec.runtime.gateway.policy import GatewayPolicy
from rulec.runtime.gateway.wire_faults import WIRE_KINDS, Abort, Send, Wait, WireFaults
from rulec.runtime.market.hours import AlwaysOpen
from rulec.runtime.times import MINUTE, SECOND, parse_time

from ..support.plain_client import Desk, PlainClient, cancel, contract, frame, market_data, place

NOON = parse_time("2026-01-06T17:00:00Z")
DOCUMENT = Path(__file__).parents[2] / "docs" / "gateway-faults.md"
EXAMPLES = [
    json.loads(line)
    for block in re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    for line in block.splitlines()
]
FAULTS = [example for example in EXAMPLES if "fault" in example]


class World(Desk):
    """A gateway with faults, a quote for AAPL, and client 1."""

    def __init__(self) -> None:
        self.faults = GatewayFaults(WireFaults(lambda: 0.0))
        hours = AlwaysOpen()
        self.exchange = Exchange(hours, {"DU1": 10**11}, ExchangeTerms(fill=FillMode.STANDING))
        policy = GatewayPolicy(duplicated_statuses=False)
        self.core = Gateway(self.exchange, hours, policy, faults=self.faults)
        super().__init__(self.core, NOON)
        self.faults.attach(self.core)
        self.client = self.connect(1)
        self.quote(149.9, 150.1)

    def quote(self, bid: float, ask: float, later: int = SECOND) -> None:
        self.now += later
        self.core.on_market(Quote(self.now, "AAPL", bid, ask), self.now)
        self.collect()

    def wait(self, length: int) -> None:
        self.now += length
        self.core.on_time(self.now)
        self.collect()

    def inflict(self, *kinds: str) -> None:
        """Puts the document's own examples of these kinds in force."""
        for kind in kinds:
            example = next(each for each in FAULTS if each["fault"] == kind)
            self.faults.plan(
                [read_fault({name: value for name, value in example.items() if name != "after"})], self.now
            )
        self.collect()

    def bracket(self) -> None:
        """Orders 1 (a limit at the market), 2 (its target) and 3 (its stop)."""
        self.client.send(place(1, "BUY", 100, "LMT", limit=151, transmit=False))
        self.client.send(place(2, "SELL", 100, "LMT", limit=160, parent=1, transmit=False))
        self.client.send(place(3, "SELL", 100, "STP", stop=140, parent=1))

    def filled(self, client: PlainClient | None = None) -> list[tuple[int, float, float]]:
        details = (client or self.client).told("ExecutionDetails")
        return [(each["order_id"], each["shares"], each["price"] / 1e6) for each in details]

    def position(self) -> int:
        return dict(self.exchange.positions("DU1")).get("AAPL", 0)


@pytest.fixture
def world() -> World:
    return World()


Scenario = Callable[[World], None]
SCENARIOS: dict[str, Scenario] = {}


def shows(kind: str) -> Callable[[Scenario], Scenario]:
    """Marks what shows the fault of a kind."""

    def mark(scenario: Scenario) -> Scenario:
        SCENARIOS[kind] = scenario
        return scenario

    return mark


# ---- orders ----------------------------------------------------------------------------------------------------------


@shows("reject")
def stop_is_rejected_while_the_entry_fills(world: World) -> None:
    world.inflict("reject")
    world.bracket()
    assert world.filled() == [(1, 100, 150.1)]
    assert world.client.statuses(3) == ["Inactive"]
    assert (3, 201) in world.client.errors


@shows("margin")
def want_of_margin(world: World) -> None:
    world.inflict("margin")
    world.client.send(place(1, "BUY", 1))
    (error,) = [each for each in world.client.told("ErrorMessage") if each["id"] == 1]
    assert error["code"] == 201
    assert "MARGIN" in error["text"]
    assert world.client.statuses(1) == ["Inactive"]


@shows("preset")
def stop_is_good_for_the_day_alone(world: World) -> None:
    def tifs(order_id: int) -> set[str]:
        return {each["terms.tif"] for each in world.client.told("OpenOrder") if each["order_id"] == order_id}

    world.inflict("preset")
    world.bracket()
    assert tifs(3) == {"DAY"}
    world.client.send(place(4, "SELL", 1, "STP", stop=140))
    assert tifs(4) == {"GTC"}


@shows("partial")
def first_fill_is_a_part(world: World) -> None:
    world.inflict("partial")
    world.client.send(place(1, "BUY", 100))
    assert world.filled() == [(1, 30, 150.1)]
    assert world.client.statuses(1)[-1] == "Submitted"
    world.quote(149.9, 150.2)
    assert world.filled()[1:] == [(1, 70, 150.2)]


@shows("late_fill")
def fill_after_a_confirmed_cancel(world: World) -> None:
    world.inflict("late_fill")
    world.client.send(place(1, "BUY", 100, "LMT", limit=149))
    world.client.send(cancel(1))
    assert (1, 202) in world.client.errors
    world.quote(148.0, 148.2)
    assert world.filled() == [(1, 100, 148.2)]
    assert world.position() == 100


@shows("overfill")
def more_than_was_ordered(world: World) -> None:
    world.inflict("overfill")
    world.client.send(place(1, "BUY", 100))
    world.quote(149.9, 150.1)
    assert world.filled() == [(1, 100, 150.1), (1, 20, 150.1)]
    assert world.position() == 120
    assert world.client.told("OrderStatus")[-1]["filled"] == 120


@shows("refuse_change")
def modification_is_refused(world: World) -> None:
    world.client.send(place(1, "BUY", 100, "LMT", limit=149))
    world.inflict("refuse_change")
    world.client.send(place(1, "BUY", 100, "LMT", limit=148))
    assert world.client.errors == [(1, 202), (1, 201)]
    assert world.client.statuses(1)[-1] == "Cancelled"


@shows("race")
def cancelled_order_still_fills(world: World) -> None:
    world.inflict("race")
    world.client.send(place(1, "BUY", 100, "LMT", limit=149))
    world.client.send(cancel(1))
    assert world.client.statuses(1)[-1] == "PendingCancel"
    world.quote(148.0, 148.2)
    assert world.filled() == [(1, 100, 148.2)]
    world.client.send(place(2, "BUY", 100, "LMT", limit=140))
    world.client.send(cancel(2))
    world.wait(2 * SECOND)
    assert world.client.statuses(2)[-1] == "Cancelled"


@shows("correct")
def execution_is_corrected(world: World) -> None:
    world.inflict("correct")
    world.client.send(place(1, "BUY", 100))
    world.wait(SECOND)
    first, second = world.client.told("ExecutionDetails")
    assert [each["price"] for each in (first, second)] == [150_100_000, 149_500_000]
    assert first["execution_id"].rpartition(".")[0] == second["execution_id"].rpartition(".")[0]
    assert first["execution_id"] != second["execution_id"]
    assert world.position() == 100


@shows("manual")
def order_typed_into_tws(world: World) -> None:
    world.client.send(place(1, "BUY", 100))
    everybody = world.connect(0)
    world.inflict("manual")
    assert world.position() == 0
    everybody.send(frame([7, 3, 9, 0, "", "", "", "", "", ""]))
    by_hand = [each for each in everybody.told("ExecutionDetails") if each["side"] == "SLD"]
    assert [(each["client_id"], each["order_id"], each["shares"]) for each in by_hand] == [(0, 0, 100)]


@shows("foreign")
def order_of_another_client(world: World) -> None:
    world.inflict("foreign")
    world.client.send(frame([16, 1]))
    (order,) = world.client.told("OpenOrder")
    assert (order["terms.client_id"], order["terms.quantity"], order["terms.limit_price"]) == (77, 10, 100_000_000)


@shows("cancel")
def somebody_cancels_the_target(world: World) -> None:
    world.bracket()
    world.inflict("cancel")
    assert world.client.statuses(2)[-1] == "Cancelled"
    assert world.client.statuses(3)[-1] != "Cancelled"


# ---- messages --------------------------------------------------------------------------------------------------------


@shows("error")
def error_on_an_order_that_stays_live(world: World) -> None:
    world.inflict("error")
    world.client.send(place(1, "BUY", 100, "LMT", limit=149))
    world.client.send(place(2, "SELL", 100, "STP", stop=140))
    assert world.client.errors == [(2, 10349)]
    names = [name for name, values in world.client.heard if values.get("order_id", values.get("id")) == 2]
    assert names == ["OpenOrder", "ErrorMessage", "OrderStatus"]
    assert world.exchange.order(1, 2).status.value == "PreSubmitted"  # type: ignore[union-attr]


@shows("status")
def order_is_said_to_be_cancelled(world: World) -> None:
    world.inflict("status")
    world.bracket()
    assert world.client.statuses(3)[:2] == ["PreSubmitted", "Cancelled"]
    world.quote(139.0, 139.2)
    assert world.client.statuses(3)[-1] == "Filled"
    assert world.position() == 0


@shows("missing")
def statuses_are_left_out(world: World) -> None:
    world.inflict("missing")
    world.client.send(place(1, "BUY", 100))
    assert world.client.statuses(1) == []
    assert world.filled() == [(1, 100, 150.1)]
    world.client.send(place(2, "BUY", 100))
    assert world.client.statuses(2) == ["Submitted", "Filled"]


@shows("duplicate")
def execution_comes_twice(world: World) -> None:
    world.inflict("duplicate")
    world.client.send(place(1, "BUY", 100))
    first, second = world.client.told("ExecutionDetails")
    assert first == second
    assert world.position() == 100


@shows("no_end")
def ends_are_silent(world: World) -> None:
    world.inflict("no_end")
    world.client.send(frame([5, 1]) + frame([61, 1]) + frame([99, 0]))
    assert not [name for name, _ in world.client.heard if name.endswith("End")]
    other = world.connect(2)
    other.send(frame([5, 1]))
    assert other.told("OpenOrderEnd")


@shows("commission")
def commission_is_nothing(world: World) -> None:
    world.inflict("commission")
    world.client.send(place(1, "BUY", 100))
    assert world.client.told("CommissionReport")[0]["commission"] == 0


@shows("refuse")
def market_data_are_refused(world: World) -> None:
    world.inflict("refuse")
    world.client.send(market_data(5))
    world.client.send(market_data(6))
    assert world.client.errors == [(5, 354)]
    assert {each["request_id"] for each in world.client.told("TickPrice")} == {6}


@shows("ignore")
def request_gets_no_answer(world: World) -> None:
    world.inflict("ignore")
    world.client.send(frame([61, 1]))
    assert not world.client.told("PositionEnd")
    world.client.send(frame([61, 1]))
    assert world.client.told("PositionEnd")


# ---- the connection to Interactive Brokers ---------------------------------------------------------------------------


def lost(world: World) -> None:
    world.client.send(market_data(5))
    world.client.send(place(1, "BUY", 100, "LMT", limit=149))
    world.inflict("1100")
    world.client.take()
    world.quote(148.0, 148.2)
    assert world.position() == 100
    assert world.client.take() == [], "neither the tick nor the fill is told"


@shows("1100")
def connectivity_is_lost_for_a_while(world: World) -> None:
    lost(world)
    world.wait(15 * SECOND)
    assert world.client.errors == [(-1, 1101)]
    assert world.filled() == [(1, 100, 148.2)]


@shows("1101")
def data_are_lost(world: World) -> None:
    lost(world)
    world.inflict("1101")
    assert world.filled() == [(1, 100, 148.2)]
    world.quote(150.0, 150.2)
    assert not world.client.told("TickPrice"), "nobody is subscribed any more"


@shows("1102")
def data_are_kept(world: World) -> None:
    lost(world)
    world.inflict("1102")
    assert world.client.errors == [(-1, 1102)]
    assert world.filled() == [(1, 100, 148.2)]
    world.quote(150.0, 150.2)
    assert world.client.told("TickPrice")


@shows("farm")
def farm_is_broken(world: World) -> None:
    world.inflict("farm")
    assert world.client.errors == [(-1, 2103)]


@shows("pacing")
def too_many_messages(world: World) -> None:
    world.inflict("pacing")
    world.client.send(frame([49, 1]) * 50)
    assert not world.client.is_closed
    world.client.send(frame([49, 1]))
    assert world.client.errors == [(-1, 100)]
    assert world.client.is_closed


@shows("bar_pacing")
def bars_are_asked_for_too_fast(world: World) -> None:
    world.inflict("bar_pacing")
    for request_id in (5, 6):
        world.client.send(frame([20, request_id, *contract("AAPL"), 0, "", "5 secs", "1 D", 1, "TRADES", 1, 0, ""]))
    texts = [
        (each["id"], "pacing" in each["text"]) for each in world.client.told("ErrorMessage") if each["code"] == 162
    ]
    assert texts == [(5, False), (6, True)]


@shows("clash")
def client_number_is_in_use(world: World) -> None:
    world.inflict("clash")
    refused = world.connect(9)
    assert refused.errors == [(-1, 326)]
    assert refused.is_closed
    assert not world.connect(9).is_closed


# ---- the wire --------------------------------------------------------------------------------------------------------

FRAMES = (b"first", b"second", b"third", b"fourth")


class Wires:
    """The wire seam with a clock by hand, and what it aborted."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.aborted: list[int | None] = []
        self.faults = WireFaults(lambda: self.seconds)
        self.faults.abort = self.aborted.append

    def inflict(self, kind: str) -> None:
        self.faults.put_in_force(read_fault(next(each for each in FAULTS if each["fault"] == kind)))


@shows("drop")
def socket_is_dropped(_: World) -> None:
    wires = Wires()
    wires.inflict("drop")
    assert wires.faults.shape(2, FRAMES) == [Send(b"firstsecondthirdfourth")]
    assert wires.faults.shape(1, FRAMES) == [Send(b"firstsecond"), Abort()]
    wires.faults.put_in_force(read_fault({"fault": "drop", "client": 1}))
    assert wires.aborted == [1]


@shows("half")
def half_of_a_message(_: World) -> None:
    wires = Wires()
    wires.inflict("half")
    assert wires.faults.shape(1, FRAMES) == [Send(b"fi"), Abort()]


@shows("silent")
def silent_socket(_: World) -> None:
    wires = Wires()
    wires.inflict("silent")
    assert wires.faults.shape(1, FRAMES) == []
    assert wires.faults.is_silent(1)
    assert not wires.faults.is_silent(2)
    wires.seconds = 30.0
    assert wires.faults.shape(1, FRAMES[:1]) == [Send(b"first")]


@shows("delay")
def bytes_leave_later(_: World) -> None:
    wires = Wires()
    wires.inflict("delay")
    assert wires.faults.shape(1, FRAMES[:1]) == [Wait(0.2), Send(b"first")]


@shows("split")
def bytes_leave_in_pieces(_: World) -> None:
    wires = Wires()
    wires.inflict("split")
    pieces = [step.data for step in wires.faults.shape(1, FRAMES) if isinstance(step, Send)]
    assert pieces == [bytes([each]) for each in b"firstsecondthirdfourth"]


@shows("coalesce")
def bytes_leave_together(_: World) -> None:
    wires = Wires()
    wires.inflict("coalesce")
    assert wires.faults.shape(1, FRAMES) == [Wait(0.5), Send(b"firstsecondthirdfourth")]


@shows("restart")
def gateway_restarts(_: World) -> None:
    wires = Wires()
    wires.inflict("restart")
    assert wires.aborted == [None]
    assert not wires.faults.accepts()
    wires.seconds = 5.0
    assert wires.faults.accepts()


# ---- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_example_of_the_document_goes_wrong_as_it_says(world: World, kind: str) -> None:
    SCENARIOS[kind](world)


def test_the_document_shows_every_fault() -> None:
    assert {each["fault"] for each in FAULTS} == set(KINDS) == set(SCENARIOS)
    assert {kind for kind in KINDS if KINDS[kind].tells and kind in WIRE_KINDS} == set(WIRE_KINDS)


@pytest.mark.parametrize("example", FAULTS, ids=lambda example: str(example["fault"]))
def test_every_example_can_be_read(example: dict[str, Any]) -> None:
    assert read_fault(example).kind == example["fault"]


# ---- when and how often ----------------------------------------------------------------------------------------------


def test_a_fault_waits_for_its_time(world: World) -> None:
    world.faults.plan([read_fault({"fault": "farm", "code": 2103, "after": "5m"})], world.now)
    at = {"fault": "farm", "code": 2104, "at": "2026-01-06T17:10:00Z"}
    world.faults.plan([read_fault(at)], world.now)
    world.wait(MINUTE)
    assert world.client.errors == []
    world.wait(4 * MINUTE)
    assert world.client.errors == [(-1, 2103)]
    world.wait(5 * MINUTE)
    assert [each["code"] for each in world.client.told("ErrorMessage")][-1] == 2104


def test_what_is_planned_before_there_is_a_gateway_happens_when_it_is_there() -> None:
    faults = GatewayFaults()
    faults.plan([read_fault({"fault": "reject", "text": "no"})], NOON)
    exchange = Exchange(AlwaysOpen(), {"DU1": 10**11})
    core = Gateway(exchange, AlwaysOpen(), faults=faults)
    faults.attach(core)
    client = Desk(core, NOON).connect(1)
    client.send(place(1, "BUY", 100))
    assert (1, 201) in client.errors


def test_some_occasions_pass_before_it_happens_so_many_times(world: World) -> None:
    fault = {"fault": "reject", "skip": 1, "times": 2, "text": "no", "order": {"symbol": "AAPL"}}
    world.faults.plan([read_fault(fault)], world.now)
    for number in range(1, 6):
        world.client.send(place(number, "BUY", 1))
    assert [order for order, code in world.client.errors if code == 201] == [2, 3]


SELECTED = [
    ({"type": "STP"}, 3),
    ({"role": "target"}, 2),
    ({"role": "exit"}, 4),
    ({"ref": "rulec/*/exit/?"}, 4),
    ({"id": 2, "client": 1}, 2),
    ({"child": True, "action": "SELL", "tif": "GTC", "type": "LMT"}, 2),
    ({"child": False}, 1),
]


@pytest.mark.parametrize(("selector", "order"), SELECTED)
def test_faults_pick_their_orders(world: World, selector: dict[str, Any], order: int) -> None:
    world.faults.plan([read_fault({"fault": "reject", "text": "no", "order": selector})], world.now)
    world.bracket()
    world.client.send(place(4, "SELL", 100, "LMT", limit=170, ref="rulec/main/t1/exit/1"))
    assert next(number for number, code in world.client.errors if code == 201) == order


def test_an_error_can_come_before_the_order_or_at_once(world: World) -> None:
    world.faults.plan([read_fault({"fault": "error", "code": 399, "before": True})], world.now)
    world.client.take()
    world.client.send(place(1, "BUY", 100, "LMT", limit=149))
    assert [name for name, _ in world.client.heard] == ["ErrorMessage", "OpenOrder", "OrderStatus"]
    world.faults.plan([read_fault({"fault": "error", "code": 105, "id": 1, "client": 1})], world.now)
    world.collect()
    assert world.client.errors == [(1, 399), (1, 105)]


def test_a_correction_can_name_its_execution(world: World) -> None:
    world.client.send(place(1, "BUY", 100))
    world.client.send(place(2, "BUY", 100))
    first = world.client.told("ExecutionDetails")[0]["execution_id"]
    world.faults.plan([read_fault({"fault": "correct", "price": 150, "execution": first})], world.now)
    world.collect()
    assert world.client.told("ExecutionDetails")[-1]["order_id"] == 1
    with pytest.raises(FaultError, match="no execution"):
        world.faults.plan([read_fault({"fault": "correct", "price": 150, "execution": "7"})], world.now)


# ---- what is no fault ------------------------------------------------------------------------------------------------

WRONG = [
    ([], "a fault is an object"),
    ({}, "`fault`: None is none of"),
    ({"fault": "gremlins"}, "`fault`: 'gremlins' is none of"),
    ({"fault": ["drop"]}, "is none of"),
    ({"fault": "partial"}, "partial needs `quantity`"),
    ({"fault": "partial", "quantity": 0}, "`quantity`: at least 1"),
    ({"fault": "partial", "quantity": True}, "`quantity`: a whole number"),
    ({"fault": "drop", "colour": "red"}, "`colour` does not go with drop"),
    ({"fault": "drop", "client": "one"}, "`client`: a whole number"),
    ({"fault": "reject", "order": {"shape": "round"}}, "`order`: `shape` is none of"),
    ({"fault": "reject", "order": {"type": "SPLASH"}}, "`order`: 'SPLASH' is none of"),
    ({"fault": "reject", "order": 7}, "`order`: an object"),
    ({"fault": "farm", "code": 2103, "at": "noon"}, "`at`: `noon` is no time"),
    ({"fault": "farm", "code": 2103, "after": "soon"}, "`after`: `soon` is no time"),
    ({"fault": "farm", "code": 2103, "after": "1m", "at": "2026-01-06T17:00:00Z"}, "exclude each other"),
    ({"fault": "correct", "price": -1}, "`price`: an amount"),
    ({"fault": "missing", "message": "reqPositions"}, "`message`: missing goes with"),
    ({"fault": "ignore", "message": "orderStatus"}, "`message`: ignore goes with"),
    ({"fault": "refuse_change", "cancels": "yes"}, "`cancels`: true or false"),
    ({"fault": "1100", "for": "1m", "then": "1103"}, "`then`"),
]


@pytest.mark.parametrize(("given", "why"), WRONG)
def test_what_is_no_fault_is_refused(given: Any, why: str) -> None:
    with pytest.raises(FaultError) as refused:
        read_fault(given)
    assert why in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({field for kind in KINDS.values() for field in (*kind.needs, *kind.may)} | {"at", "after"})


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
def test_whatever_an_object_holds_it_is_a_fault_or_refused(kind: str, fields: dict[str, Any]) -> None:
    try:
        assert read_fault({**fields, "fault": kind}).kind == kind
    except FaultError:
        pass


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fault"), st.sampled_from(range(len(FAULTS)))),
        st.tuples(st.just("quote"), st.integers(14_000, 16_000)),
        st.tuples(st.just("bracket"), st.integers(14_000, 16_000)),
        st.tuples(st.just("change"), st.integers(1, 12), st.integers(14_000, 16_000)),
        st.tuples(st.just("cancel"), st.integers(1, 12)),
        st.tuples(st.just("wait"), st.integers(0, 40)),
        st.tuples(st.just("list")),
    ),
    max_size=30,
)


@given(STEPS)
def test_whatever_goes_wrong_the_gateway_goes_on_and_its_books_add_up(steps: list[tuple[Any, ...]]) -> None:
    world = World()
    number = 0
    for name, *what in steps:
        if name == "fault":
            world.faults.plan([read_fault(FAULTS[what[0]])], world.now)
        elif name == "quote":
            world.quote(what[0] / 100, what[0] / 100 + 0.2)
        elif name == "bracket":
            entry = what[0] / 100
            world.client.send(place(number + 1, "BUY", 100, "LMT", limit=entry, transmit=False))
            world.client.send(place(number + 2, "SELL", 100, "LMT", limit=entry + 5, parent=number + 1, transmit=False))
            world.client.send(place(number + 3, "SELL", 100, "STP", stop=entry - 5, parent=number + 1))
            number += 3
        elif name == "change":
            world.client.send(place(what[0], "BUY", 50, "LMT", limit=what[1] / 100))
            number = max(number, what[0])
        elif name == "cancel":
            world.client.send(cancel(what[0]))
        elif name == "wait":
            world.wait(what[0] * SECOND)
        else:
            world.client.send(frame([16, 1]) + frame([99, 0]) + frame([61, 1]))
        if world.client.is_closed:
            world.client = world.connect(1)
    executions = world.exchange.executions()
    signed = {each.symbol: 0 for each in executions}
    for each in executions:
        signed[each.symbol] += each.action.sign * each.quantity
    assert dict(world.exchange.positions("DU1")) == {symbol: held for symbol, held in signed.items() if held}
    account = world.exchange.ledger.accounts["DU1"]
    assert account.cash == 10**11 - sum(each.action.sign * each.quantity * each.price for each in executions)


def test_a_line_that_is_wrong_is_named() -> None:
    lines = ["# what goes wrong", "", '{"fault": "clash"}', '{"fault": "clash"', "7"]
    assert [fault.kind for fault in read_faults("f", lines[:3])] == ["clash"]
    with pytest.raises(FaultError, match=r"^f:4: "):
        read_faults("f", lines)
    with pytest.raises(FaultError, match=r"^f:1: a fault is an object"):
        read_faults("f", lines[4:])


def test_contracts_are_resolved_beside_all_faults(world: World) -> None:
    world.client.send(frame([9, 8, 3, *contract("AAPL"), 0, "", ""]))
    assert world.client.told("ContractData")
