"""Reductions to nodes: one function for each alternative of the grammar, under its name there.

Each gets its span and the values of its parts, None for a part left out, repetitions one by one. `BUILDERS` has them
all by name. After a syntax error a part may be of a kind that the grammar would not allow; nothing here looks into it,
and the node is thrown away with its statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import build_expressions as e
from . import nodes as n
from .build_scenarios import BUILDERS as OF_TESTS
from .driver import Builders
from .plan import (
    BrokerMoment,
    Cancelled,
    LimitKind,
    MarketMoment,
    OrderMoment,
    Period,
    PositionMoment,
    PricingKind,
    Side,
)
from .span import Span

# ---- declarations --------------------------------------------------------------------------------------------------


def module(span: Span, *names: Any) -> tuple[Any, ...]:
    return names


def risk_module(span: Span) -> n.Name:
    """`std.risk`: the one module whose name is a word of the language."""
    return n.Name("risk", span)


def binding(span: Span, name: Any, value: Any) -> n.Binding:
    return n.Binding(name, value, span)


def use(span: Span, target: Any, *bindings: Any) -> n.Use:
    return n.Use(target, tuple(one for one in bindings if one is not None), span)


def let(span: Span, name: Any, value: Any) -> n.Let:
    return n.Let(name, value, span)


def entry(span: Span, key: Any, value: Any) -> n.TableEntry:
    return n.TableEntry(key, value, span)


def default_entry(span: Span, value: Any) -> n.TableEntry:
    return n.TableEntry(None, value, span)


def table(span: Span, *entries: Any) -> n.Table:
    return n.Table(entries, span)


def param_range(span: Span, low: Any, high: Any, step: Any) -> n.ParamRange:
    return n.ParamRange(low, high, step, span)


def param(span: Span, name: Any, value: Any, choices: Any, description: Any) -> n.Param:
    return n.Param(name, value, choices, description, span)


def field(span: Span, name: Any, kind: Any, description: Any) -> n.Field:
    return n.Field(name, kind, description, span)


def limits(span: Span, *lines: Any) -> n.Limits:
    return n.Limits(lines, span)


def _amount_limit(kind: LimitKind) -> Callable[..., n.Limit]:
    def limit(span: Span, value: Any, of_equity: Any) -> n.Limit:
        return n.Limit(kind, value, of_equity is not None, None, span)

    return limit


def max_positions(span: Span, value: Any) -> n.Limit:
    return n.Limit(LimitKind.POSITIONS, value, False, None, span)


def max_orders(span: Span, value: Any, period: Any) -> n.Limit:
    return n.Limit(LimitKind.ORDERS, value, False, period, span)


def only_symbols(span: Span, symbols: Any) -> n.Limit:
    return n.Limit(LimitKind.ONLY_SYMBOLS, symbols, False, None, span)


def no_shorting(span: Span) -> n.Limit:
    return n.Limit(LimitKind.NO_SHORTING, None, False, None, span)


def _constant(value: object) -> Callable[[Span], object]:
    return lambda span: value


# ---- rules ---------------------------------------------------------------------------------------------------------


def rule(span: Span, header: Any, trigger: Any, condition: Any, *actions: Any) -> n.Rule:
    name, description, options = header or (None, None, ())
    return n.Rule(trigger, actions, condition, name, description, options, span)


def header(span: Span, name: Any, description: Any, *options: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    return name, description, options


def priority(span: Span, value: Any) -> n.Priority:
    return n.Priority(value, span)


def cooldown(span: Span, value: Any, shared: Any) -> n.Cooldown:
    return n.Cooldown(value, shared, span)


def at_most(span: Span, count: Any, period: Any, each: Any) -> n.AtMost:
    return n.AtMost(count, period, each is not None, span)


def during(span: Span, start: Any, end: Any) -> n.During:
    return n.During(start, end, span)


def disabled(span: Span) -> n.Disabled:
    return n.Disabled(span)


def kinds(span: Span, *words: Any) -> tuple[Any, ...]:
    return words


def signal_trigger(span: Span, words: Any, of: Any) -> n.SignalTrigger:
    return n.SignalTrigger(words, of, span)


def price_trigger(span: Span, of: Any) -> n.PriceTrigger:
    return n.PriceTrigger(of, span)


def volume_trigger(span: Span, of: Any) -> n.VolumeTrigger:
    return n.VolumeTrigger(of, span)


def bar_trigger(span: Span, timeframe: Any, of: Any) -> n.BarTrigger:
    return n.BarTrigger(timeframe, of, span)


def position_trigger(span: Span, moment: Any, of: Any) -> n.PositionTrigger:
    return n.PositionTrigger(moment, of, span)


def order_trigger(span: Span, moment: Any, of: Any) -> n.OrderTrigger:
    return n.OrderTrigger(moment, of, span)


def time_trigger(span: Span, at: Any, of: Any) -> n.TimeTrigger:
    return n.TimeTrigger(at, of, span)


def every_trigger(span: Span, duration: Any, of: Any) -> n.EveryTrigger:
    return n.EveryTrigger(duration, of, span)


def _market_trigger(moment: MarketMoment) -> Callable[[Span, Any, Any], n.MarketTrigger]:
    # the sign before the offset is punctuation: the moment says which it is
    return lambda span, offset, of: n.MarketTrigger(moment, offset, of, span)


def start_trigger(span: Span) -> n.StartTrigger:
    return n.StartTrigger(span)


def broker_trigger(span: Span, moment: Any) -> n.BrokerTrigger:
    return n.BrokerTrigger(moment, span)


# ---- actions -------------------------------------------------------------------------------------------------------


def _size(risk: bool) -> Callable[..., n.Size]:
    def size(span: Span, value: Any, of_equity: Any) -> n.Size:
        return n.Size(value, risk, of_equity is not None, span)

    return size


def _sized(risk: bool) -> Callable[..., tuple[n.Size, Any]]:
    def sized(span: Span, value: Any, of_equity: Any, symbol: Any) -> tuple[n.Size, Any]:
        end = span.end if symbol is None else (of_equity or value.span).end
        return n.Size(value, risk, of_equity is not None, Span(span.start, end)), symbol

    return sized


def of_equity(span: Span) -> Span:
    """Where the words stand; that they do is what counts."""
    return span


def enter(span: Span, side: Any, sized: Any, pricing: Any, *protections: Any) -> n.Enter:
    size, symbol = sized
    return n.Enter(side, size, symbol, pricing, protections, span)


def scale_in(span: Span, size: Any, at_profit: Any, at_most: Any) -> n.ScaleIn:
    return n.ScaleIn(size, at_profit, at_most, span)


def double_down_at_loss(span: Span, size: Any, distance: Any) -> n.DoubleDown:
    return n.DoubleDown(size, distance, None, span)


def double_down_to_stop(span: Span, size: Any, way: Any) -> n.DoubleDown:
    return n.DoubleDown(size, None, way, span)


def exit_(span: Span, amount: Any, symbol: Any, pricing: Any, because: Any) -> n.Exit:
    return n.Exit(amount, symbol, pricing, because, span)


def exit_everything(span: Span, because: Any) -> n.ExitEverything:
    return n.ExitEverything(because, span)


def reverse(span: Span, *protections: Any) -> n.Reverse:
    return n.Reverse(protections, span)


def move_stop(span: Span, price: Any) -> n.MoveStop:
    return n.MoveStop(price, span)


def move_stop_to_breakeven(span: Span, gain: Any, offset: Any) -> n.MoveStopToBreakeven:
    return n.MoveStopToBreakeven(offset, gain is not False, span)


def move_target(span: Span, price: Any) -> n.MoveTarget:
    return n.MoveTarget(price, span)


def trail_stop(span: Span, distance: Any) -> n.TrailStop:
    return n.TrailStop(distance, span)


def cancel(span: Span, what: Any) -> n.Cancel:
    return n.Cancel(what, span)


def place(span: Span, side: Any, size: Any, pricing: Any, role: Any) -> n.Place:
    return n.Place(side, size, pricing, role, span)


def emit(span: Span, kind: Any, symbol: Any, confidence: Any) -> n.Emit:
    return n.Emit(kind, symbol, confidence, span)


def reset_cooldown(span: Span, name: Any) -> n.ResetCooldown:
    return n.ResetCooldown(name, span)


def named_argument(span: Span, name: Any, value: Any) -> n.Binding:
    return n.Binding(name, value, span)


def plain_argument(span: Span, value: Any) -> Any:
    return value


def call_action(span: Span, name: Any, *arguments: Any) -> n.CallAction:
    return n.CallAction(name, tuple(one for one in arguments if one is not None), span)


def notify(span: Span, said: Any) -> n.Notify:
    return n.Notify(said, span)


def log(span: Span, said: Any) -> n.Log:
    return n.Log(said, span)


def halt(span: Span, said: Any) -> n.Halt:
    return n.Halt(said, span)


def at_market(span: Span) -> n.Pricing:
    return n.Pricing(PricingKind.MARKET, None, None, None, span)


def at_limit(span: Span, limit: Any, lasts: Any) -> n.Pricing:
    return n.Pricing(PricingKind.LIMIT, limit, None, lasts, span)


def limit_alone(span: Span, limit: Any) -> n.Pricing:
    return n.Pricing(PricingKind.LIMIT, limit, None, None, span)


def stop_alone(span: Span, stop: Any) -> n.Pricing:
    return n.Pricing(PricingKind.STOP, None, stop, None, span)


def at_stop(span: Span, stop: Any, limit: Any, lasts: Any) -> n.Pricing:
    return n.Pricing(PricingKind.STOP if limit is None else PricingKind.STOP_LIMIT, limit, stop, lasts, span)


def stop(span: Span, distance: Any) -> n.Stop:
    return n.Stop(distance, span)


def target(span: Span, distance: Any, fraction: Any) -> n.Target:
    return n.Target(distance, fraction, span)


def trail(span: Span, distance: Any, after: Any) -> n.Trail:
    return n.Trail(distance, after, span)


def breakeven(span: Span, after: Any) -> n.Breakeven:
    return n.Breakeven(after, span)


def exit_after(span: Span, lasts: Any) -> n.ExitAfter:
    return n.ExitAfter(lasts, span)


def _distance(form: n.DistanceForm) -> Callable[[Span, Any], n.Distance]:
    return lambda span, value: n.Distance(value, form, span)


# ---- the file ------------------------------------------------------------------------------------------------------


def language(span: Span, version: Any) -> Any:
    return version


def start(span: Span, language: Any, *statements: Any) -> n.File:
    return n.File(statements, language, span=span)


_PLAIN: tuple[Callable[..., Any], ...] = (
    e.name, e.string, e.plain_symbol, e.quoted_symbol, e.word, e.quoted_word, e.percent, e.money, e.duration,
    e.time_of_day, e.r_multiple, e.true, e.false, e.arguments, e.index, e.call, e.attribute, e.symbol_call,
    e.negate, e.atr_multiple, e.product_chain, e.sum_chain, e.compare, e.member, e.within, e.is_word, e.crosses,
    e.not_, e.and_chain, e.or_chain, module, risk_module, binding, use, let, entry, default_entry, table, param_range,
    param,
    field, limits, max_positions, max_orders, only_symbols, no_shorting, rule, header, priority, cooldown, at_most,
    during, disabled, kinds, signal_trigger, price_trigger, volume_trigger, bar_trigger, position_trigger,
    order_trigger, time_trigger, every_trigger, start_trigger, broker_trigger, of_equity, enter, scale_in,
    double_down_at_loss, double_down_to_stop, exit_everything, reverse, move_stop, move_stop_to_breakeven,
    move_target, trail_stop, cancel, place, emit, reset_cooldown, named_argument, plain_argument, call_action,
    notify, log, halt, at_market, at_limit, limit_alone, stop_alone, at_stop, stop, target, trail, breakeven,
    exit_after,
    language, start,
)  # fmt: skip

_NAMED: dict[str, Callable[..., Any]] = {
    "list": e.list_,
    "exit": exit_,
    "each": _constant(True),
    "negated": _constant(True),
    "minute": _constant(Period.MINUTE),
    "hour": _constant(Period.HOUR),
    "day": _constant(Period.DAY),
    "above": _constant(True),
    "below": _constant(False),
    "gain": _constant(True),
    "loss": _constant(False),
    "market_open_trigger": _market_trigger(MarketMoment.OPEN),
    "market_close_trigger": _market_trigger(MarketMoment.CLOSE),
    **{moment.value: _constant(moment) for moment in (*PositionMoment, *OrderMoment, *BrokerMoment, *Cancelled)},
    "long": _constant(Side.LONG),
    "short": _constant(Side.SHORT),
    "max_position": _amount_limit(LimitKind.POSITION),
    "max_sector": _amount_limit(LimitKind.SECTOR),
    "max_exposure": _amount_limit(LimitKind.EXPOSURE),
    "max_order": _amount_limit(LimitKind.ORDER),
    "max_daily_loss": _amount_limit(LimitKind.DAILY_LOSS),
    "plain_size": _size(risk=False),
    "risk_size": _size(risk=True),
    "plain_sized": _sized(risk=False),
    "risk_sized": _sized(risk=True),
    "plain_distance": _distance(n.DistanceForm.PLAIN),
    "away": _distance(n.DistanceForm.AWAY),
    "at_price": _distance(n.DistanceForm.AT),
}


BUILDERS = Builders(
    plain={function.__name__: function for function in _PLAIN} | _NAMED | OF_TESTS,
    watchful={"number": e.number, "text": e.text, "date": e.date},
)
"""All builders by the name the grammar calls them."""
