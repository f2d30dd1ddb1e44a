"""What `notify`, `log`, `halt` and `because` say: a text with its `{name}` places filled in.

Numbers appear in their shortest form, and what is unknown as `unknown`: a message is sent whatever is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...dsl.plan import Text
from .facts import Facts
from .reference import evaluate
from .values import shown_of


def render(text: Text, event: object, facts: Facts) -> str:
    """The text for this event."""
    return "".join(
        part if isinstance(part, str) else shown_of(part, evaluate(part, event, facts)) for part in text.parts
    )


def compile_text(text: Text) -> Callable[[Any, Facts], str]:
    """A function of event and facts that renders the text."""
    return lambda event, facts: render(text, event, facts)
