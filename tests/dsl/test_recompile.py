"""Compiling saved files again: the plan is that of compiling everything, and little of it is compiled."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import pytest

from rulec.dsl import compile as compiling
from rulec.dsl import recompile
from rulec.dsl.compile import CompiledUnits, compile_files
from rulec.dsl.imports import Found, NotFound
from rulec.dsl.plan import Plan
from rulec.dsl.recompile import Recompiler
from rulec.dsl.source import SourceFile


class Folder:
    """Files in memory, compiled as they are now; `counted` are the statements that the last compilation read."""

    def __init__(self, patch: pytest.MonkeyPatch, given: Sequence[str] = ("a.rules",)) -> None:
        self.given = given
        self.files: dict[str, str] = {}
        self.counted = 0
        self._recompiler = Recompiler(self)

        def counting(*arguments: object, **more: object) -> CompiledUnits:
            done: CompiledUnits = compiling.compile_units(*arguments, **more)  # type: ignore[arg-type]
            self.counted += sum(len(unit.file.statements) for unit in done.units)
            return done

        patch.setattr(recompile, "compile_units", counting)

    def identity(self, path: str) -> str:
        return path

    def locate(self, target: str | tuple[str, ...], importer: str) -> str | NotFound:
        return target if isinstance(target, str) else NotFound("no modules here")

    def read(self, path: str) -> Found | NotFound:
        return Found(SourceFile(path, self.files[path])) if path in self.files else NotFound(f"no {path}")

    def compile(self, **texts: str) -> Plan | None:
        """Compiles with these texts by stem; what comes out is what compiling everything comes to."""
        self.files.update({f"{stem}.rules": text for stem, text in texts.items()})
        sources = [SourceFile(path, self.files[path]) for path in self.given if path in self.files]
        self.counted = 0
        found = self._recompiler.compile(sources)
        whole = compile_files(sources, loader=self)
        assert shown(found.plan) == shown(whole.plan)
        errors = [one for one in whole.diagnostics if one.severity.value == "error"]
        assert list(found.diagnostics) == errors
        if found.plan is not None:
            assert [(one.path, one.text) for one in found.sources] == [(one.path, one.text) for one in whole.sources]
        return found.plan


def shown(plan: Plan | None) -> object:
    """All of a plan, with the places and labels that do not count for equality."""
    if plan is None:
        return None
    limits = [(limit, limit.place) for limit in plan.limits]
    return [(rule, rule.place, rule.label) for rule in plan.rules], limits, plan.fields


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Folder:
    return Folder(monkeypatch)


RULES = [f"on signal K{number} of S{number} -> enter long {number + 1} stop 1%\n" for number in range(40)]


def test_an_edit_of_one_rule_compiles_that_rule_and_its_neighbours(folder: Folder) -> None:
    folder.compile(a="".join(RULES))
    edited = [*RULES]
    edited[20] = edited[20].replace("stop 1%", "stop 2%")
    before = folder.compile(a="".join(edited))
    assert before is not None
    assert folder.counted == 3


EDITS: Mapping[str, Callable[[list[str]], object]] = {
    "nothing": lambda rules: None,
    "a rule inserted": lambda rules: rules.insert(7, "on signal NEW -> exit\n"),
    "a rule inserted first": lambda rules: rules.insert(0, "on signal NEW -> exit\n"),
    "a rule added": lambda rules: rules.append("on signal NEW -> exit\n"),
    "a rule deleted": lambda rules: rules.pop(9),
    "the last deleted": lambda rules: rules.pop(),
    "the first deleted": lambda rules: rules.pop(0),
    "a rule written twice": lambda rules: rules.insert(5, rules[5]),
    "a comment and blank lines": lambda rules: rules.insert(5, "\n# äöü “x” \n\n"),
    "the line end after a rule taken away": lambda rules: rules.__setitem__(5, rules[5].rstrip() + " "),
    "a number grown at the end of a rule": lambda rules: rules.__setitem__(5, rules[5].replace("1%", "1.5%")),
    "an action more": lambda rules: rules.__setitem__(5, rules[5].rstrip() + '\n -> log "x"\n'),
    "two rules changed places": lambda rules: rules.__setitem__(slice(5, 7), [rules[6], rules[5]]),
    "everything gone": lambda rules: rules.clear(),
    "a header over the next rule": lambda rules: rules.insert(5, "rule named\n  cooldown 3m\n"),
    "a header that opens no rule": lambda rules: rules.append("rule named\n"),
    "a comment over a rule": lambda rules: rules.__setitem__(5, "# " + rules[5]),
    "an open bracket": lambda rules: rules.insert(5, "let x = {\n"),
    "a let that a rule reads": lambda rules: rules.__setitem__(5, "let n = 7\n" + rules[5].replace("long 6", "long n")),
    "a mistake": lambda rules: rules.__setitem__(5, rules[5].replace("stop 1%", "stop 1")),
    "a language at a wrong place": lambda rules: rules.insert(5, "language 1\n"),
    "limits": lambda rules: rules.insert(5, "limits { max order $5_000 }\n"),
    "other line ends": lambda rules: rules.__setitem__(slice(None), [rule.replace("\n", "\r\n") for rule in rules]),
}


@pytest.mark.parametrize("name", EDITS)
def test_after_an_edit_and_its_undoing_the_plan_is_that_of_the_text(name: str, folder: Folder) -> None:
    folder.compile(a="".join(RULES))
    edited = [*RULES]
    EDITS[name](edited)
    folder.compile(a="".join(edited))
    folder.compile(a="".join(RULES))


def test_a_changed_definition_compiles_every_rule_of_its_file(folder: Folder) -> None:
    text = "let lot = 5\n" + "".join(rule.replace("long", "long lot +") for rule in RULES)
    folder.compile(a=text)
    plan = folder.compile(a=text.replace("lot = 5", "lot = 6"))
    assert plan is not None
    assert "value=7.0" in repr(plan.rules[0].actions)


def test_the_rules_of_another_file_are_compiled_again_only_where_it_uses_what_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = Folder(monkeypatch, ("a.rules", "b.rules"))
    many = "".join(RULES)
    folder.compile(shared="let lot = 5\n", a='use "shared.rules"\non signal X -> enter long lot stop 1%\n', b=many)
    folder.compile(shared="let lot = 6\n")
    assert folder.counted < 10
    folder.compile(b=many.replace("stop 1%", "stop 2%", 1))
    assert folder.counted < 10


def test_a_used_file_that_goes_and_comes_back_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(monkeypatch, ("a.rules",))
    folder.compile(shared="let lot = 5\n", a='use "shared.rules"\non signal X -> enter long lot stop 1%\n')
    text = folder.files.pop("shared.rules")
    assert folder.compile() is None
    folder.files["shared.rules"] = text
    assert folder.compile() is not None


def test_values_given_to_a_used_file_reach_its_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(monkeypatch, ("a.rules",))
    folder.compile(
        used="param n = 5\non signal Y -> enter long n stop 1%\n",
        a='use "used.rules" with (n = 7)\non signal X -> exit\n',
    )
    plan = folder.compile(a='use "used.rules" with (n = 8)\non signal X -> exit\n')
    assert plan is not None
    assert "8" in repr(plan.rules[0].actions)


NAMING = """\
rule entries
  cooldown 3m
  on signal A -> enter long 1 stop 1%
