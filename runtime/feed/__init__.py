"""Events from files and lines: read, checked at the edge, in the order of their delivery."""

from .errors import FeedError, LineError
from .files import Feed, delivery_time, read_events, read_stream
from .lines import LineReader
from .live import decode_line

__all__ = ["Feed", "FeedError", "LineError", "LineReader", "decode_line", "delivery_time", "read_events", "read_stream"]
