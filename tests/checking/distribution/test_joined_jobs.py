"""Jobs that several files have answers about are one job where that is wanted, and no id of one is kept."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from tests.checking.exchanges import clado, exchange, page, person, status
from tests.checking.readers.recordings import entry, har
from tests.support import JOBS, call

from jobmock.checking.check import Check
from jobmock.checking.distribution.check_files import check_files
from jobmock.checking.distribution.checked_file import WHOLE, Settings
from jobmock.checking.distribution.joined_jobs import check_apart, in_several, jobs_in_file
from jobmock.checking.exchange import LiveExchange
from jobmock.checking.formats import FORMATS
from jobmock.checking.job_answers import Digests
from jobmock.checking.report import Report

from .traffic import split, traffic, write

SEEDS = range(12)


def _report(files: list[Path], *, processes: int = 1, join: bool = True) -> Report:
    check = Check()
    for found in check_files(Settings(), files, WHOLE, processes=processes, join=join):
        check.merge([one.report for one in found], found[0].number)
    return check.report()


def _counts(report: Report) -> dict[tuple[str, ...], int]:
    return {row.violation.identity: row.count for row in report.rows}


@pytest.mark.parametrize("seed", SEEDS)
def test_joined_files_are_as_one(seed: int, tmp_path: Path) -> None:
    """Traffic in several files has the differences that it has in one, however its exchanges are spread."""
    rng = Random(seed)
    sent = traffic(rng)
    whole = _report([write(tmp_path / "whole.jsonl", sent)])
    files = split(tmp_path, sent, rng, rng.randrange(2, 5))
    joined = _report(files)
    assert _counts(joined) == _counts(whole) and joined.judged == whole.judged
    assert FORMATS.render(_report(files, processes=2), "json") == FORMATS.render(joined, "json")


def test_jobs_of_files_are_different_ones(tmp_path: Path) -> None:
    """Without the option each file has its own jobs: recordings of a mock often have the same ids."""
    files = [
        write(tmp_path / "a.jsonl", [clado(status("completed"))]),
        write(tmp_path / "b.jsonl", [clado(status("pending"), number=1)]),
    ]
    assert _report(files, join=False).rows == []
    assert [row.violation.rule for row in _report(files).rows] == ["transition-illegal"]


def test_place_of_a_joined_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A difference is at the answer that contradicts an earlier one, in its own file, whichever file is first."""
    late = [clado(status("completed", results=[person()]), number=8), clado(status("completed", results=[]), number=9)]
    files = [
        write(tmp_path / "late.jsonl", [clado(status("pending"), number=7), *late]),
        write(tmp_path / "early.jsonl", [clado(status("completed"))]),
    ]
    found = json.loads(call(capsys, "check", *files, "--join-jobs", "--format", "json").out)["violations"]
    places = {row["rule"]: (row["first"]["source"], row["first"]["number"]) for row in found}
    assert places["transition-illegal"] == (f"{files[0]}:1", 1)
    assert places["results-shrink"] == (f"{files[0]}:3", 3)


def test_first_place_is_the_first_of_the_file(tmp_path: Path) -> None:
    """Of many jobs with one difference, the row names the first place in the file, not that of the first job."""
    jobs = range(30)
    first = [clado(status("completed", job_id=str(job)), number=job) for job in jobs]
    then = [clado(status("pending", job_id=str(job)), number=99 - job) for job in reversed(jobs)]
    paths = [f"{JOBS['clado']}/{job}" for job in jobs]
    one = write(tmp_path / "a.jsonl", [_with_path(one, path) for one, path in zip(first, paths, strict=True)])
    two = write(tmp_path / "b.jsonl", [_with_path(one, path) for one, path in zip(then, reversed(paths), strict=True)])
    (row,) = _report([one, two]).rows
    assert (row.count, row.number, row.first.line) == (30, 31, 1)


def test_more_in_another_file(tmp_path: Path) -> None:
    """A `more` in one file lets the job of another one run again."""
    more = exchange(f"{JOBS['clado']}/j/more", {"job_id": "j"}, method="POST", number=1, status=202)
    files = [
        write(tmp_path / "a.jsonl", [clado(status("completed")), clado(status("searching"), number=2)]),
        write(tmp_path / "b.jsonl", [more]),
    ]
    assert "transition-illegal" not in {row.violation.rule for row in _report(files).rows}
    assert "transition-illegal" in {row.violation.rule for row in _report(files[:1]).rows}


def test_other_forms_are_joined(tmp_path: Path) -> None:
    """Answers in a HAR file and in lines are about the same job."""
    (tmp_path / "a.har").write_text(har(entry(json.dumps(status("completed")))))
    lines = write(tmp_path / "b.jsonl", [clado(status("pending"), number=10**8)])
    assert "transition-illegal" in [row.violation.rule for row in _report([tmp_path / "a.har", lines]).rows]


def test_what_is_sent_to_others(tmp_path: Path) -> None:
    """What is kept of answers has digests, counts, times and listed words: no id, and no text of a body."""
    secrets = ["id-of-the-job", "id-of-a-person", "Ada-the-name", "word-of-no-list", "the-message", "new_member"]
    job, who, name, word, text, member = secrets
    people = [{**person()["profile"], "id": who, "name": name}]
    bodies = [
        status("completed", job_id=job, results=[{"profile": one} for one in people], message=text, **{member: name}),
        {**page(1, 1), "job_id": job, "results": [{"profile": one} for one in people]}, status(word, job_id=job),
    ]  # fmt: skip
    rows = [_with_path(clado(body), f"{JOBS['clado']}/{job}", query) for body, query in zip(
        bodies, ("", "page=1&page_size=2", ""), strict=True)]  # fmt: skip
    files = [write(tmp_path / f"{number}.jsonl", rows) for number in range(2)]
    settings = Settings(digests=Digests.for_several())
    jobs = [jobs_in_file(settings, file) for file in files]
    checked = check_apart(settings, WHOLE, in_several(jobs), files[0])
    assert len(jobs[0]) == 1 and len(checked.kept) == 3
    sent = pickle.dumps((jobs, checked.kept))
    assert [secret for secret in secrets if secret.encode() in sent] == []
    other = jobs_in_file(Settings(digests=Digests.for_several()), files[0])
    assert other != jobs[0], "The digests have a key of their own in each check."


def _with_path(one: LiveExchange, path: str, query: str = "") -> LiveExchange:
    return replace(one, path=path, query=query)
