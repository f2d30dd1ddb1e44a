"""`rulec.toml`: what a user sets once, beside the rules.

    [params]
    min_confidence = 0.7

    [limits]
    max_position = "20% of equity"

    [policy]
    naked_for = "5s"

Every key stands once in `keys.py` with its reader, default and meaning; the table of the documentation is made from
there. A key that is not there, or a value of another kind, is an error with its place and the near name.
"""

from __future__ import annotations

from .errors import ConfigurationError as ConfigurationError
from .reading import read_configuration as read_configuration
from .settings import Configuration as Configuration
from .table import key_table as key_table
