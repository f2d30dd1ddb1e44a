"""An event that makes conditions true, found from what its parts can be, and tried before it is told.

    confidence 0.85 on BUY

Only what an event itself carries is chosen: names that the trigger brings, fields, and the time of day. Of everything
else what holds at the start is taken (no position, no trade today), so that the event can be replayed as it is told.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence

import attrs

from . import plan
from .possible_values import DAY, SIGNAL, SYMBOL, TIME, at_first
from .ranges import Choice, Numbers, Range
from .record import Record
from .search import Box, Pair
from .trial import Value, holds

Names = Mapping[plan.Expression, Value]

OPEN, CLOSE = 9 * 3600 + 1800, 16 * 3600
_USUAL_TIME = 10 * 3600
_WORDS = ("AAPL", "MSFT", "IBM")
_AT_THE_START: Mapping[plan.Expression, Value] = {
    plan.PositionField("side"): "flat",
    plan.PositionField("quantity"): 0.0,
    plan.PositionField("scale_ins"): 0.0,
    plan.AccountField("open_positions"): 0.0,
    plan.AccountField("trades_today"): 0.0,
}
_MOVED = 3
"""Parts that are moved at once, so that they lie to each other as they must."""
_BAR = ("open", "high", "low", "close")


@attrs.frozen(eq=False, repr=False)
class SampleEvent(Record):
    """An event of a trigger's sort, by the values that matter; `time` is in seconds after midnight, on a Monday."""

    trigger: plan.Trigger
    values: tuple[tuple[plan.Expression, Value], ...]
    time: int

    def value(self, name: str) -> Value:
        """The value of a name or a field of the event; None where it does not matter."""
        for part, value in self.values:
            if isinstance(part, plan.EventName | plan.FieldName) and part.name == name:
                return value
        return None

    @property
    def kind(self) -> str:
        """The signal's kind."""
        return str(self.value("signal"))

    @property
    def symbol(self) -> str:
        return str(self.value("symbol"))

    def __str__(self) -> str:
        parts = []
        for part, value in self.values:
            if part not in (SIGNAL, SYMBOL) and isinstance(part, plan.EventName | plan.FieldName):
                parts.append(f"{part.name} {shown(part.kind, value)}")
        on = [self.kind] if isinstance(self.trigger, plan.SignalTrigger) else []
        if isinstance(self.trigger, plan.PriceTrigger | plan.VolumeTrigger | plan.BarTrigger):
            on = [_NOUNS[type(self.trigger)]]
        named = plan.symbols_of(self.trigger) is not None
        where = f"{' and '.join(parts) + ' on ' if parts else ''}{' '.join(on)}"
        where = where if parts else f"a {where}"
        where += f" of {self.symbol}" if named else ""
        return where if self.time == _USUAL_TIME else f"{where} at {clock_text(self.time)}"


_NOUNS: Mapping[type, str] = {
    plan.PriceTrigger: "a price",
    plan.VolumeTrigger: "a volume",
    plan.BarTrigger: "a bar",
}


