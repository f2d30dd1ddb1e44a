"""Indicators: against the whole-series functions, against a second library, and what they take."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence

import pytest

from rulec.dsl.catalog import FUNCTIONS, LONGEST_LOOK_BACK, Family
from rulec.runtime.event.inputs import Bar
from rulec.runtime.market.arguments import LONGEST, SHAPES
from rulec.runtime.market.hours import AlwaysOpen
from rulec.runtime.market.indicators import Indicators
from rulec.runtime.times import HOUR, MINUTE
from rulec.tests.support.market_bars import NYSE, real_bars, session_bars, walk
from rulec.tests.support.whole_series import whole_series

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from talipp import indicators as second_library
    from talipp.ohlcv import OHLCV

LONG = os.environ.get("RULEC_LONG", "") not in ("", "0")

ALWAYS = AlwaysOpen()

# Each indicator with arguments at its least, as traders write them, and long.
CASES: Sequence[tuple[str, tuple[float, ...]]] = [
    *((name, (length,)) for name in ("sma", "ema", "atr", "highest", "lowest", "change") for length in (1.0, 2.0)),
    *((name, (length,)) for name in ("rsi", "stdev") for length in (2.0, 3.0)),
    *(
        (name, (length,))
        for name in ("sma", "ema", "rsi", "atr", "highest", "lowest", "change", "stdev")
        for length in (14.0, 20.0, 200.0)
    ),
    *(
        (name, arguments)
        for name in ("bollinger_upper", "bollinger_lower")
        for arguments in ((20.0,), (2.0, 1.0), (20.0, 2.5), (50.0, 0.0))
    ),
    *(
        (name, arguments)
        for name in ("macd", "macd_signal")
        for arguments in ((), (5.0, 35.0), (12.0, 26.0, 9.0), (2.0, 3.0, 1.0), (26.0, 12.0, 9.0), (8.0, 8.0))
    ),
    ("vwap", ()),
]


def live_values(bars: Sequence[Bar], name: str, arguments: tuple[float, ...]) -> list[float | None]:
    indicators = Indicators(NYSE)
    indicators.want(None, name, arguments)
    found = []
    for bar in bars:
        indicators.on_bar(bar)
        found.append(indicators.value(bar.symbol, name, arguments))
    return found


def test_every_indicator_is_among_the_cases() -> None:
    assert {name for name, _ in CASES} == set(SHAPES)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_every_live_value_is_that_of_the_whole_series_bit_for_bit(name: str, arguments: tuple[float, ...]) -> None:
    for bars in (real_bars("SPY_1m.csv")[:1_200], real_bars("SPY_1h.csv.gz")[:1_200], walk(600)):
        if name == "vwap" and not NYSE.is_open(bars[0].start):
            continue  # a walk through day and night has no sessions
        live = live_values(bars, name, arguments)
        assert live == whole_series(bars, name, arguments)
        assert live[-1] is not None


@pytest.mark.long
@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_over_twenty_three_years_every_live_value_is_that_of_the_whole_series(
    name: str, arguments: tuple[float, ...]
) -> None:
    bars = [bar for bar in real_bars("SPY_1h.csv.gz") if bar.regular]
    assert live_values(bars, name, arguments) == whole_series(bars, name, arguments)


def _closes(bars: Sequence[Bar]) -> list[float]:
    return [bar.close for bar in bars]


def _candles(bars: Sequence[Bar]) -> list[OHLCV]:
    return [OHLCV(bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars]


SECOND_OPINIONS: Sequence[tuple[str, tuple[float, ...], Callable[[Sequence[Bar]], Sequence[float | None]]]] = [
    ("sma", (20.0,), lambda bars: second_library.SMA(20, _closes(bars))),
    ("ema", (20.0,), lambda bars: second_library.EMA(20, _closes(bars))),
    ("rsi", (14.0,), lambda bars: second_library.RSI(14, _closes(bars))),
    ("atr", (14.0,), lambda bars: second_library.ATR(14, _candles(bars))),
    ("stdev", (20.0,), lambda bars: second_library.StdDev(20, _closes(bars))),
    ("change", (10.0,), lambda bars: [x and x / 100 for x in second_library.ROC(10, _closes(bars))]),
    (
        "highest",
        (20.0,),
        lambda bars: [x and x.ub for x in second_library.DonchianChannels(20, _candles(bars))],
    ),
    (
        "lowest",
        (20.0,),
        lambda bars: [x and x.lb for x in second_library.DonchianChannels(20, _candles(bars))],
    ),
    ("bollinger_upper", (20.0, 2.5), lambda bars: [x and x.ub for x in second_library.BB(20, 2.5, _closes(bars))]),
    ("bollinger_lower", (20.0,), lambda bars: [x and x.lb for x in second_library.BB(20, 2, _closes(bars))]),
    ("macd", (), lambda bars: [x and x.macd for x in second_library.MACD(12, 26, 9, _closes(bars))]),
    ("macd_signal", (), lambda bars: [x and x.signal for x in second_library.MACD(12, 26, 9, _closes(bars))]),
]


@pytest.mark.parametrize(("name", "arguments", "opinion"), SECOND_OPINIONS)
def test_a_second_library_agrees_once_the_beginning_is_forgotten(
    name: str, arguments: tuple[float, ...], opinion: Callable[[Sequence[Bar]], Sequence[float | None]]
) -> None:
    bars = real_bars("SPY_1m.csv")
    forgotten = 30 * int(max((26.0, *arguments)))
    pairs = list(zip(live_values(bars, name, arguments), opinion(bars), strict=True))[forgotten:]
    assert len(pairs) > 1_000
    for ours, theirs in pairs:
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_vwap_by_a_second_library_that_is_begun_afresh_each_session() -> None:
    found: list[float | None] = []
    bars = real_bars("SPY_1m.csv")
    for day in dict.fromkeys(NYSE.day(bar.start) for bar in bars):
        session = [bar for bar in bars if NYSE.day(bar.start) == day]
        found.extend(second_library.VWAP(_candles(session)))
    assert len(found) == len(bars)
    for ours, theirs in zip(live_values(bars, "vwap", ()), found, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9)


def test_vwap_is_unknown_from_the_open_until_the_first_bar_with_volume() -> None:
    clock = {"now": 0}
    indicators = Indicators(NYSE, now=lambda: clock["now"])
    indicators.want("SPY", "vwap", ())

    def known(bar: Bar, volume: float) -> float | None:
        traded = Bar(bar.time, "SPY", 10.0, 12.0, 9.0, 12.0, volume, MINUTE, bar.start, bar.end)
        clock["now"] = bar.end
        indicators.on_bar(traded)
        return indicators.value("SPY", "vwap", ())

    monday, tuesday = session_bars("2026-01-05"), session_bars("2026-01-06")
    assert known(monday[0], 0.0) is None
    assert known(monday[1], 100.0) == 11.0
    assert known(monday[2], 0.0) == 11.0
    clock["now"] = monday[-1].end + 3 * HOUR
    assert indicators.value("SPY", "vwap", ()) == 11.0  # after the close it is still the day's
    clock["now"] = tuesday[0].start
    assert indicators.value("SPY", "vwap", ()) is None  # and from the next open on nobody's
    assert known(tuesday[0], 0.0) is None
    assert known(tuesday[1], 50.0) == 11.0


def test_bars_outside_the_session_change_nothing() -> None:
    regular, outside = walk(40), walk(40, seed=9, regular=False)
    indicators = Indicators(ALWAYS)
    for name, arguments in (("atr", (14.0,)), ("vwap", ())):
        indicators.want("SPY", name, arguments)
    for inside, other in zip(regular, outside, strict=True):
        indicators.on_bar(other)
        indicators.on_bar(inside)
    alone = Indicators(ALWAYS)
    for bar in regular:
        alone.value("SPY", "vwap", ())
        alone.on_bar(bar)
    assert indicators.value("SPY", "atr", (14.0,)) == live_values(regular, "atr", (14.0,))[-1]
    assert indicators.value("SPY", "vwap", ()) == alone.value("SPY", "vwap", ())


def test_symbols_and_lengths_are_kept_apart() -> None:
    indicators = Indicators(NYSE)
    indicators.want(None, "atr", (14.0,))
    indicators.want("SPY", "atr", (20.0,))
    spy, ibm = walk(60, seed=3), walk(60, seed=4, symbol="IBM")
    for one, other in zip(spy, ibm, strict=True):
        indicators.on_bar(one)
        indicators.on_bar(other)
    assert indicators.value("SPY", "atr", (14.0,)) == live_values(spy, "atr", (14.0,))[-1]
    assert indicators.value("SPY", "atr", (20.0,)) == live_values(spy, "atr", (20.0,))[-1]
    assert indicators.value("IBM", "atr", (14.0,)) == live_values(ibm, "atr", (14.0,))[-1]
    assert indicators.value("QQQ", "atr", (14.0,)) is None


def test_what_is_first_asked_for_later_starts_then() -> None:
    indicators = Indicators(NYSE)
    bars = walk(60)
    for bar in bars[:20]:
        indicators.on_bar(bar)
    assert indicators.value("SPY", "atr", (14.0,)) is None
    for bar in bars[20:]:
        indicators.on_bar(bar)
    assert indicators.value("SPY", "atr", (14.0,)) == live_values(bars[20:], "atr", (14.0,))[-1]


def test_a_default_that_is_written_out_is_the_same_indicator() -> None:
    indicators = Indicators(NYSE)
    indicators.want(None, "macd", ())
    for bar in walk(60):
        indicators.on_bar(bar)
    assert indicators.value("SPY", "macd", (12.0, 26.0)) == indicators.value("SPY", "macd", ()) is not None


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("atr", (), r"atr\(\): write `atr\(length\)`"),
        ("atr", (14.0, 2.0), r"atr\(14, 2\): write `atr\(length\)`"),
        ("vwap", (5.0,), r"vwap\(5\): write `vwap\(\)`"),
        ("macd", (12.0,), r"write `macd\(\)` or `macd\(fast, slow\)` or `macd\(fast, slow, signal\)`"),
        ("bollinger_upper", (), r"write `bollinger_upper\(length\)` or `bollinger_upper\(length, deviations\)`"),
        ("sma", (0.0,), r"sma\(0\): length must be a whole number from 1 to 100000"),
        ("sma", (-1.0,), "length must be a whole number from 1 to 100000"),
        ("sma", (1.5,), "length must be a whole number from 1 to 100000"),
        ("sma", (1e9,), "length must be a whole number from 1 to 100000"),
        ("sma", (float("inf"),), "length must be a whole number from 1 to 100000"),
        ("sma", (float("nan"),), "length must be a whole number from 1 to 100000"),
        ("rsi", (1.0,), "length must be a whole number from 2 to 100000"),
        ("stdev", (1.0,), "length must be a whole number from 2 to 100000"),
        ("bollinger_lower", (1.0,), "length must be a whole number from 2 to 100000"),
        ("bollinger_lower", (20.0, -1.0), "deviations must be a number from 0 to 100000"),
        ("macd_signal", (12.0, 26.0, 0.0), "signal must be a whole number from 1 to 100000"),
        ("art", (14.0,), "there is no indicator `art`; there is atr, bollinger_lower, bollinger_upper, change"),
    ],
)
def test_what_an_indicator_does_not_take_is_refused_with_what_it_takes(
    name: str, arguments: tuple[float, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Indicators(NYSE).want(None, name, arguments)


def test_the_language_offers_the_indicators_that_there_are_with_the_arguments_they_take() -> None:
    offered = {name: function for name, function in FUNCTIONS.items() if function.family is Family.INDICATOR}
    assert set(offered) == set(SHAPES)
    assert LONGEST_LOOK_BACK == LONGEST
    for name, function in offered.items():
        shape = SHAPES[name]
        assert function.counts == shape.counts, name
        assert function.has_width == any(not argument.whole for argument in shape.arguments), name
        for argument in shape.arguments:
            assert not argument.whole or argument.least <= function.least_length, name
