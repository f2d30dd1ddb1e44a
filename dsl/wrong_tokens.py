"""What to say of a token that no file can hold, or that belongs to another language: `100stop`, `$30k`, `“x”`, `then`.

Each is one mistake and gets one message; where it is certain what was meant, reading goes on with that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

FOREIGN: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "=": ((("COMPARATOR",), "=="),),
    "then": ((("ARROW",), "->"),),
    "do": ((("ARROW",), "->"),),
    "if": ((("WHERE",), "where"),),
    "when": ((("ON",), "on"), (("WHERE",), "where")),
    "buy": ((("ENTER", "LONG"), "enter long"),),
    "long": ((("ENTER", "LONG"), "enter long"),),
    "short": ((("ENTER", "SHORT"), "enter short"),),
    "alert": ((("NOTIFY",), "notify"),),
    "print": ((("LOG",), "log"),),
    "sell": ((("EXIT",), "exit"),),
    "with": ((("WHERE",), "where"),),
    "over": ((("ABOVE",), "above"),),
    "under": ((("BELOW",), "below"),),
    "cross": ((("CROSSES",), "crosses"),),
    "timer": ((("EVERY",), "every"),),
    "import": ((("USE",), "use"),),
    "include": ((("USE",), "use"),),
}
"""Words and signs of other languages, what each stands for here, and how that is written."""


AMBIGUOUS: Mapping[str, tuple[str, str]] = {
    "sell": ("does `sell` close, or go short?", "write `exit` or `enter short 100`"),
}
"""Those of them that may mean two things: what is asked, and the ways to answer."""


@attrs.frozen
class WrongToken:
    """What to say of a wrong token; `instead` is what was meant, where that is certain.

    `stands_for` are the kinds to go on with, tried in order; `length` the part of it to underline.
    """

    message: str
    help: str | None = None
    label: str = ""
    instead: str | None = None
    stands_for: tuple[tuple[str, ...], ...] = ()
    code: str = "E001"
    length: int | None = None


_VALUES = (("NUMBER",), ("PERCENT",), ("MONEY",), ("DURATION",), ("TIME",), ("NAME",), ("SYMBOL",), ("STRING",))
_THOUSANDS = {"k": "_000", "m": "_000_000", "b": "_000_000_000"}
_UNITS = {
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
}
SPELT_UNITS: Mapping[str, tuple[str, str]] = {
    **{word: ("DURATION", "{}" + unit) for word, unit in _UNITS.items()},
    **dict.fromkeys(("percent", "pct"), ("PERCENT", "{}%")),
    **dict.fromkeys(("dollar", "dollars"), ("MONEY", "${}")),
}
"""Units written out after their number: the kind of the whole, and how it is written."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_OPERATORS = {
    "=>": ("->", "ARROW"),
    "→": ("->", "ARROW"),
    "=<": ("<=", "COMPARATOR"),
    "≤": ("<=", "COMPARATOR"),
    "≥": (">=", "COMPARATOR"),
    "≠": ("!=", "COMPARATOR"),
    "<>": ("!=", "COMPARATOR"),
    "===": ("==", "COMPARATOR"),
    "!==": ("!=", "COMPARATOR"),
    "&&": ("and", "AND"),
    "||": ("or", "OR"),
    "−": ("-", "MINUS"),
    "–": ("-", "MINUS"),
    "—": ("-", "MINUS"),
    "×": ("*", "TIMES"),
    "÷": ("/", "DIVIDE"),
}


def wrong_token(kind: str, word: str, keywords: Mapping[str, str]) -> WrongToken:
    """What to say of a token that no file can hold."""
    if kind in ("WRONG_NUMBER", "WRONG_FRACTION"):
        return _wrong_number(word, keywords)
    if kind == "UNTERMINATED":
        return WrongToken(
            "this text has no closing quote",
            'close it with `"` on the same line',
            stands_for=(("STRING",),),
            code="E002",
        )
    if kind == "WRONG_ESCAPE":
        message = 'a `\\` in a text stands only before `"`, `\\`, `{`, `}`, `n` and `t`'
        return WrongToken(message, "write `\\\\` for the sign itself", stands_for=(("STRING",),))
    if kind == "WRONG_QUOTES":
        instead = f'"{word[1:-1]}"' if '"' not in word[1:-1] else None
        return WrongToken("texts stand in straight double quotes", _write(instead), "", instead, (("STRING",),))
    if kind == "WRONG_DATE":
        year, month, day = word.split("-")
        instead = f"{year}-{month:0>2}-{day:0>2}"
        return WrongToken(f"`{word}` is not a date", _write(instead), "", instead, (("DATE",),))
    if kind == "WRONG_COMMENT":
        instead = "#" + word[2:]
        return WrongToken(
            "a comment starts with `#`", _write(instead if len(word) < 40 else "#"), "", instead, length=2
        )
    if kind == "WRONG_OPERATOR" and word in _OPERATORS:
        instead, meant = _OPERATORS[word]
        return WrongToken(f"`{word}` is written `{instead}`", _write(instead), "", instead, ((meant,),))
    if kind == "WRONG_WORD":
        return _wrong_word(word)
    return _wrong_character(word)


def _write(instead: str | None) -> str | None:
    return None if instead is None else f"write `{instead}`"