def shown(kind: plan.Kind, value: Value) -> str:
    """A value as it would stand in a rule file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, float):
        return str(value)
    number = f"{value:,.10f}".rstrip("0").rstrip(".")
    return f"${number}" if kind is plan.Kind.MONEY else number


def clock_text(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    text = f"{hours:02}:{rest // 60:02}"
    return f"{text}:{rest % 60:02}" if rest % 60 else text


def sample_event(box: Box, trigger: plan.Trigger, conditions: Sequence[plan.Expression | None]) -> SampleEvent | None:
    """An event in the box on which all conditions hold, found true by trying; None where none was found."""
    matter: dict[plan.Expression, Value] = {}
    if isinstance(trigger, plan.SignalTrigger):
        matter[SIGNAL] = _pick(SIGNAL, box, trigger, "BUY")
    matter[SYMBOL] = _pick(SYMBOL, box, trigger, "AAPL")
    for part in _parts_of(box):
        if isinstance(part, plan.EventName | plan.FieldName) and part not in matter:
            matter[part] = _pick(part, box, trigger, "a")
    time = _pick(TIME, box, trigger, "")
    if not isinstance(time, float) or any(value is None for value in matter.values()):
        return None
    for values in _variants(matter, box, trigger):
        known = {**_AT_THE_START, **values, TIME: time, plan.ClockField("weekday"): "monday"}
        if all(condition is None or holds(condition, known) for condition in conditions):
            return SampleEvent(trigger, tuple(values.items()), int(time))
    return None


def _variants(matter: Names, box: Box, trigger: plan.Trigger) -> Iterator[Names]:
    """What was picked, and where parts lie to each other in some way, other values for these: on and beside each."""
    paired = {side for part in box if isinstance(part, Pair) for side in part}
    moved = [part for part, value in matter.items() if part in paired and isinstance(value, float)][:_MOVED]
    near = {step * value for part in moved if isinstance(value := matter[part], float) for step in (1.0, 1.5, 2.0)}
    for steps in itertools.product(sorted(near), repeat=len(moved)) if moved else ((),):
        values = {**matter, **dict(zip(moved, steps, strict=True))}
        if isinstance(trigger, plan.BarTrigger):
            values = _complete_bar(values)
        if all(_is_possible(part, value, box, trigger) for part, value in values.items()):
            yield values


def _is_possible(part: plan.Expression, value: Value, box: Box, trigger: plan.Trigger) -> bool:
    possible = (box.get(part) or at_first(part, trigger)).values
    if isinstance(possible, Numbers):
        return isinstance(value, float) and not possible.meet(Numbers((Range(value, value),))).is_empty
    return not possible.meet(Choice(frozenset((value,)))).is_empty


def _parts_of(box: Box) -> list[plan.Expression]:
    parts: dict[Hashable, None] = {}
    for part in box:
        parts.update(dict.fromkeys(part if isinstance(part, Pair) else (part,)))
    return [part for part in parts if isinstance(part, plan.Expression)]


def _pick(part: plan.Expression, box: Box, trigger: plan.Trigger, usual: str) -> Value:
    """A value out of what a part can be, and one that people like to read."""
    values = (box.get(part) or at_first(part, trigger)).values
    if isinstance(values, Choice):
        return _pick_word(values, usual)
    if part == TIME:
        return _pick_time(values)
    return _pick_number(values)


def _pick_word(choice: Choice, usual: str) -> Value:
    if not choice.others:
        found = sorted(choice.values, key=str)
        value = found[0] if usual not in found and found else usual
        return value if found and isinstance(value, str | bool) else None
    return next((word for word in (usual, *_WORDS) if word not in choice.values), None)


def _pick_time(values: Numbers) -> Value:
    """A whole second, 10:00 where it fits, else one of the session where one does."""
    for least, end in ((_USUAL_TIME, _USUAL_TIME + 1), (OPEN, CLOSE), (0, DAY)):
        for range_ in values.ranges:
            low = int(max(least, range_.low + (1 if range_.low_open else 0)) + 0.999999)
            for minutes in (60, 1):
                second = -(-low // minutes) * minutes
                if second < end and not range_.meet(Range(second, second)).is_empty:
                    return float(second)
    return None


def _pick_number(values: Numbers) -> Value:
    for range_ in values.ranges:
        if range_.low == range_.high:
            return float(range_.low)
        low, high = range_.low, range_.high
        if low == float("-inf"):
            low = min(0.0, high - max(1.0, abs(high)))
            low = 100.0 if high > 200 else low
        if high == float("inf"):
            high = low + max(1.0, abs(low)) if low != 0 else 200.0
        middle = (low + high) / 2
        for digits in range(12):
            value = round(middle, digits)
            if low < value < high:
                return value
        if low < middle < high:
            return middle
        if not range_.low_open:
            return float(range_.low)
        if not range_.high_open:
            return float(range_.high)
    return None


def _complete_bar(values: Names) -> dict[plan.Expression, Value]:
    """A bar with the prices that nothing was said of, high and low moved out to hold the others."""
    names = {name: plan.EventName(name, plan.Kind.MONEY) for name in _BAR}
    said = [value for part in names.values() if isinstance(value := values.get(part), float)]
    if not said:
        return dict(values)
    opened, closed = (values.get(names[name], said[0]) for name in ("open", "close"))
    return {
        **values,
        names["open"]: opened,
        names["high"]: max(said),
        names["low"]: min(said),
        names["close"]: closed,
    }
