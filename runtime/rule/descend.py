"""Walks down an expression of any depth without recursion.

A visitor is a generator: it yields the child it wants the result of and is sent that result, and returns its own. It
reads like recursive code, but the stack is a list, so that no depth of nesting (lets may be inlined into lets) can
meet Python's recursion limit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar, cast

Node = TypeVar("Node")
Result = TypeVar("Result")


def descend(root: Node, visit: Callable[[Node], Generator[Node, Result, Result]]) -> Result:
    """The result of visiting the root, its children visited when their parent asks for them."""
    stack = [visit(root)]
    answer: Result | None = None
    while True:
        try:
            # A generator that has not begun takes only None, which is also how it is told that a child is unknown.
            child = stack[-1].send(cast(Result, answer))
        except StopIteration as end:
            stack.pop()
            if not stack:
                return cast(Result, end.value)
            answer = end.value
        else:
            stack.append(visit(child))
            answer = None
