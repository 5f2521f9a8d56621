"""HTML: a page with the picture of each run, which needs no script and no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from xml.etree.ElementTree import Element

from ...coverage.reports import FORMATS as COVERAGE
from ...timelines.client_page import client_sections, story_details, text_details
from ...timelines.elements import Child, element
from ...timelines.html_page import facts, page, table
from ...timelines.page_bound import bounded
from .run_report import RunReport, summary, whole_coverage

_NUMBERS = ("Exit code", "Requests", "Findings", "Clock (s)", "Real (s)")
_HEADINGS = ("Scenario", *_NUMBERS, "Result")


def render(runs: Sequence[RunReport]) -> str:
    """Return the runs as a page. Of several runs, those that passed are folded away, after the others."""
    several = len(runs) != 1
    title = "jobmock run" if several else f"jobmock run: {runs[0].name}"
    ordered = sorted(enumerate(runs), key=lambda pair: not pair[1].failed)
    parts = (partial(_section, run, f"r{number}" if several else "") for number, run in ordered)
    coverage = whole_coverage(runs)
    return page(
        title,
        element(
            "header", element("h1", title), element("p", summary(runs)) if several else None,
            element("p", element("code", runs[0].command)) if runs else None,
        ),
        element("main", _table(runs) if several else None, *bounded(parts),
                None if coverage is None else text_details("Coverage", COVERAGE.render(coverage, "text"))),
    )  # fmt: skip


def _table(runs: Sequence[RunReport]) -> Element:
    return table(_HEADINGS, [_row(run, number) for number, run in enumerate(runs)], _NUMBERS)


def _row(run: RunReport, number: int) -> Element:
    numbers = run.exit_code, run.requests, len(list(run.findings()))
    times = f"{run.virtual_seconds:.3f}", f"{run.real_seconds:.2f}"
    cells = (element("td", str(value), class_="number") for value in (*numbers, *times))
    link = element("a", run.name, href=f"#r{number}")
    return element("tr", element("td", link), *cells, element("td", run.result, class_=run.outcome))


def _section(run: RunReport, ids: str) -> Element:
    """Return the part of a page about one run. `ids` make its ids differ from those of other runs."""
    if not ids:
        return element("section", *_content(run, ""))
    heading = element("h2", run.name, class_=run.outcome)
    if run.failed:
        return element("section", heading, *_content(run, ids), id=ids)
    return element("details", element("summary", heading), *_content(run, ids), id=ids, class_="run")


def _content(run: RunReport, ids: str) -> Iterator[Child]:
    yield element("p", run.meaning, class_=None if ids else run.outcome)
    yield facts(
        exit_code=run.exit_code, requests=run.requests, findings=len(list(run.findings())),
        clock=f"{run.virtual_seconds:.3f} s", real_time=f"{run.real_seconds:.2f} s",
    )  # fmt: skip
    yield from client_sections(run.activities, ids)
    yield story_details(run.story)
    yield from (element("p", f"Written: {path}", class_="counts") for path in run.artifacts)
