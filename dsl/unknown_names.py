"""What to say of a name, a field or a function that exists nowhere: E101 and E104, and E204 for a call left half-done.

Where a known word is nearly the same, it is offered as a fix. Some words that people expect, such as `profit` or
`friday`, are known here under another form; then that form is the help.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import attrs

from . import kinds, nodes
from .catalog import ACCOUNT_FIELDS, BAR_FIELDS, FUNCTIONS, OWNERS, POSITION_FIELDS, QUOTES
from .diagnostics import Diagnostic
from .record import Record
from .span import Span
from .suggest import Suggestions, did_you_mean, replacement


@attrs.frozen(eq=False, repr=False)
class Unknowns(Record):
    """The diagnostics for what one file does not know; `path` is the file's."""

    path: str
    suggestions: Suggestions = attrs.field(factory=Suggestions)

    def name(self, name: nodes.Name, known: Collection[str]) -> Diagnostic:
        """A name that none of the `known` ones is."""
        if name.name in FUNCTIONS:
            usage = FUNCTIONS[name.name].usage
            message = f"`{name.name}` is a function"
            return Diagnostic("E204", message, self.path, name.span, "needs its arguments", f"write {usage}")
        if name.name in OWNERS:
            field = _USUAL_FIELD[name.name]
            message = f"`{name.name}` is no value by itself"
            help_text = f"write `{name.name}.{field}`"
            return Diagnostic("E101", message, self.path, name.span, "which of its values?", help_text)
        hint = _HINTS.get(name.name)
        if hint is not None:
            return Diagnostic("E101", f"unknown name `{name.name}`", self.path, name.span, "not known here", hint)
        near = self.suggestions.nearest(name.name, known)
        help_text = did_you_mean(near) or f"define it: `let {name.name} = ...` or `param {name.name} = ...`"
        return self._not_known("E101", f"unknown name `{name.name}`", name.span, near, help_text, "not known here")

    def kind_of_signal(self, name: nodes.Name) -> Diagnostic:
        """`signals(buy, 5m)`."""
        kind = name.name.upper()
        message = f"`{name.name}` is written like a name; the kinds of signals are in upper case"
        fixes = replacement(kind, name.span)
        help_text = f'write `{kind}`, or `"{name.name}"`'
        return Diagnostic("E101", message, self.path, name.span, "lower case", help_text, fixes=fixes)

    def function(self, call: nodes.Call) -> Diagnostic:
        """A function that the language does not have."""
        name = call.function
        near = self.suggestions.nearest(name.name, FUNCTIONS)
        known = ", ".join(f"`{function}`" for function in sorted(FUNCTIONS))
        help_text = did_you_mean(near) or f"there are {known}"
        return self._not_known("E104", f"unknown function `{name.name}`", name.span, near, help_text)

    def attribute(self, attribute: nodes.Attribute) -> Diagnostic | None:
        """What stands after a `.` and is nothing there; None where it is something."""
        owner, name = attribute.owner, attribute.name
        if isinstance(owner, nodes.Name):
            fields = OWNERS.get(owner.name)
            if fields is None:
                return self._owner(owner)
            return None if name.name in fields else self._field(owner, name, fields)
        if name.name in QUOTES or name.name in BAR_FIELDS:
            return None
        written = f"{owner.name}.{name.name}"
        if name.name in FUNCTIONS:
            usage = FUNCTIONS[name.name].usage.replace("`" + name.name, f"`{written}")
            return Diagnostic(
                "E204", f"`{written}` needs its arguments", self.path, attribute.span, "", f"write {usage}"
            )
        near = self.suggestions.nearest(name.name, (*QUOTES, *BAR_FIELDS))
        known = ", ".join(f"`{quote}`" for quote in (*QUOTES, *BAR_FIELDS))
        help_text = did_you_mean(near) or f"of another symbol there are {known} and the indicators"
        return self._not_known("E101", f"unknown name `{written}`", name.span, near, help_text)

    def _owner(self, owner: nodes.Name) -> Diagnostic:
        near = self.suggestions.nearest(owner.name, OWNERS)
        if near is not None:
            message = f"unknown name `{owner.name}`"
            return self._not_known("E101", message, owner.span, near, did_you_mean(near))
        message = f"`{owner.name}` has nothing after a `.`"
        help_text = "write `position.profit`, `account.equity`, or `SPY.last` of a symbol"
        return Diagnostic("E101", message, self.path, owner.span, "not known", help_text)

    def _field(self, owner: nodes.Name, name: nodes.Name, fields: Collection[str]) -> Diagnostic:
        near = self.suggestions.nearest(name.name, fields)
        known = ", ".join(f"`{field}`" for field in fields)
        help_text = did_you_mean(near) or f"there are {known}"
        return self._not_known("E101", f"unknown name `{owner.name}.{name.name}`", name.span, near, help_text)

    def _not_known(
        self, code: str, message: str, span: Span, near: str | None, help_text: str | None, label: str = "not known"
    ) -> Diagnostic:
        return Diagnostic(code, message, self.path, span, label, help_text, fixes=replacement(near, span))


_USUAL_FIELD: Mapping[str, str] = {"position": "profit", "account": "equity"}

_HINTS: Mapping[str, str] = {
    **{name: f"write `position.{name}`" for name in POSITION_FIELDS},
    **{name: f"write `account.{name}`" for name in ACCOUNT_FIELDS},
    **{word: f"a word is asked for with `is`, as in `weekday is {word}`" for word in kinds.WEEKDAY.words},
    **{word: f"a word is asked for with `is`, as in `reason is {word}`" for word in kinds.CLOSE_REASON.words},
    **{word: f"a word is asked for with `is`, as in `position.side is {word}`" for word in kinds.SIDE.words},
    "breakeven": "the price that was paid is `position.entry_price`",
    "entry": "the price that was paid is `position.entry_price`",
    "all": "all of it is meant where no size is written",
    "half": "write `50%`",
    "time": "write `now`, as in `now > 10:00`",
    "day": "write a duration, such as `1d`",
    "hour": "write a duration, such as `1h`",
    "minute": "write a duration, such as `1m`",
}
"""Words that people expect, and how what they mean is written."""
