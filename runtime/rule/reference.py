"""What each expression of the plan means: the slow evaluator against which every fast one is tested.

It asks for all parts of an expression before it judges them, never short-circuits, and applies the operations of
`values` to whatever it gets. Three-valued (Kleene): `false and unknown` is false, `true or unknown` is true, anything
else with an unknown part is unknown. Nothing raises. Percent, money and durations are plain numbers here (a fraction,
an amount in the currency, seconds); symbols and bare words are their text.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from ...dsl.plan import (
    AccountField,
    And,
    BarField,
    Call,
    ClockField,
    Compare,
    Date,
    Duration,
    EventName,
    Expression,
    FieldName,
    Indicator,
    Member,
    Moment,
    Money,
    Negate,
    Not,
    Number,
    Or,
    Percent,
    PositionField,
    PreviousPrice,
    Product,
    QuoteField,
    RMultiple,
    SignalCount,
    Sum,
    Symbol,
    TableLookup,
    Text,
    TimeOfDay,
    Truth,
    Within,
    Word,
)
from .descend import descend
from .facts import Facts
from .values import (
    TEXTS_OF_CLOCK,
    TEXTS_OF_POSITION,
    Value,
    call,
    compare,
    event_value,
    field_value,
    flag_of,
    is_member,
    number_of,
    shown_of,
    text_of,
)

_Visit = Generator[Expression, Value, Value]


def evaluate(expression: Expression, event: object, facts: Facts) -> Value:
    """The value of an expression for this event; None where it is unknown."""
    return descend(expression, lambda node: _visit(node, event, facts))


def holds(condition: Expression | None, event: object, facts: Facts) -> bool | None:
    """Whether a rule's condition is true, false or unknown; a rule without one always holds."""
    return True if condition is None else flag_of(evaluate(condition, event, facts))


def conjunction(outcomes: Sequence[Value]) -> bool | None:
    """Kleene's `and`: false when one is false, else unknown when one is not known."""
    if any(outcome is False for outcome in outcomes):
        return False
    return True if all(outcome is True for outcome in outcomes) else None


def disjunction(outcomes: Sequence[Value]) -> bool | None:
    """Kleene's `or`: true when one is true, else unknown when one is not known."""
    if any(outcome is True for outcome in outcomes):
        return True
    return False if all(outcome is False for outcome in outcomes) else None


def negation(outcome: Value) -> bool | None:
    return not outcome if isinstance(outcome, bool) else None


def _visit(node: Expression, event: object, facts: Facts) -> _Visit:
    match node:
        case Number() | Percent() | Money() | RMultiple():
            return number_of(node.value)
        case Duration() | TimeOfDay() | Moment():
            return number_of(node.seconds)
        case Date():
            return float(node.days)
        case Truth():
            return node.value
        case Symbol():
            return node.name
        case Word():
            return node.text
        case EventName():
            return event_value(event, node.name)
        case FieldName():
            return field_value(event, node.name, node.kind)
        case QuoteField() | Indicator() | BarField():
            return _ask_market(node, event, facts)
        case PreviousPrice() | PositionField() | SignalCount():
            return _ask_symbol(node, event, facts)
        case AccountField():
            return number_of(facts.account(node.name))
        case ClockField():
            shown = facts.clock(node.name)
            return text_of(shown) if node.name in TEXTS_OF_CLOCK else number_of(shown)
        case And():
            return conjunction((yield from _all(node.items)))
        case Or():
            return disjunction((yield from _all(node.items)))
        case Not():
            return negation((yield node.item))
        case Compare():
            values = yield from _all(node.operands)
            return conjunction([compare(*pair) for pair in zip(node.operators, values, values[1:], strict=False)])
        case Member():
            item, *members = yield from _all((node.item, *node.members))
            found = is_member(item, members)
            return negation(found) if node.negated else found
        case Within():
            item, low, high = yield from _all((node.item, node.low, node.high))
            inside = conjunction([compare("<=", low, item), compare("<" if node.open_end else "<=", item, high)])
            return negation(inside) if node.negated else inside
        case Sum():
            return add_up([sign for sign, _ in node.terms], (yield from _all([term for _, term in node.terms])))
        case Product():
            return multiply_up(
                [sign for sign, _ in node.factors], (yield from _all([item for _, item in node.factors]))
            )
        case Negate():
            value = number_of((yield node.item))
            return None if value is None else -value
        case Call():
            return call(node.function, (yield from _all(node.arguments)))
        case TableLookup():
            return (yield from _look_up(node))
        case Text():
            return (yield from _text(node))


def _all(nodes: Sequence[Expression]) -> Generator[Expression, Value, list[Value]]:
    values = []
    for node in nodes:
        values.append((yield node))
    return values


def _ask_market(node: QuoteField | Indicator | BarField, event: object, facts: Facts) -> float | None:
    symbol = node.symbol if node.symbol is not None else text_of(event_value(event, "symbol"))
    if symbol is None:
        return None
    if isinstance(node, QuoteField):
        return number_of(facts.quote(node.name, symbol))
    if isinstance(node, BarField):
        return number_of(facts.bar(symbol, node.name, node.timeframe, node.ago))
    return number_of(facts.indicator(symbol, node.name, node.arguments, node.timeframe, node.ago))


def _ask_symbol(node: PreviousPrice | PositionField | SignalCount, event: object, facts: Facts) -> float | str | None:
    symbol = text_of(event_value(event, "symbol"))
    if symbol is None:
        return None
    if isinstance(node, PreviousPrice):
        return number_of(facts.previous_price(symbol))
    if isinstance(node, SignalCount):
        return number_of(facts.signals(symbol, node.kind, node.seconds))
    value = facts.position(symbol, node.name, node.unit)
    return text_of(value) if node.name in TEXTS_OF_POSITION else number_of(value)


def add_up(signs: Sequence[int], values: Sequence[Value]) -> float | None:
    total = 0.0
    for position, (sign, value) in enumerate(zip(signs, values, strict=True)):
        number = number_of(value)
        if number is None:
            return None
        number = number if sign > 0 else -number
        total = total + number if position else number
    return number_of(total)


def multiply_up(operators: Sequence[str], values: Sequence[Value]) -> float | None:
    total = 1.0
    for operator, value in zip(operators, values, strict=True):
        number = number_of(value)
        if number is None or (operator == "/" and number == 0):
            return None
        total = total / number if operator == "/" else total * number
    return number_of(total)


def _look_up(table: TableLookup) -> _Visit:
    key = yield table.key
    if not isinstance(key, str):
        return None
    for name, entry in table.entries:
        if name == key:
            return (yield entry)
    return None if table.default is None else (yield table.default)


def _text(text: Text) -> _Visit:
    said: list[str] = []
    for part in text.parts:
        if isinstance(part, str):
            said.append(part)
            continue
        value = yield part
        if value is None:
            return None
        said.append(shown_of(part, value))
    return "".join(said)
