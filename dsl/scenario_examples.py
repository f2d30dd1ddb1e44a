"""Malformed tests, and what to say about each; see `syntax_examples.py`."""

from __future__ import annotations

from .told import Example, at, choice, missing

_TEST = 'write `test "a strong signal enters long" { … }`'
STEPS = "a step begins with `at`, `wait`, `equity`, `price`, `quote`, `bar`, `signal`, `reject`, `partial`, …"
_BAR = "write `bar AAPL $150 $151 $149 $150.50 10_000`: open, high, low, close and volume"
_WITH = "write `with (confidence = 0.9)`"
_EXPECT = (
    "write `expect enter long 100 of AAPL`, `expect stop AAPL at $145.50`, `expect flat AAPL` or `expect fired flow`"
)

SCENARIO_EXAMPLES: tuple[Example, ...] = (
    missing("test", "`test` needs a sentence that says what it is about", _TEST),
    missing('test "a"', "the steps of a test stand in braces", _TEST),
    at('test "a" { 5', "a step does not begin with `{found}`", STEPS, by="kind"),
    at('test "a" { price AAPL $150 $160', "a step does not begin with `{found}`", STEPS, by="kind"),
    missing('test "a" { at', "`at` needs a date and time, or a time of day", "write `at 2026-01-05 10:00`"),
    missing('test "a" { wait', "`wait` needs a duration", "write `wait 3m`"),
    missing('test "a" { equity', "`equity` needs an amount", "write `equity $50_000`"),
    missing('test "a" { price', "`price` needs a symbol", "write `price AAPL $150`"),
    missing('test "a" { price AAPL', "`price` needs a price after the symbol", "write `price AAPL $150`"),
    missing('test "a" { price AAPL $150 size', "`size` needs a number of shares", "write `price AAPL $150 size 100`"),
    missing('test "a" { quote', "`quote` needs a symbol", "write `quote AAPL $149.99 $150.01`"),
    missing('test "a" { quote AAPL', "`quote` needs a bid and an ask", "write `quote AAPL $149.99 $150.01`"),
    missing('test "a" { quote AAPL $150', "`quote` needs an ask after the bid", "write `quote AAPL $149.99 $150.01`"),
    missing('test "a" { bar', "`bar` needs a symbol", _BAR),
    missing('test "a" { bar 5m', "`bar` needs a symbol", _BAR),
    missing('test "a" { bar AAPL', "a bar has five values", _BAR),
    missing('test "a" { bar AAPL $1', "a bar has five values", _BAR),
    missing('test "a" { bar AAPL $1 $2', "a bar has five values", _BAR),
    missing('test "a" { bar AAPL $1 $2 $3', "a bar has five values", _BAR),
    missing('test "a" { bar AAPL $1 $2 $3 $4', "a bar has five values: its volume is missing", _BAR),
    missing('test "a" { bar AAPL $1 $2 $3 $4 5 for', "`for` needs a number of bars", "write `for 20 bars`"),
    missing('test "a" { bar AAPL $1 $2 $3 $4 5 for 20', "so many what?", "write `for 20 bars`"),
    missing('test "a" { signal', "`signal` needs a kind", "write `signal BUY AAPL`"),
    missing('test "a" { signal BUY', "`signal` needs a symbol after the kind", "write `signal BUY AAPL`"),
    missing('test "a" { signal BUY AAPL with', "what a signal carries stands in brackets", _WITH),
    missing('test "a" { signal BUY AAPL with (', "a signal carries names and values", _WITH),
    missing('test "a" { signal BUY AAPL with (confidence', "what a signal carries is given with `=`", _WITH),
    missing('test "a" { signal BUY AAPL with (confidence =', "this name has no value after `=`", _WITH),
    missing('test "a" { reject', "the step is called `reject next order`", 'write `reject next order "margin"`'),
    missing('test "a" { reject next', "the step is called `reject next order`", 'write `reject next order "margin"`'),
    missing('test "a" { reject next order', "`reject` needs a reason", 'write `reject next order "margin"`'),
    missing('test "a" { partial', "the step is called `partial fill`", "write `partial fill 40 of next order`"),
    missing('test "a" { partial fill', "`partial fill` needs a number", "write `partial fill 40 of next order`"),
    missing('test "a" { partial fill 40', "of which order?", "write `partial fill 40 of next order`"),
    missing('test "a" { partial fill 40 of', "of which order?", "write `partial fill 40 of next order`"),
    missing('test "a" { partial fill 40 of next', "of which order?", "write `partial fill 40 of next order`"),
    choice('test "a" { expect', "`expect` needs what is expected", _EXPECT),
    choice('test "a" { expect enter', "`enter` needs a side", "write `expect enter long 100 of AAPL`"),
    missing('test "a" { expect enter long', "`enter` needs a symbol", "write `expect enter long 100 of AAPL`"),
    missing('test "a" { expect enter long 100', "`enter` needs a symbol", "write `expect enter long 100 of AAPL`"),
    missing('test "a" { expect enter long 100 of', "`of` needs a symbol", "write `of AAPL`"),
    missing('test "a" { expect exit', "`exit` needs a symbol", "write `expect exit of AAPL`"),
    missing('test "a" { expect exit 50', "`exit` needs a symbol", "write `expect exit 50 of AAPL`"),
    missing('test "a" { expect exit 50 of', "`of` needs a symbol", "write `of AAPL`"),
    *(
        example
        for word in ("stop", "target", "order")
        for example in (
            missing(f'test "a" {{ expect {word}', f"`{word}` needs a symbol", f"write `expect {word} AAPL at $145.50`"),
            missing(
                f'test "a" {{ expect {word} AAPL',
                f"`{word}` needs a price",
                f"write `expect {word} AAPL at $145.50`",
            ),
            missing(f'test "a" {{ expect {word} AAPL at', "`at` needs a price", "write `at $145.50`"),
        )
    ),
    missing('test "a" { expect position', "`position` needs a symbol", "write `expect position AAPL long 100`"),
    choice('test "a" { expect position AAPL', "long or short?", "write `expect position AAPL long 100`"),
    missing(
        'test "a" { expect position AAPL long',
        "`position` needs a number of shares",
        "write `expect position AAPL long 100`",
    ),
    missing('test "a" { expect flat', "`flat` needs a symbol", "write `expect flat AAPL`"),
    choice(
        'test "a" { expect no', "after `no` stands `orders`", "write `expect no orders AAPL`, or `expect flat AAPL`"
    ),
    missing('test "a" { expect fired', "`fired` needs the name of a rule", "write `expect fired flow`"),
    missing('test "a" { expect fired flow.', "after the `.` stands the name of a rule", "write `expect fired flow`"),
    choice('test "a" { expect not', "after `not` stands `fired`", "write `expect not fired flow`"),
    missing('test "a" { expect not fired', "`fired` needs the name of a rule", "write `expect not fired flow`"),
    missing('test "a" { expect refused', "`refused` needs the name of a rule", "write `expect refused flow`"),
)
