"""What the types of calls and of conditions are found with: the types of their parts, and a place for what is wrong.

`ExpressionTypes` is one. It knows the modules that find the types of calls and conditions; they know this alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from . import nodes
    from .kinds import Type
    from .lower_expressions import ExpressionLowering
    from .span import Span


class TypeFinder(Protocol):
    """Finds the types of one file's expressions."""

    lowering: ExpressionLowering
    crossings: list[nodes.Crosses]

    def type_of(self, node: Any) -> Type:
        """The type of an expression, with everything in it checked."""

    def fixed_amount(self, node: Any) -> float | None:
        """The float in a well-typed expression that is fixed."""

    def written(self, node: Any) -> str:
        """What stands in the file for a node, in back quotes."""

    def report(
        self, code: str, message: str, span: Span, label: str = "", help_text: str | None = None, instead: str = ""
    ) -> Type:
        """Add a diagnostic; the failed type."""

    def not_comparable(self, left_node: Any, left: Type, right_node: Any, right: Type) -> Type:
        """Report two values that can't be compared; the failed type."""
