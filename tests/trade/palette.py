"""The rules that the state machine plays with: one signal kind for each way to enter, to add and to leave.

Each entry stands twice: as a rule for the engine, and as a `Wish`, plain numbers from which the naive model computes
what must come of it.
"""

from __future__ import annotations

from rulec.dsl import plan as p
from rulec.tests.support.naive_model import Wish

PRICE = p.EventName("price", p.Kind.MONEY)


WISHES: dict[str, Wish] = {
    "PLAIN": Wish(),
    "TWO": Wish(targets=(("%", 0.04, 0.5), ("%", 0.08, 0.5))),
    "HALF": Wish(stop=("%", 0.02), targets=(("%", 0.03, 0.5),)),
    "THIRDS": Wish(shares=101, targets=(("%", 0.02, 0.33), ("$", 5.0, 0.33), ("%", 0.06, 0.33))),
    "LIMIT": Wish(limit=0.005, targets=(("%", 0.02, None),)),
    "BRIEF": Wish(limit=0.004, lasts=5.0),
    "BREAKOUT": Wish(stop_entry=0.005, stop=("$", 2.0), targets=(("R", 2.0, None),)),
    "BREAKOUT_LIMIT": Wish(stop_entry=0.004, limit=-0.008, targets=(("%", 0.02, 0.4), ("%", 0.03, 0.6))),
    "TRAILING": Wish(stop=None, targets=(), trail=0.02),
    "TRAIL_BESIDE": Wish(trail=0.02, trail_after=0.01),
    "TRAIL_AT_ONCE": Wish(trail=0.015, targets=(("%", 0.05, 0.5),)),
    "BREAKEVEN": Wish(breakeven=0.01),
    "TIMED": Wish(exit_after=20.0),
    "SCALE": Wish(scale=(50, 0.01, 2)),
    "DOUBLE": Wish(stop=("%", 0.04), double=(1.0, None, 0.5)),
    "BOTH": Wish(targets=(("%", 0.03, 0.5), ("%", 0.06, 0.5)), scale=(30, 0.008, 1), double=(0.5, 0.015, None)),
    "NO_STOP": Wish(stop=None),
    "STOP_ONLY": Wish(targets=()),
    "EXACT": Wish(stop=("at", 0.97), targets=(("at", 1.05, None),)),
}


def _distance(unit: str, value: float, away: int) -> p.Distance:
    if unit == "%":
        return p.Distance(p.DistanceUnit.PERCENT, p.Percent(value))
    if unit == "$":
        return p.Distance(p.DistanceUnit.AMOUNT, p.Money(value))
    if unit == "R":
        return p.Distance(p.DistanceUnit.R, p.RMultiple(value))
    # `at`: the fraction is written for a long, and mirrored for a short
    return p.Distance(p.DistanceUnit.PRICE, times(value if away > 0 else 2 - value))


def times(factor: float) -> p.Expression:
    """The signal's price times a factor."""
    return p.Product((("*", PRICE), ("*", p.Number(factor))))


def shares(number: float) -> p.Size:
    return p.Size(p.SizeUnit.SHARES, p.Number(number))


def _percent(value: float) -> p.Distance:
    return _distance("%", value, 1)


def _pricing(wish: Wish, sign: int) -> p.Pricing:
    limit = None if wish.limit is None else times(1 - sign * wish.limit)
    stop = None if wish.stop_entry is None else times(1 + sign * wish.stop_entry)
    kind = {
        (False, False): p.PricingKind.MARKET,
        (True, False): p.PricingKind.LIMIT,
        (False, True): p.PricingKind.STOP,
        (True, True): p.PricingKind.STOP_LIMIT,
    }[limit is not None, stop is not None]
    return p.Pricing(kind, limit, stop, wish.lasts)


def _protection(wish: Wish, sign: int) -> p.Protection:
    return p.Protection(
        stop=None if wish.stop is None else _distance(*wish.stop, sign),
        targets=tuple(
            p.Target(_distance(unit, value, sign), None if part is None else p.Percent(part))
            for unit, value, part in wish.targets
        ),
        trail=None
        if wish.trail is None
        else p.Trail(_percent(wish.trail), None if wish.trail_after is None else _percent(wish.trail_after)),
        breakeven_after=None if wish.breakeven is None else _percent(wish.breakeven),
        exit_after=None if wish.exit_after is None else p.Duration(wish.exit_after),
    )


