"""The document that named the interfaces: its examples run, its class skeletons fit.

Only the import prefix is changed. An example's `...` stands for the arguments of the previous example of that class.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import logging
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest

from rulec.runtime.broker import TWSConnection
from rulec.runtime.context import running
from rulec.runtime.event.bus import EventBus
from rulec.runtime.position import Position, PositionTracker, TradeTracker
from rulec.runtime.rule import RuleEngine

DOCUMENT = Path(__file__).parents[1] / "data" / "seed.md"

HOMES = {
    "rulec.runtime.event.base": ["BaseEvent"],
    "rulec.runtime.event.bus": ["EventBus"],
    "rulec.runtime.event.market": ["PriceEvent", "VolumeEvent"],
    "rulec.runtime.event.position": ["PositionOpenEvent", "PositionUpdateEvent", "PositionCloseEvent"],
    "rulec.runtime.event.order": [
        "OrderCreatedEvent",
        "OrderSubmittedEvent",
        "OrderFilledEvent",
        "FillEvent",
    ],
    "rulec.runtime.event.api": ["PredictionSignalEvent"],
    "rulec.runtime.order.base": ["Order", "OrderType", "OrderStatus"],
    "rulec.runtime.order.group": ["OrderGroup", "BracketGroup", "OCOGroup"],
    "rulec.runtime.order.manager": ["OrderManager"],
    "rulec.runtime.position": ["TradeTracker", "TradeInfo"],
    "rulec.runtime.position.base": ["Position", "PositionStatus"],
    "rulec.runtime.position.stock": ["StockPosition"],
    "rulec.runtime.position.tracker": ["PositionTracker"],
    "rulec.runtime.rule": ["Rule", "RuleEngine"],
    "rulec.runtime.rule.condition": [
        "Condition",
        "EventCondition",
        "PositionCondition",
        "TimeCondition",
        "MarketCondition",
    ],
    "rulec.runtime.rule.linked_order_actions": [
        "LinkedOrderManager",
        "LinkedCreateOrderAction",
        "LinkedScaleInAction",
        "LinkedDoubleDownAction",
        "LinkedCloseAllAction",
        "LinkedOrderConclusionManager",
    ],
    "rulec.runtime.broker": ["TWSConnection"],
}
NAMES = {name: getattr(import_module(home), name) for home, names in HOMES.items() for name in names}


@attrs.frozen
class Block:
    line: int
    tree: ast.Module


class FillsIn(ast.NodeTransformer):
    """Puts the previous example's arguments where an example writes `...`."""

    def __init__(self) -> None:
        self.previous: dict[str, dict[str, ast.expr]] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name):
            return node
        given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
        if node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value is Ellipsis:
            given = {**self.previous[node.func.id], **given}
            node.args = []
            node.keywords = [ast.keyword(arg=name, value=value) for name, value in given.items()]
        self.previous[node.func.id] = given
        return node


def blocks() -> Iterator[Block]:
    filler = FillsIn()
    text = DOCUMENT.read_text(encoding="utf-8")
    for match in re.finditer(r"^( *)```python\n(.*?)^ *```$", text, re.M | re.S):
        code = textwrap.dedent(match[2]).replace("from src.", "from rulec.runtime.")
        code = re.sub(r",\s*\.\.\.\s*}", "}", code)
        tree = filler.visit(ast.parse(code))
        yield Block(text.count("\n", 0, match.start()) + 1, ast.fix_missing_locations(tree))


BLOCKS = list(blocks())
EXAMPLES = [b for b in BLOCKS if not any(isinstance(node, ast.ClassDef) for node in b.tree.body) and b.tree.body]
SKELETONS = [node for b in BLOCKS for node in b.tree.body if isinstance(node, ast.ClassDef)]


def test_the_document_holds_the_examples_that_are_meant() -> None:
    assert len(EXAMPLES) == 13
    assert sorted(skeleton.name for skeleton in SKELETONS) == [
        "EventBus",
        "LinkedOrderConclusionManager",
        "LinkedOrderManager",
        "Order",
        "OrderManager",
        "Position",
        "PositionTracker",
        "TradeTracker",
    ]


def namespace() -> dict[str, Any]:
    bus = EventBus()
    return {
        **NAMES,
        "event_bus": bus,
        "position_tracker": PositionTracker(bus),
        "tws_connection": TWSConnection(),
        "rule_engine": RuleEngine(bus),
        "tracker": TradeTracker.fresh(),
        "context": {"AAPL": {"side": "BUY", "status": "active"}},
        "symbol": "AAPL",
        "side": "BUY",
        "logger": logging.getLogger("example"),
    }


