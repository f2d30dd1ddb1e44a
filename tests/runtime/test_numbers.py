"""Prices: the one way from a float to a legal price, measured against exact decimals."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest

from rulec.runtime.numbers import MICROS, Rounding, decimal_text, legal_price, to_micros

CENT = Decimal("0.01")


@pytest.mark.parametrize("percent", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("direction", [-1, 1])
def test_a_distance_from_a_price_in_cents_gives_the_tick_of_exact_arithmetic(percent: int, direction: int) -> None:
    """Naive floor and ceil of the float give a wrong tick for some of these prices; see the next test."""
    for cents in range(500, 60_000, 7):
        value = cents / 100 * (1 + direction * percent / 100)
        exact = Decimal(cents) / 100 * (100 + direction * percent) / 100
        for rounding, how in ((Rounding.DOWN, ROUND_FLOOR), (Rounding.UP, ROUND_CEILING)):
            assert legal_price(value, rounding) == int(exact.quantize(CENT, how) * MICROS)


def test_the_obvious_way_would_be_wrong() -> None:
    prices = range(500, 60_000, 100)
    wrong = [cents for cents in prices if math.floor(cents / 100 * 0.97 / 0.01) != cents * 97 // 100]
    assert wrong != []


@pytest.mark.parametrize(
    ("value", "down", "up"),
    [
        (145.5, "145.5", "145.5"),
        (145.501, "145.5", "145.51"),
        (145.500000001, "145.5", "145.5"),
        (0.97 * 150, "145.5", "145.5"),
        (0.12345, "0.1234", "0.1235"),
        (0.99999, "0.9999", "1.0"),
        (1.005, "1.0", "1.01"),
    ],
)
def test_a_value_next_to_a_tick_is_that_tick_and_the_tick_depends_on_the_price(
    value: float, down: str, up: str
) -> None:
    assert decimal_text(legal_price(value, Rounding.DOWN)) == down
    assert decimal_text(legal_price(value, Rounding.UP)) == up


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_no_price(value: float) -> None:
    with pytest.raises(ValueError, match="not a price"):
        legal_price(value, Rounding.UP)


@pytest.mark.parametrize("text", ["0.0", "150.02", "-4.5", "0.000001", "1234567.891234"])
def test_an_amount_is_written_as_its_shortest_exact_decimal(text: str) -> None:
    assert decimal_text(to_micros(float(text))) == text
