"""`of` after every trigger that has a symbol: one symbol, a list, a let, and without it all of them."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import attrs
import pytest

from rulec.tests.support.replaying import replay
from rulec.tests.support.telling import Event, bar, fault, merged, says, tick

RULES = """
let mine = [AAPL]
on signal GO -> enter long 100 stop 4% target 8%
on signal LESS -> exit 40
on signal OUT -> exit
"""

OF = ("of AAPL", "of [AAPL]", "of mine", "of [F, AAPL]")
"""Ways to say AAPL and not MSFT."""

WITH_A_SYMBOL = (
    "signal any",
    "price",
    "volume",
    "bar",
    "bar 5m",
    "position opened",
    "position updated",
    "position closed",
    "order created",
    "order submitted",
    "order filled",
    "order cancelled",
    "order rejected",
)
BY_THE_CLOCK = ("time 10:05", "every 10m", "market open", "market open + 35m", "market close", "market close - 5h")


def life_of(symbol: str) -> list[Event]:
    """Bars, then a trade that is entered, reduced and closed, and an entry that the broker rejects."""
    return [
        *(bar(f"09:{minute}", 150, 151, symbol=symbol) for minute in range(30, 36)),
        tick("10:00", 150, symbol, size=10),
        says("10:00:01", "GO", symbol),
        tick("10:00:02", 150, symbol, size=10),
        says("10:01", "LESS", symbol),
        tick("10:01:01", 150, symbol, size=10),
        says("10:02", "OUT", symbol),
        tick("10:02:01", 150, symbol, size=10),
        fault("10:03", "reject_next", reason="margin"),
        says("10:03:01", "GO", symbol),
    ]


# Each symbol has its turn at a rejection: both entries are sent after both faults.
EVENTS = [tick("09:29", 150), *merged(life_of("AAPL"), life_of("MSFT"))]


@attrs.frozen
class Narrowed:
    """A trigger with every `of`, and without one where that has a symbol too."""

    trigger: str
    has_symbol: bool

    @property
    def sentence(self) -> str:
        return f"on {self.trigger} of some symbols"

    @property
    def rules(self) -> str:
        narrowed = "".join(f'on {self.trigger} {of} -> log "{{symbol}}"\n' for of in OF)
        said = "{symbol}" if self.has_symbol else "none"
        return f'{RULES}{narrowed}on {self.trigger} -> log "{said}"\n'

    def texts(self) -> list[str]:
        """The rule text of the case."""
        return [self.rules]

    def check(self, folder: Path) -> None:
        """Replays the case: the narrowed rules all say AAPL, as often as the last one does."""
        said: dict[str, list[str]] = {}
        for line in replay(folder, self.rules, EVENTS).of("decision"):
            said.setdefault(line["rule"], []).extend(one["text"] for one in line["actions"] if "text" in one)
        narrowed = [said[f"card#{number}"] for number in range(4, 4 + len(OF) - 1)]
        everything = said[f"card#{4 + len(OF)}"]
        mine = ["AAPL"] * (everything.count("AAPL") if self.has_symbol else len(everything))
        assert mine and narrowed == [mine] * (len(OF) - 1)
        with_another = said[f"card#{3 + len(OF)}"]
        assert [symbol for symbol in with_another if symbol == "AAPL"] == mine
        assert set(with_another) == ({"AAPL"} if self.has_symbol else {"F", "AAPL"})
        assert set(everything) == ({"AAPL", "MSFT"} if self.has_symbol else {"none"})


CASES = (
    *(Narrowed(trigger, has_symbol=True) for trigger in WITH_A_SYMBOL),
    *(Narrowed(trigger, has_symbol=False) for trigger in BY_THE_CLOCK),
)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_rules_are_narrowed(case: Narrowed, tmp_path: Path) -> None:
    case.check(tmp_path)
