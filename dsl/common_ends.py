"""What two texts share at their ends: all but what lies between is as it was."""

from __future__ import annotations


def ends_in_common(old: str, new: str) -> tuple[int, int]:
    """How many characters two texts have in common at their start, and how many of the rest at their end."""
    start, most = 0, min(len(old), len(new))
    high = most
    while start < high:
        middle = (start + high + 1) // 2
        if old[start:middle] == new[start:middle]:
            start = middle
        else:
            high = middle - 1
    end, high = 0, most - start
    while end < high:
        middle = (end + high + 1) // 2
        if old[len(old) - middle : len(old) - end] == new[len(new) - middle : len(new) - end]:
            end = middle
        else:
            high = middle - 1
    return start, end
