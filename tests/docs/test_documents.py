"""The documents: every example runs and prints what is shown, every table is the code's, every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from rulec.cli.main import COMMANDS, rulec
from rulec.docs.blocks import ROOT, Shell, blocks, commands, documents, is_as_shown
from rulec.docs.forms import forms, names_of, parts_of
from rulec.docs.generate import with_output, with_tables
from rulec.docs.markdown import each
from rulec.docs.tables import TABLES
from rulec.dsl.compile import compile_files
from rulec.dsl.diagnostics import Severity
from rulec.dsl.registered import ActionSignature, read_signatures
from rulec.dsl.source import SourceFile
from rulec.runtime.configuration import read_configuration

DOCUMENTS = documents()
EVERY_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def registered(document: Path) -> dict[str, ActionSignature]:
    """The Python actions that a document shows."""
    found: dict[str, ActionSignature] = {}
    for block in blocks(document.read_text(encoding="utf-8")):
        if block.language == "python":
            found |= read_signatures(block.text, block.name or document.name)
    return found


@EVERY_DOCUMENT
def test_a_rule_file_that_is_shown_compiles_or_is_wrong_on_purpose(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(tmp_path)
    monkeypatch.chdir(tmp_path)  # a `use` finds its file beside the one that says so
    for block in blocks(document.read_text(encoding="utf-8")):
        if block.is_file:
            shell.write(block)
        if block.language == "rules":
            source, unreadable = SourceFile.from_text(block.name or "shown.rules", block.text)
            found = compile_files([source], found=unreadable, actions=registered(document)).diagnostics
            errors = [f"{one.code} {one.message}" for one in found if one.severity is Severity.ERROR]
            assert bool(errors) == block.is_wrong, f"{document.name}:{block.line}: {errors}"


@EVERY_DOCUMENT
def test_commands_print_what_is_shown(document: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    for block in blocks(document.read_text(encoding="utf-8")):
        if block.is_file:
            shell.write(block)
        if block.language == "console":
            for command in commands(block):
                printed = shell.run(command.text)
                shown = [line.rstrip() for line in command.shown]
                while shown and not shown[-1]:
                    shown.pop()
                assert is_as_shown(printed, shown), f"{document.name}:{block.line}: {command.text}\n" + "\n".join(
                    printed
                )


@EVERY_DOCUMENT
def test_a_configuration_that_is_shown_can_be_read(document: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(document.read_text(encoding="utf-8"))):
        if block.language == "toml":
            path = tmp_path / f"{number}.toml"
            path.write_text(block.text, encoding="utf-8")
            read_configuration(str(path))


@EVERY_DOCUMENT
def test_tables_say_what_the_code_says(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert with_tables(text) == text, "run `python -m rulec.docs.generate`"


def test_every_table_stands_in_a_document() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert set(re.findall(r"<!-- table (\w+) -->", texts)) == set(TABLES)


@EVERY_DOCUMENT
def test_links_lead_to_files_that_are_there(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (document.parent / target).exists()]
    assert missing == []


def test_the_readme_leads_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    assert [page for page in pages if f"docs/{page}" not in readme] == []


def test_options_that_documents_name_exist() -> None:
    known = {"--debug", "--version", "--help"}
    with click.Context(rulec) as context:
        for name in COMMANDS:
            command = rulec.get_command(context, name)
            assert command is not None
            known |= {option for parameter in command.params for option in parameter.opts}
    wrong = []
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for line in re.findall(r"^.*\brulec (?:check|run|replay|explain|test)\b.*$", text, re.M):
            wrong += [
                f"{path.name}: {option}" for option in re.findall(r"(?<!\S)`?(--[a-z-]+)", line) if option not in known
            ]
    assert wrong == []


def test_make_has_the_targets_that_documents_name() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for path in DOCUMENTS:
        named = set(re.findall(r"(?:^|`)make ([a-z]+)\b", path.read_text(encoding="utf-8"), re.M))
        assert named <= targets, path.name


# ---- the tools themselves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "shown", "is_fine"),
    [
        ("a b c", "a b c", True),
        ("a b c", "a b", False),
        ("a b c", "a …", True),
        ("a b c", "… c", True),
        ("a b c", "a … c", True),
        ("a b c", "a … b … c …", True),
        ("a b c", "a … d", False),
        ("a b c", "b …", False),
        ("", "…", True),
    ],
)
def test_an_ellipsis_stands_for_any_lines(printed: str, shown: str, is_fine: bool) -> None:
    assert is_as_shown(printed.split(), shown.split()) == is_fine


def test_an_output_that_has_changed_is_written_anew(tmp_path: Path) -> None:
    text = (
        "```rules a.rules\non signal SELL -> exit\n```\n```console\n$ rulec check a.rules\nsomething else\n```\nafter\n"
    )
    fresh = with_output(text, tmp_path)
    assert fresh == text.replace("something else", "1 file, 1 rule: no errors")


def test_an_alternative_that_nobody_describes_is_an_error() -> None:
    with pytest.raises(KeyError):
        forms("action", {"enter": ""})


def test_a_form_is_read_from_the_grammar() -> None:
    written = forms("limit", dict.fromkeys(names_of("limit"), "N"))
    assert written["max_orders"] == "max orders N per minute|hour|day"
    assert parts_of("statement") == ["use", "let", "param", "field", "limits", "rule", "test"]


def test_a_name_without_a_meaning_and_a_meaning_without_a_name_are_errors() -> None:
    assert each(["b", "a"], {"a": 1, "b": 2}) == [("b", 2), ("a", 1)]
    for meanings in ({"a": 1}, {"a": 1, "b": 2, "c": 3}):
        with pytest.raises(ValueError, match="missing or left over"):
            each(["a", "b"], meanings)
