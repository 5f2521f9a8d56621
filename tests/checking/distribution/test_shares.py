"""A check in several processes has the report of one, byte for byte."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from tests.checking.exchanges import clado, page, status
from tests.checking.planted_drifts import CLEAN, DRIFTS
from tests.checking.readers.recordings import entry, har
from tests.support import call

from jobmock.checking.check import Check
from jobmock.checking.distribution.checked_file import Settings
from jobmock.checking.distribution.shares import Share, by_file, check_share
from jobmock.checking.exchange import to_line
from jobmock.checking.formats import FORMATS
from jobmock.checking.job_answers import GROUPS
from jobmock.checking.report import Report
from jobmock.checking.sequence_rules import MOST_IN_GROUP

from .traffic import of_job, split, traffic


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Lines of many jobs with drifts and odd lines, twice, and files of other forms, of which one is broken."""
    planted = [*DRIFTS.values()]
    rows = [of_job(one, number % 40) for number, drift in enumerate(planted) for one in drift.exchanges]
    rows += [of_job(one, number) for number, found in enumerate(CLEAN.values()) for one in found]
    lines = [to_line(one) for one in rows]
    lines[3:3] = [b'{"at": 1, "met\n', b'{"at":1,"method":"GET","path":"/x","status":true}\n', b"\n", b"[1]\n"]
    spaced = [json.dumps(json.loads(to_line(one))).encode() + b"\n" for one in rows]
    proxied = [to_line(replace(one, path=f"/proxy{one.path}")) for one in rows[:20]]
    contents = {
        "a.jsonl": b"".join(lines), "b.har": har(entry(json.dumps(status("ranking"))), {}, entry("{}")).encode(),
        "c.har": b"{", "d.jsonl": b"".join(spaced), "e.jsonl": b"".join(proxied),
        "f.har": har(entry(json.dumps(page(1, 3)))).encode(), "g.jsonl": b"x\n" * 3 + lines[0] + bytes(4_000),
    }  # fmt: skip
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in contents]


def _report(files: Sequence[Path], count: int) -> tuple[Report, list[str]]:
    """Return the report of so many shares, and the files that can't be read."""
    shares = [Share(files=files, settings=Settings(), number=number, of=count) for number in range(count)]
    check, failures = Check(), list[str]()
    for found in by_file([check_share(share) for share in shares]):
        check.merge([one.report for one in found], max(one.number for one in found))
        failures += [one.failure for one in found if one.failure][:1]
    return check.report(), failures


@pytest.mark.parametrize("count", [2, 3, 7])
def test_shares_have_the_report_of_one(count: int, files: list[Path]) -> None:
    """The report doesn't depend on the number of shares, in any format: rows, counts, numbers, places and order."""
    one, shared = _report(files, 1), _report(files, count)
    assert len(one[0].rows) > 20 and len(one[0].odd) > 3 and len(one[1]) == 1
    assert shared[1] == one[1]
    for name in FORMATS.names:
        assert FORMATS.render(shared[0], name) == FORMATS.render(one[0], name)


@pytest.mark.parametrize("seed", range(8))
def test_shares_of_generated_traffic(seed: int, tmp_path: Path) -> None:
    """Generated traffic in files of several forms has the same report for 1, 2, 3 and 7 shares."""
    rng = Random(seed)
    files = split(tmp_path, traffic(rng, jobs=rng.randrange(3, 40)), rng, 3)
    files[0].write_bytes(gzip.compress(files[0].read_bytes()))
    files.append(tmp_path / "a.har")
    files[-1].write_text(har(*(entry(one.body.decode("utf-8", "replace")) for one in traffic(rng, jobs=3))))
    one = FORMATS.render(_report(files, 1)[0], "json")
    assert [FORMATS.render(_report(files, count)[0], "json") for count in (2, 3, 7)] == [one] * 3


