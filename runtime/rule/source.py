"""The source of one generated function, as it grows.

Nothing of a user's enters the text: every literal, name and function is a constant `k0`, `k1`, … that is bound when
the function is made. So rules of the same shape have the same text, and Python compiles it once for all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import attrs

from .facts import Facts
from .values import Sort, Value

Evaluator = Callable[[Any, Facts], Any]

# The helpers' own text may not differ between shapes, so they are bound like any other constant.
_INDENT = "    "


@attrs.frozen
class Operand:
    """A Python expression without side effects (a temporary or a constant) and what is known of its value."""

    text: str
    sort: Sort
    known: bool = False


NOTHING = Operand("None", Sort.NONE)


@attrs.define
class Source:
    """Statements, constants, and how many loops the next statement stands in."""

    lines: list[str] = attrs.Factory(list)
    constants: list[object] = attrs.Factory(list)
    blocks: int = 0
    temporaries: int = 0

    def bind(self, value: object) -> str:
        """The name of a constant."""
        self.constants.append(value)
        return f"k{len(self.constants) - 1}"

    def line(self, statement: str) -> None:
        self.lines.append(_INDENT * (self.blocks + 3) + statement)

    def keep(self, text: str, sort: Sort, *, known: bool = False) -> Operand:
        """Computes an expression once, into a temporary."""
        name = f"t{self.temporaries}"
        self.temporaries += 1
        self.line(f"{name} = {text}")
        return Operand(name, sort, known)

    def guarded(self, text: str, sort: Sort, operands: tuple[Operand, ...], refusal: str = "") -> Operand:
        """Computes an expression unless one of its operands is unknown, or `refusal` is true."""
        doubts = [f"{operand.text} is None" for operand in operands if not operand.known]
        doubts += [refusal] if refusal else []
        if doubts:
            text = f"None if {' or '.join(doubts)} else {text}"
        return self.keep(text, sort, known=not doubts)

    def finite(self, operand: Operand) -> Operand:
        """The operand, unknown where it overflowed."""
        doubt = f"{operand.text} - {operand.text} != 0.0"
        self.line(f"if {doubt if operand.known else f'{operand.text} is not None and {doubt}'}: {operand.text} = None")
        return Operand(operand.text, operand.sort)

    def finish(self, result: Operand, fallback: Evaluator) -> Evaluator:
        """The function.

        The fallback evaluates again when an operation raised: the event has no such name, or holds what its type
        forbids. A `try` costs nothing until then.
        """
        self.line(f"return {result.text}")
        names = ", ".join(f"k{number}" for number in range(len(self.constants)))
        text = "\n".join(
            (
                f"def make(fallback, {names}):",
                "    def evaluate(event, facts):",
                "        try:",
                *self.lines,
                "        except (AttributeError, TypeError, OverflowError):",
                "            return fallback(event, facts)",
                "    return evaluate",
            )
        )
        return _factory(text)(fallback, *self.constants)


@functools.lru_cache(maxsize=4096)
def _factory(text: str) -> Callable[..., Evaluator]:
    namespace: dict[str, Any] = {
        "AttributeError": AttributeError,
        "TypeError": TypeError,
        "OverflowError": OverflowError,
        "__builtins__": {},
    }
    exec(compile(text, "<condition>", "exec"), namespace)  # noqa: S102 - the text holds nothing of a user's
    factory: Callable[..., Evaluator] = namespace["make"]
    return factory


def every(functions: tuple[Evaluator, ...], event: Any, facts: Facts) -> bool | None:
    """Kleene's `and` over functions, as far as needed."""
    outcome: bool | None = True
    for function in functions:
        value = function(event, facts)
        if value is False:
            return False
        if value is not True:
            outcome = None
    return outcome


def some(functions: tuple[Evaluator, ...], event: Any, facts: Facts) -> bool | None:
    """Kleene's `or` over functions, as far as needed."""
    outcome: bool | None = False
    for function in functions:
        value = function(event, facts)
        if value is True:
            return True
        if value is not False:
            outcome = None
    return outcome


def gather(functions: tuple[Evaluator, ...], event: Any, facts: Facts) -> list[Value]:
    """The values of all functions."""
    return [function(event, facts) for function in functions]
