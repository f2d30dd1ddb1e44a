"""The live view on a terminal: rules, decisions, open trades, orders and fills on one screen.

    rulec  10:33:15  2013-10-09  IBM and SPY, recorded, 180 times real time
    equity $100,245.22   realised +$179.04   open +$66.18   3 signals

    RULES                             fired  other
    flow_long                             2      1  09:57:05 acted
    …

A screen is at most 100 columns by 30 rows and is cut to what the terminal has; 80 by 24 is enough to read it. It is
redrawn at most eight times a second, in one piece, on the terminal's second screen; what was there before comes back
at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import attrs
from rich.console import Console
from rich.live import Live
from rich.text import Text

from ..broker.port import OrderSide
from ..core.records import FillRecord, OrderRecord, Outcome, PositionRecord, Record, ReloadRecord
from .lines import clock_text, date_text, record_text, side_text
from .watch import DecisionRow, RuleRow, Snapshot, TradeRow, Watch

WIDEST, HIGHEST = 100, 30
_WIDE = 96  # with room for a trade's rule
REDRAWS_A_SECOND = 8

_GOOD, _BAD, _QUIET, _HEADING = "green", "red", "bright_black", "bold cyan"
_OUTCOME_STYLES = {
    Outcome.ACTED: _GOOD,
    Outcome.REVERSED: "magenta",
    Outcome.REFUSED: _BAD,
    Outcome.FAILED: _BAD,
}


def draw(snapshot: Snapshot, title: str, width: int, height: int) -> Text:
    """A screen as lines of text, cut to the terminal's size. `title` says what is running."""
    width, height = min(width, WIDEST), min(height, HIGHEST)
    rules, trades = _rule_lines(snapshot.rules), _trade_lines(snapshot.trades, wide=width >= _WIDE)
    decisions = [_decision_line(row) for row in snapshot.decisions]
    report = _report_lines(snapshot.refused)
    room = _share(height - _FIXED, len(rules), len(trades), len(report))
    lines = [
        *_header(snapshot, title),
        Text(),
        _heading(f"{'RULES':<34}{'fired':>7}{'other':>7}"),
        *_fit(rules, room.rules),
        Text(),
        _heading(f"{'TRADES':<13}{'shares':>7}{'entry':>10}{'last':>10}{'stop':>10}{'target':>10}{'open P&L':>12}"),
        *_fit(trades or [Text("none", _QUIET)], room.trades),
        Text(),
        _heading("SIGNALS AND DECISIONS"),
        *_latest(decisions, room.decisions),
        Text(),
        _heading("SAVED RULES, NOT USED" if report else "ORDERS AND FILLS"),  # until they are mended they matter more
        *(_fit(report, room.news) if report else _news(snapshot.news, room.news)),
    ]
    lines = lines[: height - 1]
    lines += [Text()] * (height - 1 - len(lines))
    lines.append(_footer(snapshot))
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return Text("\n", no_wrap=True, end="").join(lines)


# What stands on every screen: two lines of header, four headings, four blank lines, the footer.
_FIXED = 2 + 4 + 4 + 1


@attrs.frozen
class _Room:
    """How many lines each part has. It depends on the terminal more than on what happens: nothing jumps about."""

    rules: int
    trades: int
    decisions: int
    news: int


