"""`rulec new`: the project that it makes works, and nothing that is there already is touched."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from rulec.cli.new import FILES, TEMPLATES
from rulec.tests.support.replaying import run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new project, and the folder that commands are run in."""
    monkeypatch.chdir(tmp_path)
    code, out, err = run(["new", "mine"])
    assert (code, err) == (0, "")
    assert "made mine/rules/first.rules\n" in out
    assert "  cd mine\n" in out
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.mark.parametrize(
    "command",
    [
        "check --strict .",
        "check --strict rules tests",
        "fmt --check .",
        "test tests --coverage --fail-under 100",
        "run rules",
        "run rules --json",
    ],
)
def test_every_command_passes_in_it(project: Path, command: str) -> None:
    code, out, err = run(command.split())
    assert code == 0, out + err


def test_its_rules_trade_the_session_that_ships_and_end_with_nothing_open(project: Path) -> None:
    code, out, _ = run(["run", "rules"])
    assert code == 0
    assert "follow_buys acted: enter" in out
    assert "closed long by exit (the signals turned), +$" in out
    assert "1 trade closed" in out
    assert "still" not in out


def test_it_has_what_it_names(project: Path) -> None:
    made = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}
    assert made == set(FILES)
    assert (project / "README.md").read_text(encoding="utf-8").startswith("# mine\n")
    assert f"rulec=={version('rulec')}\n" in (project / "requirements.txt").read_text(encoding="utf-8")


def test_every_template_is_used_and_none_is_hidden() -> None:
    there = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file()}
    assert there == set(FILES.values())
    assert [name for name in there if any(part.startswith(".") for part in Path(name).parts)] == []


@pytest.mark.parametrize("folder", ["empty", "deeper/still/new", "cloned", "."])
def test_it_is_made_in_a_new_or_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    here = tmp_path / "here"
    (here / "empty").mkdir(parents=True)
    (here / "cloned" / ".git").mkdir(parents=True)
    monkeypatch.chdir(here / "empty" if folder == "." else here)
    code, out, err = run(["new", folder])
    assert code == 0, err
    assert Path(folder, "rules", "first.rules").is_file()
    assert ("cd " in out) == (folder != ".")


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    code, out, err = run(["new", str(tmp_path / "mine")])
    assert (code, out) == (2, "")
    assert "the folder is not empty: it has `notes.txt`" in err
    assert "help: name a folder that is not there yet" in err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_a_file_and_a_broken_link_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "link").symlink_to("nowhere")
    for name, why in (("file", "this is a file"), ("link", "leads nowhere"), ("file/below", "could not be")):
        code, _, err = run(["new", str(tmp_path / name)])
        assert code == 2
        assert why in err