rule other
  cooldown 3m shared exits
  on signal B -> exit
on signal C -> reset cooldown of entries
on signal D -> reset cooldown of exits
on signal E -> emit signal F
on signal G -> exit
on signal H -> exit
on signal I -> exit
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rule entries", "rule entry"),
        ("shared exits", "shared exit"),
        ("signal H", "signal J"),
        ("on signal I -> exit", "on signal F -> emit signal E"),
        ("on signal I -> exit", "rule other\n on signal I -> exit"),
        ("on signal I -> exit", "on signal I -> reset cooldown of entries"),
        ("on signal I -> exit", "on signal I -> reset cooldown of nothing"),
    ],
)
def test_rules_that_name_each_other_are_checked_against_each_other(old: str, new: str, folder: Folder) -> None:
    folder.compile(a=NAMING)
    folder.compile(a=NAMING.replace(old, new))
    folder.compile(a=NAMING)


TESTED = """\
rule bought
  on signal A -> enter long 1 stop 1%
on signal B -> exit
on signal C -> exit
on signal D -> exit
on signal E -> exit
test "it buys" {
  price AAPL $100
  signal A AAPL
  expect fired bought
}
"""


def test_a_test_finds_the_rule_that_it_names_and_costs_no_rule_more(folder: Folder) -> None:
    folder.compile(a=TESTED)
    assert folder.compile(a=TESTED.replace("signal E", "signal F")) is not None
    assert folder.counted == 4, "the rule, its neighbours (one of them the test), and the rule that the test names"
    assert folder.compile(a=TESTED.replace("rule bought", "rule sold")) is None


@pytest.mark.parametrize("seed", range(40))
def test_random_edits_one_after_another(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    folder = Folder(monkeypatch, ("a.rules", "b.rules"))
    pieces = [*RULES[:8], *NAMING.splitlines(keepends=True), "let n = 3\n", "param p = 4%\n", "# a comment\n", " \n"]
    texts = {"a": "".join(RULES[:12]), "b": NAMING}
    folder.compile(**texts)
    for _ in range(12):
        stem = draw.choice(("a", "b"))
        text = texts[stem]
        start = draw.randrange(len(text) + 1)
        end = min(len(text), start + draw.choice((0, 0, 1, 5, 40)))
        new = draw.choice(("", draw.choice(pieces), text[start:end][::-1], " ", "\n", "x", "#", '"', "{", "5"))
        changed = text[:start] + new + text[end:]
        if folder.compile(**{stem: changed}) is not None or draw.random() < 0.3:
            texts[stem] = changed  # what was refused is mostly put right again
        else:
            folder.compile(**{stem: text})
