"""How many fields each message of the gateway has at server version 157, counted by hand from captures of a live
Gateway and the sources of the three libraries; the number of the message counts as a field.
"""

from __future__ import annotations

from collections.abc import Sequence

FIELD_COUNTS = {
    "1": 7,  # tickPrice
    "2": 5,  # tickSize
    "3": 12,  # orderStatus
    "4": 5,  # errMsg: with one more, ibapi drops it in silence
    "5": 128,  # openOrder
    "6": 6,  # accountValue
    "7": 20,  # portfolioValue
    "8": 3,  # accountUpdateTime
    "9": 3,  # nextValidId
    "10": 39,  # contractData
    "11": 31,  # execDetails
    "15": 3,  # managedAccounts
    "46": 5,  # tickString
    "49": 3,  # currentTime
    "50": 11,  # realTimeBar
    "52": 3,  # contractDataEnd
    "53": 2,  # openOrderEnd
    "54": 3,  # accountDownloadEnd
    "55": 3,  # execDetailsEnd
    "57": 3,  # tickSnapshotEnd
    "58": 4,  # marketDataType
    "59": 8,  # commissionReport
    "61": 16,  # position
    "62": 2,  # positionEnd
    "63": 7,  # accountSummary
    "64": 3,  # accountSummaryEnd
    "73": 8,  # accountUpdateMulti
    "74": 3,  # accountUpdateMultiEnd
    "81": 5,  # tickReqParams
    "88": 3,  # headTimestamp
    "90": 10,  # historicalDataUpdate
    "94": 5,  # pnl
    "95": 7,  # pnlSingle
    "100": 4,  # orderBound
    "101": 96,  # completedOrder
    "102": 1,  # completedOrdersEnd
}

REPEATING = {
    "17": (4, 5, 8),  # historicalData: the bars' count, then their dates, prices, volume, average and count
    "79": (2, 3, 6),  # symbolSamples: without derivatives
    "93": (2, 3, 2),  # marketRule
}
"""Messages with a group that repeats: where its count stands, how many fields there are without it, and in each."""


def expected_count(fields: Sequence[str]) -> int | None:
    """How many fields a message must have; None for one that is not in the table."""
    kind = fields[0]
    if kind in REPEATING:
        place, without, each = REPEATING[kind]
        return without + each * int(fields[place])
    return FIELD_COUNTS.get(kind)
