"""A stand-in for TWS and IB Gateway: the TWS API on a socket, in front of the one simulated exchange.

Any IB client can connect to it; nothing in here knows of rules. `gateway.py` is the synchronous core and tells how the
parts meet; `server.py` puts it on a socket.
"""

from __future__ import annotations
