"""Alerting rules for promtool, as many as rulec is given, and what `promtool check rules` says of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .harness import WrongAnswerError
from .rules import DrawnRule

HOW_TO_INSTALL = "promtool is not installed: apt-get install prometheus"

_FOUND = re.compile(r"SUCCESS: (\d+) rules found")


def promtool() -> str | None:
    """The path of the program; None where it is not installed."""
    return shutil.which("promtool")


def plain_alerts(rules: Sequence[DrawnRule], first: int = 0) -> str:
    """Alerts that are a name and an expression: the least that can be written."""
    return _group("".join(_alert(rule, first + at) for at, rule in enumerate(rules)), first)


def usual_alerts(rules: Sequence[DrawnRule], first: int = 0) -> str:
    """Alerts as Prometheus's documentation writes them: with `for`, a severity, and a summary with a place in it."""
    return _group(
        "".join(
            f"{_alert(rule, first + at)}    for: {rule.stop}m\n    labels:\n      severity: page\n"
            '    annotations:\n      summary: "confidence of {{ $labels.symbol }}"\n'
            for at, rule in enumerate(rules)
        ),
        first,
    )


def _group(alerts: str, first: int) -> str:
    return f"groups:\n- name: group_{first}\n  rules:\n{alerts}"


def _alert(rule: DrawnRule, number: int) -> str:
    return (
        f"  - alert: rule_{number}\n"
        f'    expr: confidence{{kind="{rule.kind}", symbol="{rule.symbol}"}} > {rule.threshold:.4f}\n'
    )


def count_accepted(program: str, files: Sequence[Path]) -> int:
    """How many rules promtool finds in files, all without a fault.

    Raises:
        WrongAnswerError: it refuses one.
    """
    done = subprocess.run([program, "check", "rules", *map(str, files)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise WrongAnswerError(f"promtool refuses its rules: {done.stderr.strip()[:300]}")
    return sum(int(number) for number in _FOUND.findall(done.stdout))
