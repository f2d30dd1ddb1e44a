"""Warnings: what may be meant as it stands, but costs money or confuses when it is not.

A lint is a function from a file (or from all files of a command) to diagnostics; `FILE_LINTS` and `SET_LINTS` name
them. They run only where there is no error. A comment at the end of the line on which a statement starts silences
codes for that statement:

    on signal BUY -> enter long 100 target 8%   # rulec: ignore[W401]
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

import attrs

from . import nodes
from .diagnostics import Diagnostic, Edit, Fix
from .imports import Unit
from .record import Record
from .resolve import Scope
from .span import Span

_IGNORE = r"#\s*rulec:\s*ignore\b\s*(?:\[([^\]]*)\])?"


@attrs.frozen(eq=False, repr=False)
class LintedFile(Record):
    """What a lint sees of a file."""

    file: nodes.File
    scope: Scope
    given: bool = True
    """Whether the user named it, or only a `use`."""
    uses: Sequence[tuple[nodes.Use, Unit | None]] = ()

    @property
    def path(self) -> str:
        return self.scope.source.path

    def warn(self, code: str, message: str, span: Span, label: str = "", help_text: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, self.path, span, label, help_text)

    def removal(self, span: Span) -> Fix:
        """Takes a statement out, with its line where nothing else stands on it."""
        text = self.scope.source.text
        start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end) + 1 or len(text)
        if text[start : span.start].strip() or text[span.end : end].strip():
            start, end = span
        return Fix("remove it", (Edit(Span(start, end), ""),))

    def rules(self) -> Iterator[nodes.Rule]:
        return (statement for statement in self.file.statements if isinstance(statement, nodes.Rule))


# ---- the lints -----------------------------------------------------------------------------------------------------


def entry_without_stop(linted: LintedFile) -> Iterator[Diagnostic]:
    """W401: nothing says when a loss is taken. A trail that waits for a gain is no stop until then."""
    for rule in linted.rules():
        for action in rule.actions:
            if isinstance(action, nodes.Enter | nodes.Reverse) and not any(map(_limits_loss, action.protections)):
                help_text = "add a stop, such as `stop 3%`"
                yield linted.warn("W401", "this entry has no stop", action.span, "nothing limits its loss", help_text)


def _limits_loss(part: nodes.Protection) -> bool:
    return isinstance(part, nodes.Stop) or (isinstance(part, nodes.Trail) and part.after is None)


def unused_definition(linted: LintedFile) -> Iterator[Diagnostic]:
    """W406: a name that nothing reads is a rule that does not say what its writer thinks it says."""
    if not linted.given:
        return  # a file that others use may hold more than these use
    words = {nodes.Let: "let", nodes.Param: "param", nodes.Field: "field"}
    for name, definition in linted.scope.definitions.items():
        if name not in linted.scope.used:
            message = f"the {words[type(definition)]} `{name}` is not used"
            help_text = "use it in a rule, or remove it"
            warning = linted.warn("W406", message, definition.name.span, "never read", help_text)
            yield attrs.evolve(warning, fixes=(linted.removal(definition.span),))


def unused_import(linted: LintedFile) -> Iterator[Diagnostic]:
    """W406: a used file that has neither a rule nor a limit, and no name that is read."""
    if not linted.given:
        return
    for use, used in linted.uses:
        if used is None or _is_active(used):
            continue
        defined = (linted.scope.imported[name] for name in linted.scope.used if name in linted.scope.imported)
        if not any(scope.source is used.source for scope in defined):
            message = "nothing of this file is used"
            help_text = "read one of its names, or remove the `use`"
            warning = linted.warn("W406", message, use.span, "never read", help_text)
            yield attrs.evolve(warning, fixes=(linted.removal(use.span),))


def _is_active(unit: Unit) -> bool:
    """Whether a file does something by being used, or one that it uses does, or may do: one that can't be read."""
    waiting, seen = [unit], {id(unit)}
    while waiting:
        one = waiting.pop()
        active = any(isinstance(statement, nodes.Rule | nodes.Limits) for statement in one.file.statements)
        if active or one.file.broken:
            return True
        for _, used in one.uses:
            if used is None:
                return True
            if id(used) not in seen:
                seen.add(id(used))
                waiting.append(used)
    return False


