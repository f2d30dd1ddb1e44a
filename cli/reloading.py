"""What `rulec run` does with saved rules beside taking them into force: it loads what they call, and shows mistakes."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping

import attrs

from ..dsl import render
from ..dsl.diagnostics import Severity
from ..runtime.core.records import Notice
from ..runtime.live.rule_files import Loaded
from ..runtime.rule.registered import RegisteredAction
from .calling import called_actions
from .errors import CommandError
from .outputs import Output, Refusal
from .rules import all_sources

_GOES_ON = "the rules in force go on"


@attrs.frozen
class SavedRulesJudge:
    """Implements `Judge` for a run.

    `actions` are the Python actions that rules may call, of the file `module`: those that new rules are the first to
    call are added. `now` tells the run's time (microseconds since 1970 UTC).
    """

    output: Output
    now: Callable[[], int]
    actions: MutableMapping[str, RegisteredAction]
    module: str | None

    def prepare(self, loaded: Loaded) -> str | None:
        assert loaded.compilation.plan is not None, "only rules that compile are prepared"
        try:
            self.actions.update(called_actions(loaded.compilation.plan, self.module))
        except CommandError as error:
            return str(error)
        return None

    def refused(self, loaded: Loaded, why: str | None) -> None:
        problems = [f"{problem.path}: {problem.message}" for problem in loaded.library.problems]
        problems += [f"--set: {problem}" for problem in loaded.compilation.problems]
        if why is not None:
            problems.append(why)
        errors = [one for one in loaded.compilation.diagnostics if one.severity is Severity.ERROR]
        if errors:
            problems.append(f"{len(errors)} error{'' if len(errors) == 1 else 's'}")
        sources = {source.path: source for source in all_sources(loaded.library, loaded.compilation)}
        self.output.refuse(
            Refusal(
                time=self.now(),
                headline=f"the saved rules are not used, {_GOES_ON}: {'; '.join(problems)}",
                report=render.full(errors, sources),
                diagnostics=render.as_json(errors, sources),
            )
        )

    def back(self) -> None:
        self.output.forgive(Notice(self.now(), "info", None, "the files are again as the rules in force"))

    def unwatched(self, why: str) -> None:
        text = f"saved rules are not seen at the moment, {_GOES_ON}: {why}"
        self.output.say(Notice(self.now(), "warning", None, text))
