"""`use`: whose rules and limits are active, whose names are known, in which order, and what is told where."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from rulec.dsl import plan as p
from rulec.dsl.compile import Compilation, compile_files
from rulec.dsl.library import read_rules
from rulec.dsl.source import LARGEST_FILE

Files = dict[str, str]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(files: Files) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def compiled(files: Files, *given: str, **settings: str) -> Compilation:
    """Write the files and compile those that are given, the first where none is named."""
    written(files)
    with Path(os.devnull).open("rb") as nothing:
        library = read_rules(given or list(files)[:1], nothing)
    assert library.problems == ()
    parameters = {name.replace("__", "."): value for name, value in settings.items()}
    return compile_files(library.sources, parameters=parameters, found=library.diagnostics)


def plan_of(files: Files, *given: str, **settings: str) -> p.Plan:
    found = compiled(files, *given, **settings)
    assert found.plan is not None, (found.diagnostics, found.problems)
    return found.plan


def labels(files: Files, *given: str) -> list[str]:
    return [rule.label for rule in plan_of(files, *given).rules]


def told(files: Files, *given: str) -> list[tuple[str, str, str]]:
    """Path, code and underlined text of everything that is reported."""
    found = compiled(files, *given)
    texts = {source.path: source.text for source in found.sources}
    return [
        (one.path, one.code, texts.get(one.path, "")[one.span.start : one.span.end][:60]) for one in found.diagnostics
    ]


RULE = "on signal SELL -> exit\n"
SHARED = """
param least = 0.8 in 0.5..0.95
field premium: money
let watch = [AAPL, MSFT]
let strong = confidence > least and premium > $1_000
let sizes = { AAPL: $5_000, else: $1_000 }
"""
USER = """use "shared.rules"
on signal BUY of watch where strong -> enter long sizes[symbol] stop 3%
limits { no shorting }
"""


# ---- names ---------------------------------------------------------------------------------------------------------


def test_the_names_of_a_used_file_mean_what_they_mean_there() -> None:
    used = plan_of({"main.rules": USER, "shared.rules": SHARED})
    written_out = plan_of({"main.rules": SHARED + USER.replace('use "shared.rules"', "")})
    assert used == written_out


def test_the_names_of_a_file_that_a_used_file_uses_are_not_seen() -> None:
    files = {
        "main.rules": 'use "middle.rules"\non signal BUY where strong -> exit',
        "middle.rules": 'use "shared.rules"\non signal SELL where strong -> exit',
        "shared.rules": SHARED,
    }
    assert [(path, code, what) for path, code, what in told(files)] == [("main.rules", "E101", "strong")]


def test_a_name_may_be_read_through_lets_of_three_files() -> None:
    files = {
        "main.rules": 'use "middle.rules"\nlet top = middle * 2\non price where price > top -> exit',
        "middle.rules": 'use "below.rules"\nlet middle = below + $1',
        "below.rules": "let below = $1",
    }
    assert plan_of(files).rules[0].condition == p.Compare((p.EventName("price", p.Kind.MONEY), p.Money(4.0)), (">",))


def test_what_a_let_asks_of_the_event_is_asked_of_the_rule_that_reads_it() -> None:
    files = {"main.rules": 'use "shared.rules"\non price of watch where strong -> exit', "shared.rules": SHARED}
    assert told(files) == [("main.rules", "E107", "strong")]


def test_a_mistake_in_a_used_file_is_told_there_once() -> None:
    files = {
        "main.rules": 'use "shared.rules"\non signal BUY where strong -> exit\non signal SELL where not strong -> exit',
        "shared.rules": "let strong = confidence > $3",
    }
    assert told(files) == [("shared.rules", "E201", "$3")]


def test_a_syntax_error_in_a_used_file_makes_its_names_no_unknown_ones() -> None:
    files = {
        "main.rules": 'use "shared.rules"\non signal BUY where strong -> exit',
        "shared.rules": "let strong = confidence >\n",
    }
    assert [(path, code) for path, code, _ in told(files)] == [("shared.rules", "E001")]


def test_a_name_that_is_visible_twice_is_told_where_it_is() -> None:
    here = {"main.rules": 'use "shared.rules"\nlet watch = [SPY]\non price of watch -> exit', "shared.rules": SHARED}
    assert [one for one in told(here) if one[1] == "E103"] == [("main.rules", "E103", "watch")]
    twice = {
        "main.rules": 'use "a.rules"\nuse "b.rules"\non price where price > least -> exit',
        "a.rules": "let least = $3",
        "b.rules": "let least = $4",
    }
    assert told(twice) == [("main.rules", "E103", 'use "b.rules"')]


def test_a_file_that_is_used_twice_is_visible_once() -> None:
    text = 'use "shared.rules"\nuse "./shared.rules"\non price of watch -> exit'
    assert [one for one in told({"main.rules": text, "shared.rules": "let watch = [SPY]"}) if one[1] == "E103"] == []


def test_files_that_are_given_together_share_no_names() -> None:
    files = {"a.rules": "on price of watch -> exit", "b.rules": "let watch = [AAPL]\non price of watch -> exit"}
    assert told(files, "a.rules", "b.rules") == [("a.rules", "E101", "watch")]


def test_an_import_of_which_nothing_is_used_is_told_and_one_with_rules_is_not() -> None:
    lets = {"main.rules": f'use "lets.rules"\n{RULE}', "lets.rules": "let a = 3"}
    assert told(lets) == [("main.rules", "W406", 'use "lets.rules"')]
    rules = {"main.rules": f'use "more.rules"\n{RULE}', "more.rules": "let a = 3\non signal SHORT -> exit"}
    assert told(rules) == []
    indirect = {"main.rules": f'use "a.rules"\n{RULE}', "a.rules": 'use "b.rules"', "b.rules": "limits { no shorting }"}
    assert told(indirect) == []


# ---- rules and limits ----------------------------------------------------------------------------------------------


def test_a_used_file_is_active_once_before_its_first_user() -> None:
    files = {
        "main.rules": 'rule first on price -> exit\nuse "a.rules"\nuse "b.rules"\nrule last on price -> exit',
        "a.rules": 'use "deep.rules"\nrule a on price -> exit',
        "b.rules": 'use "deep.rules"\nrule b on price -> exit\nlimits { no shorting }',
        "deep.rules": "rule deep on price -> exit\nlimits { max positions 3 }",
    }
    assert labels(files) == ["deep", "a", "b", "first", "last"]
    assert [limit.kind for limit in plan_of(files).limits] == [p.LimitKind.POSITIONS, p.LimitKind.NO_SHORTING]


def test_a_given_file_keeps_its_place_though_another_uses_it() -> None:
    files = {
        "main.rules": 'use "other.rules"\nrule main on price -> exit',
        "other.rules": "rule other on price -> exit",
    }
    assert labels(files, "main.rules", "other.rules") == ["main", "other"]
    assert labels(files, "other.rules", "main.rules") == ["other", "main"]
    assert labels(files, "./other.rules", "main.rules") == ["other", "main"]


def test_a_rule_is_named_after_its_own_file() -> None:
    files = {"main.rules": 'use "deep/exits.rules"', "deep/exits.rules": "rule out on price -> exit"}
    (rule,) = plan_of(files).rules
    assert (rule.name, str(rule.place)) == ("exits.out", "deep/exits.rules:1")


def test_two_used_files_of_one_stem_can_not_name_their_rules_alike() -> None:
    files = {
        "main.rules": 'use "a/x.rules"\nuse "b/x.rules"',
        "a/x.rules": "rule out on price -> exit",
        "b/x.rules": "rule out on price -> exit",
    }
    assert [(path, code) for path, code, _ in told(files)] == [("b/x.rules", "E102")]


def test_a_path_is_looked_for_beside_the_file_that_uses_it() -> None:
    files = {
        "deep/main.rules": 'use "../common/a.rules"\nrule main on price -> exit',
        "common/a.rules": 'use "b.rules"\nrule a on price -> exit',
        "common/b.rules": "rule b on price -> exit",
    }
    assert labels(files) == ["b", "a", "main"]


def test_cooldowns_of_a_used_files_rules_can_be_reset() -> None:
    files = {
        "main.rules": 'use "a.rules"\non signal X -> reset cooldown of entry -> reset cooldown of own\n'
        "rule own cooldown 3m on price -> exit",
        "a.rules": "rule entry cooldown 5m on price -> exit",
    }
    resets = [action for rule in plan_of(files).rules for action in rule.actions if isinstance(action, p.ResetCooldown)]
    assert resets == [p.ResetCooldown("a.entry"), p.ResetCooldown("main.own")]


@pytest.mark.parametrize("module", ["entries", "risk"])
def test_what_ships_with_rulec_can_be_used_by_its_name(module: str) -> None:
    shipped = Path(__file__).parents[2] / "stdlib_rules" / f"{module}.rules"
    assert compiled({"main.rules": f"use std.{module}"}).plan is not None
    by_name = plan_of({"main.rules": f"use std.{module}"})
    shutil.copy(shipped, f"{module}.rules")
    assert by_name == plan_of({"main.rules": f'use "{module}.rules"'})


def test_a_folder_called_std_is_only_a_folder() -> None:
    files = {"main.rules": 'use "std/entries.rules"', "std/entries.rules": "rule own on price -> exit"}
    assert labels(files) == ["own"]


# ---- values for params ---------------------------------------------------------------------------------------------

PARAMS = """
param least = 0.8 in 0.5..0.95
param amount = $1_000
param away = 3%
param rest = 5m
param at_time = 10:00
param day = 2026-01-05
param who = AAPL in [AAPL, MSFT]
param on_off = true
on signal BUY where confidence > least and on_off and symbol == who and today == day and now > at_time
  -> enter long amount stop away exit after rest
