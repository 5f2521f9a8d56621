"""What can't be written is reported: a file for now, a job that the language can't express for good."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

from tests.recording.raw_exchanges import poll, status
from tests.support import EPOCH

from jobmock.catalogue import load_plan
from jobmock.clock import SECOND
from jobmock.recording.recorder import Recorder


def test_failed_write_is_reported_and_repeated(
    recorder: Recorder, tmp_path: Path, warnings: list[str]
) -> None:
    """If a file can't be written, a warning names it with the errno, the other file is written, and both in the end."""
    (tmp_path / "out").rmdir()
    (tmp_path / "out").write_text("in the way")
    recorder.record(poll(0, status("pending")))
    recorder.wait()
    assert len((tmp_path / "seen.jsonl").read_bytes().splitlines()) == 1
    assert not recorder.close()
    (warning,) = warnings
    assert (str(tmp_path / "out" / "job-1.yaml") in warning, f"(errno {errno.EEXIST})" in warning) == (True, True)
    (tmp_path / "out").unlink()
    assert recorder.close()
    assert load_plan(tmp_path / "out" / "job-1.yaml", "late").scenario.progression[0].status == "pending"


def test_job_that_no_scenario_can_express_is_reported(recorder: Recorder, tmp_path: Path, warnings: list[str]) -> None:
    """If the language can't express a job, a warning says why, and `close` returns False."""
    late = EPOCH + 30_000_000 * SECOND + 123_456_787
    recorder.record(poll(0, status("pending")))
    recorder.record(replace(poll(0, status("pending")), at=late))
    recorder.record(replace(poll(0, status("searching")), at=late + 1))
    assert not recorder.close()
    assert warnings[0].startswith("Job 1 can't be written as a scenario, and ")