def time_that_half_days_pass_by(linted: LintedFile) -> Iterator[Diagnostic]:
    """W411: on a half day the market is closed by then. The rule fires earlier, but a reader may not expect that."""
    for rule in linted.rules():
        trigger = rule.trigger
        if not isinstance(trigger, nodes.TimeTrigger) or not any(isinstance(one, _EXITS) for one in rule.actions):
            continue
        if isinstance(trigger.at, nodes.TimeOfDay) and trigger.at.value < HALF_DAY_CLOSE:
            continue
        message = "half days close at 13:00, before this time"
        label = "fires one minute before the close then"
        help_text = "write `market close - 1m`, which means the same on every day"
        yield linted.warn("W411", message, trigger.span, label, help_text)


_EXITS = (nodes.Exit, nodes.ExitEverything)
HALF_DAY_CLOSE = 13 * 3600
"""Seconds after midnight at which the exchange closes on its half days."""


def missing_limits(files: Sequence[LintedFile]) -> Iterator[Diagnostic]:
    """W409: rules enter positions, and no file of the command bounds what they may do together."""
    first: tuple[LintedFile, nodes.Enter | nodes.Reverse] | None = None
    for linted in files:
        for statement in linted.file.statements:
            if isinstance(statement, nodes.Limits):
                return
            if first is None and isinstance(statement, nodes.Rule):
                entries = (one for one in statement.actions if isinstance(one, nodes.Enter | nodes.Reverse))
                enter = next(entries, None)
                first = None if enter is None else (linted, enter)
    if first is not None:
        linted, enter = first
        help_text = "add a block such as `limits { max position 20% of equity  max daily loss 2% of equity }`"
        message = "rules enter positions and no `limits` bound them"
        yield linted.warn("W409", message, enter.span, "the first entry", help_text)


def reentry_without_rest(linted: LintedFile) -> Iterator[Diagnostic]:
    """W407: a price comes many times a second. Once its trade is stopped out, such a rule buys again at the next."""
    for rule in linted.rules():
        if not isinstance(rule.trigger, nodes.PriceTrigger | nodes.VolumeTrigger | nodes.BarTrigger):
            continue
        rests = any(isinstance(option, nodes.Cooldown | nodes.AtMost | nodes.Disabled) for option in rule.options)
        enter = next((action for action in rule.actions if isinstance(action, nodes.Enter)), None)
        if enter is None or rests or (rule.condition is not None and _is_passing(rule.condition, linted.scope)):
            continue
        noun = "bar" if isinstance(rule.trigger, nodes.BarTrigger) else "price"
        message = f"this rule enters again on the next {noun} after its trade was stopped out"
        help_text = "give it a `cooldown 10m` or `at most 3 per day each`, or let it wait until something `crosses`"
        yield linted.warn("W407", message, enter.span, "nothing lets it rest", help_text)


def _is_passing(condition: nodes.Node, scope: Scope) -> bool:
    """Whether the condition counts the day's trades, or asks for a crossing, which is true for one event only."""
    seen: set[str] = set()
    waiting: list[nodes.Node] = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Crosses):
            return True
        if isinstance(node, nodes.Name) and node.name not in seen:
            seen.add(node.name)
            if node.name == "trades_today":
                return True
            home = scope.imported.get(node.name, scope)
            definition = home.definitions.get(node.name)
            if isinstance(definition, nodes.Let):
                waiting.append(definition.value)
        if isinstance(node, nodes.And):
            waiting += node.items
        elif isinstance(node, nodes.Compare):
            waiting += node.operands
    return False


def target_nearer_than_stop(linted: LintedFile) -> Iterator[Diagnostic]:
    """W408: such a trade loses more when it is wrong than it gains when it is right."""
    for rule in linted.rules():
        for action in rule.actions:
            if not isinstance(action, nodes.Enter | nodes.Reverse):
                continue
            stop = next((part for part in action.protections if isinstance(part, nodes.Stop)), None)
            for part in action.protections:
                if stop is not None and isinstance(part, nodes.Target) and _is_nearer(part.distance, stop.distance):
                    label = "nearer than the stop"
                    help_text = "set the target at least as far away as the stop, or see that it is hit much more often"
                    yield linted.warn("W408", "this target is nearer than the stop", part.span, label, help_text)


