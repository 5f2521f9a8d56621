"""The fixtures: every kind of test can use them, and each test has its own mock."""

from __future__ import annotations

import shutil
import sys

import httpx
import pytest
from tests.support import JOBS

from pytest_jobmock.mocks.mock import Mock
from pytest_jobmock.mocks.server import MockServer

from .conftest import Project


def test_every_kind_of_test_can_use_them(project: Project) -> None:
    """Sync, asyncio.run, pytest-asyncio, anyio on asyncio and on trio, unittest: a client sleeps in virtual time."""
    project.ini("asyncio_mode = strict", "asyncio_default_fixture_loop_scope = function", others=("asyncio", "anyio"))
    project.write(
        "test_sample.py",
        """
        import asyncio, unittest

        import anyio, httpx, pytest
        from polling import JOBS, polled


        async def fetched(mock, sleep, transport):
            job = mock.play("two-pages").id
            headers = {"Authorization": f"Bearer {mock.api_key}"}
            more = {"transport": mock.transport} if transport else {}
            base = "http://mock" if transport else mock.url
            async with httpx.AsyncClient(base_url=base, headers=headers, **more) as http:
                while (answer := await http.get(f"{JOBS}/{job}")).status_code != 200 or (
                    answer.json()["status"] != "completed"
                ):
                    await sleep(int(answer.headers.get("retry-after", 5)))
            assert mock.clock.elapsed >= 40
            mock.verify(returned=answer.json())

        transports = pytest.mark.parametrize("transport", [True, False], ids=["in process", "socket"])

        def test_sync(clado_mock):
            assert polled(clado_mock, "two-pages")["status"] == "completed"
            assert clado_mock.clock.elapsed >= 40

        @transports
        def test_run(clado_mock, transport):
            asyncio.run(fetched(clado_mock, asyncio.sleep, transport))

        @transports
        @pytest.mark.asyncio
        async def test_pytest_asyncio(clado_mock, transport):
            await fetched(clado_mock, asyncio.sleep, transport)

        @transports
        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
        async def test_anyio(clado_mock, anyio_backend, transport):
            await fetched(clado_mock, anyio.sleep, transport)

        class TestUnittest(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def mocks(self, clado_mock):
                self.mock = clado_mock

            def test_method(self):
                assert polled(self.mock, "two-pages")["status"] == "completed"
        """,
    )
    ran = project.run_apart("-W", "error", "--strict-markers")
    ran.assert_outcomes(passed=1 + 2 + 2 + 4 + 1)


def leave_traces(mock: Mock) -> None:
    """Check that the mock has no traces of another test, and leave as many as possible."""
    assert (mock.clock.elapsed, list(mock.journal), dict(mock.played())) == (0, [], {})
    for place, transport in ((mock.url, None), ("http://mock", mock.transport)):
        with httpx.Client(base_url=place, transport=transport, headers={"Authorization": "Bearer lk_fixed"}) as http:
            job = http.post(JOBS["clado"], json={"query": "x"}).json()["job_id"]
            assert http.get(f"{JOBS['clado']}/left-behind").status_code == 404
            assert http.get(f"{JOBS['clado']}/{job}").json()["status"] == "pending"
    assert set(mock.played()) == {"clado/usual"}
    mock.play("at-once", job_id="left-behind")
    mock.clock.advance(1_000)


@pytest.mark.parametrize("time", range(3))
@pytest.mark.jobmock(etiquette="off")
def test_nothing_of_one_test_reaches_the_next(time: int, clado_mock: Mock) -> None:
    """Each test has its own jobs, journal, clock and scenario, even if the client always uses the same key."""
    leave_traces(clado_mock)


spent: list[object] = []


