"""`jobmock record --from`: what it prints, its exit codes, and the options that don't go together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.checking.exchanges import clado, exchange, orbit, run, status
from tests.support import JOBS, call

from jobmock.checking.exchange import LiveExchange, to_line


def recording(path: Path, *exchanges: LiveExchange) -> Path:
    path.write_bytes(b"".join(map(to_line, exchanges)))
    return path


def test_it_prints_what_it_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It prints each file with its statuses, and counts what it left out; more files may follow the first."""
    first = recording(tmp_path / "a", clado(status("pending")), clado(status("completed"), number=9))
    second = recording(tmp_path / "b", orbit(run("running")), exchange("/health", {}))
    ran = call(capsys, "record", "--from", first, second, "--output", tmp_path / "out")
    assert (ran.code, ran.out.splitlines(), ran.err) == (0, [
        f"{tmp_path}/out/job-1.yaml: A recorded job - pending, completed. 2 exchanges.",
        f"{tmp_path}/out/job-2.yaml: A recorded job - running. 1 exchange.",
    ], "Left out: 1 × request to another path.\n")  # fmt: skip


def test_one_api_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With --api, the exchanges of another API are left out."""
    path = recording(tmp_path / "a", clado(status("pending")), orbit(run("running")))
    ran = call(capsys, "record", "--api", "orbit", "--from", path, "--output", tmp_path / "out")
    assert (ran.code, ran.err) == (0, "Left out: 1 × request to another path.\n")


@pytest.mark.parametrize(("flags", "left"), [
    (("--only-job", "x"), "1 × POST /api/search/deep_research, of another job, 2 × GET {job}, of another job"),
    (("--since", "2026-01-01T00:00:05Z"), "1 × POST /api/search/deep_research, before --since, 1 × GET {job}, before"),
    (("--until", "2026-01-01T00:00:05Z"), "2 × GET {job}, not before --until"),
])  # fmt: skip
def test_a_part_of_the_traffic(
    flags: tuple[str, ...], left: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One job of a day, or a period of it, is recorded: its start too, which names the job in its answer."""
    starts = [exchange(JOBS["clado"], {**status("pending"), "job_id": job}, method="POST") for job in "jx"]
    other = replace(clado({**status("completed"), "job_id": "x"}, number=9), path=f"{JOBS['clado']}/x")
    kept = starts[1:] if flags[0] == "--only-job" else []
    recording(tmp_path / "a.jsonl", starts[0], *kept, clado(status("searching"), number=1),
              clado(status("completed"), number=9), other)  # fmt: skip
    ran = call(capsys, "record", "--from", tmp_path / "*.jsonl", *flags, "--output", tmp_path / "out")
    assert (ran.code, len(ran.out.splitlines())) == (0, 2 if "--since" in flags else 1), ran
    assert ran.err.startswith(f"Left out: {left.replace('{job}', '/api/search/deep_research/{job}')}")
    live = call(capsys, "record", "--api", "clado", *flags, "--output", tmp_path / "out")
    assert (live.code, f"{flags[0]} is for recorded files." in live.err) == (2, True)


@pytest.mark.parametrize(("flags", "text"), [
    (("--from", "REC", "--to", "http://x.invalid"), "--to and --port are for a live API"),
    (("--from", "REC", "--port", "1"), "--to and --port are for a live API"),
    (("--from", "missing.har"), "there is no such file"),
    (("REC",), "say --from"), ((), "--api is missing, or --from"),
    (("--from", "REC", "--member", ""), "--member is empty"),
    (("--from", "REC"), "No exchange of an API was found, so nothing is written. Left out: 1 × request to"),
])  # fmt: skip
def test_what_can_not_be_done(
    flags: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What can't be done ends with 2 and says why."""
    path = recording(tmp_path / "a", exchange("/health", {}))
    given = [str(path) if flag == "REC" else flag for flag in flags]
    ran = call(capsys, "record", *given, "--output", tmp_path / "out")
    assert ran.code == 2
    assert text in ran.err


def test_broken_file_after_a_good_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """If a file is broken, what was read before it is written, and the exit code is 2."""
    good = recording(tmp_path / "a", clado(status("pending")))
    (tmp_path / "b").write_text("{")
    ran = call(capsys, "record", "--from", good, "--from", tmp_path / "b", "--output", tmp_path / "out")
    assert (ran.code, len(ran.out.splitlines())) == (2, 1)
    assert (tmp_path / "out" / "job-1.yaml").exists()
