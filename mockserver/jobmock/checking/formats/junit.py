"""JUnit's XML: a suite for each API, a case for each operation and for each violation."""

from __future__ import annotations

from collections.abc import Iterator

from ...reports.junit import Case, Failure, to_xml
from ..report import Report, Row


def render(report: Report) -> str:
    """Return the report as XML. Breaking violations are failures; others pass, and are in the output."""
    apis = sorted({name.partition(" ")[0] for name in report.judged})
    return to_xml("jobmock check", {api: list(_cases(api, report)) for api in apis})


def _cases(api: str, report: Report) -> Iterator[Case]:
    for name, judged in report.judged.items():
        if name.partition(" ")[0] == api:
            yield Case(group=api, name=f"{name}: {judged} judged")
    yield from (_case(row) for row in report.rows if row.violation.api == api)


def _case(row: Row) -> Case:
    violation = row.violation
    name = f"{violation.where} {violation.rule} {violation.found}"
    text = f"{violation}; {row.times}, first in {row.place}"
    if violation.kind == "breaking":
        return Case(group=violation.api, name=name, failure=Failure(violation.rule, violation.message, text))
    return Case(group=violation.api, name=name, output=text)