def _wrong_number(word: str, keywords: Mapping[str, str]) -> WrongToken:
    """`100stop`, `$30k`, `1h30m`, `5min`, `9:35`, `.5`, `1__000`: one token each."""
    message = f"`{word}` is not a number"
    found = re.fullmatch(r"(\$?[0-9][0-9_]*(?:\.[0-9]+)?)([A-Za-z]+)", word)
    if found:
        number, tail = found.groups()
        if tail in _UNITS and not number.startswith("$"):
            instead = number + _UNITS[tail]
            return WrongToken(f"`{word}` is not a duration", _write(instead), "", instead, (("DURATION",),))
        if tail.lower() in _THOUSANDS and "." not in number:
            instead = number + _THOUSANDS[tail.lower()]
            kind = "MONEY" if number.startswith("$") else "NUMBER"
            return WrongToken(f"`{word}` is not an amount", _write(instead), "", instead, ((kind,),))
        kind = "MONEY" if number.startswith("$") else "NUMBER"
        if tail in keywords or tail == "R":
            instead = f"{number} {tail}"
            message = f"`{word}` is one word; put a space into it"
            return WrongToken(message, _write(instead), "", instead, ((kind, keywords.get(tail, "NAME")),))
    if re.fullmatch(r"[0-9]{1,3}w", word):
        instead = f"{int(word[:-1]) * 7}d"
        return WrongToken(f"`{word}` is not a duration", _write(instead), "", instead, (("DURATION",),))
    if re.fullmatch(r"(1[0-2]|[1-9])(:[0-5][0-9])?[ap]m", word):
        hour, _, minute = word[:-2].partition(":")
        instead = f"{int(hour) % 12 + (12 if word.endswith('pm') else 0):02}:{minute or '00'}"
        return WrongToken(f"`{word}` is not a time of day", _write(instead), "", instead, (("TIME",),))
    if re.fullmatch(r"([0-9]+[smhd]){2,}", word):
        seconds = sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"([0-9]+)([smhd])", word))
        unit = next(unit for unit in "hms" if seconds % _SECONDS[unit] == 0)
        instead = f"{seconds // _SECONDS[unit]}{unit}"
        return WrongToken(f"a duration has one unit, `{word}` has more", _write(instead), "", instead, (("DURATION",),))
    if re.fullmatch(r"[0-9]:[0-5][0-9](:[0-5][0-9])?", word):
        return WrongToken(f"`{word}` is not a time of day", _write("0" + word), "", "0" + word, (("TIME",),))
    if re.fullmatch(r"[0-9]+:[0-9]+(:[0-9]+)?", word):
        help_text = "times of day run from 00:00 to 23:59:59, written with two digits each"
        return WrongToken(f"`{word}` is not a time of day", help_text, stands_for=(("TIME",), *_VALUES))
    if re.fullmatch(r"\.[0-9]+%?", word):
        kind = "PERCENT" if word.endswith("%") else "NUMBER"
        return WrongToken(f"`{word}` needs a digit before the point", _write("0" + word), "", "0" + word, ((kind,),))
    if word[0] in "€£¥":
        help_text = "prices are in the contract's own currency and are written with `$`"
        return WrongToken(f"`{word}` is not an amount", help_text, stands_for=(("MONEY",),))
    if re.fullmatch(r"[0-9][0-9_.]*\$", word):
        instead = "$" + word[:-1]
        return WrongToken(f"`{word}` is not an amount", _write(instead), "", instead, (("MONEY",),))
    return WrongToken(message, "a number ends before anything else begins: put a space there", stands_for=_VALUES)


def _wrong_word(word: str) -> WrongToken:
    if not word.isascii():
        strange = next(letter for letter in word if not letter.isascii())
        return WrongToken(
            f"`{word}` holds `{strange}`; names and symbols have only the letters a to z, digits and `_`",
            "write such words in quotes, as texts",
            stands_for=(("NAME",), ("SYMBOL",)),
        )
    return WrongToken(
        f"`{word}` mixes upper and lower case, so it is neither a symbol nor a name",
        f"write `{word.upper()}` for a symbol, `{word.lower()}` for a name",
        stands_for=(("SYMBOL",), ("NAME",)),
    )


def in_one_case(word: str, wrong: WrongToken, kind: str | None) -> WrongToken:
    """The same where only a symbol or only a name can stand, so that it is known what was meant."""
    if kind is None:
        return wrong
    instead = word.upper() if kind == "SYMBOL" else word.lower()
    noun = "symbols and kinds of signals are in capitals" if kind == "SYMBOL" else "names and words are in lower case"
    message = f"`{word}` mixes upper and lower case; {noun}"
    return attrs.evolve(wrong, message=message, help=_write(instead), instead=instead, stands_for=((kind,),))


def _wrong_character(word: str) -> WrongToken:
    known = {
        "%": ("a `%` follows its number without a space", "write `3%`"),
        "$": ("a `$` stands right before its number", "write `$30`"),
        ";": ("statements and actions need no `;`", "remove it"),
        "!": ("`!` is written `not`", "write `not`"),
        "&": ("`&` is written `and`", "write `and`"),
        "|": ("`|` is written `or`", "write `or`"),
        "`": ("a back quote has no meaning here", "remove it"),
        "'": ("texts stand in straight double quotes", 'write `"`'),
        "\u00a0": ("this is a space of an unusual kind", "write a plain space"),
    }
    if word in known:
        message, help_text = known[word]
        stands_for = {"!": (("NOT",),), "&": (("AND",),), "|": (("OR",),)}.get(word, ())
        return WrongToken(message, help_text, stands_for=stands_for)
    sign = word if word.isprintable() else f"U+{ord(word):04X}"
    return WrongToken(f"`{sign}` has no meaning here", "remove it")
