"""JUnit's XML, which CI systems show: a suite for each API, a case for each operation and for each violation."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ...errors import printable
from ..report import Report, Row


def render(report: Report) -> str:
    """Return the report as XML. Breaking violations are failures; others pass, and are in the output."""
    root = Element("testsuites", name="jobmock check")
    for api in sorted({name.partition(" ")[0] for name in report.judged}):
        _suite(root, api, report)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: Element, api: str, report: Report) -> None:
    rows = [row for row in report.rows if row.violation.api == api]
    operations = [name for name in report.judged if name.partition(" ")[0] == api]
    failures = sum(row.violation.kind == "breaking" for row in rows)
    suite = SubElement(
        root, "testsuite", name=api, tests=str(len(operations) + len(rows)), failures=str(failures), errors="0"
    )
    for name in operations:
        judged = report.judged[name]
        SubElement(suite, "testcase", classname=api, name=f"{name}: {judged} judged")
    for row in rows:
        _case(suite, row)


def _case(suite: Element, row: Row) -> None:
    violation = row.violation
    name = f"{violation.where} {violation.rule} {violation.found}"
    case = SubElement(suite, "testcase", classname=violation.api, name=printable(name.strip()))
    text = printable(f"{violation}; {row.times}, first in {row.place}")
    if violation.kind == "breaking":
        SubElement(case, "failure", message=printable(violation.message), type=violation.rule).text = text
    else:
        SubElement(case, "system-out").text = text
