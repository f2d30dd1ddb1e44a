"""A run in real time: markets, clocks and sources of signals around the synchronous session, on asyncio."""
