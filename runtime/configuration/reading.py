"""A `rulec.toml` file to a `Configuration`, or the first thing that is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import attrs

from ...dsl.spelling import nearest
from .errors import ConfigurationError
from .keys import BY_NAME, Section
from .limits import read_limit
from .settings import Configuration
from .values import shown


def read_configuration(path: str) -> Configuration:
    """Reads and checks a configuration.

    Raises:
        ConfigurationError: it cannot be read, has an unknown section or key, or a value of another kind.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(path, None, "there is no such file") from None
    except OSError as error:
        raise ConfigurationError(path, None, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(path, None, "the file is not UTF-8", "save it as UTF-8") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, line = _place_in(str(error))
        raise ConfigurationError(path, line, f"not TOML: {message}") from error
    return _Reader(path, text).read(document)


def _place_in(message: str) -> tuple[str, int | None]:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    if found is None:
        return message, None
    return found[1], int(found[2]) if found[2] else None


@attrs.define
class _Reader:
    """Reads one file; `text` tells the lines of what is wrong."""

    path: str
    text: str

    def read(self, document: Mapping[str, Any]) -> Configuration:
        tables = dict(self._tables(document))
        read = {name: self._keys(BY_NAME[name], table) for name, table in tables.items() if name in _PLAIN}
        limits = (self._limit(name, value) for name, value in self._known("limits", tables.get("limits", {})))
        return Configuration(
            path=self.path,
            params=self._each("params", tables, _param_text),
            limits=tuple(limit for limit in limits if limit is not None),
            sectors=self._each("sectors", tables),
            market=read.get("market", {}),
            broker=read.get("broker", {}),
            exchange=read.get("simulation", {}),
            policy=read.get("policy", {}),
            signal_ages=self._each("signals.max_age", tables),
            actions=self._beside(read.get("actions", {}).get("module")),
            **read.get("journal", {}),
        )

    def _tables(self, document: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """The sections by name, `signals.max_age` apart."""
        known = {name.partition(".")[0] for name in BY_NAME}
        for name, table in document.items():
            if name not in known:
                raise self._unknown(name, None, f"there is no section [{name}]", known)
            if not isinstance(table, dict):
                raise self._error(name, None, f"`{name}` is a section: write [{name}] and its keys below")
            if name in BY_NAME:
                yield name, table
                continue
            for inner, entries in table.items():
                whole = f"{name}.{inner}"
                if whole not in BY_NAME:
                    inners = [one.partition(".")[2] for one in BY_NAME if one.startswith(f"{name}.")]
                    raise self._unknown(name, inner, f"[{name}] has no key `{inner}`", inners)
                if not isinstance(entries, dict):
                    raise self._error(name, inner, f"`{inner}` is a section: write [{whole}] and its keys below")
                yield whole, entries

    def _known(self, section: str, table: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
        names = [key.name for key in BY_NAME[section].keys]
        for name, value in table.items():
            if name not in names:
                raise self._unknown(section, name, f"[{section}] has no key `{name}`", names)
            yield name, value

    def _keys(self, section: Section, table: Mapping[str, Any]) -> dict[str, Any]:
        keys = {key.name: key for key in section.keys}
        return {
            keys[name].target: self._value(section.name, name, keys[name].read, value)
            for name, value in self._known(section.name, table)
        }

    def _each(
        self, section: str, tables: Mapping[str, Mapping[str, Any]], read: Callable[[Any], Any] | None = None
    ) -> dict[str, Any]:
        """A section whose names the user chooses. A dot in a name without quotes makes a table of it: undone here."""
        each = BY_NAME[section].each
        assert each is not None, "asked of sections with names that the user chooses"
        return {
            name: self._value(section, name, read or each.read, value)
            for name, value in _flat(tables.get(section, {}), "")
        }

    def _beside(self, path: str | None) -> str | None:
        """A path that the file gives by its way from itself."""
        return None if path is None else str(Path(self.path).parent / path)

    def _limit(self, name: str, value: Any) -> Any:
        line = self._line("limits", name)
        return self._value("limits", name, lambda given: read_limit(name, given, self.path, line or 1), value)

    def _value(self, section: str, name: str, read: Callable[[Any], Any], value: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise self._error(section, name, f"[{section}] {name}: {error}") from error

    def _unknown(self, section: str, name: str | None, message: str, names: Iterable[str]) -> ConfigurationError:
        names = sorted(names)
        near = nearest(section if name is None else name, names)
        remedy = f"did you mean `{near}`?" if near else f"there is {', '.join(names)}"
        return self._error(section, name, f"{message}; {remedy}")

    def _error(self, section: str, name: str | None, message: str) -> ConfigurationError:
        return ConfigurationError(self.path, self._line(section, name), message)

    def _line(self, section: str, name: str | None) -> int | None:
        """The line of a key, else that of its section, as far as the text tells it: TOML's reader keeps no places."""
        header = re.compile(rf"\s*\[\s*{re.escape(section)}\s*\]|\s*{re.escape(section)}\s*[.=]")
        key = None if name is None else re.compile(rf"[\s{{,]*[\"']?{re.escape(name)}[\"']?\s*[.=]")
        found: int | None = None
        within = False
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.lstrip().startswith("["):
                within = header.match(line) is not None
                if within and found is None:
                    found = number
            elif within and key is not None and key.match(line):
                return number
            elif found is None and header.match(line):
                found = number
        return found


_PLAIN = ("market", "broker", "simulation", "policy", "journal", "actions")


def _flat(table: Mapping[str, Any], above: str) -> Iterable[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield above + name, value


def _param_text(value: Any) -> str:
    """A param's value as it would stand in a rule file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if "e" not in repr(value) else f"{value:.12f}"
    if isinstance(value, (int, str, time)) or (isinstance(value, date) and not isinstance(value, datetime)):
        return str(value)
    raise ValueError(f'a value as in the rules is wanted, as in 0.7, "3%" or "$500", not {shown(value)}')
