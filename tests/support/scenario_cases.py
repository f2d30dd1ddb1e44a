"""Tests in the rule language, each with whether it passes: what `rulec test` is tested with.

All are about the rules of `RULES`. Together they use every alternative of the grammar of tests.
"""

from __future__ import annotations

import attrs

RULES = """\
field premium: money
field urgent: flag
field delta: number
field desk: text
field pair: symbol
limits { only symbols [AAPL, MSFT, SPY]  no shorting }

rule buy
  on signal BUY where confidence > 0.8 -> enter long 100 stop 3% target 8%
rule halves
  on signal HALVES where premium > $3 and not urgent -> enter long 100 stop 3% target 4% for 50% target 8% for 50%
rule out during 10:00..11:00
  on signal SELL -> exit
rule some
  on signal SOME -> exit 40
rule breakout
  on bar 5m of SPY where close crosses above highest(20)[1] -> enter long 10 stop 2 atr
rule gone
  on broker disconnected -> halt "gone"
rule add
  on signal ADD -> scale in 50 at profit 2%
rule follow
  on signal TRAIL -> trail 2%
rule short
  on signal SHORT -> enter short 100 stop 3%
rule often cooldown 3m
  on signal OFTEN -> log "often"
rule twice
  on signal TWICE where signals(TWICE, 10m) >= 2 -> log "twice"
rule lunch
  on time 12:00 -> log "lunch"
rule opened
  on start -> log "it begins"
rule trailing
  on signal TRAILING -> enter long 100 trail 2%
rule patient
  on signal PATIENT -> enter long 100 at limit $140 for 5m stop 3%
rule turn
  on signal TURN -> reverse stop 3%
rule carried
  on signal CARRIED where delta < 0 and desk == "west" and pair == MSFT -> log "all of it"
rule print
  on volume of AAPL where size > 500 -> log "a large print"
"""


@attrs.frozen
class Scenario:
    """A test's name and steps; `instead` is what its failure says, None where it passes."""

    name: str
    steps: str
    instead: str | None = None

    @property
    def text(self) -> str:
        return f'test "{self.name}" {{\n{self.steps.strip()}\n}}\n'


BUY = "price AAPL $150 signal BUY AAPL with (confidence = 0.9)"

