"""Plays one scenario with one library: `python -m scripts.play LIBRARY SCENARIO PORT CONTROL`, a JSON line for each
thing seen.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from .facade import Client
from .market import Market
from .scenarios import SCENARIOS, Stage


def client_of(library: str) -> Callable[[], Client]:
    """Makes clients through a library, which is imported here and only here."""
    if library == "ibapi":
        from .native import NativeClient

        return NativeClient
    from .insync import InsyncClient

    imported = importlib.import_module(library)
    return lambda: InsyncClient(imported)


def tell(label: str, value: Any) -> None:
    print(json.dumps({"saw": label, "value": value}), flush=True)


def main(library: str, scenario: str, port: str, control: str) -> None:
    logging.basicConfig(level=logging.ERROR)
    code = 1
    try:
        SCENARIOS[scenario](Stage(client_of(library), int(port), Market(int(control)), tell))
        print(json.dumps({"done": scenario}), flush=True)
        code = 0
    finally:
        if code:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)  # at once: ibapi's threads notice only after a second that nobody wants them any longer


if __name__ == "__main__":
    main(*sys.argv[1:])
