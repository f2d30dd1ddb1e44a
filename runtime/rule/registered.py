"""Python actions that rule files can call: registered by a decorator, loaded from the module that holds them.

    @rule_action
    def rebalance(context, symbol: str, weight: float = 0.2): ...

is what `call rebalance(symbol, weight = 20%)` runs. `rulec check` reads the signatures from the source alone; only who
trades loads the module. A function may be a coroutine function, but within a step nothing waits: one that suspends has
failed.
"""

from __future__ import annotations

import hashlib
import inspect
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar, overload

from ..file_error import FileError

# Any: a user's function takes and answers what it likes
RegisteredAction = Callable[..., Any]
F = TypeVar("F", bound=RegisteredAction)

_MARK = "__rulec_action__"
_INTEGER = "int"


class ActionsError(FileError):
    """A module of actions that cannot be used."""


@overload
def rule_action(function: F) -> F: ...
@overload
def rule_action() -> Callable[[F], F]: ...
def rule_action(function: F | None = None) -> F | Callable[[F], F]:
    """Registers a function as an action that rules can `call`. Its first parameter is the context.

    Raises:
        TypeError: not a function, or one without a parameter for the context.
    """
    if function is None:
        return _registered
    return _registered(function)


def _registered(function: F) -> F:
    if not inspect.isfunction(function):
        raise TypeError(f"a rule's action is a function, not {function!r}")
    first = next(iter(inspect.signature(function).parameters.values()), None)
    if first is None or first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
        raise TypeError(f"the action {function.__name__} needs a first parameter: the context")
    setattr(function, _MARK, True)
    return function


def load_actions(path: str) -> Mapping[str, RegisteredAction]:
    """Imports a module file and gives its registered actions by name.

    The module may import others of its folder. A second load runs the file again, as it stands then.

    Raises:
        ActionsError: there is no such file, it is no Python, or importing it raised.
    """
    name = f"rulec_actions_{hashlib.sha256(str(Path(path).resolve()).encode()).hexdigest()[:12]}"
    loader = _FreshLoader(name, path)
    spec = spec_from_loader(name, loader, origin=path)
    assert spec is not None, "a loader of a file has a spec"
    module = _imported(spec, loader, path)
    return {
        called: found
        for called, found in vars(module).items()
        if inspect.isfunction(found) and getattr(found, _MARK, False) and found.__module__ == name
    }


class _FreshLoader(SourceFileLoader):
    """Compiles the file as it stands: bytecode is kept by the second, and a file may be changed within one."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _imported(spec: ModuleSpec, loader: _FreshLoader, path: str) -> ModuleType:
    module = module_from_spec(spec)
    linecache.checkcache(path)
    before = sys.modules.get(spec.name)
    sys.modules[spec.name] = module  # dataclasses and the like look their module up there
    try:
        with _beside(path):
            loader.exec_module(module)
    except BaseException as error:
        del sys.modules[spec.name]
        if before is not None:
            sys.modules[spec.name] = before
        if not isinstance(error, (Exception, SystemExit)):
            raise
        raise _told(error, path) from error
    return module


@contextmanager
def _beside(path: str) -> Iterator[None]:
    """While the module is imported, modules of its folder can be found."""
    folder = str(Path(path).resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _told(error: BaseException, path: str) -> ActionsError:
    """What went wrong in an import, with the line of the file that it came from."""
    help_text = "this is the module of [actions]"
    if isinstance(error, SyntaxError) and error.filename == path:
        return ActionsError(path, error.lineno, f"not Python: {error.msg}", help_text)
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    if line is None and isinstance(error, OSError):
        missing = isinstance(error, FileNotFoundError)
        reason = "there is no such file" if missing else f"cannot be read: {error.strerror or error}"
        return ActionsError(path, None, reason, help_text)
    if line is None and isinstance(error, (ValueError, SyntaxError)):
        return ActionsError(path, None, f"not Python: {error}", help_text)
    return ActionsError(path, line, f"importing it failed: {type(error).__name__}: {error}", help_text)


def fitted(function: RegisteredAction, arguments: list[Any], named: dict[str, Any]) -> inspect.BoundArguments:
    """The arguments of a call, put to the parameters after the context; whole numbers where those are asked for.

    Numbers of rules are floats; a parameter that is annotated `int` gets an int.

    Raises:
        TypeError: they do not fit the parameters.
        ValueError: a number with a fraction for a parameter that is an int.
    """
    signature = inspect.signature(function)
    bound = signature.bind(None, *arguments, **named)
    for name, value in bound.arguments.items():
        if isinstance(value, float) and _is_integer(signature.parameters[name].annotation):
            if not value.is_integer():
                raise ValueError(f"{name} is a whole number, and {value:g} is none")
            bound.arguments[name] = int(value)
    return bound


def _is_integer(annotation: Any) -> bool:
    """Whether an annotation is `int` or `int | None`; where annotations are not evaluated, it is a text."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return text.strip("'\"").removesuffix(" | None") == _INTEGER
