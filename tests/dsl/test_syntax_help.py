"""Each example of a malformed text gets the message that stands beside it, at the place it speaks of, and no other."""

from __future__ import annotations

import re

import pytest

from rulec.dsl.parser import parse
from rulec.dsl.source import SourceFile
from rulec.dsl.syntax_examples import EXAMPLES
from rulec.dsl.told import Example


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.text for example in EXAMPLES])
def test_an_example_gets_its_message(example: Example) -> None:
    text = example.text
    (diagnostic, *rest) = parse(SourceFile("a.rules", text))[1]
    last = text.split()[-1]
    assert diagnostic.message == example.told.message.replace("{found}", re.sub(r".*(?=[,.])", "", last))
    assert diagnostic.help == (example.told.help and example.told.help.replace("{found}", last))
    assert rest == []
    if example.told.missing:
        assert diagnostic.span.start == diagnostic.span.end > 0
    else:
        assert text[diagnostic.span.start : diagnostic.span.end] == re.sub(r".*(?=[,.])", "", last)


def test_no_two_examples_are_the_same() -> None:
    assert len({example.text for example in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("on signal BUY -> enter long 100 stop 3%, target 8%", "protections follow one another without `,`"),
        ("on signal BUY -> enter long 100 target 8%, stop 3%", "protections follow one another without `,`"),
        ("on signal BUY -> enter long 100 trail 2 atr and stop 3%", "protections follow one another without `and`"),
        ("on signal BUY -> enter long 100 stop target 8%", "`stop` needs a distance"),
        ("on signal BUY -> enter long 100 stop -> exit", "`stop` needs a distance"),
        ("on signal BUY -> enter long 100 stop\n\n# end\n", "`stop` needs a distance"),
        ("on signal BUY\non signal SELL -> exit", "this rule does nothing"),
        ("on signal BUY where confidence > 0.8\n\non signal SELL -> exit", "this rule does nothing"),
        ("on signal BUY where a * b + c >\n-> exit", "the right side of the comparison is missing"),
        ("param low = max(1, 2) in 3", "a range has two ends"),
        ("let x = 1 2", "expected the next statement, found `2`"),
        ("let x = f(1 2)", "expected `,` or `)`, found `2`"),
        ("on signal BUY 5 -> exit", "expected `->`, `of`, `where` or `or`, found `5`"),
    ],
)
def test_a_message_does_not_depend_on_what_else_stands_there(text: str, message: str) -> None:
    assert [diagnostic.message for diagnostic in parse(SourceFile("a.rules", text))[1]] == [message]


def test_a_missing_operand_is_told_at_the_end_of_the_token_before_it() -> None:
    text = "on signal BUY where confidence >   \n\n   # later\n-> exit"
    (diagnostic,) = parse(SourceFile("a.rules", text))[1]
    assert diagnostic.span == (text.index(">") + 1, text.index(">") + 1)
