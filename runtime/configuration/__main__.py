"""Prints the table of every key, as docs/configuration.md has it: `python -m rulec.runtime.configuration`."""

from __future__ import annotations

import sys

from .table import key_table

if __name__ == "__main__":
    sys.stdout.write(key_table())
