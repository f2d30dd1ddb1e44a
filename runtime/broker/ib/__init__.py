"""Interactive Brokers: TWS or IB Gateway behind the broker's port.

`broker.py` is the whole; the parts that need no socket are driven by a clock that is handed in. One module,
`library.py`, knows the client library, and it imports it only when a connection is made.
"""
