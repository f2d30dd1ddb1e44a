"""The parts of a node, for passes that look at every name in a tree.

A table from the node's class to its parts, because asking attrs for the fields of each node costs more than the pass.
Trees are walked with a list of nodes still to visit, never by recursion, so that no text is too deep for a walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import nodes
from .nodes import Node

Parts = tuple[Any, ...]


def _none(node: Any) -> Parts:
    return ()


_PARTS: dict[type, Callable[[Any], Parts]] = {
    nodes.Number: _none,
    nodes.Percent: _none,
    nodes.Money: _none,
    nodes.Duration: _none,
    nodes.TimeOfDay: _none,
    nodes.Date: _none,
    nodes.RMultiple: _none,
    nodes.Truth: _none,
    nodes.String: _none,
    nodes.Name: _none,
    nodes.Symbol: _none,
    nodes.Word: _none,
    nodes.Disabled: _none,
    nodes.Field: _none,
    nodes.Comment: _none,
    nodes.Text: lambda node: tuple(part for part in node.parts if not isinstance(part, str)),
    nodes.ListLiteral: lambda node: node.items,
    nodes.TableEntry: lambda node: (node.value,),
    nodes.Table: lambda node: node.entries,
    nodes.Index: lambda node: (node.item, node.key),
    nodes.Attribute: _none,
    nodes.Call: lambda node: node.arguments,
    nodes.AtrMultiple: lambda node: (node.factor, node.length),
    nodes.Negate: lambda node: (node.item,),
    nodes.Product: lambda node: node.operands,
    nodes.Sum: lambda node: node.operands,
    nodes.Compare: lambda node: node.operands,
    nodes.Member: lambda node: (node.item, node.members),
    nodes.Within: lambda node: (node.item, node.low, node.high),
    nodes.Is: lambda node: (node.item,),
    nodes.Crosses: lambda node: (node.left, node.right),
    nodes.Not: lambda node: (node.item,),
    nodes.And: lambda node: node.items,
    nodes.Or: lambda node: node.items,
    nodes.Binding: lambda node: (node.value,),
    nodes.Use: lambda node: node.bindings,
    nodes.Let: lambda node: (node.value,),
    nodes.ParamRange: lambda node: (node.low, node.high, node.step),
    nodes.Param: lambda node: (node.value, node.choices),
    nodes.Limit: lambda node: (node.value,),
    nodes.Limits: lambda node: node.limits,
    nodes.Priority: lambda node: (node.value,),
    nodes.Cooldown: lambda node: (node.duration,),
    nodes.AtMost: lambda node: (node.count,),
    nodes.During: lambda node: (node.start, node.end),
    nodes.SignalTrigger: lambda node: (node.of,),
    nodes.PriceTrigger: lambda node: (node.of,),
    nodes.VolumeTrigger: lambda node: (node.of,),
    nodes.BarTrigger: lambda node: (node.timeframe, node.of),
    nodes.PositionTrigger: lambda node: (node.of,),
    nodes.OrderTrigger: lambda node: (node.of,),
    nodes.TimeTrigger: lambda node: (node.at, node.of),
    nodes.EveryTrigger: lambda node: (node.duration, node.of),
    nodes.MarketTrigger: lambda node: (node.offset, node.of),
    nodes.StartTrigger: _none,
    nodes.BrokerTrigger: _none,
    nodes.Size: lambda node: (node.value,),
    nodes.Distance: lambda node: (node.value,),
    nodes.Pricing: lambda node: (node.limit, node.stop, node.lasts),
    nodes.Stop: lambda node: (node.distance,),
    nodes.Target: lambda node: (node.distance, node.fraction),
    nodes.Trail: lambda node: (node.distance, node.after),
    nodes.Breakeven: lambda node: (node.after,),
    nodes.ExitAfter: lambda node: (node.duration,),
    nodes.Enter: lambda node: (node.size, node.symbol, node.pricing, *node.protections),
    nodes.ScaleIn: lambda node: (node.size, node.at_profit, node.at_most),
    nodes.DoubleDown: lambda node: (node.size, node.at_loss, node.to_stop),
    nodes.Exit: lambda node: (node.amount, node.symbol, node.pricing, node.because),
    nodes.ExitEverything: lambda node: (node.because,),
    nodes.Reverse: lambda node: node.protections,
    nodes.MoveStop: lambda node: (node.price,),
    nodes.MoveStopToBreakeven: lambda node: (node.offset,),
    nodes.MoveTarget: lambda node: (node.price,),
    nodes.TrailStop: lambda node: (node.distance,),
    nodes.Cancel: _none,
    nodes.Place: lambda node: (node.size, node.pricing),
    nodes.Emit: lambda node: (node.symbol, node.confidence),
    nodes.ResetCooldown: _none,
    nodes.CallAction: lambda node: node.arguments,
    nodes.Notify: lambda node: (node.text,),
    nodes.Log: lambda node: (node.text,),
    nodes.Halt: lambda node: (node.text,),
    nodes.Rule: lambda node: (node.trigger, *node.options, node.condition, *node.actions),
    nodes.Step: lambda node: (*node.values, node.timeframe, node.times),
    nodes.SignalStep: lambda node: node.given,
    nodes.Expect: lambda node: (node.value,),
    nodes.Test: lambda node: node.steps,
    nodes.File: lambda node: node.statements,
}


def parts(node: Node) -> Iterator[Node]:
    """The parts that a node is made of; the names that it defines are not parts of it."""
    return (part for part in _PARTS[type(node)](node) if part is not None)


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node below a root, itself included, with how many levels below it stands; parents before their parts."""
    waiting: list[tuple[Any, int]] = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        below = _PARTS[type(node)](node)
        if below:
            deeper = depth + 1
            for part in reversed(below):
                if part is not None:
                    waiting.append((part, deeper))