@pytest.mark.parametrize("time", range(2))
@pytest.mark.jobmock("clado/at-once")
def test_credits_and_ids_start_again(time: int, clado_mock: Mock) -> None:
    """Each test starts with all its credits, and the ids of its jobs come in the same order."""
    headers = {"Authorization": "Bearer lk_fixed"}
    with httpx.Client(base_url="http://mock", transport=clado_mock.transport, headers=headers) as http:
        before = http.get("/api/credits").json()
        job = http.post(JOBS["clado"], json={"query": "x"}).json()["job_id"]
        http.get(f"{JOBS['clado']}/{job}")
        assert http.get("/api/credits").json() != before
    spent.append((before, job))
    assert spent[0] == spent[-1]


def test_nothing_listens_before_a_url_is_read(project: Project) -> None:
    """A mock in process has no thread and no socket; the first URL starts the loop's thread. It ends with the run."""
    project.write(
        "test_sample.py",
        """
        import threading
        from polling import polled

        def names():
            return {thread.name for thread in threading.enumerate()}

        def test_in_process(clado_mock, jobmock_server):
            polled(clado_mock, "slow")
            assert "jobmock" not in names()

        def test_by_url(clado_mock, orbit_mock):
            ports = {clado_mock.url, clado_mock.url, orbit_mock.url}
            assert len(ports) == 2 and all(port.startswith("http://127.0.0.1:") for port in ports)
            assert "jobmock" in names()

        def test_again(clado_mock):
            clado_mock.url
            assert [thread.name for thread in threading.enumerate()].count("jobmock") == 1
        """,
    )
    project.run_apart().assert_outcomes(passed=3)


def test_port_is_closed_with_the_test(clado_mock: Mock, jobmock_server: MockServer) -> None:
    """A mock's port is closed at its test's end, so a late request can't reach another test's mock."""
    url = clado_mock.url
    assert httpx.get(f"{url}/__jobmock/health", trust_env=False).status_code == 200
    clado_mock.close()  # type: ignore[attr-defined]
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/__jobmock/health", trust_env=False)
    clado_mock._listener = None  # type: ignore[attr-defined]


NODE = """
const headers = {Authorization: `Bearer ${process.env.CLADO_API_KEY}`, "Content-Type": "application/json"};
const jobs = `${process.env.CLADO_BASE_URL}/api/search/deep_research`;
const started = await fetch(jobs, {method: "POST", headers, body: JSON.stringify({query: "chemists"})});
const {job_id} = await started.json();
let body;
do {
  await new Promise((done) => setTimeout(done, 5));
  body = await (await fetch(`${jobs}/${job_id}`, {headers})).json();
} while (body.status !== "completed");
console.log(body.results.length);
"""
PYTHON = """
import json, os, time, urllib.request
headers = {"Authorization": "Bearer " + os.environ["CLADO_API_KEY"], "Content-Type": "application/json"}
jobs = os.environ["CLADO_BASE_URL"] + "/api/search/deep_research"
def ask(url, body=None):
    return json.load(urllib.request.urlopen(urllib.request.Request(url, body, headers)))
job = ask(jobs, b'{"query": "x"}')["job_id"]
while (body := ask(f"{jobs}/{job}"))["status"] != "completed":
    time.sleep(0.005)
print(len(body["results"]))
"""


NO_NODE = pytest.mark.skipif(shutil.which("node") is None, reason="There is no node here.")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        pytest.param(["node", "client.mjs"], NODE, id="node", marks=NO_NODE),
        pytest.param([sys.executable, "client.py"], PYTHON, id="python"),
    ],
)
def test_clients_in_other_processes(project: Project, command: list[str], text: str) -> None:
    """A client in Node and one in another Python find the mock by `env()`, and are judged in scaled time."""
    project.write(command[1], text)
    project.write(
        "test_sample.py",
        f"""
        import subprocess
        import pytest

        @pytest.mark.jobmock("clado/slow", time="scaled", speed=10_000, etiquette="error")
        def test_client(clado_mock):
            done = subprocess.run({command!r}, env=clado_mock.env(), capture_output=True, text=True)
            assert int(done.stdout) > 0, done.stderr
            assert clado_mock.clock.elapsed > 900
        """,
    )
    project.run().assert_outcomes(passed=1)
