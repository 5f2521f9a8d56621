"""HTML: the table of violations, and recorded jobs over time. It needs no script and no network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from xml.etree.ElementTree import Element

from ...client_reports.activity import KeyActivity
from ...etiquette import Finding
from ...timelines.client_section import client_section
from ...timelines.client_timeline import key_timeline
from ...timelines.elements import Child, element
from ...timelines.html_page import page, table
from ...timelines.page_bound import bounded
from ..recorded_jobs import RecordedSource
from ..report import Report, Row
from . import left_out_line, odd_lines, summary

_TITLE = "jobmock check"
_HEADINGS = ("Kind", "Rule", "Where", "What", "Count", "First")
_TIMES = "Times are those of the recording. Jobs have numbers in place of their ids."


def render(report: Report) -> str:
    """Return the report as a page."""
    wrong = any(row.violation.kind == "breaking" for row in report.rows)
    others = left_out_line(report.left_out)
    return page(
        _TITLE,
        element(
            "header", element("h1", _TITLE), element("p", summary(report), class_="failed" if wrong else "passed"),
            element("p", others, class_="counts") if others else None,
            *(element("p", line, class_="counts") for line in odd_lines(report.odd)),
        ),
        element(
            "main", table(_HEADINGS, [_row(row) for row in report.rows], ("Count",)) if report.rows else None,
            *_pictures(report),
        ),
        times=_TIMES,
    )  # fmt: skip


def _row(row: Row) -> Element:
    violation = row.violation
    return element(
        "tr", element("td", violation.kind), element("td", element("code", violation.rule)),
        element("td", violation.where), element("td", violation.words),
        element("td", str(row.count), class_="number"), element("td", row.place),
    )  # fmt: skip


def _pictures(report: Report) -> Iterator[Child]:
    """Yield the pictures of all sources, and how many exchanges have no place in one."""
    if report.jobs is None:
        return
    sources = report.jobs.sources
    yield from bounded(partial(_picture, report, source, f"s{number}") for number, source in enumerate(sources))
    if left := report.jobs.left_out:
        text = f"{left} judged answer{'s' * (left != 1)} had no time, or no room, and no place in a picture."
        yield element("p", text, class_="counts")


def _picture(report: Report, source: RecordedSource, ids: str) -> Element:
    exchanges = sorted(source.exchanges, key=lambda one: one.at)
    jobs = {one.number: one.job for one in exchanges}
    found = [_finding(row, jobs[row.number]) for row in report.rows if row.number in jobs]
    key = KeyActivity(name=None, journal=exchanges, findings=found, now=exchanges[-1].at)
    name = f"{source.api}: {source.name or 'the live job'}"
    return client_section(key_timeline(source.api, name, key, exchanges[0].at), ids)


def _finding(row: Row, job: str | None) -> Finding:
    """Return the first occurrence of a violation as what a flag in the picture stands for."""
    violation = row.violation
    evidence = f"{violation.where}: {violation.message.rstrip('.')}; {row.times}, first in exchange {row.number}"
    return Finding(
        rule=violation.rule, severity=violation.kind, job=job, exchanges=(row.number,), evidence=evidence,
        remedy=violation.source,
    )  # fmt: skip
