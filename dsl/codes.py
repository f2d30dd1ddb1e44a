"""Every code a diagnostic can have, once, as data: its title, its story, and rules with and without the mistake.

`rulec explain E202` prints an entry; the tests compile both examples of every entry: the wrong one must give its code
and the right one must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from .diagnostics import Severity


@attrs.frozen
class Code:
    """One code: a title of a few words, the story behind it, a wrong example and how it is put right."""

    code: str
    title: str
    story: str
    wrong: str
    right: str

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR


_ALL = (
    Code(
        "E001",
        "unexpected text",
        "The text can't be read as a rule from here on. The message says what was expected at that place. Reading goes "
        "on after it, so that the other mistakes of the file are told as well.",
        "on signal BUY -> enter long 100 stop\n",
        "on signal BUY -> enter long 100 stop 3%\n",
    ),
    Code(
        "E002",
        "text without its closing quote",
        "A text stands between two double quotes on one line. Here the second is missing, so all the rest of the line "
        'would be part of it. A quote inside a text is written `\\"`.',
        'on signal BUY -> log "bought {symbol}\n',
        'on signal BUY -> log "bought {symbol}"\n',
    ),
    Code(
        "E003",
        "keyword misspelt",
        "A word stands where only certain keywords can, and it is nearly one of them. The file is read as if that "
        "keyword stood there. Keywords are in lower case.",
        "on signal BUY wher confidence > 0.8 -> exit\n",
        "on signal BUY where confidence > 0.8 -> exit\n",
    ),
    Code(
        "E004",
        "not UTF-8, or a NUL",
        "Rule files are UTF-8 text. This file holds bytes that are no UTF-8, or the character NUL, which no text "
        "editor writes: it may be damaged, in another encoding, or not be a rule file at all.",
        "# a comment with a NUL: \0\n",
        "# a comment without\n",
    ),
    Code(
        "E005",
        "nested deeper than 200 levels",
        "Brackets, `not` and signs can stand inside one another up to 200 levels deep. Nobody reads more; parts of "
        "such a condition get names with `let`.",
        "on signal BUY where " + "(" * 201 + "confidence > 0.8" + ")" * 201 + " -> exit\n",
        "let strong = confidence > 0.8\non signal BUY where strong -> exit\n",
    ),
    Code(
        "E006",
        "file over 4 MB",
        "A rule file of this size is an accident: data in the place of rules, or a file made by a program that should "
        "use a list or a table. Several smaller files can be given to one command, and a folder too.",
        "# " + "x" * 4_000_000 + "\n",
        "on signal BUY -> exit\n",
    ),
    Code(
        "E101",
        "unknown name",
        "The name is not one that the trigger brings, nor one that a `let`, `param` or `field` declares. Where a known "
        "name is nearly the same, the message asks for it.",
        "on signal BUY where confidense > 0.8 -> exit\n",
        "on signal BUY where confidence > 0.8 -> exit\n",
    ),
    Code(
        "E102",
        "two rules of one name",
        "A rule's name is how its counters, cooldowns and tests know it, so that two rules of one file can't share "
        "one.",
        "rule out on signal SELL -> exit\nrule out on signal SHORT -> exit\n",
        "rule out on signal SELL -> exit\nrule out_short on signal SHORT -> exit\n",
    ),
    Code(
        "E103",
        "name defined twice, or reserved",
        "A name means one thing in a file. It can't be declared twice, it can't be a word of the language, and the "
        "names that triggers bring (`price`, `symbol`, `confidence`, …) and the built-in functions can't be given "
        "another meaning. Nor can a `let` be defined through itself, by way of others or not.",
        "let price = $5\non price -> exit\n",
        "let ceiling = $5\non price where price > ceiling -> exit\n",
    ),
    Code(
        "E104",
        "unknown function or action",
        "In a condition only built-in functions can be called, and after `call` only the Python actions that the "
        "configuration names. Where one has nearly the same name, the message asks for it.",
        "on price where price > avg(20) -> exit\n",
        "on price where price > 3 * atr(20) -> exit\n",
    ),
    Code(
        "E105",
        "import not found",
        "`use` names a file by its way from the file that uses it, in quotes, or a module that ships with rulec, "
        "such as `std.exits`. Here there is no such file, or it can't be read. The names that it would have brought "
        "are not reported as unknown.",
        'use "limts.rules"\non signal SELL -> exit\n',
        "use std.risk\non signal SELL -> exit\n",
    ),
    Code(
        "E106",
        "import cycle",
        "Files use each other in a circle, or a file uses itself, so that none could be read before the others. Put "
        "what they share into a file of its own.",
        'use "example.rules"\non signal SELL -> exit\n',
        "on signal SELL -> exit\n",
    ),
    Code(
        "E107",
        "name that this trigger does not bring",
        "Each trigger brings its own names: a signal has a confidence, a price has a size. A rule can only use what "
        "its own trigger brings; a `let` is read with the trigger of the rule that uses it. What is asked of the "
        "event's symbol without naming it (`last`, `atr(14)`, `position.profit`) needs an event that has one: the "
        "clock has one only with `of`.",
        "on price where confidence > 0.8 -> exit\n",
        "on signal any where confidence > 0.8 -> exit\n",
    ),
    Code(
        "E201",
        "types do not fit",
        "Values have types with units: number, percent, money, duration, time, symbol, text. Two values can only be "
        "compared, added or put in a place where their types fit; what does not is refused before it can trade.",
        "on price where price > 3% -> exit\n",
        "on price where price > $3 -> exit\n",
    ),
    Code(
        "E202",
        "unit missing or wrong",
        "A bare number could be read as percent, as money or as a multiple of the range. The compiler does not guess "
        "with real money: `stop 3` is asked for its unit, and `stop $145` whether the stop lies at that price or that "
        "far away.",
        "on signal BUY -> enter long 100 stop 3\n",
        "on signal BUY -> enter long 100 stop 3%\n",
    ),
    Code(
        "E203",
        "not a condition, or nothing crosses",
        "After `where`, and on both sides of `and`, `or` and `not`, stands something that is true or false: a "
        "comparison, `in`, or the name of one. `crosses` compares what was before with what is now: in a rule on "
        "prices the last two prices, elsewhere the last two bars. Where neither side moves by those, nothing crosses.",
        "on signal BUY where confidence -> exit\n",
        "on signal BUY where confidence > 0.8 -> exit\n",
    ),
    Code(
        "E204",
        "wrong arguments",
        "A function or an action is called with too many or too few values, or with values it can't use; lengths, "
        "timeframes and `[1]`, how many bars ago, must be fixed. A param of a used file is given one value, once.",
        "on price where price > atr(14, 20, 30) -> exit\n",
        "on price where price > 3 * atr(14) -> exit\n",
    ),
    Code(
        "E301",
        "risk without a stop",
        "`risk 1% of equity` buys as many shares as lose that much when the stop is hit, and `2R` is a multiple of the "
        "distance to it. Without a stop neither means anything.",
        "on signal BUY -> enter long risk 1% of equity target 8%\n",
        "on signal BUY -> enter long risk 1% of equity stop 3% target 8%\n",
    ),
    Code(
        "E302",
        "targets take more than all",
        "Each target takes its part of the shares; one without `for` takes 100%. Together they can't take more than "
        "all.",
        "on signal BUY -> enter long 100 stop 3% target 4% for 60% target 8% for 60%\n",
        "on signal BUY -> enter long 100 stop 3% target 4% for 60% target 8% for 40%\n",
    ),
    Code(
        "E303",
        "action needs a symbol and the trigger has none",
        "Most actions act on the symbol of the event. The clock, the start and the broker's connection bring none, "
        "unless the clock's trigger is narrowed with `of`: then the rule is tried once for each of its symbols.",
        "on time 10:00 -> exit\n",
        "on time 10:00 of [AAPL, MSFT] -> exit\n",
    ),
    Code(
        "E304",
        "value that is never allowed",
        "The value has the right type, but no order, option or param can have it: a size of zero, a stop 100% below a "
        "long, a default outside its own range.",
        "on signal BUY -> enter long 0 stop 3%\n",
        "on signal BUY -> enter long 100 stop 3%\n",
    ),
    Code(
        "E305",
        "rules emit signals to each other in a cycle",
        "A signal that a rule emits is an input like any other, and fires rules. Here one leads to another and back "
        "to the first, so that they would never come to rest. Conditions are not asked: they may all be true.",
        "on signal BUY -> emit signal STRONG\non signal STRONG -> emit signal BUY\n",
        'on signal BUY -> emit signal STRONG\non signal STRONG -> log "{symbol}"\n',
    ),
    Code(
        "W401",
        "entry without a stop",
        "Nothing limits the loss of a trade that has no stop. A trail from the start serves as one; a target, a time "
        "to exit and a trail that waits for a gain do not. If that is meant, silence it with `# rulec: ignore[W401]`.",
        "on signal BUY -> enter long 100 target 8%\n",
        "on signal BUY -> enter long 100 stop 3% target 8%\n",
    ),
    Code(
        "W402",
        "condition can never be true",
        "It is proven that no event makes this condition true, so that the rule never fires. The clauses that exclude "
        "each other are named. A confidence is a fraction: 80% is `0.8` or `80%`, and `80` is never reached.",
        "on signal BUY where confidence > 80 -> exit\n",
        "on signal BUY where confidence > 80% -> exit\n",
    ),
    Code(
        "W403",
        "condition is always true",
        "It is proven that every event that has what the condition asks for makes it true, so that it leaves nothing "
        "out. Often an `or` was written where an `and` was meant.",
        "on signal BUY where confidence > 0.5 or confidence < 0.9 -> exit\n",
        "on signal BUY where confidence > 0.5 and confidence < 0.9 -> exit\n",
    ),
    Code(
        "W404",
        "rule can never act",
        "Rules are tried by priority, then from top to bottom, and the first that acts on a position owns the event. "
        "It is proven that whenever this rule fires, one before it fires too and does the same.",
        "on signal BUY where confidence > 0.8 -> exit\non signal BUY where confidence > 0.9 -> exit\n",
        "on signal BUY where confidence > 0.8 -> exit\non signal SELL where confidence > 0.9 -> exit\n",
    ),
    Code(
        "W405",
        "rules enter opposite sides on one event",
        "One event fires both rules, and it is shown: one goes long on it, the other short. The rule that is tried "
        "first wins, so that the other does not do what it says.",
        "on signal BUY where confidence > 0.8 -> enter long 100 stop 3%\n"
        "on signal any where confidence < 0.9 -> enter short 100 stop 3%\n",
        "on signal BUY where confidence > 0.8 -> enter long 100 stop 3%\n"
        "on signal SELL where confidence < 0.9 -> enter short 100 stop 3%\n",
    ),
    Code(
        "W406",
        "declared, but not used",
        "Nothing reads this `let`, `param` or `field`, or anything of this used file. It may be left over, or a rule "
        "that should use it does not.",
        "let watch = [AAPL, MSFT]\non signal SELL -> exit\n",
        "let watch = [AAPL, MSFT]\non signal SELL of watch -> exit\n",
    ),
    Code(
        "W407",
        "entry on prices or bars without a rest",
        "Prices come many times a second, and what was true at one is true at the next. When the stop of such a trade "
        "is hit, the rule enters again at once, and loses again. A `cooldown`, an `at most` or a condition that is "
        "true for one event only (`crosses`) gives it a rest.",
        "on price of AAPL where price > sma(20) -> enter long 100 stop 1%\n",
        "rule above cooldown 30m on price of AAPL where price > sma(20) -> enter long 100 stop 1%\n",
    ),
    Code(
        "W408",
        "target nearer than the stop",
        "Such a trade loses more when it is wrong than it gains when it is right. That can pay where it is seldom "
        "wrong; so this warning is given only where it is asked for, with `--select W408`.",
        "on signal BUY -> enter long 100 stop 8% target 3%\n",
        "on signal BUY -> enter long 100 stop 3% target 8%\n",
    ),
    Code(
        "W409",
        "entries without limits",
        "Rules enter positions, and no `limits` bound how large or how many. A feed that repeats itself could then "
        "open more than the account should hold.",
        "on signal BUY -> enter long 100 stop 3%\n",
        "limits { max positions 10 }\non signal BUY -> enter long 100 stop 3%\n",
    ),
    Code(
        "W410",
        "an ignore that silences nothing",
        "The comment `# rulec: ignore[…]` names a code that is not reported for this statement, so that it can go.",
        "on signal SELL -> exit  # rulec: ignore[W401]\n",
        "on signal SELL -> exit\n",
    ),
    Code(
        "W411",
        "a fixed time that half days pass by",
        "On some days the exchange closes at 13:00. A rule that exits at a later time fires one minute before the "
        "close then. `market close - 1m` says what is meant on every day.",
        "on time 15:59 -> exit everything\n",
        "on market close - 1m -> exit everything\n",
    ),
)

CODES: Mapping[str, Code] = MappingProxyType({entry.code: entry for entry in _ALL})
"""Every code by its name, in order."""
