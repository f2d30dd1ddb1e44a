"""Every behaviour of IB that nobody has verified can be set by its name."""

from __future__ import annotations

import attrs
import pytest

from rulec.runtime.broker.exchange import ExchangePolicy, OcaType, PartialParent
from rulec.runtime.gateway.policies import read_policies, settings
from rulec.runtime.gateway.policy import ExecutionTime, GatewayPolicy, SmallOrderIds


def test_without_anything_both_policies_are_the_documented_ones() -> None:
    assert read_policies([]) == (GatewayPolicy(), ExchangePolicy())


def test_values_are_read_by_what_they_are() -> None:
    gateway, exchange = read_policies(
        [
            "duplicated_statuses=no",
            "rejection_delay=50ms",
            "small_order_ids=accept",
            "execution_time=zone",
            "master_client=7",
            "quote_size=3",
            "partial_parent=keep",
            "child_oca_type=1",
            "cancel_window=2s",
            "master_client=none",
        ]
    )
    assert gateway == GatewayPolicy(
        duplicated_statuses=False,
        rejection_delay=50_000,
        small_order_ids=SmallOrderIds.ACCEPT,
        execution_time=ExecutionTime.ZONE,
        quote_size=3,
    )
    assert exchange == ExchangePolicy(
        partial_parent=PartialParent.KEEP, child_oca_type=OcaType.CANCEL_WITH_BLOCK, cancel_window=2_000_000
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing=1", "not NAME=VALUE"),
        ("quote_size", "not NAME=VALUE"),
        ("ticks=none", "not NAME=VALUE"),
        ("server_version=176", "not NAME=VALUE"),
        ("quote_size=many", "a whole number"),
        ("duplicated_statuses=2", "yes or no"),
        ("cancel_window=soon", "a time"),
        ("partial_parent=sell", "resize or keep or cancel"),
        ("child_oca_type=4", "1 or 2 or 3"),
    ],
)
def test_what_makes_no_sense_is_said_with_what_there_is(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_policies([text])


@pytest.mark.parametrize("policy", [GatewayPolicy, ExchangePolicy])
def test_every_setting_has_a_meaning_and_its_default_reads_back(policy: type) -> None:
    found = list(settings(policy))
    assert {each.name for each in found} == {each.name for each in attrs.fields(policy)} - {"ticks", "server_version"}
    assert all(each.meaning for each in found)
    assert read_policies([f"{each.name}={each.default}" for each in found]) == (GatewayPolicy(), ExchangePolicy())
