"""Texts that nobody writes by hand: a diagnostic, quickly, and never a Python error."""

from __future__ import annotations

import random
import string

import pytest

from rulec.dsl import printer, render
from rulec.dsl.diagnostics import Diagnostic
from rulec.dsl.parser import parse
from rulec.dsl.source import SourceFile

WHERE = "on signal BUY where "


def read(data: bytes) -> list[Diagnostic]:
    source, found = SourceFile.from_bytes("a.rules", data)
    if not found:
        file, found = parse(source)
        if not found and len(data) < 1_000_000:
            again, wrong = parse(SourceFile("b.rules", printer.print_file(file)))
            assert (again, wrong) == (file, [])
            assert hash(again) == hash(file)
            assert repr(again) == repr(file)
    render.full(found[:20], {"a.rules": source})
    render.as_json(found[:20], {"a.rules": source})
    return found


HOSTILE = {
    "brackets alone": ("(" * 10_000, {"E001"}),
    "brackets": (WHERE + "(" * 10_000, {"E005"}),
    "sums in brackets": (WHERE + "1+(" * 10_000, {"E005"}),
    "every operator at each of many levels": (WHERE + "1 or 1 and 1<1+1*f(" * 199, {"E005"}),
    "lists": ("let x = " + "[" * 10_000, {"E005"}),
    "not": (WHERE + "not " * 10_000, {"E005"}),
    "signs": (WHERE + "-" * 10_000, {"E005"}),
    "a chain of and": (WHERE + "x" + " and x" * 10_000, {"E001"}),
    "and alone": ("and x " * 10_000, {"E001"}),
    "a long chain that is fine": (WHERE + "x" + " or x" * 10_000 + " -> exit", set()),
    "a list of 200,000": ("let x = [" + "A," * 200_000 + "]", set()),
    "a list without commas": ("let x = [" + "1 " * 200_000 + "]", {"E001"}),
    "one word of 4 MB": ("x" * 3_999_000, {"E001"}),
    "one number of 1 MB": ("let x = " + "1" * 1_000_000, {"E001"}),
    "one text of 4 MB": ('on price -> log "' + "a" * 3_900_000 + '"', set()),
    "a text of escapes": ('on price -> log "' + "\\n" * 100_000 + '"', set()),
    "quotes": ('"' * 100_001, {"E001"}),
    "arrows": (WHERE + "-> " * 50_000, {"E001"}),
    "closing brackets": ("]" * 100_000, {"E001"}),
    "signs without meaning": ("@" * 50_000, {"E001"}),
    "glued numbers": ("1a " * 30_000, {"E001"}),
    "statement words on one line": ("rule " * 100_000, {"E001"}),
    "statement words": ("on\n" * 9_000, {"E001"}),
    "nothing": ("", set()),
    "white space": (" \t\r\n\f" * 10_000, set()),
    "5 MB": ("x" * 5_000_000, {"E006"}),
    "bars ago": (WHERE + "close[" * 10_000, {"E005"}),
    "bars ago, of bars ago": (WHERE + "close" + "[1]" * 10_000 + " > $3 -> exit", {"E001"}),
    "fields of fields": (WHERE + "position." * 10_000, {"E001"}),
    "symbols of symbols": (WHERE + "SPY." * 10_000, {"E001"}),
    "is": (WHERE + "x is " * 10_000, {"E001"}),
    "is not": (WHERE + "x is " + "not " * 10_000, {"E001"}),
    "crossings": (WHERE + "x crosses above " * 10_000, {"E001"}),
    "calls of actions": ("on bar" + " -> call f(" * 10_000, {"E001"}),
    "arguments": ("on bar -> call f(" + "x, " * 100_000 + ")", set()),
    "named arguments": ("on bar -> call f(" + "x = 1, " * 100_000 + ")", set()),
    "brackets in arguments": ("on bar -> call f(x = " + "(" * 10_000, {"E005"}),
    "uses": ("use " * 50_000, {"E001"}),
    "values for params": ("use a with (" + "x = 1, " * 100_000 + ")", set()),
    "names of modules": ("use a" + ".a" * 100_000, set()),
    "actions": ("on bar" + " -> move stop to breakeven" * 50_000, set()),
    "triggers": ("on bar " * 30_000, {"E001", "E003"}),
    "pieces of triggers": ("on market open + " * 20_000, {"E001"}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_text_gets_its_diagnostic(what: str) -> None:
    text, codes = HOSTILE[what]
    assert {diagnostic.code for diagnostic in read(text.encode())} == codes


@pytest.mark.parametrize("opening", ["(", "[", "f(", "t[", "not ", "-", "1+(", "-(", "not ("])
def test_two_hundred_levels_are_read_and_one_more_is_not(opening: str) -> None:
    closing = "".join({"(": ")", "[": "]"}.get(sign, "") for sign in reversed(opening))
    levels = sum(opening.count(sign) for sign in ("(", "[", "not", "-"))
    deepest = 200 // levels
    assert read(f"{WHERE}{opening * deepest}x{closing * deepest} -> exit".encode()) == []
    found = read(f"{WHERE}{opening * (deepest + 1)}x{closing * (deepest + 1)} -> exit\non price -> exi".encode())
    assert [diagnostic.code for diagnostic in found] == ["E005", "E003"]


def test_every_line_wrong_is_told_line_by_line() -> None:
    found = read(b"on signal BUY where confidence > -> enter long 100 stop\n" * 2_000)
    assert len(found) == 4_000


def test_too_many_errors_end_the_reading() -> None:
    found = read(b"on signal\n" * 20_000)
    assert len(found) == 10_000
    assert found[-1].notes == ("reading stops after 10,000 errors",)


@pytest.mark.parametrize("seed", range(60))
def test_noise_never_raises(seed: int) -> None:
    rng = random.Random(seed)
    words = (
        "on signal BUY where ( ) -> enter long 100 stop 3% and or not in is [ ] { } let x = param limits max of use . "
        "with crosses above bar market open + move breakeven call trail emit place buy \n".split(" ")
    )
    if seed % 2:
        text = " ".join(rng.choices(words, k=400))
    else:
        text = "".join(rng.choices(string.printable + "\ufeff\u20ac\u201c\u0301\U0001f600", k=1_500))
    for diagnostic in read(text.encode()):
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
        assert "``" not in diagnostic.message
        assert diagnostic.message
