"""Compiling saved files again: the plan is that of compiling everything, and little of it is compiled."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import pytest

from rulec.dsl import compile as compiling
from rulec.dsl import edits, recompile
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


def test_edits_far_apart_compile_what_is_beside_each_of_them(folder: Folder) -> None:
    many = [rule.replace("signal K", f"signal {'LONG' * 10}K") for rule in RULES]
    text = f"let lot = 3\n{''.join(many)}on signal LOT -> enter long lot stop 1%\n"
    folder.compile(a=text)
    edited = text.replace("lot = 3", "lot = 4").replace("long 21 stop 1%", "long 21 stop 2%")
    edited = edited.replace(many[30], f"{many[30]}on signal NEW -> exit\n# a line more\n").replace(many[38], "")
    assert len(text) > edits.SMALL
    assert folder.compile(a=edited) is not None
    assert folder.counted == 2 + 3 + 3 + 3 + 1, "each edit with what is beside it, and the rule that says the `let`"
    assert folder.compile(a=text) is not None
    assert folder.counted < 15


@pytest.mark.parametrize("seed", range(30))
def test_random_edits_in_many_places_at_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "SMALL", 0)
    draw = random.Random(seed)
    folder = Folder(monkeypatch)
    lines = ["let n = 1\n", *RULES[:30], *NAMING.splitlines(keepends=True), "# a comment\n", "\n"]
    folder.compile(a="".join(lines))
    for _ in range(10):
        now = [*lines]
        for _ in range(draw.choice((1, 2, 3, 8))):
            at, other = draw.randrange(len(now)), draw.randrange(len(now))
            match draw.randrange(6):
                case 0:
                    now[at] = now[at].replace("1%", f"{draw.randrange(2, 9)}%")
                case 1:
                    now.insert(at, draw.choice(("# more\n", "\n", "let m = 2\n", f"on signal N{other} -> exit\n")))
                case 2:
                    now.insert(at, now.pop(other))
                case 3:
                    now[at] = now[at].rstrip("\n") + draw.choice((" ", "\n\n", "  # why\n", "\r\n"))
                case 4:
                    now[at] = now[at].replace("stop 1%", "stop 1% target n%")
                case 5:
                    del now[at]
        if folder.compile(a="".join(now)) is not None:
            lines = now
        else:
            folder.compile(a="".join(lines))


def test_a_changed_definition_reaches_every_rule_that_says_it(folder: Folder) -> None:
    text = "let lot = 5\n" + "".join(rule.replace("long", "long lot +") for rule in RULES)
    folder.compile(a=text)
    plan = folder.compile(a=text.replace("lot = 5", "lot = 6"))
    assert plan is not None
    assert "value=7.0" in repr(plan.rules[0].actions)


DEFINING = """\
let lot = 5
let twice = lot * 2
param least = 60%
field premium: money
limits { max order $50_000 }
on signal A -> enter long twice stop 1%
on signal B where confidence > least -> exit
on signal C where premium > $5 -> exit
on signal D -> log "{lot} shares"
"""


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("let lot = 5", "let lot = 6", 2),
        ("let twice = lot * 2", "let twice = lot", 1),
        ("60%", "70%", 1),
        ("premium: money", "premium: money", 0),
        ("$50_000", "$60_000", 0),
        ("let lot", "let unused = 3\nlet lot", 2),
        ("param least", "let unused = 3\nparam least", 0),
    ],
)
def test_a_changed_definition_compiles_the_rules_that_say_it_and_no_others(
    old: str, new: str, rules: int, folder: Folder
) -> None:
    text = DEFINING + "".join(RULES)
    folder.compile(a=text)
    definitions = 5 + ("unused" in new)
    assert folder.compile(a=text.replace(old, new)) is not None
    neighbour = 1  # the rule next to the definitions is next to the edit, too, where the last of these is edited
    assert folder.counted <= 2 * definitions + rules + neighbour
    assert folder.counted >= definitions + rules


def test_definitions_that_say_each_other_are_followed_in_one_go(folder: Folder) -> None:
    lets = "".join(f"let n{number} = n{number - 1} + 1\n" for number in range(1, 200))
    folder.compile(a=f"let n0 = 1\n{lets}on signal A -> enter long n199 stop 1%\n{''.join(RULES)}")
    plan = folder.compile(a=folder.files["a.rules"].replace("n0 = 1", "n0 = 2"))
    assert plan is not None
    assert "value=201.0" in repr(plan.rules[0].actions)
    assert folder.counted == 201, "the definitions and the one rule that says the last of them, once"


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


def test_what_is_given_to_a_used_file_hands_a_change_on(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(monkeypatch, ("a.rules",))
    used = f"param shares = 3\non signal X -> enter long shares stop 1%\n{''.join(RULES)}"
    folder.compile(used=used, a='let lot = 5\nuse "used.rules" with (shares = lot)\non signal Y -> exit\n')
    plan = folder.compile(a=folder.files["a.rules"].replace("lot = 5", "lot = 6"))
    assert plan is not None
    assert "value=6.0" in repr(plan.rules[0].actions)
    assert folder.counted < 10


def test_a_field_that_becomes_another_is_told_of_in_the_tests_of_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(monkeypatch, ("a.rules", "b.rules"))
    tested = 'on signal A -> exit\ntest "it comes" {\n  signal A AAPL with (premium = $5)\n}\n'
    assert folder.compile(a="field premium: money\non signal X -> exit\n", b=tested) is not None
    assert folder.compile(a="field premium: text\non signal X -> exit\n") is None
    assert folder.compile(a="field premium: money\non signal X -> exit\n") is not None


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


def test_a_name_that_is_new_in_a_file_is_looked_for_in_what_it_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(monkeypatch)
    using = 'use "used.rules"\nrule owner cooldown 3m shared x on signal O -> exit\non signal Z -> exit\n'
    folder.compile(used=f"{''.join(RULES)}rule x on signal B -> exit\n", a=using)
    plan = folder.compile(a=using.replace("Z -> exit", "Z -> reset cooldown of x"))
    assert plan is not None
    assert "used.x" in repr(plan.rules[-1].actions)


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
    assert folder.compile(a=TESTED.replace("fired bought", "fired sold")) is None


NAMED = "".join(f"rule r{number} {rule}" for number, rule in enumerate(RULES))
TESTS = "".join(
    f'test "rule {number}" {{\n  price S{number} $100\n  signal K{number} S{number}\n  expect fired r{number}\n}}\n'
    for number in range(len(RULES))
)


def test_an_edit_of_one_rule_compiles_that_rule_where_every_rule_is_named_by_a_test(folder: Folder) -> None:
    folder.compile(a=NAMED + TESTS)
    edited = NAMED.replace("enter long 21 stop 1%", "enter long 21 stop 2%")
    assert folder.compile(a=edited + TESTS) is not None
    assert folder.counted == 3, "the rule and its neighbours"
    assert folder.compile(a=edited + TESTS.replace("fired r21", "not fired r21")) is not None
    assert folder.counted < 10, "the rule, the test, the neighbours, and what these name"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rule r20 ", "rule other "),
        ("rule r20 ", ""),
        ("rule r20 ", "rule r21 "),
        ("fired r20", "fired nobody"),
        ("fired r20", "fired a.r20"),
        ("fired r20", "fired b.r20"),
        ('"rule 20"', '"rule 30"'),
        ("signal K20 S20\n", "signal K20 S20 with (nothing = 5)\n"),
    ],
)
def test_tests_and_rules_are_checked_against_each_other(old: str, new: str, folder: Folder) -> None:
    folder.compile(a=NAMED + TESTS)
    folder.compile(a=(NAMED + TESTS).replace(old, new))
    folder.compile(a=NAMED + TESTS)


@pytest.mark.parametrize("seed", range(60))
def test_random_edits_of_files_that_hang_together(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Definitions, what says them, tests and rules that name each other, in files that use each other."""
    draw = random.Random(seed)
    monkeypatch.setattr(edits, "SMALL", draw.choice((0, 200)))
    folder = Folder(monkeypatch, ("a.rules", "b.rules"))
    lines = {stem: _lines(draw, stem) + _more_lines(draw, stem) for stem in ("shared", "a", "b")}
    fine = 0
    folder.compile(**{stem: "".join(each) for stem, each in lines.items()})
    for _ in range(14):
        edited = {stem: [*each] for stem, each in lines.items()}
        for stem in draw.sample(sorted(edited), draw.choice((1, 1, 1, 2))):
            _edit(edited[stem], draw, stem)
        if folder.compile(**{stem: "".join(each) for stem, each in edited.items()}) is not None:
            lines, fine = edited, fine + 1
        else:
            folder.compile(**{stem: "".join(each) for stem, each in lines.items()})
    assert fine > 2