limits { no shorting }
"""


def with_values(values: str, main: str = "", **settings: str) -> p.Rule:
    files = {"main.rules": f'{main}\nuse "p.rules" with ({values})', "p.rules": PARAMS}
    (rule,) = plan_of(files, **settings).rules
    return rule


def test_a_use_gives_values_to_the_params_of_its_file() -> None:
    given = with_values(
        "least = half, amount = $500 * 2, away = 2%, rest = 1h, at_time = 11:00, day = 2026-02-03, who = MSFT,"
        " on_off = false,",
        "param half = 0.5",
    )
    condition = given.condition
    assert isinstance(condition, p.And)
    assert condition.items[0] == p.Compare((p.EventName("confidence", p.Kind.PERCENT), p.Number(0.5)), (">",))
    assert condition.items[1] == p.Truth(False)
    assert condition.items[2] == p.Compare((p.EventName("symbol", p.Kind.SYMBOL), p.Symbol("MSFT")), ("==",))
    assert condition.items[3] == p.Compare((p.ClockField("today"), p.Date(20_487)), ("==",))
    assert condition.items[4] == p.Compare((p.ClockField("time"), p.TimeOfDay(39_600)), (">",))
    (enter,) = given.actions
    assert isinstance(enter, p.Enter)
    assert enter.size == p.Size(p.SizeUnit.ALLOCATION, p.Money(1_000.0))
    assert enter.protection.exit_after == p.Duration(3_600.0)


def test_what_a_user_sets_comes_before_what_a_use_gives() -> None:
    for name in ("least", "p__least"):
        rule = with_values("least = 0.5", **{name: "0.9"})
        assert isinstance(rule.condition, p.And)
        assert rule.condition.items[0] == p.Compare((p.EventName("confidence", p.Kind.PERCENT), p.Number(0.9)), (">",))


def test_a_setting_reaches_a_value_that_is_passed_on() -> None:
    rule = with_values("least = top", "param top = 0.6", top="0.7")
    assert isinstance(rule.condition, p.And)
    assert rule.condition.items[0] == p.Compare((p.EventName("confidence", p.Kind.PERCENT), p.Number(0.7)), (">",))


def test_a_setting_that_two_files_have_names_its_file() -> None:
    files = {"main.rules": 'param least = 3\nuse "p.rules"\non price where size > least -> exit', "p.rules": PARAMS}
    problems = compiled({**files, "main.rules": files["main.rules"]}, least="0.6").problems
    assert problems == ("`least` is a param of several files: write `p.least` or `main.least`",)


def test_a_range_that_reads_another_param_reads_the_value_that_is_given() -> None:
    files = {
        "main.rules": 'use "p.rules" with (top = 0.6, least = 0.5)',
        "p.rules": "param least = 0.1\nparam top = 0.8 in least..1\non signal X where confidence in least..top -> exit",
    }
    (rule,) = plan_of(files).rules
    confidence = p.EventName("confidence", p.Kind.PERCENT)
    assert rule.condition == p.Within(confidence, p.Number(0.5), p.Number(0.6))


def test_values_are_passed_on_from_file_to_file() -> None:
    files = {
        "main.rules": 'use "a.rules" with (x = 0.7)',
        "a.rules": 'param x = 0.6\nuse "b.rules" with (y = x)',
        "b.rules": "param y = 0.5\non signal X where confidence > y -> exit",
    }
    (rule,) = plan_of(files).rules
    assert rule.condition == p.Compare((p.EventName("confidence", p.Kind.PERCENT), p.Number(0.7)), (">",))


WRONG_VALUES = [
    ("least = 0.3", "E304", "0.3"),
    ("least = 80", "E304", "80"),
    ("least = $3", "E201", "$3"),
    ("amount = 500", "E201", "500"),
    ("rest = 5", "E201", "5"),
    ("day = 2026-02-03 10:00", "E201", "2026-02-03 10:00"),
    ("at_time = now", "E201", "now"),
    ("who = SPY", "E304", "SPY"),
    ("least = 0.6, least = 0.6", "E204", "least = 0.6"),
    ("leest = 0.6", "E101", "leest"),
    ("least = nobody", "E101", "nobody"),
    ("least = confidence", "E107", "confidence"),
    ("amount = last", "E304", "last"),
    ("amount = account.equity", "E304", "account.equity"),
    ("least = [0.6]", "E201", "[0.6]"),
    ("amount = atr(14)", "E304", "atr(14)"),
]


@pytest.mark.parametrize(("values", "code", "what"), WRONG_VALUES, ids=[case[0] for case in WRONG_VALUES])
def test_a_value_that_a_param_can_not_have_is_told_where_it_is_given(values: str, code: str, what: str) -> None:
    files = {"main.rules": f'use "p.rules" with ({values})', "p.rules": PARAMS}
    assert told(files) == [("main.rules", code, what)]


def test_a_file_is_used_once_so_it_has_one_value_for_a_param() -> None:
    files = {
        "main.rules": 'use "a.rules"\nuse "p.rules" with (least = 0.6)',
        "a.rules": 'use "p.rules" with (least = 0.7)',
        "p.rules": PARAMS,
    }
    assert [(code, what) for _, code, what in told(files)] == [("E204", "least = 0.7")]
    assert told({**files, "a.rules": 'use "p.rules" with (least = 0.6)'}) == []


def test_what_a_file_is_given_can_not_come_from_the_file() -> None:
    direct = {"main.rules": 'use "p.rules" with (least = least)', "p.rules": PARAMS}
    assert told(direct) == [("main.rules", "E101", "least")]
    by_way = {"main.rules": 'use "p.rules" with (least = x)\nlet x = y\nlet y = least * 1', "p.rules": PARAMS}
    assert told(by_way) == [("main.rules", "E101", "x")]


# ---- files that can not be had -------------------------------------------------------------------------------------


def test_a_missing_file_is_told_with_the_near_one_and_its_names_are_not_unknown() -> None:
    files = {"main.rules": 'use "shard.rules"\non price of watch where strange > 3 -> exit', "shared.rules": SHARED}
    found = compiled(files).diagnostics
    assert [(one.code, one.help) for one in found] == [("E105", "did you mean `shared.rules`?")]


def test_a_folder_is_no_file() -> None:
    assert told({"main.rules": 'use "deep"', "deep/a.rules": RULE}) == [("main.rules", "E105", '"deep"')]


def test_a_link_to_itself_is_no_file() -> None:
    written({"main.rules": 'use "loop.rules"'})
    Path("loop.rules").symlink_to("loop.rules")
    assert told({"main.rules": 'use "loop.rules"'}) == [("main.rules", "E105", '"loop.rules"')]


def test_a_link_to_the_file_itself_is_the_file_itself() -> None:
    written({"main.rules": 'use "other.rules"'})
    Path("other.rules").symlink_to("main.rules")
    assert told({"main.rules": 'use "other.rules"'}) == [("main.rules", "E106", '"other.rules"')]


def test_a_pipe_is_not_waited_for() -> None:
    written({"main.rules": 'use "pipe.rules"'})
    os.mkfifo("pipe.rules")
    assert told({"main.rules": 'use "pipe.rules"'}) == [("main.rules", "E105", '"pipe.rules"')]


def test_a_file_that_can_not_be_read_is_told_with_the_reason() -> None:
    name = "a" * 300 + ".rules"
    (found,) = compiled({"main.rules": f'use "{name}"'}).diagnostics
    assert (found.code, found.message) == ("E105", f"`{name}` could not be read: File name too long")


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"# caf\xe9\n", "E004"), (b"let a = 3\0\n", "E004"), (b"#" * (LARGEST_FILE + 1), "E006")],
    ids=["not UTF-8", "a NUL", "5 MB"],
)
def test_a_used_file_that_is_no_text_is_told_once_with_its_own_place(data: bytes, code: str) -> None:
    Path("bad.rules").write_bytes(data)
    main = {"main.rules": 'use "bad.rules"\nuse "two.rules"\non price of watch -> exit', "two.rules": 'use "bad.rules"'}
    found = compiled(main)
    assert [(one.path, one.code) for one in found.diagnostics] == [("bad.rules", code)]
    assert "bad.rules" in {source.path for source in found.sources}
    both = compiled(main, "./bad.rules", "main.rules")
    assert [(one.path, one.code) for one in both.diagnostics] == [("./bad.rules", code)]


# ---- circles and chains --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [1, 2, 3])
def test_a_circle_of_files_is_told_once_where_it_closes(files: int) -> None:
    texts = {f"f{n}.rules": f'use "f{(n + 1) % files}.rules"\n{RULE}' for n in range(files)}
    (found,) = compiled(texts).diagnostics
    assert (found.path, found.code) == (f"f{files - 1}.rules", "E106")
    names = " -> ".join(f"`f{n % files}.rules`" for n in range(files + 1))
    assert found.message == ("a file can't use itself" if files == 1 else f"files use each other in a circle: {names}")


def test_a_chain_of_300_files_is_one_plan() -> None:
    chain = {f"f{n}.rules": f'use "f{n + 1}.rules"\nrule r{n} on price -> exit' for n in range(300)}
    assert len(plan_of({**chain, "f300.rules": "rule last on price -> exit"}).rules) == 301


def test_a_chain_of_300_lets_over_as_many_files_is_too_deep_or_fine() -> None:
    chain = {f"f{n}.rules": f'use "f{n + 1}.rules"\nlet a{n} = not a{n + 1}' for n in range(300)}
    chain["f300.rules"] = "let a300 = true"
    main = {"main.rules": 'use "f0.rules"\non price where a0 -> exit', **chain}
    assert {code for _, code, _ in told(main)} == {"E005"}
    fine = {name: text.replace("not ", "") for name, text in main.items()}
    assert plan_of(fine).rules[0].condition == p.Truth(True)


def test_files_that_use_each_other_in_diamonds_are_read_once_each() -> None:
    layers = {
        f"{side}{n}.rules": f'use "a{n + 1}.rules"\nuse "b{n + 1}.rules"\nlet {side}{n} = 3'
        for n in range(40)
        for side in "ab"
    }
    began = time.process_time()
    compiled({"main.rules": 'use "a0.rules"', **layers, "a40.rules": "let x = 3", "b40.rules": "let y = 3"})
    assert time.process_time() - began < 5
