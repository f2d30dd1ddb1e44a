"""Says what every name of a file means, and finds those that mean nothing.

A file has one space of names: lets, params and fields by their name, in any order, beside the names that the trigger
brings and the quotes of the event's symbol. So a name's meaning is a look-up in one table, the scope, and the tree
stays as it was parsed.

A `let` is read where it is used, with that rule's event. What event names it needs, its own and those of the lets in
it, is worked out once; each rule that uses it is asked whether its trigger brings them:

    let strong = confidence > 0.8
    on price where strong -> ...        E107: a price event does not bring `confidence`

What `use` brings from another file is looked up like a file's own, and keeps the scope it was defined in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from . import nodes
from .catalog import ALWAYS_THERE, EVENT_NAMES, FUNCTIONS, OWNERS, TriggerFacts, facts_of, why_reserved
from .diagnostics import Diagnostic
from .lets import LetGraph, Outside, Uses, is_position, study_lets, uses_of
from .record import Record
from .source import SourceFile
from .span import Span
from .unbrought_names import no_symbol, not_brought, without_event
from .unknown_names import Unknowns

Definition = nodes.Let | nodes.Param | nodes.Field

DEEPEST = 256
"""Levels of an expression with its lets written out. The text itself may nest 200 deep (E005 of the parser)."""

LARGEST = 250_000
"""Parts of an expression with its lets written out; a page of lets that double each other reaches any number."""

_NO_EVENT = TriggerFacts(noun="", names={})


@attrs.frozen(eq=False, repr=False)
class Scope(Record):
    """What the names of one file mean: its own definitions, and the scopes of the files that it uses names of.

    `used` are the definitions that something reads; files that use this one add to it. `broken` are the lets that can't
    be read because they go round in a circle or grow without bound, `blamed` the names in the tree, by identity, that
    mean nothing where they stand, `damaged` the places of syntax errors, some of them literals that are none
    (`100stop`), `lost` the names whose definition is wrong: all these are reported already.
    """

    source: SourceFile
    definitions: Mapping[str, Definition]
    imported: Mapping[str, Scope]
    used: set[str]
    lets: LetGraph
    blamed: frozenset[int]
    damaged: frozenset[Span] = frozenset()
    lost: frozenset[str] = frozenset()

    @property
    def broken(self) -> frozenset[str]:
        return self.lets.broken

    def definition(self, name: str) -> Definition | None:
        """What a name stands for, wherever it is defined."""
        home = self.imported.get(name, self)
        return home.definitions.get(name)


@attrs.frozen(eq=False, repr=False)
class Import(Record):
    """A `use` and the scope of the file that it names; None where that file could not be had, which is reported."""

    node: nodes.Use
    scope: Scope | None


def resolve(
    file: nodes.File, source: SourceFile, imports: Sequence[Import] = (), damaged: frozenset[Span] = frozenset()
) -> tuple[Scope, list[Diagnostic]]:
    """Look up every name of a file. Reports E005, E101, E103, E104, E107, and E204 for a function without its call.

    A name that a statement with a syntax error, or a file that could not be had, would have defined is not reported as
    unknown. `damaged` are the places of the file's syntax errors.
    """
    resolver = _Resolver(source, frozenset(part.name.name for part in file.broken if part.name is not None))
    resolver.take_in(imports)
    resolver.define(file.statements)
    graph = resolver.study_lets()
    for statement in file.statements:
        if isinstance(statement, nodes.Rule):
            resolver.rule(statement, facts_of(statement.trigger), graph)
        elif isinstance(statement, nodes.Use):
            resolver.use(statement, graph)
        elif not isinstance(statement, nodes.Let):
            resolver.fixed(statement, graph)
    scope = Scope(
        source,
        resolver.definitions,
        resolver.imported,
        resolver.used,
        graph,
        frozenset(resolver.blamed),
        damaged,
        frozenset(resolver.lost),
    )
    return scope, resolver.diagnostics


class _Resolver:
    """The pass over one file: what was found so far, and what was reported."""

    def __init__(self, source: SourceFile, lost: frozenset[str]) -> None:
        self.source = source
        self.lost = set(lost)
        """Names whose definition was reported: nothing is said about their uses."""
        self.unknowns = Unknowns(source.path)
        self.trigger: nodes.Trigger | None = None
        """That of the rule which is being resolved."""
        self.definitions: dict[str, Definition] = {}
        self.imported: dict[str, Scope] = {}
        self.has_gap = False
        """Whether a used file could not be had, so that any unknown name may be one of its."""
        self.used: set[str] = set()
        self.blamed: set[int] = set()
        self.diagnostics: list[Diagnostic] = []

    def report(self, code: str, message: str, span: Span, label: str = "", help_text: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, self.source.path, span, label, help_text))

    # ---- definitions

    def take_in(self, imports: Iterable[Import]) -> None:
        """Make the names of used files known."""
        seen: set[int] = set()
        for one in imports:
            if one.scope is None:
                self.has_gap = True
                continue
            if id(one.scope) in seen:
                continue
            seen.add(id(one.scope))
            self.lost |= one.scope.lost
            for name in one.scope.definitions:
                other = self.imported.setdefault(name, one.scope)
                if other is not one.scope:
                    message = f"`{name}` comes from two of the files used here"
                    label = f"also in {other.source.path}"
                    help_text = "use one of the two, or rename it in one of them"
                    self.report("E103", message, one.node.span, label, help_text)

    def define(self, statements: Iterable[nodes.Statement]) -> None:
        for statement in statements:
            if not isinstance(statement, nodes.Let | nodes.Param | nodes.Field):
                continue
            name, span = statement.name.name, statement.name.span
            reserved = why_reserved(name)
            if reserved is not None:
                self.lost.add(name)
                self.report("E103", f"`{name}` is {reserved}", span, "reserved", "choose another name")
            elif name in self.definitions:
                line = self.source.position(self.definitions[name].name.span.start).line
                self.report(
                    "E103", f"`{name}` is defined twice", span, f"defined already on line {line}", "choose another name"
                )
            elif name in self.imported:
                path = self.imported.pop(name).source.path
                message = f"`{name}` is defined here and in {path}, which this file uses"
                self.report("E103", message, span, "visible twice", "choose another name")
                self.definitions[name] = statement
            else:
                self.definitions[name] = statement

    def study_lets(self) -> LetGraph:
        """Check the bodies of the lets and work out what each needs from its reader."""
        studied = {
            name: uses_of(definition.value)
            for name, definition in self.definitions.items()
            if isinstance(definition, nodes.Let)
        }
        for uses in studied.values():
            self.look_up(uses, EVENT_NAMES)
        graph = study_lets(studied, dict(self._outside()), DEEPEST, LARGEST)
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

    def _outside(self) -> Iterator[tuple[str, Outside]]:
        for name, scope in self.imported.items():
            if isinstance(scope.definitions[name], nodes.Let):
                lets = scope.lets
                broken = name in lets.broken
                yield (
                    name,
                    Outside(lets.needs.get(name, ()), lets.depths.get(name, 0), lets.sizes.get(name, 0), broken),
                )

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
        self.trigger = rule.trigger
        for uses, known in self._parts_of(rule, facts):
            self.look_up(uses, facts.names)
            if graph.exceeds(uses):
                self.report_too_deep(rule.trigger.span)
            if uses.names or uses.of_the_symbol:
                self.require(uses, known, graph)

    def _parts_of(self, rule: nodes.Rule, facts: TriggerFacts) -> Iterator[tuple[Uses, TriggerFacts]]:
        """A rule's parts with what is known in each: an action that names a symbol means its prices."""
        if facts.has_symbol:
            yield uses_of(rule), facts
            return
        named = [action for action in rule.actions if named_symbol(action) is not None]
        rest = [action for action in rule.actions if named_symbol(action) is None]
        conditions = [] if rule.condition is None else [rule.condition]
        yield uses_of(rule.trigger, *rule.options, *conditions, *rest), facts
        for action in named:
            yield uses_of(action), attrs.evolve(facts, market=True)

    def use(self, use: nodes.Use, graph: LetGraph) -> None:
        """The values that a `use` gives: fixed, and of this file's own names, for the other file is not read yet."""
        for binding in use.bindings:
            uses = uses_of(binding.value)
            for name, _ in uses.names:
                taken = self._taken_in(name.name)
                if taken is not None:
                    self.blamed.add(id(name))
                    way = "" if taken == name.name else f", which `{name.name}` reads,"
                    message = f"`{taken}`{way} comes from a used file, and what is given to one is known before that"
                    self.report("E101", message, name.span, "not known here", "write the value itself")
            self.look_up(uses, {})
            self.require(uses, _NO_EVENT, graph)

    def _taken_in(self, name: str) -> str | None:
        """The name from a used file that a name is, or reads by way of lets."""
        waiting, seen = [name], {name}
        while waiting:
            reading = waiting.pop()
            if reading in self.imported:
                return reading
            definition = self.definitions.get(reading)
            if isinstance(definition, nodes.Let):
                read = {used.name for used, _ in uses_of(definition.value).names} - seen
                seen |= read
                waiting += read
        return None

    def fixed(self, statement: nodes.Statement, graph: LetGraph) -> None:
        """A param, a field or limits: what stands there has no event to read."""
        uses = uses_of(statement)
        self.look_up(uses, EVENT_NAMES)
        self.require(uses, _NO_EVENT, graph)

    # ---- names

    def look_up(self, uses: Uses, brought: Mapping[str, object]) -> None:
        """Report the names, functions and quotes that exist nowhere."""
        kinds = {id(call.arguments[0]) for call in uses.calls if call.function.name == "signals" and call.arguments}
        for name, _ in uses.names:
            text = name.name
            if text in self.definitions:
                self.used.add(text)
            elif text in self.lost:
                self.blamed.add(id(name))
            elif text in self.imported:
                self.imported[text].used.add(text)
                self.used.add(text)
            elif text not in EVENT_NAMES and text not in ALWAYS_THERE and not self._may_be_lost(text):
                known = (*self.definitions, *self.imported, *brought, *ALWAYS_THERE)
                one_of_signals = id(name) in kinds and text not in FUNCTIONS
                self.diagnostics.append(
                    self.unknowns.kind_of_signal(name) if one_of_signals else self.unknowns.name(name, known)
                )
        for call in uses.calls:
            self._call(call)
        self.diagnostics += filter(None, map(self.unknowns.attribute, uses.attributes))

    def _may_be_lost(self, name: str) -> bool:
        """Whether something that is reported already would have defined the name."""
        return self.has_gap and name not in FUNCTIONS and name not in OWNERS

    def _call(self, call: nodes.Call) -> None:
        name = call.function.name
        if name in FUNCTIONS:
            return
        if any(name in names for names in (self.definitions, self.imported, EVENT_NAMES, ALWAYS_THERE)):
            self.used.add(name)
            message = f"`{name}` is not a function"
            self.report("E104", message, call.function.span, "a value", "leave the brackets away")
        else:
            self.diagnostics.append(self.unknowns.function(call))

    def require(self, uses: Uses, facts: TriggerFacts, graph: LetGraph) -> None:
        """E107 for each name that the event does not bring, once a statement."""
        reported: set[str] = set()
        for name, _ in uses.names:
            definition = self.definitions.get(name.name)
            if definition is None and name.name in self.imported:
                definition = self.imported[name.name].definitions.get(name.name)
            if isinstance(definition, nodes.Let):
                needed: Iterable[str] = graph.needs.get(name.name, ())
            elif definition is not None:
                needed = (name.name,)
            else:
                needed = (name.name,) if name.name in EVENT_NAMES else ()
            missing = [one for one in needed if one not in self.lost and not self.brings(facts, one)]
            if not missing:
                continue
            self.blamed.add(id(name))
            if reported.isdisjoint(missing):
                if facts is _NO_EVENT:
                    found = without_event(name, missing[0], self.source.path)
                else:
                    found = not_brought(name, missing[0], facts, self.brings, self.trigger, self.source)
                self.diagnostics.append(found)
            reported.update(missing)
        for node in uses.of_the_symbol if facts is not _NO_EVENT else ():  # else E304: it is not fixed
            if facts.has_symbol or (facts.market and not is_position(node)):
                continue
            self.blamed.add(id(node))
            if "symbol" not in reported:
                reported.add("symbol")
                self.diagnostics.append(no_symbol(node, facts, self.trigger, self.source))

    def brings(self, facts: TriggerFacts, name: str) -> bool:
        definition = self.definitions.get(name)
        if definition is None and name in self.imported:
            definition = self.imported[name].definitions.get(name)
        if isinstance(definition, nodes.Field):
            return facts.fields
        if name == "symbol" and facts.market:
            return True
        return definition is not None or name not in EVENT_NAMES or name in facts.names


def named_symbol(action: nodes.Action) -> nodes.Symbol | nodes.Name | None:
    """The symbol that an action names with `of`."""
    return action.symbol if isinstance(action, nodes.Enter | nodes.Exit) else None