def execute(block: Block, names: dict[str, Any]) -> dict[str, Any]:
    """Runs an example inside an async function, and answers its variables."""
    function = ast.parse("async def example():\n    pass\n    return locals()").body[0]
    assert isinstance(function, ast.AsyncFunctionDef)
    function.body[0:1] = block.tree.body
    module = ast.Module(body=[function], type_ignores=[])
    exec(compile(ast.fix_missing_locations(module), f"seed.md:{block.line}", "exec"), names)  # noqa: S102  # the document's own examples
    made: dict[str, Any] | None = asyncio.run(names["example"]())
    return made or {}


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: f"line {block.line}")
def test_the_example_runs_as_it_is_written(block: Block) -> None:
    with running(None):
        execute(block, namespace())


def made_by(*words: str) -> dict[str, Any]:
    """The variables of the one example that defines all these names."""
    for block in EXAMPLES:
        stored = {n.id for n in ast.walk(block.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if stored.issuperset(words):
            return execute(block, namespace())
    raise AssertionError(f"no example defines {words}")


def test_the_position_of_the_example_was_opened_at_the_first_price_and_is_closed() -> None:
    position = made_by("position")["position"]
    assert position.entry_price == position.exit_price == 150.75
    assert position.status.name == "CLOSED"
    assert position.close_reason == "manual exit"


def test_the_orders_of_the_example_reached_the_exchange() -> None:
    made = made_by("buy_order", "sell_order", "limit_order")
    manager = made["order_manager"]
    assert set(manager.orders) == {made[name].order_id for name in ("buy_order", "sell_order", "limit_order")}
    assert made["sell_order"].side.value == "SELL"
    # Nothing has a price yet: all three wait at the exchange.
    assert {order.status.name for order in manager.orders.values()} == {"WORKING"}


def test_an_entry_on_a_running_symbol_leaves_the_example_early() -> None:
    names = namespace()
    block = next(b for b in EXAMPLES if "active_trade" in ast.unparse(b.tree))
    TradeTracker().start_trade("AAPL", "BUY")
    try:
        assert execute(block, names) == {}  # it returned before its end
    finally:
        TradeTracker().close_trade("AAPL")


# ---- skeletons -------------------------------------------------------------------------------------------------------

METHODS = [
    pytest.param(skeleton, method, id=f"{skeleton.name}.{method.name}")
    for skeleton in SKELETONS
    for method in skeleton.body
    if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))
]


@pytest.mark.parametrize(("skeleton", "method"), METHODS)
def test_a_method_takes_what_the_document_says(
    skeleton: ast.ClassDef, method: ast.FunctionDef | ast.AsyncFunctionDef
) -> None:
    own = inspect.getattr_static(NAMES[skeleton.name], method.name)
    decorators = {ast.unparse(decorator) for decorator in method.decorator_list}
    assert isinstance(own, staticmethod) == ("staticmethod" in decorators)
    assert isinstance(own, property) == ("property" in decorators)
    if isinstance(own, property):
        return
    function = own.__func__ if isinstance(own, staticmethod) else own
    assert inspect.iscoroutinefunction(function) == isinstance(method, ast.AsyncFunctionDef)
    expected = skeleton_parameters(method)
    parameters = list(inspect.signature(function).parameters.values())
    assert [(p.name, p.default) for p in parameters[: len(expected)]] == expected
    for further in parameters[len(expected) :]:
        assert further.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)


def skeleton_parameters(method: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[str, object]]:
    arguments = method.args.args
    defaults = [ast.literal_eval(value) for value in method.args.defaults]
    plain: list[object] = [inspect.Parameter.empty] * (len(arguments) - len(defaults))
    found = [(argument.arg, default) for argument, default in zip(arguments, [*plain, *defaults], strict=True)]
    if method.args.kwarg is not None:
        found.append((method.args.kwarg.arg, inspect.Parameter.empty))
    return found


@pytest.mark.parametrize(
    ("name", "instance"),
    [
        ("Position", Position("AAPL")),
        ("PositionTracker", PositionTracker(EventBus())),
        ("Order", NAMES["Order"]("AAPL", 1, NAMES["OrderType"].MARKET)),
        ("OrderManager", NAMES["OrderManager"](EventBus(), TWSConnection())),
    ],
)
def test_an_object_begins_with_the_attributes_of_the_document(name: str, instance: object) -> None:
    skeleton = next(skeleton for skeleton in SKELETONS if skeleton.name == name)
    fixed = {}
    for node in ast.walk(skeleton):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            attribute = node.targets[0].attr
            assert hasattr(instance, attribute)
            if isinstance(node.value, (ast.Constant, ast.Dict)):
                fixed[attribute] = ast.literal_eval(node.value)
    assert {attribute: getattr(instance, attribute) for attribute in fixed} == fixed
