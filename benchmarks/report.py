"""What a benchmark found, and how it is shown: on the terminal, and as a section of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs


@attrs.frozen
class Table:
    """Columns with their heads, rows of text as it is shown; the first column holds names."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@attrs.frozen
class Aim:
    """What a figure should be: at most, or at least, a bound; a ratio where it can be, as that travels."""

    what: str
    measured: float
    bound: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    @property
    def text(self) -> str:
        side = "at least" if self.at_least else "at most"
        verdict = "met" if self.met else "MISSED"
        return f"{self.what}: {figure(self.measured)}{self.unit}, aim {side} {figure(self.bound)}{self.unit}: {verdict}"


@attrs.frozen
class Report:
    """One benchmark's findings. `meaning` are paragraphs that say what was done and what each figure means."""

    title: str
    meaning: tuple[str, ...]
    tables: tuple[Table, ...]
    aims: tuple[Aim, ...]


def figure(value: float) -> str:
    """A number with three significant digits, or all digits before its point."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3g}"


def as_text(report: Report) -> str:
    """A report for a terminal."""
    parts = [report.title, *(_aligned(table) for table in report.tables), _aims(report.aims)]
    return "\n\n".join(parts) + "\n"


def as_markdown(report: Report) -> str:
    """A report as a section of a document."""
    parts = [f"## {report.title}", *report.meaning, *(_markdown(table) for table in report.tables), _aims(report.aims)]
    return "\n\n".join(parts) + "\n"


def _aims(aims: Iterable[Aim]) -> str:
    return "\n".join(f"- {aim.text}" for aim in aims)


def _aligned(table: Table) -> str:
    rows = (table.heads, *table.rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  " + _row(row, widths) for row in rows)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures = [(cell, width) for cell, width in zip(cells, widths, strict=True)]
    return "  ".join([name[0].ljust(name[1]), *(cell.rjust(width) for cell, width in figures)])


def _markdown(table: Table) -> str:
    lines = [table.heads, ("---", *["---:"] * (len(table.heads) - 1)), *table.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
