"""Starts one command, its output thrown away, and prints what it used as a line of JSON: run as a script.

It imports next to nothing, so that it holds little memory when it starts the command.
"""

from __future__ import annotations

import os
import sys
import time


def main(command: list[str]) -> None:
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter()
    started = os.posix_spawn(command[0], command, os.environ, file_actions=nowhere)
    _, status, usage = os.wait4(started, 0)
    wall = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    processor = usage.ru_utime + usage.ru_stime
    megabytes = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    print(f'{{"code": {code}, "processor": {processor}, "wall": {wall}, "megabytes": {megabytes}}}')


main(sys.argv[1:])
