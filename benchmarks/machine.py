"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    """The processor, Python, Lark and the date, in one line, and how busy the machine was."""
    busy = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    return (
        f"{_processor()}, {os.cpu_count()} cores, {busy}; {platform.python_implementation()} "
        f"{platform.python_version()}, lark {version('lark')}; {time.strftime('%Y-%m-%d')}"
    )


def _processor() -> str:
    """The processor's name as Linux tells it, elsewhere its kind."""
    told = Path("/proc/cpuinfo")
    if told.is_file():
        for line in told.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
