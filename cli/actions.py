"""What `rulec check` knows of the user's Python actions: their signatures, read from source. Nothing of it is run.

    [actions]
    module = "my_actions.py"

The configuration is read here only as far as that: a check starts without the runtime and all that it brings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..dsl.registered_calls import Actions
from .errors import CommandError

DEFAULT_FILE = "rulec.toml"
"""The configuration that is read where none is named and this one is there."""


def signatures_of_actions(config: str | None) -> Actions:
    """The signatures of the registered actions, None where there are none.

    `config` is the configuration's path; without one it is `rulec.toml` in the current folder, if there is such a file.

    Raises:
        CommandError: the configuration or the module can't be read.
    """
    if config is None:
        if not Path(DEFAULT_FILE).is_file():
            return None
        config = DEFAULT_FILE
    module = _module_named(config)
    return None if module is None else read_actions(str(Path(config).parent / module))


def read_actions(path: str) -> Actions:
    """The signatures of the actions in a Python file.

    Raises:
        CommandError: it is not there, can't be read, or is no Python.
    """
    from ..dsl.registered import read_signatures  # with Python's own parser, which most checks do without

    source = _text(path, "[actions] module: ")
    try:
        return read_signatures(source, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        reason = error.msg if isinstance(error, SyntaxError) else str(error) or "nested too deep"
        raise CommandError(f"{path}{line}: not Python: {reason}", "this is the module of [actions]") from error


def _module_named(config: str) -> str | None:
    import tomllib  # only who has a configuration pays for it

    try:
        document: dict[str, Any] = tomllib.loads(_text(config))
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"{config}: not TOML: {error}") from error
    section = document.get("actions", {})
    module = section.get("module") if isinstance(section, dict) else section
    if module is None:
        return None
    if not isinstance(section, dict) or not isinstance(module, str) or not module.strip():
        raise CommandError(f"{config}: [actions] names a file", 'write `module = "my_actions.py"` below [actions]')
    return module


def _text(path: str, what: str = "") -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CommandError(f"{what}{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{what}{path}: the file is not UTF-8", "save it as UTF-8") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CommandError(f"{what}{path}: the file could not be read: {reason}") from error