def _edit(lines: list[str], draw: random.Random, stem: str) -> None:
    """Writes a line anew, most often; else takes one away, adds some, or exchanges two."""
    at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    match draw.randrange(8):
        case 0:
            del lines[at]
        case 1 | 2:
            lines[at:at] = _more_lines(draw, stem)[:2]
        case 3:
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            begin = " ".join(lines[at].split()[:2])
            like = [line for line in _lines(draw, stem) if line.startswith(begin)]
            lines[at] = like[0] if like and begin else lines[at] + "# a comment\n"


def _lines(draw: random.Random, stem: str) -> list[str]:
    """What every file of these has: definitions and named rules."""
    number = draw.randrange(1, 9)
    use = f'use "shared.rules"{draw.choice(("", f" with (sleast = {stem}lot)", f" with (sleast = {number})"))}\n'
    own = "s" if stem == "shared" else stem
    return [
        use if stem == "a" else "# a comment\n",
        f"let {own}lot = {number}\n",
        f"let {own}big = {own}{draw.choice(('lot', 'least'))} + {number}\n",
        f"param {own}least = {number}\n",
        f"field {own}paid: {draw.choice(('money', 'money', 'number'))}\n",
        f"limits {{ max order ${number}_000 }}\n",
        *(f"rule {own}{at} on signal K{at} -> enter long {number} stop 1%\n" for at in range(1, 4)),
        f"rule {own}4 cooldown {number}m shared c on signal K4 -> exit\n",
    ]


def _more_lines(draw: random.Random, stem: str) -> list[str]:
    """Lines that say names, of their own file or of the one that `a` uses."""
    own = draw.choice(("s", "a")) if stem == "a" else stem[0]
    number, named = draw.randrange(1, 9), draw.randrange(1, 5)
    name, other = (own + draw.choice(("lot", "big", "least")) for _ in range(2))
    lines = [
        f"on signal K{number} -> enter long {name} stop {number}%\n",
        f"on signal K{number} where {name} > {other} -> exit\n",
        f'on signal K{number} -> log "now {{{name}}}"\n',
        f"rule {stem}{number + 4} on signal K{number} -> enter long {other} stop 1%\n",
        f"on signal K{number} -> reset cooldown of {own}{named}\n",
        f"on signal K{number} -> reset cooldown of c\n",
        f"on signal K{number} -> emit signal X{draw.randrange(1, 9)}\n",
        f'test "t{draw.random()}" {{ signal K{number} AAPL expect fired {own}{named} }}\n',
        f'test "t{draw.random()}" {{ signal K{number} AAPL expect fired a.a{named} }}\n',
        f'test "t{number}" {{ signal K{number} AAPL with ({own}paid = 5) }}\n',
    ]
    return draw.sample(lines, len(lines))


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
