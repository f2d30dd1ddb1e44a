"""How fast rulec is, as ratios beside peers measured in the same run.

    python -m benchmarks                     all of them
    python -m benchmarks matching starting   some of them
    python -m benchmarks --write             all of them, and docs/benchmarks.md is written from what was measured

A figure alone says little on a machine that other work shares. So every figure stands beside that of a peer (Python
written by hand, or Lark alone) that did the same work in the same minutes, and every answer is checked against brute
force or a second way before anything is timed.
"""
