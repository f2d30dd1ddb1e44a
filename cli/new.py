"""`rulec new`: a folder with rules, their tests and what runs them, in which every command passes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import click

from .errors import CommandError

TEMPLATES = Path(__file__).parent / "templates"

FILES: Mapping[str, str] = {
    "rules/first.rules": "rules/first.rules",
    "tests/first.test.rules": "tests/first.test.rules",
    "rulec.toml": "rulec.toml",
    "requirements.txt": "requirements.txt",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    ".github/workflows/rules.yml": "github/rules.yml",
}
"""Each file of a new project, with its template; templates have no names that hide them."""


@click.command()
@click.argument("folder", metavar="DIR")
def new(folder: str) -> None:
    """Make a working project in DIR, which must be new or empty but for `.git`.

    It has rules, tests, a configuration, and what a build machine and pre-commit need. Exit code 0: it is there; 2: it
    could not be made.
    """
    place = Path(folder)
    _refuse_what_is_there(folder, place)
    try:
        for name, template in FILES.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(_filled(template, place))
            click.echo(f"made {path}")
    except OSError as error:
        raise CommandError(f"{folder}: the project could not be made: {error.strerror or error}") from error
    inside = [] if place.resolve() == Path.cwd() else [f"cd {folder}"]
    click.echo("\nnext:")
    for command in (*inside, "rulec test tests", "rulec run rules"):
        click.echo(f"  {command}")


def _refuse_what_is_there(folder: str, place: Path) -> None:
    """Raises CommandError unless a project can be made there without touching anything."""
    remedy = "name a folder that is not there yet, or an empty one"
    try:
        if place.is_symlink() and not place.exists():
            raise CommandError(f"{folder}: this is a link that leads nowhere", remedy)
        if place.exists() and not place.is_dir():
            raise CommandError(f"{folder}: this is a file", remedy)
        found = sorted({path.name for path in place.iterdir()} - {".git"}) if place.exists() else []
    except OSError as error:
        raise CommandError(f"{folder}: the folder could not be read: {error.strerror or error}") from error
    if found:
        some = ", ".join(f"`{name}`" for name in found[:3])
        raise CommandError(f"{folder}: the folder is not empty: it has {some}{' …' if len(found) > 3 else ''}", remedy)


def _filled(template: str, place: Path) -> str:
    """A template's text with the project's name and the version of rulec."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    return text.replace("{name}", place.resolve().name or "rules").replace("{version}", version("rulec"))
