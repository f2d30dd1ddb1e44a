"""What rulec has for build machines: it parses, and every command in it is one that there is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from rulec.cli.main import rulec
from rulec.docs.blocks import blocks

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "cli" / "templates"
FILES = {
    ".pre-commit-hooks.yaml": (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"),
    "action.yml": (ROOT / "action.yml").read_text(encoding="utf-8"),
    "template of pre-commit": (TEMPLATES / "pre-commit-config.yaml").read_text(encoding="utf-8"),
    "template of the workflow": (TEMPLATES / "github" / "rules.yml").read_text(encoding="utf-8"),
} | {
    f"docs/ci.md:{block.line}": block.text
    for block in blocks((ROOT / "docs" / "ci.md").read_text(encoding="utf-8"))
    if block.language == "yaml"
}


def texts(value: Any) -> Iterator[str]:
    """Every text in a document, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def commands(text: str) -> list[list[str]]:
    """The words of every command of rulec's in a YAML file."""
    lines = (line.strip() for one in texts(yaml.safe_load(text)) for line in one.splitlines())
    return [shlex.split(line.partition(" > ")[0]) for line in lines if re.match(r"rulec (?!-)\w+( |$)", line)]


def names_a_command(words: list[str]) -> bool:
    """Whether the words are more than a hook's name: `rulec check` alone is what a hook puts its files behind."""
    return len(words) > 2


@pytest.mark.parametrize("name", FILES)
def test_a_file_parses_and_its_commands_and_options_are_real(name: str) -> None:
    with click.Context(rulec) as context:
        for words in commands(FILES[name]):
            command = rulec.get_command(context, words[1])
            assert command is not None
            given = words[2:] if names_a_command(words) else ["a.rules"]
            command.make_context(words[1], given, parent=context)


def test_each_file_has_commands_but_for_those_that_name_the_repository() -> None:
    silent = [name for name, text in FILES.items() if not commands(text)]
    assert len(silent) == 2
    for name in silent:
        assert "OWNER/rulec" in FILES[name]


def test_the_hooks_are_those_that_the_documents_name() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load(FILES[".pre-commit-hooks.yaml"])}
    assert set(hooks) == {"rulec-check", "rulec-fmt"}
    assert all(re.search(hook["files"], "rules/a.rules") for hook in hooks.values())
    (shown,) = (yaml.safe_load(text) for text in FILES.values() if "rev: " in text)
    used = {hook["id"]: hook.get("args", []) for hook in shown["repos"][0]["hooks"]}
    assert set(used) <= set(hooks)
    with click.Context(rulec) as context:
        for name, arguments in used.items():
            words = shlex.split(hooks[name]["entry"])[1:]
            command = rulec.get_command(context, words[0])
            assert command is not None
            command.make_context(words[0], [*words[1:], *arguments, "a.rules"], parent=context)


def test_the_action_takes_the_inputs_that_the_documents_give_it() -> None:
    action = yaml.safe_load(FILES["action.yml"])
    (given,) = (
        step["with"]
        for name, text in FILES.items()
        if name.startswith("docs")
        for job in yaml.safe_load(text).get("jobs", {}).values()
        for step in job["steps"]
        if step.get("uses", "").startswith("OWNER/rulec@")
    )
    assert set(given) <= set(action["inputs"])
    used = set(re.findall(r"inputs\.([\w-]+)", FILES["action.yml"]))
    assert used == set(action["inputs"])
    assert all("shell" in step for step in action["runs"]["steps"] if "run" in step)
