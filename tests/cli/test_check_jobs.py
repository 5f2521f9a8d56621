"""`jobmock check --jobs N`: the report of one process, and one sentence where a process or a file ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.checking.exchanges import clado, status
from tests.checking.planted_drifts import DRIFTS
from tests.support import HANGS, call

from jobmock.checking.exchange import to_line
from jobmock.checking.formats import FORMATS

_CHILDREN = "/proc/{0}/task/{0}/children"
needs_proc = pytest.mark.skipif(
    not Path(_CHILDREN.format(os.getpid())).exists(), reason="This system doesn't list the children of a process."
)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of 2 MB, so that each process gets a part of it: all planted changes, far from each other."""
    drifts = [to_line(one) for drift in DRIFTS.values() for one in drift.exchanges]
    long = [to_line(clado(status("searching", message="x" * 20_000), number=100 + number)) for number in range(100)]
    path = tmp_path_factory.mktemp("jobs") / "recording.jsonl"
    path.write_bytes(b"".join([*drifts, *long[:50], b"{\n", *drifts, *long[50:], *drifts]))
    return path


@pytest.mark.parametrize("form", FORMATS.names)
def test_reports_are_the_same(capsys: pytest.CaptureFixture[str], recording: Path, tmp_path: Path, form: str) -> None:
    """With 1, 2 and 3 processes, two files and one that isn't there give the same bytes, the same errors and code."""
    short = tmp_path / "short.jsonl"
    short.write_bytes(to_line(clado(status("ranking"))))
    args = ("check", recording, tmp_path / "none.har", short, "--format", form)
    one, two, three = (call(capsys, *args, "--jobs", jobs) for jobs in (1, 2, 3))
    assert one.code == 2 and "none.har" in one.err
    assert two == one
    assert three == one


def test_drift_with_jobs(capsys: pytest.CaptureFixture[str], recording: Path) -> None:
    """`drift` takes the option too."""
    one, two = (call(capsys, "drift", recording, "--jobs", jobs) for jobs in (1, 2))
    assert (one.code, one.out) == (two.code, two.out)


def test_wrong_number_of_jobs(capsys: pytest.CaptureFixture[str], recording: Path) -> None:
    """Without a process there is no check."""
    ran = call(capsys, "check", recording, "--jobs", 0)
    assert ran.code == 2
    assert "0 is not in the range" in ran.err


@contextmanager
def _stopped(recording: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Start a check in a group of its own, stop the processes that it starts, and yield it with their ids."""
    command = [sys.executable, "-m", "jobmock", "check", str(recording), "--jobs", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as check:
        children = list[int]()
        until = time.monotonic() + HANGS
        while (len(children) < 2 or _state(check.pid) != "S") and check.poll() is None and time.monotonic() < until:
            children = [int(child) for child in Path(_CHILDREN.format(check.pid)).read_text().split()]
            for child in children:
                os.kill(child, signal.SIGSTOP)
        yield check, children


def _state(process: int) -> str:
    """Return the state of a process, `Z` if it has ended: in a container nobody may take its exit code."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def _is_running(process: int) -> bool:
    return _state(process) != "Z"


@needs_proc
def test_interrupted(recording: Path) -> None:
    """Ctrl-C, which reaches all processes, ends them with 130 and one sentence."""
    with _stopped(recording) as (check, children):
        os.killpg(check.pid, signal.SIGINT)
        out, err = check.communicate(timeout=HANGS)
    assert (check.returncode, out, err) == (130, "", "\njobmock: Interrupted.\n")
    assert [child for child in children if _is_running(child)] == []


@needs_proc
def test_process_that_dies(recording: Path) -> None:
    """If one of the processes is killed, the check ends with 3 and one sentence, and the others end too."""
    with _stopped(recording) as (check, children):
        os.kill(children[0], signal.SIGKILL)
        out, err = check.communicate(timeout=HANGS)
    assert (check.returncode, out) == (3, "")
    assert err == (
        "jobmock: One of the processes that check was ended by the signal 9, so the check isn't complete. "
        "Try again, with fewer --jobs.\n"
    )
    assert [child for child in children if _is_running(child)] == []


@needs_proc
def test_check_that_is_killed(recording: Path) -> None:
    """If the check itself is killed, its processes end."""
    with _stopped(recording) as (check, children):
        check.kill()
        for child in children:
            os.kill(child, signal.SIGCONT)
        check.communicate(timeout=HANGS)
        until = time.monotonic() + HANGS
        while any(map(_is_running, children)) and time.monotonic() < until:
            time.sleep(0.01)
    assert [child for child in children if _is_running(child)] == []


@pytest.mark.parametrize(("module", "args", "says"), [
    ("distributed", ["--cluster", "tcp://127.0.0.1:9"], "--cluster needs Dask. Install jobmock[cluster], here"),
    ("fsspec", ["s3://k:s3cret@b/x"], "s3://…@b/x can't be read: it is at an address, and jobmock needs"),
    ("fsspec", ["s3://b/*"], "s3://b/* can't be read: it is at an address, and jobmock needs fsspec"),
])  # fmt: skip
def test_missing_library(
    module: str, args: list[str], says: str, recording: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Without the extra, one sentence says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    ran = call(capsys, "check", recording, *args)
    assert (ran.code, says in ran.err, "s3cret" in ran.err) == (2, True, False), ran.err


@pytest.mark.parametrize("args", [("--jobs", 2), ("--format", "html"), ("--report", "html=x.html")])
def test_what_a_cluster_does_not(args: tuple[object, ...], recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options for one machine are refused beside --cluster."""
    ran = call(capsys, "check", recording, "--cluster", "tcp://127.0.0.1:9", *args)
    assert (ran.code, "is for checks on one machine. Leave it out, or --cluster." in ran.err) == (2, True), ran.err
    live = call(capsys, "check", "--api", "clado", "--job-id", "j", "--join-jobs")
    assert (live.code, "--join-jobs is for FILEs." in live.err) == (2, True)
