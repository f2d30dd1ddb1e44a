"""Diagnostics in the forms that other programs read: SARIF for code scanning, commands for GitHub's log, JUnit's XML.

Each has the place from 1, as people count. Nothing here is needed for the forms that people read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as Xml

from .codes import CODES
from .diagnostics import Diagnostic, Fix, Severity
from .render import Sources
from .source import SourceFile
from .span import Span

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def _place(span: Span, source: SourceFile | None) -> tuple[int, int, int, int]:
    return (1, 1, 1, 1) if source is None else (*source.position(span.start), *source.position(span.end))


# ---- SARIF 2.1.0 ---------------------------------------------------------------------------------------------------


def as_sarif(diagnostics: Iterable[Diagnostic], sources: Sources, version: str) -> str:
    """One run of rulec as a SARIF log; `version` is rulec's own."""
    found = list(diagnostics)
    codes = sorted({one.code for one in found})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": CODES[code].title},
            "fullDescription": {"text": CODES[code].story},
            "defaultConfiguration": {"level": CODES[code].severity.value},
        }
        for code in codes
    ]
    driver = {"name": "rulec", "version": version, "rules": rules}
    results = [_sarif_result(one, sources.get(one.path), codes) for one in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1) + "\n"


def _sarif_result(one: Diagnostic, source: SourceFile | None, codes: Sequence[str]) -> dict[str, object]:
    artifact = {"uri": _uri(one.path)}
    text = ". ".join([one.message, *([one.help] if one.help else []), *one.notes])
    result: dict[str, object] = {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": one.severity.value,
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": _region(one.span, source)}}],
    }
    if one.fixes:
        result["fixes"] = [_sarif_fix(fix, artifact, source) for fix in one.fixes]
    return result


def _sarif_fix(fix: Fix, artifact: dict[str, str], source: SourceFile | None) -> dict[str, object]:
    replacements = [
        {"deletedRegion": _region(edit.span, source), "insertedContent": {"text": edit.text}} for edit in fix.edits
    ]
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
    }


def _region(span: Span, source: SourceFile | None) -> dict[str, int]:
    line, column, end_line, end_column = _place(span, source)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _uri(path: str) -> str:
    """The address of a file: relative to where the check ran, as the path was, or a whole one where the path was."""
    from urllib.parse import quote

    if path == "-":
        return "stdin"
    address = quote(os.fsencode(os.path.normpath(path)))  # the name of a file may be no text
    return f"file://{address}" if os.path.isabs(path) else address


# ---- GitHub --------------------------------------------------------------------------------------------------------


def as_github(diagnostics: Iterable[Diagnostic], sources: Sources) -> str:
    """Workflow commands, one line each: GitHub shows them beside the lines that they are about."""
    lines = []
    for one in diagnostics:
        line, column, end_line, end_column = _place(one.span, sources.get(one.path))
        place = f"file={_property(one.path)},line={line},endLine={end_line},col={column}"
        if end_line == line:
            place += f",endColumn={end_column}"
        text = one.message if one.help is None else f"{one.message}\n{one.help}"
        lines.append(f"::{one.severity.value} {place},title={_property(one.code)}::{_data(text)}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# ---- JUnit ---------------------------------------------------------------------------------------------------------


def as_junit(diagnostics: Iterable[Diagnostic], sources: Sources, *, strict: bool) -> str:
    """A test case for each file and for each thing found in it; warnings fail only where they are `strict`."""
    found = list(diagnostics)
    suites = Xml.Element("testsuites", name="rulec check")
    tests = failures = 0
    for path in sources:
        mine = [one for one in found if one.path == path]
        suite = Xml.SubElement(suites, "testsuite", name=_legal(path))
        failed = 0
        for one in mine:
            failed += _junit_case(suite, one, sources[path], strict=strict)
        if not mine:
            Xml.SubElement(suite, "testcase", classname=_legal(path), name="check")
        count = max(len(mine), 1)
        suite.set("tests", str(count))
        suite.set("failures", str(failed))
        tests, failures = tests + count, failures + failed
    suites.set("tests", str(tests))
    suites.set("failures", str(failures))
    Xml.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suites, encoding="unicode") + "\n"


def _junit_case(suite: Xml.Element, one: Diagnostic, source: SourceFile, *, strict: bool) -> bool:
    line, column, _, _ = _place(one.span, source)
    name = _legal(f"{one.code} {line}:{column}")
    case = Xml.SubElement(suite, "testcase", classname=_legal(one.path), name=name)
    text = _legal(f"{one.path}:{line}:{column}: {one.code} {one.message}" + (f"\n{one.help}" if one.help else ""))
    if one.severity is Severity.ERROR or strict:
        failure = Xml.SubElement(case, "failure", message=_legal(one.message), type=one.severity.value)
        failure.text = text
        return True
    Xml.SubElement(case, "system-out").text = text
    return False


def _legal(text: str) -> str:
    """Without the signs that XML can't hold."""
    return "".join(
        sign if sign in "\t\n" or (sign >= " " and not "\ud800" <= sign <= "\udfff") else "\ufffd" for sign in text
    )
