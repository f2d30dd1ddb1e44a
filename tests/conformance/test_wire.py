"""The wire between the gateway and the unmodified libraries, as it was captured while they played the scenarios."""

from __future__ import annotations

import pytest

from .conftest import Play
from .field_counts import FIELD_COUNTS, REPEATING, expected_count
from .playing import Played
from .scripts.scenarios import SCENARIOS

pytestmark = pytest.mark.clients

OFFERS = {"ib_insync": "v157..176", "ib_async": "v157..178", "ibapi": "v100..157"}
AS_IT_CONNECTS = ["71", "61", "5", "99", "6", "76", "7"]


def told(scenario: Played) -> list[list[str]]:
    """All that the gateway said behind the handshakes."""
    return [message for messages in scenario.said for message in messages[1:]]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_message_has_its_count_of_fields(played: Play, scenario: str) -> None:
    wrong = {message[0]: len(message) for message in told(played(scenario)) if len(message) != expected_count(message)}
    assert wrong == {}


def test_the_scenarios_show_every_message_of_the_table(played: Play) -> None:
    seen = {message[0] for scenario in SCENARIOS for message in told(played(scenario))}
    assert seen == {*FIELD_COUNTS, *REPEATING}


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "not_offered"])
def test_the_gateway_has_nothing_to_remark(played: Play, scenario: str) -> None:
    assert played(scenario).logged == []


def test_the_gateway_remarks_what_it_does_not_offer(played: Play) -> None:
    assert played("not_offered").logged == ["client 1: message '10' is not answered here"]


def test_each_library_offers_its_versions_and_gets_the_one_that_all_speak(played: Play, library: str) -> None:
    connected = played("connect")
    ((greeting, *_),) = connected.heard
    ((answer, *_),) = connected.said
    assert greeting == [OFFERS[library]]
    assert answer == ["157", "20260105 15:00:00 GMT"]


def test_the_first_messages_are_accounts_order_id_and_farms(played: Play) -> None:
    ((_, *messages),) = played("connect").said
    assert messages[:2] == [["15", "1", "DU1"], ["9", "1", "1"]]
    assert [message[:4] for message in messages[2:5]] == [["4", "2", "-1", code] for code in ("2104", "2106", "2158")]


def test_a_library_asks_in_its_order_as_it_connects(played: Play, library: str) -> None:
    """The executions come last: only then the others have been answered. Client 0 begins with the orders by hand. ibapi
    asks for nothing by itself: the facade makes it ask for the rest as the others do."""
    ((_, *asked),) = played("connect").heard
    assert [message[0] for message in asked[: len(AS_IT_CONNECTS)]] == AS_IT_CONNECTS
    ((_, start, first, *_),) = played("orders_by_hand").heard
    assert (start[0], first[0]) == ("71", "61" if library == "ibapi" else "15")
