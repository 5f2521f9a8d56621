"""`jobmock record` as a process: its output, its exit codes, existing files, and what is left after a kill."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest
from tests.free_ports import free_port
from tests.recording.hostile_host import on_disk
from tests.support import HANGS, JOBS, STARTS, Served, call, served

from jobmock.catalogue import load_plan
from jobmock.checking.readers import open_recording
from jobmock.server.listeners import bound_socket

KEY = "lk_verysecret"


def poll_job(client: httpx.Client, times: int) -> tuple[str, int]:
    """Start a job and poll it; return its id and the number of answers."""
    started = client.post(JOBS["clado"], json={**STARTS["clado"], "query": "Rosalind Q"}).raise_for_status()
    job = started.json()["job_id"]
    for _ in range(times):
        client.get(f"{JOBS['clado']}/{job}", params={"page": 1, "token": "tok1"}).raise_for_status()
    return str(job), times + 1


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    """A server in place of the live API."""
    with served() as server:
        yield server


def client_of(recorder: Served) -> httpx.Client:
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.Client(base_url=recorder.url, headers=headers, timeout=HANGS, trust_env=False)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_records_until_a_signal(number: int, code: int, live: Served, tmp_path: Path) -> None:
    """It prints one line, writes a file for each job, and exits with 0 at SIGTERM and with 130 at Ctrl-C."""
    flags = ("--api", "clado", "--output", tmp_path / "out", "--exchanges", tmp_path / "seen.jsonl")
    with served(*flags, "--to", live.url, by="record") as recorder:
        assert recorder.ready["event"] == "ready"
        with client_of(recorder) as client:
            poll_job(client, 2)
            poll_job(client, 1)
        assert recorder.end(number) == code
        assert len(recorder.out.until_end()) == 1
        assert recorder.err.until_end() == []
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["job-1.yaml", "job-2.yaml"]
    assert len((tmp_path / "seen.jsonl").read_bytes().splitlines()) == 5


@pytest.mark.parametrize("at_once", [True, False])
def test_a_kill_loses_at_most_one_exchange(at_once: bool, live: Served, tmp_path: Path) -> None:
    """After kill -9, all answered exchanges are on disk, each scenario can be played, and no secret is left.

    A scenario may be older than the exchanges, or not be there yet.
    """
    rng, flags = Random(3), ("--api", "clado", "--output", tmp_path, "--exchanges", tmp_path / "seen.jsonl")
    with served(*flags, "--to", live.url, by="record") as recorder, client_of(recorder) as client:
        job, answers = poll_job(client, rng.randrange(3, 9))
        while not at_once and not (tmp_path / "job-1.yaml").exists():
            time.sleep(0.05)
        with client.stream("GET", f"{JOBS['clado']}/{job}"):
            recorder.process.kill()
            recorder.process.wait(HANGS)
    exchanges = list(open_recording(tmp_path / "seen.jsonl").exchanges)
    assert all(one.status == 200 for one in exchanges)
    assert answers <= len(exchanges) <= answers + 1
    scenarios = [load_plan(path, "killed").scenario for path in tmp_path.glob("*.yaml")]
    assert all(scenario.progression for scenario in scenarios)
    assert at_once or len(scenarios) == 1
    left = b"\n".join(on_disk(tmp_path))
    assert [secret for secret in (KEY, job, "Rosalind", "tok1") if secret.encode() in left] == []


def test_a_file_that_cannot_be_written(live: Served, tmp_path: Path) -> None:
    """A file that can't be written is named on stderr, the other file is written, and the recorder exits with 3."""
    flags = ("--api", "clado", "--output", tmp_path / "out", "--exchanges", tmp_path / "seen.jsonl")
    with served(*flags, "--to", live.url, by="record") as recorder:
        (tmp_path / "out").rmdir()
        (tmp_path / "out").write_text("in the way")
        with client_of(recorder) as client:
            poll_job(client, 1)
        line = recorder.err.wait_for("Can't write")
        assert recorder.end(signal.SIGTERM) == 3
    assert "job-1.yaml': File exists (errno 17)." in line
    assert len((tmp_path / "seen.jsonl").read_bytes().splitlines()) == 2


def test_an_existing_file_is_not_overwritten(live: Served, tmp_path: Path) -> None:
    """If the file of a job exists already, the job is written to another file, and stderr says so."""
    (tmp_path / "job-1.yaml").write_text("mine")
    with served("--api", "clado", "--output", tmp_path, "--to", live.url, by="record") as recorder:
        with client_of(recorder) as client:
            poll_job(client, 1)
        line = recorder.err.wait_for("stays as it is")
    assert line.endswith("job-1.yaml exists already and stays as it is; job-1-2.yaml is written instead.")
    assert (tmp_path / "job-1.yaml").read_text() == "mine"
    assert load_plan(tmp_path / "job-1-2.yaml", "beside").scenario.api == "clado"


def test_wrong_arguments(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A wrong address or an existing file exits with 2, an unusable port or folder with 3, each with a message."""
    (tmp_path / "there").write_text("")
    free = ("record", "--api", "clado", "--port", free_port(), "--output")
    wrong = call(capsys, *free, tmp_path, "--to", "search.clado.ai")
    assert (wrong.code, "'search.clado.ai' is no address of a live API:" in wrong.err) == (2, True)
    exists = call(capsys, *free, tmp_path, "--exchanges", tmp_path / "there")
    assert (exists.code, "exists already, and nothing is overwritten." in exists.err) == (2, True)
    folder = call(capsys, *free, tmp_path / "there" / "in")
    assert (folder.code, "Can't write to the folder" in folder.err) == (3, True)
    secret = call(capsys, *free, tmp_path, "--to", "http://user:SECRETPW@live.invalid")
    assert (secret.code, "SECRETPW" in secret.err, "'http://…@live.invalid' is no" in secret.err) == (2, False, True)
    word = call(capsys, *free, tmp_path, "--word", "")
    assert (word.code, "--word is empty." in word.err) == (2, True)
    with bound_socket("127.0.0.1", 0) as taken:
        port = call(capsys, "record", "--api", "clado", "--output", tmp_path, "--port", taken.getsockname()[1])
    assert (port.code, "Can't listen on 127.0.0.1" in port.err) == (3, True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_its_own_address_is_refused(host: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The recorder's own address as the live API exits with 2: requests would go round forever."""
    port = free_port()
    own = call(
        capsys, "record", "--api", "clado", "--port", port, "--output", tmp_path, "--to", f"http://{host}:{port}/path",
    )  # fmt: skip
    assert (own.code, "is where the recorder itself listens." in own.err) == (2, True)


def test_json_log(tmp_path: Path) -> None:
    """With `--log-format json`, each log line is JSON, and an error is named by its class only."""
    flags = ("--api", "clado", "--output", tmp_path, "--to", f"http://127.0.0.1:{free_port()}", "--log-format", "json")
    with served(*flags, by="record") as recorder:
        with client_of(recorder) as client:
            answer = client.get(f"{JOBS['clado']}/x")
        line = json.loads(recorder.err.wait_for("reached"))
    assert (answer.status_code, line["message"]) == (502, "The live host can't be reached: ConnectError.")
