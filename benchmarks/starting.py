"""Start-up: what a trader waits for when one rule is checked."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from .processes import measure_processes, python
from .report import Aim, Report, Table, figure
from .sizes import Sizes

MEANING = (
    "Whole processes, from start to end: `rulec check` of a file with one rule, beside a Python that only imports "
    "Lark, one that only imports click, and one that does nothing. Compiled bytecode and rulec's grammar cache are "
    "there, as they are from the second use on; `make` compiles the bytecode when it installs.",
)
AIM = 2.0

_RULE = "limits { max order $50_000 }\non signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%\n"
_CHECK, _LARK = "`rulec check`, one rule", "`import lark`"


def run(sizes: Sizes) -> Report:
    """Measures the four processes in turn."""
    with TemporaryDirectory() as folder:
        rules = Path(folder, "one.rules")
        rules.write_text(_RULE, encoding="utf-8")
        found = measure_processes(
            {
                _CHECK: python("-m", "rulec", "check", str(rules)),
                _LARK: python("-c", "import lark"),
                "`import click`": python("-c", "import click"),
                "`pass`": python("-c", "pass"),
            },
            sizes.start_rounds,
            Path(folder),
        )
    lark = found[_LARK].processor
    rows = tuple(
        (
            name,
            figure(one.processor.median * 1e3),
            figure(one.processor.times(lark)),
            figure(one.wall * 1e3),
            figure(one.megabytes),
        )
        for name, one in found.items()
    )
    return Report(
        "Start-up",
        MEANING,
        (Table(("process", "ms", "times `import lark`", "wall ms", "peak MB"), rows),),
        (Aim("start-up of a one-rule check", found[_CHECK].processor.times(lark), AIM, " times `import lark`"),),
    )
