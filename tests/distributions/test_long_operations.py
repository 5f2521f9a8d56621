"""The API of long operations, as a user's distribution has it: its client's tests, in a process that finds it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.apis.distributions import run_python
from tests.distributions.installed import SOURCES, installed

SOURCE = SOURCES / "long_operations"


@pytest.fixture
def place() -> Path:
    """The folder with the installed distribution."""
    return installed("long_operations")


def test_client(place: Path, tmp_path: Path) -> None:
    """The tests of its client pass."""
    args = ("-q", "-n", "0", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "child"), "--jobmock-save", "never")
    ran = run_python("-m", "pytest", *args, str(SOURCE / "client_tests.py"), places=[place])
    assert ran.returncode == 0, ran.stdout + ran.stderr


def jobmock(place: Path, *args: str) -> str:
    """Run a command where the distribution is found, and return its output. It succeeds."""
    ran = run_python("-m", "jobmock", *args, places=[place])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_recordings_keep_the_jobs_of_starts_without_a_body(place: Path, tmp_path: Path) -> None:
    """Exchanges that were recorded give the same scenarios as the traffic: their starts name the jobs."""
    traffic, lines = tmp_path / "traffic", tmp_path / "seen.jsonl"
    client = (sys.executable, str(SOURCE / "client.py"))
    jobmock(place, "run", "--scenario", "long_operations/usual", "--artifacts", str(traffic), "--", *client)
    hars = list(map(str, traffic.glob("*.har")))
    jobmock(place, "record", "--from", *hars, "--output", str(tmp_path / "first"), "--exchanges", str(lines))
    jobmock(place, "record", "--from", str(lines), "--output", str(tmp_path / "second"))
    first, second = (
        {path.name: path.read_text() for path in (tmp_path / name).iterdir()} for name in ("first", "second")
    )
    assert (list(first), second) == (["job-1.yaml"], first)
    assert "0 breaking" in jobmock(place, "check", str(lines), *hars)


FOLLOWING = """
import sys, time, httpx
from jobmock import Catalogue, Service, apis
from jobmock.clock import Clock
from jobmock.recording.files import ScenarioFolder
from jobmock.recording.proxy import Proxy
from jobmock.recording.recorder import Recorder
from jobmock.recording.upstream import Upstream
from jobmock.server.app import create_app
from jobmock.server.listeners import Host
from pathlib import Path

folder, warnings, host = Path(sys.argv[1]), [], Host()
live = host.open(create_app(Service(Catalogue()))).url
recorder = Recorder(apis.load("long_operations"), ScenarioFolder(folder, warnings.append), warnings.append)
proxy = host.open(Proxy(apis.load("long_operations"), Upstream(live), recorder, Clock())).url
with httpx.Client(headers={"api-key": "lro-me"}) as client:
    url = client.post(f"{proxy}/long-operations", json={"kind": "render"}).headers["operation-location"]
    assert url.startswith(f"{proxy}/long-operations/"), url
    statuses = [client.get(url).json()["status"] for _ in range(3)]
assert recorder.close()
host.end()
assert (statuses, warnings) == (["Unbegun", "Unbegun", "Working"], []), (statuses, warnings)
"""


def test_a_recorded_client_follows_the_url_of_its_job(place: Path, tmp_path: Path) -> None:
    """A client that polls the URL in a header stays at the proxy, so its polls are recorded."""
    ran = run_python("-c", FOLLOWING, str(tmp_path), places=[place])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Unbegun, Working" in (tmp_path / "job-1.yaml").read_text()