def _share(lines: int, rules: int, trades: int, report: int) -> _Room:
    """Rules and trades get up to a quarter each, trades at least two lines where there is room; the news the rest.

    A report stands where the news would. Its lines belong together, so decisions make room for it, down to one.
    """
    quarter = max(1, lines // 4)
    for_rules = min(max(1, rules), quarter)
    for_trades = min(max(2, trades), quarter)
    left = max(0, lines - for_rules - for_trades)
    for_news = max(left - left // 2, min(report, left - 1))
    return _Room(for_rules, for_trades, left - for_news, for_news)


def _fit(lines: Sequence[Text], room: int) -> list[Text]:
    """The first lines, in just so many."""
    if len(lines) > room > 1:
        return [*lines[: room - 1], Text(f"… and {len(lines) - room + 1} more", _QUIET)]
    return [*lines[:room], *(Text() for _ in range(room - len(lines)))]


def _latest(lines: Sequence[Text], room: int) -> list[Text]:
    """The last lines, in just so many."""
    return _fit(lines[max(0, len(lines) - room) :], room)


def _news(records: Sequence[Record], room: int) -> list[Text]:
    """The last records, in just so many lines; one that has several and does not fit shows its first ones."""
    lines: list[Text] = []
    for record in reversed(records):
        own = _news_lines(record)
        lines = [*_fit(own, min(len(own), room - len(lines))), *lines]
    return _fit(lines, room)


def _heading(text: str) -> Text:
    return Text(text, _HEADING)


def _header(snapshot: Snapshot, title: str) -> list[Text]:
    worth = "unknown" if snapshot.equity is None else f"${snapshot.equity:,.2f}"
    first = Text.assemble(
        ("rulec  ", "bold"), (clock_text(snapshot.now), "bold yellow"), f" {date_text(snapshot.now)}  ", (title, _QUIET)
    )
    second = Text.assemble(
        f"equity {worth}   realised ",
        _money(snapshot.realised),
        "   open ",
        _money(snapshot.unrealised),
        f"   {snapshot.signals} signal{'' if snapshot.signals == 1 else 's'}",
    )
    return [first, second]


def _footer(snapshot: Snapshot) -> Text:
    if snapshot.notice is not None:
        notice = snapshot.notice
        style = _BAD if notice.level == "error" else "yellow" if notice.level == "warning" else _QUIET
        return Text(f"{clock_text(notice.time)}  {notice.level}: {notice.text}", style)
    return Text("Ctrl-C ends the run and cancels nothing", _QUIET)


def _money(amount: float) -> tuple[str, str]:
    text = f"{'-' if amount < 0 else '+'}${abs(amount):,.2f}"
    return text, _GOOD if amount > 0 else _BAD if amount < 0 else ""


def _rule_lines(rows: Sequence[RuleRow]) -> list[Text]:
    """The rules in their order; where there are many, those that decided last stand first."""
    if len(rows) > 5:
        rows = sorted(rows, key=lambda row: -(row.last or 0))
    lines = []
    for row in rows:
        line = Text(f"{row.label[:33]:<34}{row.fired:>7}{row.other:>7}")
        if row.last is not None and row.last_outcome is not None:
            line.append(f"  {clock_text(row.last)} ", _QUIET)
            line.append(row.last_outcome.value, _OUTCOME_STYLES.get(row.last_outcome, _QUIET))
        lines.append(line)
    return lines


def _trade_lines(rows: Sequence[TradeRow], *, wide: bool) -> list[Text]:
    lines = []
    for row in rows:
        line = Text(f"{row.symbol:<7}")
        line.append(f"{side_text(row.side):<6}", _GOOD if row.side is OrderSide.BUY else _BAD)
        line.append(f"{row.quantity:>7}")
        for price in (row.entry, row.last, row.stop, row.target):
            line.append(f"{'-' if price is None else f'{price:,.2f}':>10}")
        if row.pnl is None:
            line.append(f"{row.status:>12}", _QUIET)
        else:
            text, style = _money(row.pnl)
            line.append(f"{text:>12}", style)
        if wide:
            line.append(f"  {row.rule}", _QUIET)
        lines.append(line)
    return lines


def _decision_line(row: DecisionRow) -> Text:
    line = Text(f"{clock_text(row.time)}  {row.symbol:<6} ")
    if row.signal is not None:
        confidence = "" if row.confidence is None else f" {row.confidence:.2f}"
        line.append(f"{row.signal}{confidence:<5}  ", "bold")
    if row.decision is None:
        line.append("no rule fired", _QUIET)
        return line
    decision = row.decision
    did = ", ".join(done.action.replace("_", " ") for done in decision.actions) or "nothing"
    reason = "" if decision.reason is None else f" ({decision.reason})"
    line.append(f"{decision.rule}: {did} ")
    line.append(f"{decision.outcome.value}{reason}", _OUTCOME_STYLES.get(decision.outcome, _QUIET))
    said = [done.text for done in decision.actions if done.text is not None]
    if said:
        line.append(f" “{'” “'.join(said)}”")
    return line


def _report_lines(lines: Sequence[str]) -> list[Text]:
    """What the compiler says, without empty lines at its end; a line that names a mistake stands out."""
    return [Text(line, _BAD if line.startswith("error") else "") for line in "\n".join(lines).rstrip().splitlines()]


def _news_lines(record: Record) -> list[Text]:
    """A record as it stands among the news: a reload has a line for each rule, all others are one."""
    style = ""
    match record:
        case FillRecord():
            style = "bold"
        case PositionRecord(reason=str()):
            style = _GOOD if record.pnl > 0 else _BAD
        case PositionRecord():
            style = "bold"
        case OrderRecord():
            style = _QUIET
        case ReloadRecord():
            style = "yellow"
        case _:
            pass
    return [Text(line, style) for line in record_text(record).splitlines()]


def without_gaps(screen: Text) -> Text:
    """The last screen as it stays on the terminal: without its footer and what is empty in it."""
    kept: list[Text] = []
    for line in screen.split("\n", allow_blank=True)[:-1]:
        if line.plain or (kept and kept[-1].plain):
            kept.append(line)
    return Text("\n", end="").join(kept)


class Screen:
    """A `Watch` on a terminal. `now` tells the run's time (microseconds since 1970 UTC)."""

    def __init__(self, watch: Watch, title: str, console: Console, now: Callable[[], int]) -> None:
        self._watch = watch
        self._title = title
        self._console = console
        self._now = now

    async def show(self) -> None:
        """Redraws until cancelled; leaves the last state of things on the terminal."""
        try:
            with Live(self._frame(), console=self._console, screen=True, auto_refresh=False) as live:
                shown = ""
                while True:
                    frame = self._frame()
                    if frame.markup != shown:
                        shown = frame.markup
                        live.update(frame, refresh=True)
                    await asyncio.sleep(1 / REDRAWS_A_SECOND)
        finally:
            self._console.print(without_gaps(self._frame()), soft_wrap=True)

    def _frame(self) -> Text:
        size = self._console.size
        return draw(self._watch.snapshot(self._now()), self._title, size.width, size.height)
