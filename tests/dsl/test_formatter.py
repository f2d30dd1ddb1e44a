"""The one layout: where lines break, what stands below one another, and where comments stay."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from rulec.dsl.formatter import format_source
from rulec.dsl.printer import WIDEST
from rulec.dsl.source import SourceFile

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted([*(ROOT / "examples").glob("*.rules"), *(ROOT / "stdlib_rules").glob("*.rules")])


def laid_out(text: str) -> str:
    """The layout, which must be its own layout, too."""
    formatted = format_source(SourceFile("a.rules", text)).text
    assert formatted is not None
    assert format_source(SourceFile("a.rules", formatted)).text == formatted
    return formatted


def shown(text: str) -> str:
    """A text as it stands indented in a test."""
    return textwrap.dedent(text).removeprefix("\n")


LAYOUTS = {
    "a short rule stays on one line": (
        "on signal BUY\n  where confidence>0.8\n  -> enter long 100 stop 3% target 8%",
        "on signal BUY where confidence > 0.8 -> enter long 100 stop 3% target 8%\n",
    ),
    "a short rule with a name stays on one line, too": (
        "rule out\n on signal SELL\n -> exit",
        "rule out on signal SELL -> exit\n",
    ),
    "options stand beside a name alone": (
        "rule out priority 5 on signal SELL -> exit",
        """
        rule out priority 5
          on signal SELL
          -> exit
        """,
    ),
    "options stand below a description": (
        'rule out "Leave" cooldown 5m priority 5 on signal SELL -> exit -> halt',
        """
        rule out "Leave"
          cooldown 5m priority 5
          on signal SELL
          -> exit
          -> halt
        """,
    ),
    "a long condition breaks before each and": (
        "rule x on price where price > $100 and symbol in [AAPL, MSFT, NVDA] and position.profit > 2% and "
        "confidence >= 0.5 and (flat or holding) -> exit",
        """
        rule x
          on price
          where price > $100
            and symbol in [AAPL, MSFT, NVDA]
            and position.profit > 2%
            and confidence >= 0.5
            and (flat or holding)
          -> exit
        """,
    ),
    "a long or of ands breaks before the or": (
        "on price where price > $100 and symbol in [AAPL, MSFT, NVDA] "
        "or position.profit > 2% and price >= $50 and flat -> exit",
        """
        on price
          where price > $100 and symbol in [AAPL, MSFT, NVDA]
            or position.profit > 2% and price >= $50 and flat
          -> exit
        """,
    ),
    "a long entry has a protection a line": (
        "on signal BUY -> enter long risk 0.1% of equity at limit price - 0.5 atr for 10m stop 2 atr target 2R for 50% "
        "target 4R for 50%",
        """
        on signal BUY
          -> enter long risk 0.1% of equity
              at limit price - 0.5 atr for 10m
              stop 2 atr
              target 2R for 50%
              target 4R for 50%
        """,
    ),
    "a long let breaks after its sign": (
        "let strong = confidence > min_confidence and premium > $1_000_000 and spread < $0.05 and price > $5 and "
        "minutes_since_open > 15",
        """
        let strong =
          confidence > min_confidence
          and premium > $1_000_000
          and spread < $0.05
          and price > $5
          and minutes_since_open > 15
        """,
    ),
    "a short table stays on one line": (
        "let alloc={CVNA:$30_000,else:$10_000,}",
        "let alloc = { CVNA: $30_000, else: $10_000 }\n",
    ),
    "the values of a long table stand below one another": (
        "let alloc = {CVNA: $30_000, BRK.B: $20_000, A: $10_000, GOOGL: $30_000, NVDA: $30_000, MSFT: $5_000, "
        "else: $10_000}",
        """
        let alloc = {
          CVNA:  $30_000,
          BRK.B: $20_000,
          A:     $10_000,
          GOOGL: $30_000,
          NVDA:  $30_000,
          MSFT:  $5_000,
          else:  $10_000
        }
        """,
    ),
    "a long list fills its lines": (
        f"let watch = [{', '.join(f'SYMBOL{number}' for number in range(20))}]",
        """
        let watch = [
          SYMBOL0, SYMBOL1, SYMBOL2, SYMBOL3, SYMBOL4, SYMBOL5, SYMBOL6, SYMBOL7, SYMBOL8, SYMBOL9,
          SYMBOL10, SYMBOL11, SYMBOL12, SYMBOL13, SYMBOL14, SYMBOL15, SYMBOL16, SYMBOL17, SYMBOL18, SYMBOL19
        ]
        """,
    ),
    "one limit stays on one line": ("limits{max positions 3}", "limits { max positions 3 }\n"),
    "the values of limits stand below one another": (
        "limits { max position 20% of equity max orders 30 per minute no shorting only symbols watch }",
        """
        limits {
          max position 20% of equity
          max orders   30 per minute
          no shorting
          only symbols watch
        }
        """,
    ),
    "brackets that change nothing go": (
        "on price where ((price > ($100)) and (flat)) -> exit",
        "on price where price > $100 and flat -> exit\n",
    ),
    "statements of several lines are set apart": (
        "let a = 1\nlimits { max positions 3 no shorting }\n# of b\nlet b = 2\nrule x priority 1 on start -> halt",
        """
        let a = 1

        limits {
          max positions 3
          no shorting
        }

        # of b
        let b = 2

        rule x priority 1
          on start
          -> halt
        """,
    ),
    "of several empty lines one is kept, and none at the ends": (
        "\n\nlet a = 1\n\n\n\nlet b = 2\nlet c = 3\n\n",
        "let a = 1\n\nlet b = 2\nlet c = 3\n",
    ),
    "a test has a step a line": (
        'test "x" {\n\nprice AAPL $150 signal BUY AAPL with (confidence=0.9)\n\n\nexpect flat AAPL\n\n}',
        """
        test "x" {
          price AAPL $150
          signal BUY AAPL with (confidence = 0.9)

          expect flat AAPL
        }
        """,
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layout(name: str) -> None:
    given, wanted = LAYOUTS[name]
    assert laid_out(given) == shown(wanted)


COMMENTS = {
    "at the ends of lines and above statements": (
        "language 1   # one\n# top\nlet a=1# beside\n# below",
        "language 1  # one\n# top\nlet a = 1  # beside\n# below\n",
    ),
    "in all parts of a rule": (
        """
        rule flow # the name
          "Follow" # the description
          priority 100 # high
          # above the trigger
          on signal BUY # bullish
          where confidence >= 0.5 # sure
            and (flat # nothing held
            or symbol in [AAPL]) # or apple
          # above an action
          -> enter long 100 # size
            stop 6 atr # stop

          # above the last
          -> scale in 50 at profit 2% # last
        """,
        """
        # the name
        rule flow "Follow"  # the description
          priority 100  # high
          # above the trigger
          on signal BUY  # bullish
          where confidence >= 0.5  # sure
            and (
              flat  # nothing held
              or symbol in [AAPL]
            )  # or apple
          # above an action
          -> enter long 100  # size
              stop 6 atr  # stop
          # above the last
          -> scale in 50 at profit 2%  # last
        """,
    ),
    "in lists, tables and limits": (
        """
        let watch = [AAPL, # apple
          MSFT # not a fruit
          , NVDA,
          # at the end
          ]
        let alloc = { AAPL: $1_000, # beside
          # above
          else: $5 }
        limits { # what is risked

          # above
          max position 20% of equity # a fifth

          # set apart

          no shorting
          # at the end
        }
        """,
        """
        let watch = [
          AAPL,  # apple
          MSFT,  # not a fruit
          NVDA
          # at the end
        ]

        let alloc = {
          AAPL: $1_000,  # beside
          # above
          else: $5
        }

        limits {  # what is risked
          # above
          max position 20% of equity  # a fifth

          # set apart

          no shorting
          # at the end
        }
        """,
    ),
    "where no line can break they go above": (
        "on price where price > # why so high?\n $100 -> exit",
        """
        on price
          # why so high?
          where price > $100
          -> exit
        """,
    ),
    "an action that was switched off stays with its rule": (
        """
        rule a
          on start
          -> log "here"
          # -> halt
        rule b on start -> halt
        """,
        """
        rule a on start -> log "here"
          # -> halt

        rule b on start -> halt
        """,
    ),
    "an ignore stays on the line that its statement begins on": (
        """
        on signal BUY # rulec: ignore[W401]
          where confidence > # sure?
          0.8
          -> enter long 100 # here
        """,
        """
        on signal BUY  # rulec: ignore[W401]
          # sure?
          where confidence > 0.8
          -> enter long 100  # here
        """,
    ),
    "before a bracket that goes they stay in their order": (
        "let x = (5 # a\n # b\n) # c\nlet y = (5\n # d\n) # e",
        """
        let x = 5  # a
          # b
          # c

        let y = 5
          # d
          # e
        """,
    ),
    "an ignore that comes to stand on the first line works there": (
        'use "a.rules"\nwith ( # rulec: ignore[W406]\nwidth = 0 )',
        'use "a.rules" with (width = 0)  # rulec: ignore[W406]\n',
    ),
    "what stood after an ignore does not come before it": (
        "let # rulec: ignore[W406]\nx = abs ( # why\n) # how",
        """
        let x = abs()  # rulec: ignore[W406]
          # why
          # how
        """,
    ),
    "an ignore stays on the first line of a rule that gets several": (
        "rule x priority 1 on signal BUY -> enter long 100 -> halt # rulec: ignore[W401]\n",
        """
        rule x priority 1  # rulec: ignore[W401]
          on signal BUY
          -> enter long 100
          -> halt
        """,
    ),
}


@pytest.mark.parametrize("name", COMMENTS)
def test_comments_stay(name: str) -> None:
    given, wanted = COMMENTS[name]
    assert laid_out(shown(given)) == shown(wanted)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_is_laid_out(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert laid_out(text) == text


def test_line_ends_are_those_of_the_first_line() -> None:
    text = "let a = 1\r\n# why\r\nlet b = 2\r\n"
    assert laid_out(text) == text
    assert laid_out("let a=1\r\nlet b=2\n") == "let a = 1\r\nlet b = 2\r\n"
    assert laid_out("let a=1\nlet b=2\r\n") == "let a = 1\nlet b = 2\n"
    assert laid_out("# one\r# two\rlet a=1") == "# one\n# two\nlet a = 1\n"


@pytest.mark.parametrize(("text", "wanted"), [("", ""), ("\n \n", ""), ("# only this", "# only this\n")])
def test_a_file_may_be_empty(text: str, wanted: str) -> None:
    assert laid_out(text) == wanted


def test_a_file_with_a_syntax_error_is_not_laid_out() -> None:
    formatted = format_source(SourceFile("a.rules", "let a=1\non signal BUY -> enter long 100 stop\n"))
    assert formatted.text is None
    assert [one.code for one in formatted.diagnostics] == ["E001"]


def test_a_mistake_of_meaning_is_no_hindrance() -> None:
    assert laid_out("on  signal BUY -> enter long 100 stop 3") == "on signal BUY -> enter long 100 stop 3\n"


def test_lines_end_at_the_width_where_they_can() -> None:
    text = laid_out(
        "rule x on signal BUY or SELL of [" + ", ".join(["AAPL"] * 60) + "] where " + " and ".join(["flat"] * 60)
        + " and max(" + ", ".join(["price"] * 40) + ") > 1 + " + " * ".join(["price"] * 50)
        + " -> enter long max(" + ", ".join(["price"] * 40) + ") stop 3% target 8% exit after 2h"
    )  # fmt: skip
    assert max(map(len, text.splitlines())) <= WIDEST


def test_a_deep_tree_is_laid_out() -> None:
    text = "on price where " + "not (flat and (" * 60 + "flat or holding" + "))" * 60 + " -> exit\n"
    assert laid_out(text).count("not") == 60
