"""Triggers and actions in plain English, with the numbers of the example."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import plan
from .plain_example import PRICE, Worth, away, example, shares, worst_loss, worth
from .plain_terms import duration, listed, money, number, percent, term, text_of, time_of_day

_CANCELLED = {
    plan.Cancelled.TARGETS: "the targets",
    plan.Cancelled.SCALES: "the waiting scale-ins and double-downs",
    plan.Cancelled.ENTRIES: "what is unfilled of the entry",
    plan.Cancelled.ORDERS: "all of the trade's orders but stops and trails",
}


def trigger(on: plan.Trigger) -> str:
    """What fires a rule."""
    of = plan.symbols_of(on)
    about = "" if of is None else f" of {listed(list(of), 'or')}"
    match on:
        case plan.SignalTrigger():
            kinds = listed(list(on.kinds), "or") if on.kinds else "any"
            return f"a signal{about} arrives: {kinds}" if on.kinds else f"any signal{about} arrives"
        case plan.PriceTrigger():
            return f"a price{about} comes in"
        case plan.VolumeTrigger():
            return f"a trade with its volume{about} comes in"
        case plan.BarTrigger():
            return (
                f"a bar {'' if on.timeframe is None else f'of {duration(on.timeframe)} '}{about} is complete".replace(
                    "  ", " "
                )
            )
        case plan.PositionTrigger():
            return f"a position{about} is {on.moment.value}"
        case plan.OrderTrigger():
            return f"an order{about} is {on.moment.value}"
        case plan.TimeTrigger():
            return f"it is {time_of_day(on.at)} on a trading day{_each(of)}"
        case plan.EveryTrigger():
            return f"every {duration(on.seconds)} of a session{_each(of)}"
        case plan.MarketTrigger():
            word = "opens" if on.moment is plan.MarketMoment.OPEN else "closes"
            side = "after" if on.moment is plan.MarketMoment.OPEN else "before"
            when = f"{duration(on.seconds)} {side} the market {word}" if on.seconds else f"the market {word}"
            return f"{when}{_each(of)}"
        case plan.BrokerTrigger():
            return f"the broker is {on.moment.value}"
        case plan.StartTrigger():
            return "the system has started"


def _each(of: tuple[str, ...] | None) -> str:
    return "" if of is None else f", once each for {listed(list(of), 'and')}"


def action(one: plan.Action) -> list[str]:
    """What an action does: a line, and below it what belongs to it."""
    return _ACTIONS[type(one)](one)


def ends(one: plan.Action) -> list[str]:
    """What ends the trade that an action enters."""
    if not isinstance(one, plan.Enter | plan.Reverse):
        return []
    protection = one.protection
    found = ["its stop is hit"] if protection.stop is not None else []
    found += (
        ["its target is hit" if len(protection.targets) == 1 else "its targets are hit"] if protection.targets else []
    )
    found += ["its trailing stop is hit"] if protection.trail is not None else []
    if protection.exit_after is not None:
        found.append(f"{term(protection.exit_after)} have passed")
    return found


def loss(one: plan.Action, later: Sequence[plan.Action]) -> list[str]:
    """What the trade that an action enters can lose at worst, with what `later` actions add to it."""
    if isinstance(one, plan.Enter):
        return [worst_loss(worth(one.size, one.protection), later)]
    if isinstance(one, plan.Reverse):
        whole = plan.Size(plan.SizeUnit.POSITION, plan.Percent(1.0))
        return [worst_loss(worth(whole, one.protection), later)]
    return []


def size(of: plan.Size, risk: float | None = None) -> str:
    value = term(of.value)
    count = shares(of, risk)
    example_shares = "" if count is None else f" ({number(count)} shares)"
    match of.unit:
        case plan.SizeUnit.SHARES:
            return f"{value} shares"
        case plan.SizeUnit.ALLOCATION:
            return f"shares for {value}{example_shares}"
        case plan.SizeUnit.EQUITY:
            return f"shares for {value} of the equity{example_shares}"
        case plan.SizeUnit.RISK_EQUITY:
            return f"as many shares as lose {value} of the equity at the stop{example_shares}"
        case plan.SizeUnit.RISK_MONEY:
            return f"as many shares as lose {value} at the stop{example_shares}"
        case plan.SizeUnit.POSITION:
            return f"{value} of the position"


def distance(of: plan.Distance, risk: float | None, side: int | None) -> str:
    """A distance, and the price it leads to; `side` is 1 above the entry, -1 below, None where it is not known."""
    match of.unit:
        case plan.DistanceUnit.PERCENT | plan.DistanceUnit.AMOUNT:
            said = f"{term(of.value)} away"
        case plan.DistanceUnit.R:
            said = f"{term(of.value)} away"
        case plan.DistanceUnit.PRICE:
            return f"at {term(of.value)}"
    dollars = away(of, risk)
    if dollars is None:
        return said
    return f"{said} ({money(PRICE + side * dollars)})" if side is not None else f"{said} ({money(dollars)})"


def _pricing(of: plan.Pricing) -> str:
    lasts = "" if of.lasts is None else f", for {duration(of.lasts)} at most"
    match of.kind:
        case plan.PricingKind.MARKET:
            return "at the market"
        case plan.PricingKind.LIMIT:
            return f"at a limit of {_priced(of.limit)}{lasts}"
        case plan.PricingKind.STOP:
            return f"once the price reaches {_priced(of.stop)}{lasts}"
        case plan.PricingKind.STOP_LIMIT:
            return f"once the price reaches {_priced(of.stop)}, at a limit of {_priced(of.limit)}{lasts}"


def _priced(price: plan.Expression | None) -> str:
    assert price is not None, "a limit has a price, and a stop too"
    value = example(price)
    said = term(price)
    return said if value is None or isinstance(price, plan.Money) else f"{said} ({money(value)})"


def _protection(of: plan.Protection, entered: Worth, side: plan.Side | None) -> list[str]:
    up = None if side is None else 1 if side is plan.Side.LONG else -1
    down = None if up is None else -up
    lines = []
    if of.stop is not None:
        lines.append(f"stop: {distance(of.stop, entered.risk, down)}")
    for target in of.targets:
        part = "" if target.fraction is None else f", for {term(target.fraction)} of the shares"
        lines.append(f"target: {distance(target.distance, entered.risk, up)}{part}")
    if of.trail is not None:
        after = "" if of.trail.after is None else f", once it has gained {distance(of.trail.after, entered.risk, up)}"
        lines.append(f"trailing stop: {distance(of.trail.distance, entered.risk, None)}{after}")
    if of.breakeven_after is not None:
        gained = distance(of.breakeven_after, entered.risk, up)
        lines.append(f"the stop goes to the entry price once it has gained {gained}")
    if of.exit_after is not None:
        lines.append(f"it is closed after {term(of.exit_after)}")
    return lines


def _symbol(one: Any) -> str:
    return "" if one.symbol is None else f" of {term(one.symbol)}"


def _enter(one: plan.Enter) -> list[str]:
    entered = worth(one.size, one.protection)
    verb = "buys" if one.side is plan.Side.LONG else "sells short"
    head = f"{verb} {size(one.size, entered.risk)}{_symbol(one)} {_pricing(one.pricing)}"
    return [head, *_protection(one.protection, entered, one.side)]


def _reverse(one: plan.Reverse) -> list[str]:
    entered = worth(plan.Size(plan.SizeUnit.POSITION, plan.Percent(1.0)), one.protection)
    head = f"closes the position{_symbol(one)} and enters the other way with as many shares"
    return [head, *_protection(one.protection, entered, None)]


def _exit(one: plan.Exit) -> list[str]:
    what = "the whole position" if one.size is None else size(one.size)
    because = "" if one.because is None else f", because {text_of(one.because)}"
    return [f"closes {what}{_symbol(one)} {_pricing(one.pricing)}{because}"]


def _scale_in(one: plan.ScaleIn) -> list[str]:
    when = "at once" if one.at_profit is None else f"once the trade has gained {distance(one.at_profit, None, None)}"
    most = "" if one.at_most == 1 else f", {one.at_most} times at most"
    return [f"adds {size(one.size)} {when}{most}"]


def _double_down(one: plan.DoubleDown) -> list[str]:
    if one.at_loss is not None:
        where = f"{distance(one.at_loss, None, None)}, on the losing side"
    else:
        assert one.to_stop is not None, "a double-down has a place"
        where = f"{term(one.to_stop)} of the way to the stop"
    return [f"adds {size(one.size)} by an order that waits {where}"]


def _breakeven(one: plan.MoveStopToBreakeven) -> list[str]:
    if one.offset is None:
        return ["moves the stop to the average entry price, never looser"]
    side = "into profit" if one.gain else "into loss"
    return [f"moves the stop to the average entry price and {distance(one.offset, None, None)} {side}, never looser"]


def _place(one: plan.PlaceOrder) -> list[str]:
    verb = "buy" if one.side is plan.Side.LONG else "sell"
    return [f"places an order to {verb} {size(one.size)} {_pricing(one.pricing)}, as `{one.role}`"]


def _emit(one: plan.EmitSignal) -> list[str]:
    sure = "" if one.confidence is None else f" with a confidence of {term(one.confidence)}"
    symbol = "" if one.symbol is None else f" for {term(one.symbol)}"
    return [f"sends a {one.kind} signal{symbol}{sure} to the other rules"]


def _call(one: plan.CallAction) -> list[str]:
    arguments = [*map(term, one.arguments), *(f"{name} = {term(value)}" for name, value in one.named)]
    return [f"calls the Python action {one.name}({', '.join(arguments)})"]


_ACTIONS: Mapping[type, Callable[[Any], list[str]]] = {
    plan.Enter: _enter,
    plan.ScaleIn: _scale_in,
    plan.DoubleDown: _double_down,
    plan.Exit: _exit,
    plan.ExitEverything: lambda one: [
        "closes every open trade" + ("" if one.because is None else f", because {text_of(one.because)}")
    ],
    plan.Reverse: _reverse,
    plan.MoveStop: lambda one: [f"moves the stop {distance(one.to, None, None)}, never looser"],
    plan.MoveStopToBreakeven: _breakeven,
    plan.MoveTarget: lambda one: [f"moves the nearest target to {term(one.to)}"],
    plan.TrailStop: lambda one: [f"lets the stop trail {distance(one.distance, None, None)}, never looser"],
    plan.CancelOrders: lambda one: [f"cancels {_CANCELLED[one.what]}"],
    plan.PlaceOrder: _place,
    plan.EmitSignal: _emit,
    plan.Notify: lambda one: [f"notifies you: {text_of(one.text)}"],
    plan.Log: lambda one: [f"records {text_of(one.text)}"],
    plan.Halt: lambda one: [
        "stops all new entries until `rulec resume`" + ("" if one.text is None else f": {text_of(one.text)}")
    ],
    plan.ResetCooldown: lambda one: [f"forgets the symbol's cooldown{'s' if one.name is None else f' of {one.name}'}"],
    plan.CallAction: _call,
}


def limit(one: plan.Limit) -> str:
    """A limit in words."""
    if one.kind is plan.LimitKind.ONLY_SYMBOLS:
        return f"only {listed(list(one.symbols), 'and')} may be entered"
    if one.value is None:
        return "nothing may be sold short"
    if one.of_equity:
        value = f"{percent(one.value)} of the equity"
    elif one.kind in (plan.LimitKind.POSITIONS, plan.LimitKind.ORDERS):
        value = number(one.value)
    else:
        value = money(one.value)
    each = "" if one.period is None else f" per {one.period.value}"
    return f"{one.kind.value.removeprefix('max ')}: at most {value}{each}"