def entry_rule(kind: str, side: p.Side) -> p.Rule:
    wish = WISHES[kind]
    sign = 1 if side is p.Side.LONG else -1
    enter = p.Enter(side, shares(wish.shares), None, _pricing(wish, sign), _protection(wish, sign))
    actions: list[p.Action] = [enter]
    if wish.scale is not None:
        added, profit, at_most = wish.scale
        actions.append(p.ScaleIn(shares(added), _percent(profit), at_most))
    if wish.double is not None:
        part, loss, to_stop = wish.double
        actions.append(
            p.DoubleDown(
                p.Size(p.SizeUnit.POSITION, p.Percent(part)),
                None if loss is None else _percent(loss),
                None if to_stop is None else p.Percent(to_stop),
            )
        )
    return rule(f"{kind}_{side.name}", *actions)


def rule(kind: str, *actions: p.Action) -> p.Rule:
    return p.Rule(p.SignalTrigger((kind,)), None, actions, name=kind, label=kind, place=p.Place("machine.rules", 1, 1))


# A reversal's entry: its side and its shares are those of the trade that it turns.
TURN = Wish()

ENTRIES: tuple[str, ...] = tuple(f"{kind}_{side.name}" for kind in WISHES for side in p.Side)

OTHERS: dict[str, tuple[p.Action, ...]] = {
    "EXIT": (p.Exit(),),
    "EXIT_30": (p.Exit(shares(30)),),
    "EXIT_HALF": (p.Exit(p.Size(p.SizeUnit.POSITION, p.Percent(0.5))),),
    "EXIT_AT_LIMIT": (p.Exit(pricing=p.Pricing(p.PricingKind.LIMIT, PRICE)),),
    "EXIT_40_AT_LIMIT": (p.Exit(shares(40), pricing=p.Pricing(p.PricingKind.LIMIT, PRICE)),),
    "EXIT_ALL": (p.ExitEverything(),),
    "ADD": (p.ScaleIn(shares(40)),),
    "HALT": (p.Halt(),),
    "MOVE": (p.MoveStop(p.Distance(p.DistanceUnit.PRICE, PRICE)),),
    "TRAIL": (p.TrailStop(_percent(0.01)),),
    "EVEN": (p.MoveStopToBreakeven(),),
    "TARGET": (p.MoveTarget(PRICE),),
    "TURN": (p.Reverse(_protection(TURN, 1)),),
    "CANCEL_TARGETS": (p.CancelOrders(p.Cancelled.TARGETS),),
    "CANCEL_SCALES": (p.CancelOrders(p.Cancelled.SCALES),),
    "CANCEL_ENTRIES": (p.CancelOrders(p.Cancelled.ENTRIES),),
    "CANCEL_ORDERS": (p.CancelOrders(p.Cancelled.ORDERS),),
    "STOP_BUY": (p.PlaceOrder(p.Side.LONG, shares(30), p.Pricing(p.PricingKind.STOP, stop=PRICE), "guard"),),
    "STOP_SELL": (p.PlaceOrder(p.Side.SHORT, shares(30), p.Pricing(p.PricingKind.STOP, stop=PRICE), "guard"),),
    "PLACE_BUY": (p.PlaceOrder(p.Side.LONG, shares(20), p.Pricing(p.PricingKind.LIMIT, PRICE), "hedge"),),
    "PLACE_SELL": (p.PlaceOrder(p.Side.SHORT, shares(20), p.Pricing(p.PricingKind.LIMIT, PRICE), "hedge"),),
}


def rules() -> list[p.Rule]:
    """Every rule of the palette."""
    entries = [entry_rule(kind, side) for kind in WISHES for side in p.Side]
    return entries + [rule(kind, *actions) for kind, actions in OTHERS.items()]


def wish_of(rule_label: str) -> tuple[Wish, int]:
    """The wish behind an entry's rule, and its side: +1 for long."""
    kind, _, side = rule_label.rpartition("_")
    return WISHES[kind], 1 if side == "LONG" else -1
