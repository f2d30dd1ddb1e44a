"""A reload as the journal keeps it: edits that lead from the texts before to those of now."""

from __future__ import annotations

import random

import attrs
import pytest

from rulec.runtime.event.reload import Reload, RuleTexts, reload_from, texts_after
from rulec.runtime.journal.codec import decode, encode


@pytest.mark.parametrize("seed", range(50))
def test_edits_lead_from_any_texts_to_any_others(seed: int) -> None:
    draw = random.Random(seed)

    def texts() -> RuleTexts:
        paths = draw.sample(["a", "b", "ä/c", "d"], draw.randrange(5))
        return RuleTexts(
            tuple(paths[:2]), {path: "".join(draw.choices("ab\nü", k=draw.randrange(6))) for path in paths}
        )

    before, after = texts(), texts()
    reload = reload_from(before, after, 5)
    read: Reload = decode("Reload", 2, encode(reload))
    assert read == reload
    there = texts_after(before, read)
    assert there == after
    assert list(there.texts) == list(after.texts)


def test_a_small_edit_of_a_large_text_is_a_small_row() -> None:
    text = "on signal BUY -> enter long 100 stop 3%\n" * 10_000
    after = text[:200_000] + "x" + text[200_000:]
    reload = reload_from(RuleTexts(("a",), {"a": text}), RuleTexts(("a",), {"a": after}), 0)
    assert len(encode(reload)) < 200


def test_edits_that_do_not_fit_are_refused() -> None:
    before = RuleTexts(("a",), {"a": "one"})
    reload = reload_from(before, RuleTexts(("a",), {"a": "two"}), 0)
    with pytest.raises(ValueError, match="do not fit"):
        texts_after(RuleTexts(("a",), {"a": "another"}), reload)
    with pytest.raises(ValueError, match="do not fit"):
        texts_after(before, attrs.evolve(reload, given=("b",)))
