"""Says what every name of a file means, and finds those that mean nothing.

A file has one space of names: lets, params and fields by their name, in any order, beside the names that the trigger
brings and the quotes of the event's symbol. So a name's meaning is a look-up in one table, the scope, and the tree
stays as it was parsed.

A `let` is read where it is used, with that rule's event. What event names it needs, its own and those of the lets in
it, is worked out once; each rule that uses it is asked whether its trigger brings them:

    let strong = confidence > 0.8
    on price where strong -> ...        E107: a price event does not bring `confidence`
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from . import nodes
from .catalog import EVENT_NAMES, FUNCTIONS, QUOTES, TRIGGERS, TriggerFacts, why_reserved
from .diagnostics import Diagnostic
from .lets import LetGraph, Uses, study_lets, uses_of
from .record import Record
from .source import SourceFile
from .span import Span
from .suggest import Suggestions, did_you_mean, replacement

Definition = nodes.Let | nodes.Param | nodes.Field

DEEPEST = 256
"""Levels of an expression with its lets written out. The text itself may nest 200 deep (E005 of the parser)."""

LARGEST = 250_000
"""Parts of an expression with its lets written out; a page of lets that double each other reaches any number."""

_NO_EVENT = TriggerFacts(noun="", names={})


@attrs.frozen(eq=False, repr=False)
class Scope(Record):
    """What the names of one file mean.

    `broken` are the lets that can't be read because they go round in a circle or grow without bound, `blamed` the names
    in the tree, by identity, that mean nothing where they stand, `damaged` the places of syntax errors, some of them
    literals that are none (`100stop`): all these are reported already.
    """

    source: SourceFile
    definitions: Mapping[str, Definition]
    used: frozenset[str]
    broken: frozenset[str]
    blamed: frozenset[int]
    damaged: frozenset[Span] = frozenset()


def resolve(
    file: nodes.File, source: SourceFile, damaged: frozenset[Span] = frozenset()
) -> tuple[Scope, list[Diagnostic]]:
    """Look up every name of a file. Reports E005, E101, E103, E104, E107, and E204 for a function without its call.

    A name that a statement with a syntax error would have defined is not reported as unknown. `damaged` are the places
    of the file's syntax errors.
    """
    resolver = _Resolver(source, frozenset(part.name.name for part in file.broken if part.name is not None))
    resolver.define(file.statements)
    graph = resolver.lets()
    for statement in file.statements:
        if isinstance(statement, nodes.Rule):
            resolver.rule(statement, TRIGGERS[type(statement.trigger)], graph)
        elif not isinstance(statement, nodes.Let):
            resolver.fixed(statement, graph)
    scope = Scope(
        source, resolver.definitions, frozenset(resolver.used), graph.broken, frozenset(resolver.blamed), damaged
    )
    return scope, resolver.diagnostics


class _Resolver:
    """The pass over one file: what was found so far, and what was reported."""

    def __init__(self, source: SourceFile, lost: frozenset[str]) -> None:
        self.source = source
        self.lost = lost
        self.suggestions = Suggestions()
        self.definitions: dict[str, Definition] = {}
        self.used: set[str] = set()
        self.blamed: set[int] = set()
        self.diagnostics: list[Diagnostic] = []

    def report(self, code: str, message: str, span: Span, label: str = "", help_text: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, self.source.path, span, label, help_text))

    # ---- definitions

    def define(self, statements: Iterable[nodes.Statement]) -> None:
        for statement in statements:
            if not isinstance(statement, nodes.Let | nodes.Param | nodes.Field):
                continue
            name, span = statement.name.name, statement.name.span
            reserved = why_reserved(name)
            if reserved is not None:
                self.report("E103", f"`{name}` is {reserved}", span, "reserved", "choose another name")
            elif name in self.definitions:
                line = self.source.position(self.definitions[name].name.span.start).line
                self.report(
                    "E103", f"`{name}` is defined twice", span, f"defined already on line {line}", "choose another name"
                )
            else:
                self.definitions[name] = statement

    def lets(self) -> LetGraph:
        """Check the bodies of the lets and work out what each needs from its reader."""
        studied = {
            name: uses_of(definition.value)
            for name, definition in self.definitions.items()
            if isinstance(definition, nodes.Let)
        }
        for uses in studied.values():
            self.look_up(uses, EVENT_NAMES)
        graph = study_lets(studied, DEEPEST, LARGEST)
        for cycle in graph.cycles:
            way = " -> ".join(f"`{name}`" for name in (*cycle, cycle[0]))
            self.report(
                "E103",
                f"`{cycle[0]}` is defined through itself",
                self.definitions[cycle[0]].name.span,
                "needs its own value" if len(cycle) == 1 else f"goes round: {way}",
                "define one of them without the others" if len(cycle) > 1 else "define it without itself",
            )
        for name in graph.too_deep:
            self.report_too_deep(self.definitions[name].name.span)
        return graph

    def report_too_deep(self, span: Span) -> None:
        self.report(
            "E005",
            "nested too deep, with every `let` in it written out",
            span,
            f"more than {DEEPEST} levels or {LARGEST:,} parts",
            "split it into several rules",
        )

    # ---- statements

    def rule(self, rule: nodes.Rule, facts: TriggerFacts, graph: LetGraph) -> None:
        uses = uses_of(rule)
        self.look_up(uses, facts.names)
        if graph.exceeds(uses):
            self.report_too_deep(rule.trigger.span)
        if uses.names:
            self.require(uses, facts, graph)

    def fixed(self, statement: nodes.Statement, graph: LetGraph) -> None:
        """A param, a field or limits: what stands there has no event to read."""
        uses = uses_of(statement)
        self.look_up(uses, EVENT_NAMES)
        self.require(uses, _NO_EVENT, graph)

    # ---- names

    def look_up(self, uses: Uses, brought: Mapping[str, object]) -> None:
        """Report the names, functions and quotes that exist nowhere."""
        for name, _ in uses.names:
            text = name.name
            if text in self.definitions:
                self.used.add(text)
            elif text not in EVENT_NAMES and text not in QUOTES and text not in self.lost:
                self.unknown_name(name, brought)
        for call in uses.calls:
            if call.function.name not in FUNCTIONS:
                self.unknown_function(call)
        for attribute in uses.attributes:
            if attribute.name.name not in QUOTES:
                written = f"{attribute.symbol.name}.{attribute.name.name}"
                near = self.suggestions.nearest(attribute.name.name, QUOTES)
                if attribute.name.name in FUNCTIONS:
                    usage = FUNCTIONS[attribute.name.name].usage
                    self.report("E204", f"`{written}` needs its arguments", attribute.span, "", f"write {usage}")
                else:
                    known = ", ".join(f"`{quote}`" for quote in QUOTES)
                    help_text = did_you_mean(near) or f"of another symbol there are {known} and the indicators"
                    self.report("E101", f"unknown name `{written}`", attribute.name.span, "not known", help_text)

    def unknown_name(self, name: nodes.Name, brought: Mapping[str, object]) -> None:
        if name.name in FUNCTIONS:
            usage = FUNCTIONS[name.name].usage
            self.report("E204", f"`{name.name}` is a function", name.span, "needs its arguments", f"write {usage}")
            return
        near = self.suggestions.nearest(name.name, (*self.definitions, *brought, *QUOTES))
        help_text = did_you_mean(near) or f"define it: `let {name.name} = ...` or `param {name.name} = ...`"
        self.diagnostics.append(
            Diagnostic(
                "E101",
                f"unknown name `{name.name}`",
                self.source.path,
                name.span,
                "not known here",
                help_text,
                fixes=replacement(near, name.span),
            )
        )

    def unknown_function(self, call: nodes.Call) -> None:
        name = call.function
        if name.name in self.definitions or name.name in EVENT_NAMES or name.name in QUOTES:
            self.used.add(name.name)
            message = f"`{name.name}` is not a function"
            self.report("E104", message, name.span, "a value", "leave the brackets away")
            return
        near = self.suggestions.nearest(name.name, FUNCTIONS)
        known = ", ".join(f"`{function}`" for function in sorted(FUNCTIONS))
        self.diagnostics.append(
            Diagnostic(
                "E104",
                f"unknown function `{name.name}`",
                self.source.path,
                name.span,
                "not known",
                did_you_mean(near) or f"there are {known}",
                fixes=replacement(near, name.span),
            )
        )

    def require(self, uses: Uses, facts: TriggerFacts, graph: LetGraph) -> None:
        """E107 for each name that the event does not bring, once a statement."""
        reported: set[str] = set()
        for name, _ in uses.names:
            definition = self.definitions.get(name.name)
            if definition is None:
                needed: Iterable[str] = (name.name,) if name.name in EVENT_NAMES else ()
            elif isinstance(definition, nodes.Let):
                needed = graph.needs.get(name.name, ())
            else:
                needed = (name.name,)
            for event_name in needed:
                if self.brings(facts, event_name):
                    continue
                self.blamed.add(id(name))
                if event_name in reported:
                    continue
                reported.add(event_name)
                self.not_brought(name, event_name, facts)

    def brings(self, facts: TriggerFacts, name: str) -> bool:
        definition = self.definitions.get(name)
        if isinstance(definition, nodes.Field):
            return facts.fields
        return definition is not None or name not in EVENT_NAMES or name in facts.names

    def not_brought(self, name: nodes.Name, event_name: str, facts: TriggerFacts) -> None:
        of_let = "" if name.name == event_name else f", which `{name.name}` reads"
        if facts is _NO_EVENT:
            message = f"`{event_name}`{of_let} comes with an event, and there is none here"
            help_text = "write a value that is the same at all times"
        else:
            message = f"a {facts.noun} event does not bring `{event_name}`{of_let}"
            known = ", ".join(f"`{known}`" for known in facts.names)
            help_text = f"`on {facts.noun}` brings {known}"
        givers = [other.noun for other in TRIGGERS.values() if self.brings(other, event_name)]
        self.report("E107", message, name.span, f"known in `on {givers[0]}` rules", help_text)
