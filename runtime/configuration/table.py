"""The table of every key, for the documentation."""

from __future__ import annotations

from .keys import SECTIONS, Key


def key_table() -> str:
    """Every section with its keys, defaults and meanings, as Markdown."""
    parts = []
    for section in SECTIONS:
        parts.append(f"### `[{section.name}]`\n\n{section.meaning}\n\n| key | default | meaning |\n|---|---|---|\n")
        parts += [_line(key) for key in (*section.keys, *([section.each] if section.each else ()))]
        parts.append("\n")
    return "".join(parts).rstrip("\n") + "\n"


def _line(key: Key) -> str:
    default = f"`{key.default}`" if key.default else "none"
    return f"| `{key.name}` | {default} | {key.meaning} |\n"