def test_command_with_several_processes(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    """`--jobs 2` prints what one process prints, and ends in the same way."""
    one, two = (call(capsys, "check", *files, "--format", "json", "--jobs", count) for count in (1, 2))
    assert one == two
    assert one.code == 2 and "violations" in json.loads(one.out)


def test_many_jobs(tmp_path: Path) -> None:
    """Where there are too many jobs to remember, each number of shares remembers the same ones."""
    path, jobs = tmp_path / "a.jsonl", range(2 * GROUPS * MOST_IN_GROUP)
    rounds = (("completed", 0, jobs), ("pending", 1, reversed(jobs)))
    rows = (
        of_job(clado({**status(word), "job_id": str(job)}, number=at), job)
        for word, at, asked in rounds for job in asked
    )  # fmt: skip
    path.write_bytes(b"".join(map(to_line, rows)))
    one = _report([path], 1)[0]
    assert 0 < sum(row.count for row in one.rows) < len(jobs)
    assert _report([path], 3)[0] == one


def test_many_differences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many differences for rows, each number of shares has the same rows and counts."""
    monkeypatch.setattr("jobmock.checking.report_builder.MOST_ROWS", 10)
    path = tmp_path / "a.jsonl"
    members = [range(5), range(5, 40), range(60, 3, -1), range(0, 60, 7), range(9)]
    rows = [
        of_job(clado(status("pending", job_id=str(job), **{f"m{n}": 1 for n in numbers}), number=at), job)
        for at, numbers in enumerate(members) for job in (at % 3, 7 + at)
    ]  # fmt: skip
    path.write_bytes(b"".join(map(to_line, rows)))
    one = _report([path], 1)[0]
    assert (len(one.rows), one.rows[0].number) == (10, 1)
    assert sum(row.count for row in one.rows) + one.more["additive"] == 2 * sum(map(len, members))
    assert [_report([path], count)[0] for count in (2, 3, 7)] == [one] * 3


def test_a_job_is_in_one_share(tmp_path: Path) -> None:
    """Answers about one job are compared with each other, also where they are far apart."""
    back = [clado(status("completed", results=[])), *DRIFTS["new member"].exchanges * 3, clado(status("pending"))]
    rows = [of_job(one, 5) for one in back]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(map(to_line, rows)))
    rules = [row.violation.rule for row in _report([path], 3)[0].rows]
    assert "transition-illegal" in rules


def test_reports_are_merged(files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--merge` makes of the reports on the files, one by one, the report on all of them, also with a baseline."""
    known = tmp_path / "known.json"
    call(capsys, "check", files[4], files[0], "--baseline", known, "--update-baseline")
    options = ("--baseline", known, "--jobs", 1, "--format", "json")
    for number, path in enumerate(files):
        call(capsys, "check", path, *options, "--output", tmp_path / f"{number}.json")
    parts = [path for number in range(len(files)) if (path := tmp_path / f"{number}.json").exists()]
    merged = call(capsys, "check", "--merge", *parts, "--format", "json")
    assert len(parts) == len(files) - 1  # nothing of one file can be read
    assert json.loads(merged.out) == json.loads(call(capsys, "check", *files, *options).out)
    assert merged.out == call(capsys, "check", *files, *options).out
    assert (merged.code, merged.err) == (1, "")


@pytest.mark.parametrize(("text", "says"), [
    ("{}", "is no report of a check in JSON: it has no 'violations'."), ("x", "it is no JSON"), ("[]", "a value in it"),
    (None, "can't be read: No such file"),
])  # fmt: skip
def test_what_is_no_report(text: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no report ends with 2 and a sentence, as a merge of nothing does."""
    path = tmp_path / "a.json"
    if text is not None:
        path.write_text(text)
    ran = call(capsys, "check", "--merge", path)
    assert (ran.code, ran.out, says in ran.err) == (2, "", True)
    for option in ("--baseline", "--base-path", "--api"):
        refused = call(capsys, "check", "--merge", path, option, "clado")
        assert (refused.code, f"{option} is for a check, and --merge" in refused.err) == (2, True)
    assert "--merge needs FILEs" in call(capsys, "check", "--merge").err
