"""Messages have exactly the fields that clients count, and mean on the way back what they meant on the way out."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.gateway import replies
from rulec.runtime.gateway.codec import decode_reply, encode
from rulec.runtime.gateway.instruments import contract_of
from rulec.runtime.gateway.replies import (
    ContractFields,
    HistoricalBar,
    Margins,
    OpenOrder,
    OrderTerms,
    PriceIncrement,
    Reply,
)
from rulec.runtime.gateway.reply_layouts import REPLIES

AAPL = contract_of("AAPL")
M = "1.7976931348623157E308"
PLAIN = OrderTerms(
    action="BUY",
    quantity=100,
    order_type="LMT",
    limit_price=150_020_000,
    auxiliary_price=None,
    tif="DAY",
    oca_group="",
    oca_type=3,
    account="DU1",
    reference="mine",
    client_id=1,
    permanent_id=7,
    parent_id=0,
    outside_regular_hours=False,
    trail_stop_price=None,
    trailing_percent=None,
)


def a_record(kind: type, **given: Any) -> Any:
    """A reply with something of the right type in every field."""
    samples: dict[str, Any] = {
        "int": 3,
        "str": "text",
        "float": 1.5,
        "bool": True,
        "int | None": 5_000_000,
        "float | None": None,
        "ContractFields": AAPL,
        "OrderTerms": PLAIN,
        "Margins | None": None,
        "HistoricalBar": HistoricalBar("20260106", 1.0, 2.0, 0.5, 1.5, 100, 1.2, 3),
        "tuple[HistoricalBar, ...]": (HistoricalBar("20260106", 1.0, 2.0, 0.5, 1.5, 100, 1.2, 3),) * 2,
        "tuple[ContractFields, ...]": (AAPL,),
        "tuple[PriceIncrement, ...]": (PriceIncrement(0, 100), PriceIncrement(1_000_000, 10_000)),
        "Mapping[str, Any]": {},
    }
    values = {field.name: samples[field.type] for field in attrs.fields(kind)}
    return kind(**{**values, **given})


COUNTS = {
    replies.ErrorMessage: 5,
    replies.OrderStatus: 12,
    replies.OpenOrder: 128,
    replies.CompletedOrder: 96,
    replies.ExecutionDetails: 31,
    replies.CommissionReport: 8,
    replies.Position: 16,
    replies.PortfolioValue: 20,
    replies.AccountValue: 6,
    replies.TickPrice: 7,
    replies.TickSize: 5,
    replies.TickRequestParameters: 5,
    replies.TickString: 5,
    replies.ManagedAccountsList: 3,
    replies.NextValidId: 3,
    replies.CurrentTimeIs: 3,
    replies.ProfitAndLossIs: 5,
    replies.ProfitAndLossSingleIs: 7,
    replies.AccountValueMulti: 8,
    replies.AccountSummaryValue: 7,
    replies.HistoricalUpdate: 10,
    replies.HistoricalData: 5 + 2 * 8,
    replies.RealTimeBar: 11,
    replies.PositionMulti: 18,
    replies.ContractData: 39,
    replies.OpenOrderEnd: 2,
    replies.PositionEnd: 2,
    replies.CompletedOrdersEnd: 1,
    replies.ExecutionDetailsEnd: 3,
}


@pytest.mark.parametrize(("kind", "count"), COUNTS.items(), ids=lambda each: getattr(each, "__name__", str(each)))
def test_a_message_has_the_fields_that_clients_count(kind: type, count: int) -> None:
    assert len(encode(a_record(kind), 157)) == count


@pytest.mark.parametrize("version", [157, 176, 178])
@pytest.mark.parametrize("kind", REPLIES, ids=lambda kind: kind.__name__)
def test_every_reply_reads_back_as_it_was_written(kind: type, version: int) -> None:
    record = a_record(kind)
    fields = encode(record, version)
    assert all(isinstance(field, str) for field in fields)
    found, values = decode_reply(fields, version)
    assert found is kind
    for name in ("request_id", "order_id", "status", "text", "price", "account", "bars", "increments"):
        if name in values and hasattr(record, name) and not isinstance(getattr(record, name), tuple):
            assert values[name] == getattr(record, name)


def test_an_open_order_grows_with_the_version() -> None:
    order = OpenOrder(1, AAPL, PLAIN, "Submitted")
    assert [len(encode(order, version)) for version in (157, 176)] == [128, 136]


def test_a_plain_open_order_is_what_a_live_gateway_sends() -> None:
    fields = encode(OpenOrder(1, AAPL, PLAIN, "Submitted"), 157)
    assert fields[:26] == [
        *("5", "1", str(AAPL.contract_id), "AAPL", "STK", "", "0.0", "?", "", "SMART", "USD", "AAPL", "NMS"),
        *("BUY", "100.0", "LMT", "150.02", "0.0", "DAY", "", "DU1", "", "0", "mine", "1", "7"),
    ]
    assert fields[62:73] == ["None", "0.0", "0", "", "", "", "?", "0", "0", "", "0"]
    status = fields.index("Submitted")
    assert fields[status + 1 : status + 19] == [*[M] * 12, "", "", "0", "0", "0", "None"]
    assert fields[status + 19 : status + 25] == [M] * 6
    assert fields[status + 25 :] == ["0", "", "", "", M, "0", "0", "0", "0"]


def test_a_trailing_stop_is_told_twice() -> None:
    terms = attrs.evolve(PLAIN, order_type="TRAIL", limit_price=None, trail_stop_price=148_500_000)
    fields = encode(OpenOrder(1, AAPL, terms, "PreSubmitted"), 157)
    assert [place for place, field in enumerate(fields) if field == "148.5"] == [74, 114]


def test_what_a_client_sent_is_echoed_and_what_it_left_out_has_the_usual_value() -> None:
    sent = {"hidden": True, "display_size": None, "open_close": "O", "good_after_time": "", "trigger_method": 2}
    _, values = decode_reply(encode(OpenOrder(1, AAPL, attrs.evolve(PLAIN, sent=sent), "Submitted"), 157), 157)
    assert values["terms.sent.hidden"] is True
    assert values["terms.sent.open_close"] == "O"
    assert values["terms.sent.trigger_method"] == 2
    assert values["terms.sent.display_size"] is None
    assert values["terms.sent.exempt_code"] == -1


def test_a_what_if_order_tells_margins() -> None:
    margins = Margins(1_000_000, 2_000_000, 3_000_000, 500_000, 600_000, -100_000, 1_250_000)
    _, values = decode_reply(encode(OpenOrder(1, AAPL, PLAIN, "PreSubmitted", True, margins), 157), 157)
    assert values["margins.initial_after"] == 1_500_000
    assert values["margins.equity_after"] == 2_900_000
    assert values["margins.commission"] == 1_250_000
    assert values["commission_currency"] == "USD"


def test_sizes_and_counts_are_integers_in_the_text() -> None:
    assert encode(replies.TickSize(1, 0, 100), 157)[-1] == "100"
    assert encode(replies.CurrentTimeIs(1_767_711_600), 157)[-1] == "1767711600"
    assert encode(replies.ProfitAndLossSingleIs(1, 100, 0, 0, 0, 0), 157)[2] == "100"
    with pytest.raises(TypeError, match="stop reading"):
        encode(replies.TickSize(1, 0, 100.0), 157)  # type: ignore[arg-type]


def test_a_backslash_never_reaches_a_client_that_would_take_it_for_an_escape() -> None:
    assert encode(replies.ErrorMessage(-1, 321, "a\\nb"), 157)[-1] == "a/nb"


def test_unknown_profit_is_the_greatest_float() -> None:
    assert encode(replies.CommissionReport("x.01", 0, "USD", None), 157)[5:] == [M, M, ""]


@given(st.integers(-(10**15), 10**15))
def test_money_survives_the_wire_to_the_last_micro(amount: int) -> None:
    fields = encode(replies.ProfitAndLossIs(1, amount, None, 0), 157)
    _, values = decode_reply(fields, 157)
    assert values["unrealised"] is None
    assert abs(values["daily"] - amount) <= (0 if abs(amount) < 10**12 else 1)


ContractFieldsStrategy = st.builds(
    ContractFields,
    contract_id=st.integers(1, 2**31),
    symbol=st.from_regex(r"[A-Z]{1,5}", fullmatch=True),
    primary_exchange=st.just("NYSE"),
    trading_class=st.just("NMS"),
)


@given(ContractFieldsStrategy, st.integers(-(10**6), 10**6), st.floats(0, 1e6))
def test_positions_read_back(contract: ContractFields, quantity: int, cost: float) -> None:
    reply: Reply = replies.Position("DU1", contract, quantity, cost)
    _, values = decode_reply(encode(reply, 157), 157)
    assert (values["contract.symbol"], values["position"], values["average_cost"]) == (contract.symbol, quantity, cost)
