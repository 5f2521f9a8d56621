"""The page of a check has all violations, and recorded jobs over time, without personal data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.timelines.pages import checked as page_of

from jobmock.checking.exchange import LiveExchange, Source
from jobmock.checking.formats import FORMATS
from jobmock.checking.recorded_jobs import RecordedJobs
from jobmock.checking.report import Report
from jobmock.clock import SECOND

from .exchanges import checked, clado, exchange, orbit, page, run, status
from .test_formats import HOSTILE, hostile

REFUSED = clado({"error": "x"}, number=20, status=429, headers={"content-type": "application/json", "retry-after": "9"})
RECORDING = [
    clado(status("pending")), clado(status("searching"), number=10), REFUSED,
    clado(status("ranking"), number=40), clado(page(1, 4), number=60, query="page=1&page_size=2"),
    orbit(run("running"), number=5),
]  # fmt: skip


def report_of(exchanges: list[LiveExchange], path: str = "a.har") -> Report:
    """Return the report on exchanges of one file, with its jobs."""
    return checked([replace(one, source=Source(path)) for one in exchanges], jobs=RecordedJobs())


def test_jobs_over_time() -> None:
    """Each file and API has lanes of its jobs: their statuses, refusals, pages, and the first place of a violation."""
    report = report_of(RECORDING)
    assert report.jobs is not None
    first, second = report.jobs.sources
    assert [(one.api, one.name, len(one.exchanges)) for one in (first, second)] == [
        ("clado", "a.har", 5), ("orbit", "a.har", 1),
    ]  # fmt: skip
    assert [one.state for one in first.exchanges] == ["pending", "searching", None, "ranking", "completed"]
    assert [one.job for one in first.exchanges] == ["job-1"] * 5
    assert first.exchanges[2].retry == first.exchanges[2].at + 9 * SECOND
    assert first.exchanges[4].page is not None and first.exchanges[4].page.page == 1
    shown = page_of(FORMATS.render(report, "html"))
    assert "clado: a.har" in shown.text and "orbit: a.har" in shown.text
    assert {"e4s0", "m4s0"} <= set(shown.ids)


def test_other_formats_have_no_jobs() -> None:
    """Where no picture is wanted, no exchanges are kept."""
    report = checked(RECORDING)
    assert report.jobs is None
    assert "svg" in page_of(FORMATS.render(report, "html")).tags  # the marks alone
    assert "figure" not in page_of(FORMATS.render(report, "html")).tags


def test_answers_without_a_time() -> None:
    """Answers whose time isn't known are counted, and have no place in a picture."""
    report = report_of([replace(one, at=0) for one in RECORDING])
    assert "6 judged answers had no time" in page_of(FORMATS.render(report, "html")).text
    assert "1 judged answer had" in page_of(FORMATS.render(report_of([clado(status("pending"), at=0)]), "html")).text


def test_no_personal_data_in_pictures() -> None:
    """Paths, queries, ids of jobs, and statuses that are no words aren't in the page."""
    secret = exchange("/api/search/deep_research/Ines-Kolm", status("pending", job_id="Ines-Kolm"), query="q=0000000")
    text = FORMATS.render(report_of([*hostile(), secret]), "html")
    assert [part for part in ("Ines", "0000000", "secret1", "436600") if part in text] == []
    assert "job-2" in text


def test_hostile_texts() -> None:
    """Markup in a file's name stays text."""
    shown = page_of(FORMATS.render(report_of([clado(status("new", **{HOSTILE: 1}))], f"{HOSTILE}.har"), "html"))
    assert "c" not in shown.tags
    assert '"<c>' in shown.text


@pytest.mark.parametrize(("jobs", "files"), [(60, 1), (2, 60)])
def test_bounds(jobs: int, files: int) -> None:
    """Of many jobs and files, a bounded number has lanes, and the other answers are counted."""
    collected = RecordedJobs()
    exchanges = [
        exchange(f"/api/search/deep_research/{job}", status("pending", job_id=str(job)), source=Source(f"{file}.har"))
        for file in range(files) for job in range(jobs)
    ]  # fmt: skip
    report = checked(exchanges, jobs=collected)
    kept = sum(len(source.exchanges) for source in collected.sources)
    assert (kept, collected.left_out) == ((20, 40) if files == 1 else (40, 80))
    page_of(FORMATS.render(report, "html"))
