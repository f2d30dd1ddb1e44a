"""What clients do, each scenario with a gateway of its own. Nothing is judged here: `say` tells what was seen.

The exchange opens with AAPL at 149.99 to 150.01, and with MSFT at 399.90 to 400.10; the past of AAPL are thirty bars.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .facade import PATIENCE, Client, Refused, Terms
from .market import Market


class Stage:
    """A market, a gateway, and as many clients as a scenario wants."""

    def __init__(self, make: Callable[[], Client], port: int, market: Market, tell: Callable[[str, Any], None]) -> None:
        self.make = make
        self._port = port
        self.market = market
        self.say = tell

    def client(self, client_id: int = 1) -> Client:
        """A new client, connected."""
        client = self.make()
        client.connect(self._port, client_id)
        return client

    def again(self, client: Client, patience: float = PATIENCE) -> None:
        """A client as number 1, be it once more."""
        client.connect(self._port, 1, patience)


# ---- connecting, contracts and the market ----------------------------------------------------------------------------


def connect(stage: Stage) -> None:
    client = stage.client()
    stage.say("accounts", client.accounts())
    stage.say("ids begin above zero", client.next_order_id() > 0)
    stage.say("time", client.current_time())
    stage.say("notices", sorted(client.errors))
    stage.say("positions", client.positions())
    client.disconnect()
    stage.say("connected", client.is_connected())


def qualify(stage: Stage) -> None:
    client = stage.client()
    stage.say("AAPL", client.qualify("AAPL"))
    stage.say("BRK B", client.qualify("BRK B"))
    found = client.qualify("AAPL")
    stage.say("ticks", client.market_rule(int(found["rules"][0])) if found else None)
    stage.say("nothing such", client.qualify("NOSUCHNAME"))
    client.sync()
    stage.say("error", client.errors[-1][1])
    stage.say("matching", client.matching("AAPL"))


def quotes(stage: Stage) -> None:
    client = stage.client()
    client.watch("AAPL")
    client.sync()
    stage.say("at first", client.quote("AAPL"))
    stage.market.quote(150.2, 150.25)
    stage.market.trade(150.22, 300)
    client.sync()
    stage.say("moved", client.quote("AAPL"))
    client.unwatch("AAPL")
    client.sync()
    stage.market.quote(151, 151.1)
    client.sync()
    stage.say("after the end", client.quote("AAPL"))
    stage.say("snapshot", client.snapshot("AAPL"))


def five_second_bars(stage: Stage) -> None:
    client = stage.client()
    client.watch_five_seconds("AAPL")
    client.sync()
    for bid in (150.0, 150.4, 149.8):
        stage.market.quote(bid, bid + 0.02)
    stage.market.release(2)  # the bar is over, and the next quote comes
    client.sync()
    stage.say("bars", client.five_seconds())


def historical_bars(stage: Stage) -> None:
    client = stage.client()
    stage.say("minutes", client.bars("AAPL"))
    stage.say("five minutes", client.bars("AAPL", size="5 mins"))
    stage.say("last three", client.bars("AAPL", duration="180 S"))
    stage.say("until ten to", client.bars("AAPL", end="20260105 14:50:00", duration="120 S"))
    stage.say("days", client.bars("AAPL", size="1 day", dates=1))
    stage.say("middle", client.bars("AAPL", what="MIDPOINT", duration="60 S"))
    stage.say("since", client.head_time("AAPL"))
    before = len(client.errors)
    stage.say("no data", client.bars("MSFT", end="20251231 12:00:00", duration="60 S"))
    stage.say("errors", [code for _, code in client.errors[before:]])


def bars_kept_up_to_date(stage: Stage) -> None:
    client = stage.client()
    client.keep_bars("AAPL")
    stage.say("last", client.kept_bars()[-1])
    count = len(client.kept_bars())
    for price in (150.5, 149.5, 150.2):
        stage.market.trade(price, 100)
    client.sync()
    stage.say("more", len(client.kept_bars()) - count)
    stage.say("grown", client.kept_bars()[-1])


# ---- brackets --------------------------------------------------------------------------------------------------------


def bracket(side: int, target: bool) -> Callable[[Stage], None]:
    """A bracket that enters long (+1) or short (-1) and ends at its target or at its stop."""
    action, back = ("BUY", "SELL") if side > 0 else ("SELL", "BUY")

    def run(stage: Stage) -> None:
        client, market = stage.client(), stage.market
        client.place("entry", "AAPL", Terms(action, 100, "LMT", limit=150 - side, transmit=False))
        client.place("target", "AAPL", Terms(back, 100, "LMT", limit=150 + 5 * side, parent="entry", transmit=False))
        client.sync()
        stage.say("before the last", [market.orders(), client.open_orders(everybody=True)])
        client.place("stop", "AAPL", Terms(back, 100, "STP", stop=150 - 5 * side, parent="entry"))
        client.sync()
        names = ("entry", "target", "stop")
        orders = {each["name"]: each for each in stage.client(2).open_orders(everybody=True)}
        stage.say("family", [orders[name]["parent"] == orders["entry"]["order_id"] for name in names])
        stage.say("oca types", [orders[name]["oca_type"] for name in names])
        stage.say("groups", [orders[name]["oca_group"] == str(orders["entry"]["perm_id"]) for name in names])
        stage.say("held", [[orders[name]["status"], orders[name]["why_held"]] for name in names])
        market.quote(150 - 1.01 * side - 0.01, 150 - 1.01 * side + 0.01)
        client.sync()
        stage.say("entered", [[client.order(name)["status"], client.order(name)["why_held"]] for name in names])
        stage.say("holds", client.positions())
        price = 150 + 5.5 * side if target else 150 - 5.5 * side
        market.quote(price - 0.01, price + 0.01)
        client.sync()
        for name in names:
            stage.say(name, client.statuses(name))
        stage.say("fills", [_priced(each) for name in names for each in client.fills(name)])
        stage.say("left", [client.positions(), client.open_orders(everybody=True)])

    return run


def _priced(fill: dict[str, Any]) -> list[Any]:
    """What matters of a fill."""
    return [fill[name] for name in ("name", "side", "shares", "price", "total", "commission", "profit")]


def partial_fills(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    market.fault("partial", quantity=30, order={"ref": "entry"})
    client.place("entry", "AAPL", Terms("BUY", 100, "LMT", limit=149, transmit=False))
    client.place("target", "AAPL", Terms("SELL", 100, "LMT", limit=155, parent="entry", transmit=False))
    client.place("stop", "AAPL", Terms("SELL", 100, "STP", stop=145, parent="entry"))
    client.sync()
    market.quote(148.95, 148.97)
    client.sync()
    names = ("status", "filled", "remaining", "average")
    stage.say("in part", [client.order("entry")[name] for name in names])
    children = [client.order(name) for name in ("target", "stop")]
    stage.say("children", [[each["status"], each["quantity"]] for each in children])
    stage.say("holds", client.positions())
    market.quote(148.9, 148.92)
    client.sync()
    stage.say("whole", [client.order("entry")[name] for name in names])
    stage.say("statuses", client.statuses("entry"))
    stage.say("fills", [_priced(each) for each in client.fills("entry")])
    stage.say("averages", [each["average"] for each in client.fills("entry")])
    stage.say("different", len({each["id"] for each in client.fills("entry")}))
    stage.say("holds all", client.positions())


# ---- changing and ending orders --------------------------------------------------------------------------------------


def modify(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    client.place("entry", "AAPL", Terms("BUY", 100, "LMT", limit=140))
    client.sync()
    first = client.order("entry")
    client.modify("entry", limit=141.5, quantity=120)
    client.sync()
    changed = client.order("entry")
    stage.say("changed", [changed[name] for name in ("status", "quantity", "limit", "remaining")])
    stage.say("same order", [changed[name] == first[name] for name in ("order_id", "perm_id")])
    before = len(client.errors)
    client.modify("entry", limit=141.503)
    client.sync()
    stage.say("no such price", [code for _, code in client.errors[before:]])
    stage.say("still", [[each["limit_price"], each["quantity"], each["status"]] for each in market.orders()])
    client.modify("entry", limit=142)
    client.sync()
    market.quote(141.9, 141.95)
    client.sync()
    stage.say("filled", [_priced(each) for each in client.fills("entry")])
    before = len(client.errors)
    stage.say("orders", len(market.orders()))
    client.cancel_number(int(first["order_id"]))
    client.sync()
    stage.say("too late", [code for _, code in client.errors[before:]])


def modified_bracket(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    client.place("entry", "AAPL", Terms("BUY", 100, "MKT", transmit=False))
    client.place("target", "AAPL", Terms("SELL", 100, "LMT", limit=155, parent="entry", transmit=False))
    client.place("stop", "AAPL", Terms("SELL", 100, "STP", stop=145, parent="entry"))
    client.sync()
    client.modify("stop", stop=149)
    client.modify("target", limit=153)
    client.sync()
    stage.say("moved", [[client.order("stop")["stop"], client.order("target")["limit"]], len(market.orders())])
    stage.say("errors", [code for number, code in client.errors if number > 0])
    market.quote(148.9, 148.92)
    client.sync()
    stage.say("fills", [_priced(each) for each in client.fills("stop")])
    stage.say("ends", [client.statuses(name)[-1] for name in ("entry", "target", "stop")])


def cancel(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    client.place("entry", "AAPL", Terms("BUY", 100, "LMT", limit=140))
    client.sync()
    before = len(client.errors)
    client.cancel("entry")
    client.sync()
    stage.say("statuses", client.statuses("entry"))
    stage.say("errors", [code for _, code in client.errors[before:]])
    client.cancel_number(4711)
    client.sync()
    stage.say("unknown", client.errors[-1])
    client.place("one", "AAPL", Terms("BUY", 10, "LMT", limit=140))
    client.place("two", "MSFT", Terms("SELL", 10, "LMT", limit=450))
    client.sync()
    stage.say("open", [each["name"] for each in client.open_orders(everybody=False)])
    client.cancel_all()
    client.sync()
    stage.say("all", [client.statuses("one"), client.statuses("two")])
    stage.say("left", client.open_orders(everybody=True))
    stage.say("completed", [[each[name] for name in ("name", "status")] for each in client.completed_orders()])
    stage.say("at the exchange", [each["status"] for each in market.orders()])


def cancelled_bracket(stage: Stage) -> None:
    client = stage.client()
    client.place("entry", "AAPL", Terms("BUY", 100, "LMT", limit=140, transmit=False))
    client.place("target", "AAPL", Terms("SELL", 100, "LMT", limit=155, parent="entry", transmit=False))
    client.place("stop", "AAPL", Terms("SELL", 100, "STP", stop=130, parent="entry"))
    client.sync()
    client.cancel("entry")
    client.sync()
    stage.say("ends", [client.statuses(name)[-1] for name in ("entry", "target", "stop")])
    stage.say("left", client.open_orders(everybody=True))


def rejected(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    market.fault("reject", order={"ref": "refused"}, code=201, text="Order rejected - reason: because")
    before = len(client.errors)
    client.place("refused", "AAPL", Terms("BUY", 100, "LMT", limit=140))
    client.place("too dear", "AAPL", Terms("BUY", 1_000_000, "MKT"))
    client.place("crooked", "AAPL", Terms("BUY", 100, "LMT", limit=140.123))
    client.sync()
    stage.say("errors", [code for _, code in client.errors[before:]])
    stage.say("at the exchange", [each["status"] for each in market.orders()])
    stage.say("left", client.open_orders(everybody=True))


def what_if(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    stage.say("would", client.judge("AAPL", Terms("BUY", 100, "LMT", limit=150)))
    stage.say("orders", market.orders())


# ---- groups and trailing stops ---------------------------------------------------------------------------------------


def oca(kind: int) -> Callable[[Stage], None]:
    """Three buys in a group of a type: one fills in part, then whole."""

    def run(stage: Stage) -> None:
        client, market = stage.client(), stage.market
        market.fault("partial", quantity=40, order={"ref": "first"})
        for name, limit, quantity in (("first", 149.0, 100), ("second", 140.0, 100), ("third", 139.0, 50)):
            client.place(name, "AAPL", Terms("BUY", quantity, "LMT", limit=limit, oca_group="g", oca_type=kind))
        client.sync()
        names = ("first", "second", "third")
        stage.say("group", [[client.order(name)["oca_group"], client.order(name)["oca_type"]] for name in names])
        market.quote(148.95, 148.97)
        client.sync()
        stage.say("in part", [_left(client.order(name)) for name in names])
        market.quote(148.9, 148.92)
        client.sync()
        stage.say("whole", [client.statuses(name)[-1] for name in names])
        stage.say("holds", client.positions())

    return run


def _left(order: dict[str, Any]) -> list[Any]:
    return [order["status"], order["filled"], order["remaining"]]


def trailing(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    client.place("entry", "AAPL", Terms("BUY", 200, "MKT"))
    client.place("amount", "AAPL", Terms("SELL", 100, "TRAIL", stop=1.0, trail_stop=148.5))
    client.place("percent", "AAPL", Terms("SELL", 100, "TRAIL", percent=2.0))
    client.sync()
    # ib_insync and ib_async keep the trigger that they heard first: only who comes anew knows where it is
    stage.say("placed", [_trail(each) for each in stage.client(2).open_orders(everybody=True)])
    market.quote(152.0, 152.02)
    client.sync()
    stage.say("followed", [_trail(each) for each in stage.client(3).open_orders(everybody=True)])
    market.quote(151.5, 151.52)
    client.sync()
    stage.say("not back", [_trail(each) for each in stage.client(4).open_orders(everybody=True)])
    market.quote(150.9, 150.92)
    client.sync()
    stage.say("amount", [_priced(each) for each in client.fills("amount")])
    market.quote(148.9, 148.92)
    client.sync()
    stage.say("percent", [_priced(each) for each in client.fills("percent")])
    stage.say("holds", client.positions())


def _trail(order: dict[str, Any]) -> list[Any]:
    return [order[name] for name in ("name", "kind", "status", "why_held", "stop", "percent", "trail_stop")]


# ---- the account -----------------------------------------------------------------------------------------------------


def positions(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    stage.say("none", client.positions())
    client.place("long", "AAPL", Terms("BUY", 100, "MKT"))
    client.place("short", "MSFT", Terms("SELL", 50, "MKT"))
    client.sync()
    stage.say("two", client.positions())
    market.quote(152.0, 152.02)  # the client has been heard: `positions` waits for it
    client.place("more", "AAPL", Terms("BUY", 100, "MKT"))
    stage.say("more", client.positions())
    client.place("turned", "AAPL", Terms("SELL", 300, "MKT"))
    stage.say("turned", client.positions())
    client.place("closed", "MSFT", Terms("BUY", 50, "MKT"))
    stage.say("closed", client.positions())
    stage.say("another sees", stage.client(2).positions())


def account(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    stage.say("at first", client.account())
    stage.say("summary", client.summary())
    client.place("long", "AAPL", Terms("BUY", 100, "MKT"))
    client.sync()
    market.quote(152.0, 152.02)
    client.place("half", "AAPL", Terms("SELL", 50, "MKT"))
    client.sync()
    stage.say("traded", client.account())
    stage.say("portfolio", client.portfolio())
    stage.say("profit", client.profit())
    stage.say("profit of AAPL", client.profit_of("AAPL"))


def executions(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    client.place("long", "AAPL", Terms("BUY", 100, "MKT"))
    client.place("short", "MSFT", Terms("SELL", 50, "MKT"))
    client.sync()
    market.quote(152.0, 152.02)
    client.place("half", "AAPL", Terms("SELL", 50, "MKT"))
    client.sync()
    stage.say("all", [_executed(each) for each in client.executions()])
    stage.say("AAPL", [each["name"] for each in client.executions(symbol="AAPL")])
    stage.say("sold", [each["name"] for each in client.executions(side="SELL")])
    stage.say("of client 7", client.executions(client=7))
    stage.say("since an hour", [each["name"] for each in client.executions(time="20260105 14:00:00")])
    stage.say("since later", client.executions(time="20260105-15:00:01"))
    other = stage.client(2)
    seen = other.executions()
    stage.say("another sees", [_executed(each) for each in seen])
    stage.say("same", [each["id"] for each in seen] == [each["id"] for each in client.executions()])


def _executed(fill: dict[str, Any]) -> list[Any]:
    return [fill["client"], fill["symbol"], *_priced(fill), fill["time"]]


# ---- several clients, and coming back --------------------------------------------------------------------------------


def two_clients(stage: Stage) -> None:
    one, two = stage.client(1), stage.client(2)
    one.place("of one", "AAPL", Terms("BUY", 100, "LMT", limit=140))
    two.place("of two", "AAPL", Terms("BUY", 200, "LMT", limit=141))
    one.sync()
    two.sync()
    stage.say("own", [[each["name"] for each in client.open_orders(everybody=False)] for client in (one, two)])
    shown = two.open_orders(everybody=True)
    stage.say("all", [[each[name] for name in ("client", "name", "quantity", "status")] for each in shown])
    stage.say("same", shown[0]["perm_id"] == one.order("of one")["perm_id"])
    stage.say("different", len({each["perm_id"] for each in shown}))
    stage.market.quote(140.9, 140.95)
    one.sync()
    two.sync()
    stage.say("filled", [_priced(each) for each in two.fills("of two")])
    stage.say("not told", one.fills("of two"))
    stage.say("both hold", [one.positions(), two.positions()])
    stage.say("asked", [each["name"] for each in one.executions()])


def client_id_in_use(stage: Stage) -> None:
    first = stage.client(1)
    second = stage.make()
    try:
        stage.again(second, patience=1)
        stage.say("second", "connected")
    except Refused:
        stage.say("second", "refused")
    stage.say("error", [code for _, code in second.errors if code == 326])
    first.sync()
    stage.say("first", first.is_connected())


def orders_by_hand(stage: Stage) -> None:
    client, market = stage.client(0), stage.market
    market.fault("manual", symbol="AAPL", action="BUY", quantity=70, type="LMT", limit_price=140)
    client.bind_manual_orders()
    (found,) = client.open_orders(everybody=True)
    stage.say("bound", [found[name] for name in ("client", "order_id", "quantity", "limit", "status")])
    client.cancel_number(int(found["order_id"]))
    client.sync()
    stage.say("left", client.open_orders(everybody=True))
    stage.say("at the exchange", [each["status"] for each in market.orders()])


def reconnect(stage: Stage) -> None:
    client, market = stage.client(), stage.market
    client.place("held", "AAPL", Terms("BUY", 100, "MKT"))
    client.place("stop", "AAPL", Terms("SELL", 100, "STP", stop=145))
    client.place("target", "AAPL", Terms("SELL", 100, "LMT", limit=155))
    client.place("gone", "AAPL", Terms("BUY", 100, "LMT", limit=130))
    client.sync()
    client.cancel("gone")
    client.sync()
    before = {name: client.order(name) for name in ("stop", "target")}
    last = max(int(each["order_id"]) for each in before.values())
    client.disconnect()
    stage.say("away", client.is_connected())
    market.quote(155.5, 155.52)
    stage.again(client)
    after = {each["name"]: each for each in client.open_orders(everybody=False)}
    stage.say("still open", sorted(after))
    same = ("order_id", "perm_id", "quantity", "stop", "tif", "status", "why_held")
    stage.say("the same", [after["stop"][name] == before["stop"][name] for name in same])
    stage.say("holds", stage.client(2).positions())  # ib_insync remembers what it held before it went away
    stage.say("executed", [_priced(each) for each in client.executions()])
    done = client.completed_orders()
    stage.say("completed", [[each[name] for name in ("name", "status", "filled")] for each in done])
    stage.say("ids go on", client.next_order_id() > last)
    market.fault("drop", client=1)
    client.wait_for_drop()
    stage.again(client)
    client.modify("stop", stop=146)
    client.sync()
    changed = client.order("stop")
    stage.say("dropped and changed", [changed[name] == before["stop"][name] for name in ("order_id", "perm_id")])
    stage.say("stop", changed["stop"])
    stage.say("at the exchange", [[each["ref"], each["status"], each["stop_price"]] for each in market.orders()])


def not_offered(stage: Stage) -> None:
    client = stage.client()
    number = client.ask_for_depth("AAPL")
    client.sync()
    stage.say("error", [code for request, code in client.errors if request == number])
    stage.say("connected", client.is_connected())


SCENARIOS: dict[str, Callable[[Stage], None]] = {
    "connect": connect,
    "qualify": qualify,
    "quotes": quotes,
    "five_second_bars": five_second_bars,
    "historical_bars": historical_bars,
    "bars_kept_up_to_date": bars_kept_up_to_date,
    "long_to_target": bracket(1, target=True),
    "long_to_stop": bracket(1, target=False),
    "short_to_target": bracket(-1, target=True),
    "short_to_stop": bracket(-1, target=False),
    "partial_fills": partial_fills,
    "modify": modify,
    "modified_bracket": modified_bracket,
    "cancel": cancel,
    "cancelled_bracket": cancelled_bracket,
    "rejected": rejected,
    "what_if": what_if,
    "oca_1": oca(1),
    "oca_2": oca(2),
    "oca_3": oca(3),
    "trailing": trailing,
    "positions": positions,
    "account": account,
    "executions": executions,
    "two_clients": two_clients,
    "client_id_in_use": client_id_in_use,
    "orders_by_hand": orders_by_hand,
    "reconnect": reconnect,
    "not_offered": not_offered,
}