SCENARIOS = (
    # ---- entering and leaving
    Scenario(
        "a strong signal enters long, protected, and the stop concludes it",
        f"""at 2026-01-05 10:00 {BUY}
        expect enter long 100 of AAPL expect stop AAPL at $145.50 expect target AAPL at $162
        price AAPL $145 expect flat AAPL expect no orders AAPL""",
    ),
    Scenario("any number of shares will do", f"{BUY} expect enter long of AAPL"),
    Scenario("an entry of another size", f"{BUY} expect enter long 50 of AAPL", "entered: long 100 of AAPL"),
    Scenario("an entry on the other side", f"{BUY} expect enter short 100 of AAPL", "entered: long 100 of AAPL"),
    Scenario("an entry of another symbol", f"{BUY} expect enter long 100 of MSFT", "nothing was entered of MSFT"),
    Scenario("a short is refused", "price AAPL $150 signal SHORT AAPL expect refused short expect not fired short"),
    Scenario("a rule that acts is not refused", f"{BUY} expect fired buy expect refused buy", "it fired"),
    Scenario(
        "a rule that is refused has not fired",
        "price AAPL $150 signal SHORT AAPL expect fired short",
        "it was refused: no shorting",
    ),
    Scenario("a rule that was not tried", f"{BUY} expect fired short", "it did not fire"),
    Scenario("the whole is sold on a signal", f"{BUY} signal SELL AAPL expect exit 100 of AAPL expect flat AAPL"),
    Scenario("a part is sold", f"{BUY} signal SOME AAPL expect exit 40 of AAPL expect position AAPL long 60"),
    Scenario("a part is not the whole", f"{BUY} signal SOME AAPL expect exit 100 of AAPL", "closed: 40 of AAPL"),
    Scenario("nothing is closed by itself", f"{BUY} expect exit of AAPL", "nothing was closed of AAPL"),
    Scenario("a target is an exit, too", f"{BUY} expect position AAPL long 100 price AAPL $162 expect exit of AAPL"),
    Scenario("a position of another size", f"{BUY} expect position AAPL long 50", "AAPL is long 100"),
    Scenario("a position on the other side", f"{BUY} expect position AAPL short 100", "AAPL is long 100"),
    Scenario("flat is no position", "expect position AAPL long 100", "AAPL is flat"),
    Scenario("a position is not flat", f"{BUY} expect flat AAPL", "AAPL is long 100"),
    Scenario("orders work", f"{BUY} expect no orders AAPL", "2 orders work of AAPL"),
    Scenario("orders of another symbol", f"{BUY} expect no orders MSFT expect no orders", "2 orders work"),
    # ---- what an expectation looks at
    Scenario(
        "expectations one after another look at the same steps",
        f"{BUY} expect fired buy expect enter long of AAPL expect fired buy",
    ),
    Scenario(
        "after the next step only that is looked at",
        f"{BUY} expect fired buy price AAPL $151 expect not fired buy expect fired buy",
        "it did not fire",
    ),
    Scenario("several steps are looked at together", f"{BUY} price AAPL $151 wait 1m expect fired buy"),
    # ---- orders
    Scenario("a stop elsewhere", f"{BUY} expect stop AAPL at $146", "stop of AAPL at $145.5"),
    Scenario("a target elsewhere", f"{BUY} expect target AAPL at 161", "target of AAPL at $162"),
    Scenario("any order at a price", f"{BUY} expect order AAPL at $162 expect order AAPL at $145.50"),
    Scenario("no stop at all", "expect stop AAPL at $146", "no stop of AAPL works"),
    Scenario(
        "slices have one stop and their own targets",
        """price AAPL $150 signal HALVES AAPL with (premium = $5, urgent = false)
        expect enter long 100 of AAPL expect stop AAPL at $145.50
        expect target AAPL at $156 expect target AAPL at $162 expect position AAPL long 100
        price AAPL $156 expect exit 50 of AAPL expect position AAPL long 50""",
    ),
    Scenario(
        "a trail follows",
        f"{BUY} signal TRAIL AAPL expect stop AAPL at $147 price AAPL $155 expect stop AAPL at $151.90",
    ),
    Scenario(
        "what is armed fires later",
        f"""{BUY} signal ADD AAPL expect fired add expect position AAPL long 100
        price AAPL $153.50 expect fired add expect position AAPL long 150""",
    ),
    Scenario(
        "the broker's own trail is a stop, too",
        """price AAPL $150 signal TRAILING AAPL expect stop AAPL at $147
        price AAPL $155 expect stop AAPL at $151.90 price AAPL $151 expect exit 100 of AAPL expect flat AAPL""",
    ),
    Scenario(
        "an entry that waits is an entry, but no position",
        """price AAPL $150 signal PATIENT AAPL expect enter long 100 of AAPL expect order AAPL at $140 expect flat AAPL
        wait 5m expect no orders AAPL expect not fired patient""",
    ),
    Scenario(
        "a reversal needs to be allowed",
        f"{BUY} signal TURN AAPL expect refused turn expect position AAPL long 100",
    ),
    Scenario(
        "on bars alone an entry fills at the next open",
        """bar AAPL 150 151 149 150 1000 signal BUY AAPL with (confidence = 0.9)
        expect enter long 100 of AAPL expect flat AAPL
        bar AAPL 151 152 150 151 1000 expect position AAPL long 100 expect stop AAPL at $146.47""",
    ),
    Scenario(
        "on a closed day nothing is entered",
        "at 2026-01-03 10:00 price AAPL $150 signal BUY AAPL with (confidence = 0.9) expect refused buy",
    ),
    # ---- why a rule did not fire
    Scenario(
        "a false comparison is told with what it saw",
        "price AAPL $150 signal BUY AAPL with (confidence = 0.79) expect fired buy",
        "it did not fire",
    ),
    Scenario(
        "an unknown confidence",
        "price AAPL $150 signal BUY AAPL expect fired buy",
        "it was skipped: confidence unknown",
    ),
    Scenario("without any price there is no entry", "signal BUY AAPL with (confidence = 0.9) expect refused buy"),
    Scenario(
        "a signal's price is one", "signal BUY AAPL with (confidence = 0.9, price = $150) expect enter long of AAPL"
    ),
    Scenario("the window is closed", f"at 12:30 {BUY} signal SELL AAPL expect fired out", "it did not fire"),
    # ---- time
    Scenario("two alike at one moment are two", "signal TWICE AAPL signal TWICE AAPL expect fired twice"),
    Scenario("one alone is one", "signal TWICE AAPL expect not fired twice"),
    Scenario(
        "what came ten minutes ago is forgotten", "signal TWICE AAPL wait 10m signal TWICE AAPL expect not fired twice"
    ),
    Scenario(
        "a cooldown is over when it is over",
        """signal OFTEN AAPL wait 179s signal OFTEN AAPL expect fired often
        wait 1s signal OFTEN AAPL expect fired often""",
    ),
    Scenario(
        "a cooldown holds back",
        "signal OFTEN AAPL expect fired often wait 1m signal OFTEN AAPL expect fired often",
        "it was throttled: cooldown",
    ),
    Scenario("a moment comes when time goes on to it", "at 11:59 expect not fired lunch wait 1m expect fired lunch"),
    Scenario("a moment that a test begins at has come", "at 2026-01-06 12:00 expect fired lunch"),
    Scenario("time does not run backwards", "wait 2h at 11:30", "time does not run backwards: it is 12:00:00 already"),
    Scenario("a test begins", "expect fired opened"),
    Scenario(
        "orders of the day end with it",
        f"{BUY} at 2026-01-06 09:30 expect position AAPL long 100 expect stop AAPL at $145.50",
    ),
    # ---- the market
    Scenario(
        "a buy pays the ask",
        "quote AAPL $149 $151 signal BUY AAPL with (confidence = 0.9) expect stop AAPL at $146.47",
    ),
    Scenario("a print has a size", "price AAPL $150 size 501 expect fired print"),
    Scenario("a small print", "price AAPL $150 size 500 expect fired print", "it did not fire"),
    Scenario(
        "bars fill an indicator",
        """bar SPY $500 $501 $499 $500 1000 for 22 bars expect not fired breakout
        bar SPY $500 $503 $500 $502 1000 expect fired breakout
        bar SPY $502 $503 $501 $502 1000 expect position SPY long 10 expect stop SPY at $497.86
        bar SPY $502 $503 $490 $490 1000 expect flat SPY expect exit 10 of SPY""",
    ),
    Scenario(
        "a bar may state its timeframe",
        """bar 1m SPY 500 501 499 500 1000 for 110 bars bar 1m SPY 500 503 500 502 1000 for 5 bars
        expect fired breakout""",
    ),
    Scenario(
        "what a signal carries",
        'signal CARRIED AAPL with (delta = -0.3, desk = "west", pair = MSFT) expect fired carried',
    ),
    Scenario(
        "an urgent one is passed over",
        "price AAPL $150 signal HALVES AAPL with (premium = $5, urgent = true) expect fired halves",
        "it did not fire",
    ),
    Scenario("nothing happens and nothing is expected", ""),
    # ---- the broker
    Scenario(
        "a rejected entry leaves nothing",
        """price AAPL $150 reject next order "margin" signal BUY AAPL with (confidence = 0.9)
        expect flat AAPL expect no orders AAPL expect enter long of AAPL""",
        "the entry was rejected",
    ),
    Scenario(
        "protection follows what has filled",
        """price AAPL $150 partial fill 40 of next order signal BUY AAPL with (confidence = 0.9)
        expect enter long 100 of AAPL expect position AAPL long 40
        price AAPL $150 expect position AAPL long 100""",
    ),
    Scenario(
        "a disconnection halts and refuses",
        f"""price AAPL $150 disconnect expect halted expect fired gone {BUY} expect refused buy
        reconnect expect no orders""",
    ),
    Scenario("nothing is halted", "expect halted", "nothing is halted"),
    Scenario(
        "while it is gone the broker's messages wait",
        f"{BUY} disconnect price AAPL $145 expect position AAPL long 100 reconnect expect flat AAPL expect no orders",
    ),
    Scenario("the account begins with so much", f"equity $1_000 {BUY} expect refused buy"),
    Scenario(
        "a symbol may be quoted", 'price "AAPL" 150 signal "BUY" "AAPL" with (confidence = 90%,) expect fired cases.buy'
    ),
)


def rules_text() -> str:
    """The rules, and all tests of them."""
    return "\n".join([RULES, *(scenario.text for scenario in SCENARIOS)])
