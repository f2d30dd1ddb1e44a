"""The results of tests as text for people, as JSON, and as JUnit's XML for those who show test results.

FAILED  card.rules:3  a strong signal enters long
  card.rules:7: expected `enter long 100 of AAPL`, but nothing was entered of AAPL
  orders: none
  decisions:
    10:00:00  AAPL   decision  card#1 not fired: confidence 0.79 > 0.8 is false  card.rules:1
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from .coverage import Count, Coverage
from .running import Failure, TestResult


def full(results: Sequence[TestResult], coverage: Coverage | None) -> str:
    """A line for each test, more for each that failed, and the counts."""
    return "".join(f"{line}\n" for line in _full(results, coverage))


def _full(results: Sequence[TestResult], coverage: Coverage | None) -> Iterator[str]:
    for result in results:
        word = "passed" if result.has_passed else "FAILED"
        yield f"{word}  {result.test.place}  {result.test.name}"
        if result.failure is not None:
            yield from (f"  {line}" for line in failure_lines(result.failure))
            yield ""
    if coverage is not None:
        yield ""
        yield from coverage_lines(coverage)
        yield ""
    yield summary_text(results)


def failure_lines(failure: Failure) -> Iterator[str]:
    """What a person wants to know of a failure."""
    yield f"{failure.place}: {failure_text(failure)}"
    yield from _section("orders", failure.orders)
    yield from _section("decisions", failure.decisions)


def failure_text(failure: Failure) -> str:
    """What was expected and what there was, in one sentence."""
    return f"expected `{failure.expected}`, but {failure.instead}" if failure.expected else failure.instead


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        yield f"{title}: none"
        return
    yield f"{title}:"
    yield from (f"  {line}" for line in lines)


def summary_text(results: Sequence[TestResult]) -> str:
    """`3 tests: 2 passed, 1 failed`."""
    passed = sum(result.has_passed for result in results)
    failed = len(results) - passed
    parts = [f"{passed:,} passed"] * bool(passed or not failed) + [f"{failed:,} failed"] * bool(failed)
    return f"{len(results):,} {'test' if len(results) == 1 else 'tests'}: {', '.join(parts)}"


# ---- coverage ------------------------------------------------------------------------------------------------------


def coverage_lines(coverage: Coverage) -> Iterator[str]:
    """The counts, and for each rule what was never seen."""
    yield f"rules that matched    {_share(coverage.matched)}"
    yield f"triggers met          {_share(coverage.triggers)}"
    yield f"comparisons' outcomes {_share(coverage.outcomes)}"
    yield f"coverage              {coverage.total.percent:.1f}%"
    for rule in coverage.rules.values():
        for missing in rule.missing():
            yield f"  {rule.place}: {rule.label}: {missing}"


def _share(count: Count) -> str:
    return f"{count.seen:,} of {count.of:,}"


# ---- for programs --------------------------------------------------------------------------------------------------


def as_json(results: Sequence[TestResult], coverage: Coverage | None) -> str:
    """One object: `tests`, `passed`, `failed`, and `coverage` where it was asked for."""
    passed = sum(result.has_passed for result in results)
    shown: dict[str, object] = {
        "tests": [_object(result) for result in results],
        "passed": passed,
        "failed": len(results) - passed,
    }
    if coverage is not None:
        shown["coverage"] = _coverage_object(coverage)
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"


def _object(result: TestResult) -> dict[str, object]:
    test, failure = result.test, result.failure
    shown: dict[str, object] = {
        "path": test.place.path,
        "line": test.place.line,
        "name": test.name,
        "outcome": "passed" if failure is None else "failed",
    }
    if failure is not None:
        shown["failure"] = {
            "path": failure.place.path,
            "line": failure.place.line,
            "expected": failure.expected or None,
            "instead": failure.instead,
            "orders": list(failure.orders),
            "decisions": list(failure.decisions),
        }
    return shown


def _coverage_object(coverage: Coverage) -> dict[str, object]:
    counts = {"rules": coverage.matched, "triggers": coverage.triggers, "outcomes": coverage.outcomes}
    return {
        "percent": round(coverage.total.percent, 1),
        **{name: {"seen": count.seen, "of": count.of} for name, count in counts.items()},
        "missing": [
            {"path": rule.place.path, "line": rule.place.line, "rule": rule.label, "what": list(rule.missing())}
            for rule in coverage.rules.values()
            if any(rule.missing())
        ],
    }


def as_junit(results: Sequence[TestResult]) -> str:
    """A test suite for each file."""
    by_path: dict[str, list[TestResult]] = {}
    for result in results:
        by_path.setdefault(result.test.place.path, []).append(result)
    failed = sum(not result.has_passed for result in results)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites tests="{len(results)}" failures="{failed}">']
    for path, own in by_path.items():
        wrong = sum(not result.has_passed for result in own)
        lines.append(f'  <testsuite name={_attribute(path)} tests="{len(own)}" failures="{wrong}">')
        for result in own:
            lines += _case(result)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _case(result: TestResult) -> list[str]:
    place = result.test.place
    head = f'    <testcase classname={_attribute(place.path)} name={_attribute(result.test.name)} file={_attribute(place.path)} line="{place.line}"'  # noqa: E501 - one element
    if result.failure is None:
        return [f"{head}/>"]
    text = "\n".join(failure_lines(result.failure))
    message = _attribute(failure_text(result.failure))
    return [f"{head}>", f"      <failure message={message}>{escape(_printable(text))}</failure>", "    </testcase>"]


def _attribute(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    """Without the control characters that no XML may hold."""
    return "".join(sign if sign >= " " or sign in "\n\t" else "\ufffd" for sign in text)
