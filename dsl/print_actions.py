"""Actions as they are printed, with what stands in them: sizes, distances, prices, protection."""

from __future__ import annotations

from . import nodes as n
from .layout import Break, Doc, Group
from .plan import PricingKind, Side
from .print_expressions import after, alone, amount, binding, commas, enclosed, maybe, of_set, text, word


def action_doc(action: n.Action) -> Doc:
    """An action with the places where its lines may end."""
    match action:
        case n.Enter():
            return _enter(action)
        case n.ScaleIn():
            at_profit = after("at profit", maybe(action.at_profit, _distance))
            return ("scale in ", _size(action.size), at_profit, after("at most", maybe(action.at_most, amount)))
        case n.DoubleDown():
            to_stop: Doc = "" if action.to_stop is None else (" at ", amount(action.to_stop), " to stop")
            return ("double down ", _size(action.size), after("at loss", maybe(action.at_loss, _distance)), to_stop)
        case n.Exit():
            amounts = (after("", maybe(action.amount, amount)), after("of", maybe(action.symbol, of_set)))
            return ("exit", *amounts, after("", maybe(action.pricing, _pricing)), _because(action.because))
        case n.ExitEverything():
            return ("exit everything", _because(action.because))
        case n.Reverse():
            return ("reverse", *_protections(action.protections))
        case n.MoveStop():
            return ("move stop to ", amount(action.price))
        case n.MoveStopToBreakeven():
            return ("move stop to breakeven", after("+" if action.gain else "-", maybe(action.offset, _distance)))
        case n.MoveTarget():
            return ("move target to ", amount(action.price))
        case n.TrailStop():
            return ("trail ", _distance(action.distance))
        case n.Cancel():
            return f"cancel {action.what.value}"
        case n.Place():
            direction = "buy" if action.side is Side.LONG else "sell"
            role = after("as", maybe(action.role, lambda name: name.name))
            return (f"place {direction} ", _size(action.size), " ", _pricing(action.pricing), role)
        case n.Emit():
            of = after("for", maybe(action.symbol, of_set))
            return (f"emit signal {word(action.kind)}", of, after("confidence", maybe(action.confidence, amount)))
        case n.ResetCooldown():
            return ("reset cooldown", after("of", maybe(action.name, lambda name: name.name)))
        case n.CallAction():
            return _call(action)
        case n.Notify():
            return f"notify {text(action.text)}"
        case n.Log():
            return f"log {text(action.text)}"
        case n.Halt():
            return ("halt", after("", maybe(action.text, text)))


def _enter(enter: n.Enter) -> Doc:
    pricing = () if enter.pricing is None else (Break(), _pricing(enter.pricing))
    of = after("of", maybe(enter.symbol, of_set))
    return (f"enter {enter.side.value} ", _size(enter.size), of, *pricing, *_protections(enter.protections))


def _call(call: n.CallAction) -> Doc:
    arguments = [binding(one) if isinstance(one, n.Binding) else alone(one) for one in call.arguments]
    name = f"call {call.name.name}"
    return enclosed(f"{name}(", commas(arguments), ")") if arguments else f"{name}()"


def _because(because: n.Text | None) -> Doc:
    return "" if because is None else (Break(), f"because {text(because)}")


def _size(size: n.Size) -> Doc:
    return ("risk " if size.risk else "", amount(size.value), " of equity" if size.of_equity else "")


def _distance(distance: n.Distance) -> Doc:
    value = amount(distance.value)
    match distance.form:
        case n.DistanceForm.AT:
            return ("at ", value)
        case n.DistanceForm.AWAY:
            return (value, " away")
        case n.DistanceForm.PLAIN:
            return value


def _pricing(pricing: n.Pricing) -> Doc:
    stop, limit = after("stop", maybe(pricing.stop, amount)), after("limit", maybe(pricing.limit, amount))
    match pricing.kind:
        case PricingKind.MARKET:
            return "at market"
        case PricingKind.LIMIT | PricingKind.STOP | PricingKind.STOP_LIMIT:
            return ("at", stop, limit, after("for", maybe(pricing.lasts, amount)))


def _protections(protections: tuple[n.Protection, ...]) -> list[Doc]:
    return [(Break(), Group((_protection(protection),))) for protection in protections]


def _protection(protection: n.Protection) -> Doc:
    match protection:
        case n.Stop():
            return ("stop ", _distance(protection.distance))
        case n.Target():
            return ("target ", _distance(protection.distance), after("for", maybe(protection.fraction, amount)))
        case n.Trail():
            return ("trail ", _distance(protection.distance), after("after", maybe(protection.after, _distance)))
        case n.Breakeven():
            return ("breakeven after ", _distance(protection.after))
        case n.ExitAfter():
            return ("exit after ", amount(protection.duration))
