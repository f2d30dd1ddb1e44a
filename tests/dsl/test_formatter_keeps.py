"""Whatever a file looks like: laying it out keeps meaning and comments, and doing it again changes nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rulec.dsl import nodes as n
from rulec.dsl.formatter import format_source
from rulec.dsl.lexer import tokenise
from rulec.dsl.parser import parse
from rulec.dsl.printer import print_file
from rulec.dsl.source import SourceFile
from rulec.dsl.table_cache import load
from rulec.tests.dsl.test_round_trip import files

GAPS = ("{space}", "\n", "\n\n\n", "{space}# {text}\n", "\n# {text}\n{space}", "\n\n{space}# {text}\n\n# {text}\n")
COMMENTS = ("why", "", "a -> b", '"quoted"', "rulec: ignore[W401]", "rulec: ignore[W405, W406]", "{ [ (")
SPACES = (" ", "   ", "\t", "    ")

gaps = st.builds(
    lambda gap, space, text: gap.format(space=space, text=text),
    st.sampled_from(GAPS),
    st.sampled_from(SPACES),
    st.sampled_from(COMMENTS),
)


def read(text: str) -> n.File:
    file, wrong = parse(SourceFile("a.rules", text))
    assert wrong == [], text
    return file


def laid_out(text: str) -> str:
    formatted = format_source(SourceFile("a.rules", text)).text
    assert formatted is not None
    return formatted


@st.composite
def strewn_texts(draw: st.DrawFn) -> str:
    """A program whose words stand anywhere, with comments and empty lines between any two."""
    tokens = tokenise(load(), print_file(draw(files)))
    words = [tokens.word(index) for index in range(len(tokens.kinds) - 1)]
    few = draw(st.integers(0, 8))
    text: str = draw(gaps)
    for word in words:
        text += word + (draw(gaps) if draw(st.integers(0, few)) == 0 else " ")
    return text


@settings(max_examples=max(150, settings().max_examples), deadline=None)
@given(strewn_texts())
def test_meaning_and_comments_stay_and_a_second_time_changes_nothing(text: str) -> None:
    formatted = laid_out(text)
    before, after = read(text), read(formatted)
    assert after == before
    assert [one.text for one in after.comments] == [one.text for one in before.comments]
    assert laid_out(formatted) == formatted
    assert "\n\n\n" not in formatted
    assert all(line == line.rstrip() for line in formatted.split("\n"))


@settings(max_examples=max(100, settings().max_examples), deadline=None)
@given(files)
def test_a_printed_file_is_laid_out_already(file: n.File) -> None:
    printed = print_file(file)
    assert laid_out(printed) == printed
