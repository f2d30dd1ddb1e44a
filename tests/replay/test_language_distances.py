"""Every kind of distance and of size, wherever one may stand, for a long and for a short."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, Event, bars, says, tick

BEFORE = [*bars("09:30", [150, 151] * 10), tick("10:00", 150), says("10:00:01", "GO"), tick("10:00:02", 150)]
"""Bars whose true range is a dollar each, then an entry that fills at 150."""

DISTANCES = {
    "2%": 3.0,
    "0.02 * 100%": 3.0,
    "$2.50 away": 2.5,
    "last * 2% away": 3.0,
    "2 atr": 2.0,
    "4 atr(5)": 4.0,
    "2R": 4.0,
    "at {price}": 3.5,
}
"""How a distance is written, and what it comes to at 150 for a trade that risks $2 a share."""

HALF_A_STEP = 0.5


def mirrored(side: str, level: float) -> float:
    """A price of a long, as it is for a short that was sold at 150."""
    return level if side == "long" else 300 - level


def case(name: str, side: str, action: str, moves: list[float], *told: str, size: str = "100") -> Case:
    """An entry at 150 and the prices after it, written for a long. In `told`, `{sell}` and the like are the side's."""
    words = {"sell": "sell", "bought": "bought"} if side == "long" else {"sell": "buy", "bought": "sold"}
    events: list[Event] = [
        *BEFORE,
        *(tick(f"10:{minute:02d}", mirrored(side, level)) for minute, level in enumerate(moves, 1)),
    ]
    story = "\n".join(line.format(**words, side=side) for line in told)
    return Case(f"{name}, for a {side}", f"on signal GO -> enter {side} {size} {action}", events, story)


def entered(side: str, *armed: str) -> list[str]:
    done = ", ".join(["10:00:01 #1 AAPL: enter acted", *(f"{what} armed" for what in armed)])
    return [done, "10:00:02 {bought} 100 AAPL at 150 as main"]


def standing(side: str, role: str, level: float) -> str:
    return f"stands: {role} AAPL {{sell}} 100 at {mirrored(side, level):g}"


HELD = "holds: AAPL {side} 100 at 150"


def of_distance(written: str, away: float, side: str) -> list[Case]:
    """The cases of one distance: what it protects, what begins after it, what is added at it."""
    below = written.format(price=f"${mirrored(side, 150 - away):g}")
    above = written.format(price=f"${mirrored(side, 150 + away):g}")
    fixed = written.startswith("at ")
    begin = entered(side)
    short_of, reached = 150 + away - HALF_A_STEP, 150 + away
    made = [
        case(
            f"a target at {written}",
            side,
            f"stop $2 away target {above}",
            [],
            *begin,
            standing(side, "stop", 148),
            standing(side, "target", 150 + away),
            HELD,
        ),
        case(
            f"breakeven after {written} is not there before",
            side,
            f"stop $2 away breakeven after {above}",
            [short_of],
            *begin,
            standing(side, "stop", 148),
            HELD,
        ),
        case(
            f"breakeven after {written}",
            side,
            f"stop $2 away breakeven after {above}",
            [short_of, reached],
            *begin,
            standing(side, "stop", 150),
            HELD,
        ),
        case(
            f"a trail after {written}",
            side,
            f"stop $2 away trail $0.25 away after {above}",
            [short_of, reached],
            *begin,
            standing(side, "stop", 150 + away - 0.25),
            HELD,
        ),
        case(
            f"a scale-in at {written} that is not reached",
            side,
            f"stop $2 away -> scale in 10 at profit {above}",
            [short_of, short_of],
            *entered(side, "scale_in"),
            standing(side, "stop", 148),
            HELD,
        ),
        case(
            f"a scale-in at {written}",
            side,
            f"stop at ${mirrored(side, 148):g} -> scale in 100 at profit {above}",
            [reached, reached],
            *entered(side, "scale_in"),
            "10:01:00 #1 AAPL: scale_in acted",
            f"10:02:00 {{bought}} 100 AAPL at {mirrored(side, reached):g} as scale",
            f"stands: stop AAPL {{sell}} 200 at {mirrored(side, 148):g}",
            f"holds: AAPL {{side}} 200 at {mirrored(side, 150 + away / 2):g}",
        ),
    ]
    if not written.endswith("R"):
        made.append(
            case(f"a stop at {written}", side, f"stop {below}", [], *begin, standing(side, "stop", 150 - away), HELD)
        )
        made.append(
            case(
                f"a double-down at {written}",
                side,
                f"stop $9 away -> double down 100 at loss {below}",
                [150 - away],
                *entered(side, "double_down"),
                "10:00:02 #1 AAPL: double_down acted",
                f"10:01:00 {{bought}} 100 AAPL at {mirrored(side, 150 - away):g} as doubledown",
                f"stands: stop AAPL {{sell}} 200 at {mirrored(side, 141):g}",
                f"holds: AAPL {{side}} 200 at {mirrored(side, 150 - away / 2):g}",
            )
        )
    if not fixed:
        kept = 160 * away / 150 if "%" in written and "last" not in written else away
        if side == "short" and kept != away:
            kept = 140 * away / 150
        made.append(
            case(
                f"a trail of {written}",
                side,
                f"stop $2 away trail {above}",
                [160],
                *begin,
                standing(side, "stop", 160 - kept),
                HELD,
            )
        )
    return made


SIZES = {
    "20": 20,
    "$3_000": 20,
    "3% of equity": 20,
    "risk 0.2% of equity": 20,
    "risk $200": 20,
}
"""How a size is written, and what it comes to at 150 with $100,000 and $10 at risk a share."""


def of_size(written: str, shares: int, side: str) -> list[Case]:
    """The cases of one size: what enters, and what is added, where all that is risked is $10 a share."""
    stop = f"stop at ${mirrored(side, 140):g}"
    added = 100 + shares
    return [
        case(
            f"an entry of {written}",
            side,
            stop,
            [],
            "10:00:01 #1 AAPL: enter acted",
            f"10:00:02 {{bought}} {shares} AAPL at 150 as main",
            f"stands: stop AAPL {{sell}} {shares} at {mirrored(side, 140):g}",
            f"holds: AAPL {{side}} {shares} at 150",
            size=written,
        ),
        case(
            f"a scale-in of {written}",
            side,
            f"{stop} -> scale in {written}",
            [150],
            *entered(side, "scale_in"),
            "10:00:02 #1 AAPL: scale_in acted",
            f"10:01:00 {{bought}} {shares} AAPL at 150 as scale",
            f"stands: stop AAPL {{sell}} {added} at {mirrored(side, 140):g}",
            f"holds: AAPL {{side}} {added} at 150",
        ),
    ]


CASES = tuple(
    made
    for side in ("long", "short")
    for cases in (
        *(of_distance(written, away, side) for written, away in DISTANCES.items()),
        *(of_size(written, shares, side) for written, shares in SIZES.items()),
    )
    for made in cases
)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_distances_and_sizes(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
