"""What stops new entries: a halt that somebody must lift, and the daily loss until the next session."""

from __future__ import annotations

from datetime import date

import attrs


@attrs.define
class Halts:
    """A `halt` is latched until `resume`; a daily loss lasts for the exchange's day on which it was reached.

    `day` and `base` are the present day and its first equity in currency.
    """

    halted: bool = False
    reason: str | None = None
    day: date | None = None
    base: float | None = None
    loss_day: date | None = None

    def loss_halted(self, today: date) -> bool:
        return self.loss_day == today

    def begin_day(self, today: date, equity: float | None) -> None:
        """Takes the first known equity of a day as what its loss is measured from."""
        if self.day != today:
            self.day = today
            self.base = None
        if self.base is None:
            self.base = equity
