"""What the account is worth, and what it lost today: by our books in simulation, by its own reports at a broker.

At a broker the account may hold what is not ours, and cash may come and go; so its equity is what it reports, moved
between two reports by the change of its profit and loss. Reports grow old: what is older than the policy allows is
unknown, and a limit that needs it refuses.
"""

from __future__ import annotations

from typing import Protocol

import attrs

from ..broker.port import AccountReport, ProfitReport
from ..numbers import to_float
from ..trade.desk import Desk


class Account(Protocol):
    """What limits, sizes and conditions may ask of the account at this step's `now`, in currency."""

    def equity(self) -> float | None:
        """What it is worth; None where that is unknown."""

    def cash(self) -> float | None: ...

    def begin_day(self) -> None:
        """The exchange's day begins."""

    def lost(self, base: float | None) -> float | None:
        """What was lost today, negative for a gain; `base` is the day's first equity. None where it is unknown."""

    def on_report(self, report: AccountReport) -> None:
        """The broker tells the account's values."""

    def on_profit(self, report: ProfitReport) -> None:
        """The broker tells today's profit and loss."""


@attrs.define(eq=False)
class BookedAccount:
    """The account of a simulation: nobody else trades in it, so our books are all there is."""

    desk: Desk

    def equity(self) -> float | None:
        return booked_equity(self.desk)

    def cash(self) -> float | None:
        return to_float(self.desk.portfolio.cash)

    def begin_day(self) -> None:
        return

    def lost(self, base: float | None) -> float | None:
        worth = self.equity()
        return None if worth is None or base is None else base - worth

    def on_report(self, report: AccountReport) -> None:
        return

    def on_profit(self, report: ProfitReport) -> None:
        return


@attrs.define(eq=False)
class ReportedAccount:
    """The account at a broker. Amounts of reports in micros, times in microseconds since 1970 UTC."""

    desk: Desk
    _report: AccountReport | None = None
    _reported_at: int = 0
    _profit: int | None = None
    _profit_at: int = 0
    _profit_then: int | None = None  # of the stream when the account reported, or the first told after that
    _day_began: int = 0
    _books_then: float | None = None  # currency: what our books came to when the day began

    def on_report(self, report: AccountReport) -> None:
        self._report = report
        self._reported_at = self.desk.now
        self._profit_then = None  # the stream is a second behind: what it tells next belongs to this report

    def on_profit(self, report: ProfitReport) -> None:
        self._profit = report.daily
        self._profit_at = self.desk.now
        if self._profit_then is None:
            self._profit_then = report.daily

    def equity(self) -> float | None:
        desk = self.desk
        if self._report is None or desk.now - self._reported_at > desk.policy.account_age:
            return None
        if self._profit is None or self._profit_then is None or self._is_old(self._profit_at):
            # a report as young as the stream should be needs none; and without a share in the account nothing moves
            # its value, and the stream has nothing to tell
            known = not self._is_old(self._reported_at) or not self._holds_shares()
            return to_float(self._report.equity) if known else None
        return to_float(self._report.equity + self._profit - self._profit_then)

    def cash(self) -> float | None:
        desk, report = self.desk, self._report
        if report is None or report.cash is None or desk.now - self._reported_at > desk.policy.account_age:
            return None
        return to_float(report.cash)

    def begin_day(self) -> None:
        self._day_began = self.desk.now
        self._books_then = booked_equity(self.desk)

    def lost(self, base: float | None) -> float | None:
        """The worse of the broker's stream and our own marks."""
        if self._books_then is None:
            self._books_then = booked_equity(self.desk)
        told = self._profit is not None and self._profit_at >= self._day_began
        if self._holds_shares() and (not told or self._is_old(self._profit_at)):
            return None
        books = booked_equity(self.desk)
        losses = []
        if told and self._profit is not None:
            losses.append(-to_float(self._profit))
        if books is not None and self._books_then is not None:
            losses.append(self._books_then - books)
        return max(losses, default=None)

    def _is_old(self, told_at: int) -> bool:
        return self.desk.now - told_at > self.desk.policy.profit_age

    def _holds_shares(self) -> bool:
        holdings = self.desk.portfolio.holdings.values()
        return any(holding.quantity for holding in holdings) or bool(self.desk.foreign.symbols())


def booked_equity(desk: Desk) -> float | None:
    """Cash and positions of our books at their marks, in currency; None where a held symbol has no mark."""
    total = to_float(desk.portfolio.cash)
    for symbol, holding in desk.portfolio.holdings.items():
        if holding.quantity:
            mark = desk.board.mark(symbol)
            if mark is None:
                return None
            total += holding.quantity * mark
    return total