def _is_nearer(target: nodes.Distance, stop: nodes.Distance) -> bool:
    """Whether two distances are written in the same unit, and the first is less; `0.5R` is half of the stop's."""
    one, two = target.value, stop.value
    if target.form is not stop.form or target.form is nodes.DistanceForm.AT:
        return False
    if isinstance(one, nodes.RMultiple):
        return one.value < 1
    if isinstance(one, nodes.AtrMultiple) and isinstance(two, nodes.AtrMultiple):
        return one.length == two.length and _is_less(one.factor, two.factor)
    return _is_less(one, two)


def _is_less(one: nodes.Node, two: nodes.Node) -> bool:
    same = (nodes.Number, nodes.Percent, nodes.Money)
    if not isinstance(one, same) or not isinstance(two, same) or type(one) is not type(two):
        return False
    return one.value < two.value


FILE_LINTS: tuple[Callable[[LintedFile], Iterator[Diagnostic]], ...] = (
    entry_without_stop,
    unused_definition,
    unused_import,
    time_that_half_days_pass_by,
    reentry_without_rest,
)
OFF_BY_DEFAULT: Mapping[str, Callable[[LintedFile], Iterator[Diagnostic]]] = {"W408": target_nearer_than_stop}
"""Lints that are matters of taste: they run only where their code is selected."""
SET_LINTS: tuple[Callable[[Sequence[LintedFile]], Iterator[Diagnostic]], ...] = (missing_limits,)


# ---- running them --------------------------------------------------------------------------------------------------


def lint(
    files: Sequence[LintedFile], proven: Iterable[Diagnostic] = (), *, whole: bool, asked: Container[str] = ()
) -> list[Diagnostic]:
    """All warnings of files without errors, less those that a comment silences, plus the comments that silence none.

    Lints of the whole set run only where it is `whole`: no file was left out for its errors. `proven` are warnings
    about the plan as a whole. `asked` are codes that were selected: those that are off by default run only then.
    """
    found = [diagnostic for linted in files for check in FILE_LINTS for diagnostic in check(linted)]
    found += proven
    off = {code for code in OFF_BY_DEFAULT if code not in asked}
    for code, check in OFF_BY_DEFAULT.items():
        if code not in off:
            found += [diagnostic for linted in files for diagnostic in check(linted)]
    if whole:
        found += [diagnostic for check in SET_LINTS for diagnostic in check(files)]
    silences = {linted.path: _Silences(linted) for linted in files}
    kept = [diagnostic for diagnostic in found if not silences[diagnostic.path].take(diagnostic)]
    return kept + [diagnostic for silence in silences.values() for diagnostic in silence.unused(off)]


class _Silences:
    """The comments of one file that silence codes, and which of them did."""

    def __init__(self, linted: LintedFile) -> None:
        self._linted = linted
        self._starts = [statement.span.start for statement in linted.file.statements]
        self._comments: list[tuple[nodes.Comment, tuple[str, ...]]] = []
        self._by_line: dict[int, set[str]] = {}
        self._used: set[tuple[int, str]] = set()
        for comment in linted.file.comments:
            match = re.match(_IGNORE, comment.text)
            if match:
                codes = tuple(code.strip() for code in (match[1] or "").split(",") if code.strip())
                self._comments.append((comment, codes))
                self._by_line.setdefault(self._line(comment.span.start), set()).update(codes)

    def _line(self, offset: int) -> int:
        return self._linted.scope.source.position(offset).line

    def take(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment silences the diagnostic."""
        if not self._by_line:
            return False
        at = bisect_right(self._starts, diagnostic.span.start) - 1
        line = self._line(self._starts[at])
        if diagnostic.code not in self._by_line.get(line, ()):
            return False
        self._used.add((line, diagnostic.code))
        return True

    def unused(self, off: Container[str]) -> Iterator[Diagnostic]:
        """W410 for each code that silenced nothing, unless nothing looked for it: it is `off`."""
        if not self._linted.given:
            return  # unused names are looked for only in files that were given
        for comment, codes in self._comments:
            line = self._line(comment.span.start)
            if not codes:
                help_text = "write the codes: `# rulec: ignore[W401]`"
                yield self._linted.warn("W410", "this ignore names no code", comment.span, "", help_text)
            for code in codes:
                if (line, code) not in self._used and code not in off:
                    message = f"`ignore[{code}]` silences nothing"
                    help_text = "it stands on the line where the statement starts; remove it if nothing is reported"
                    if code.startswith("E"):
                        help_text = "only warnings can be silenced; correct the error"
                    yield self._linted.warn("W410", message, comment.span, "", help_text)
