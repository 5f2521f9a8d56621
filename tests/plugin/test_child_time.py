"""Child processes take part in a test's virtual time, by `env()`."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import httpx
import pytest
from tests.support import HANGS, JOBS, STARTS, served

from jobmock.virtual import in_real_time
from jobmock.virtual.real import monotonic_ns

from .conftest import Project

if TYPE_CHECKING:
    from pytest_jobmock.mocks.mock import Mock

POLLER = str(Path(__file__).with_name("child_programs") / "poller.py")
NODE = """
const headers = {Authorization: `Bearer ${process.env.CLADO_API_KEY}`, "Content-Type": "application/json"};
const jobs = `${process.env.CLADO_BASE_URL}/api/search/deep_research`;
const began = Date.now();
const started = await fetch(jobs, {method: "POST", headers, body: '{"query": "chemists"}'});
const {job_id} = await started.json();
while ((await (await fetch(`${jobs}/${job_id}`, {headers})).json()).status !== "completed") {
  await new Promise((done) => setTimeout(done, 5_000));
}
console.log((Date.now() - began) / 1_000);
"""
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="There is no node here.")
slow = pytest.mark.jobmock("clado/slow", etiquette="error")


def poller(interval: float = 5, how: str = "poll") -> list[str]:
    return [sys.executable, POLLER, str(interval), how]


def ran(mock: Mock, command: list[str]) -> str:
    return subprocess.run(command, env=mock.env(), stdout=subprocess.PIPE, text=True, timeout=HANGS, check=True).stdout


def poll(mock: Mock, interval: float) -> None:
    """Poll a job in this process."""
    with httpx.Client(base_url=mock.url, headers={"Authorization": f"Bearer {mock.api_key}"}) as http:
        job = http.post(JOBS["clado"], json=STARTS["clado"]).json()["job_id"]
        while http.get(f"{JOBS['clado']}/{job}").json()["status"] != "completed":
            time.sleep(interval)


def begin(child: subprocess.Popen[Any], mock: Mock) -> int:
    """Return when a child has made its first request, in nanoseconds of the clock."""
    while child.poll() is None and not mock.journal:
        time.sleep(0.01)
    return round(mock.clock.elapsed * 10**9)


def await_jobs(mock: Mock, count: int) -> None:
    """Return when so many jobs were started. The clock stands meanwhile, so no child begins later than another."""
    with in_real_time():
        end = monotonic_ns() + HANGS * 10**9
        while len({exchange.job for exchange in mock.journal} - {None}) < count and monotonic_ns() < end:
            time.sleep(0.01)


def by_thread(work: Callable[[], object]) -> None:
    """Do some work in a thread, and wait for it."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@slow
@pytest.mark.parametrize("command", [
    pytest.param(poller(), id="python"),
    pytest.param(["node", "--input-type=module", "--eval", NODE], id="node", marks=needs_node),
])  # fmt: skip
def test_a_child_polls_in_virtual_time(clado_mock: Mock, command: list[str]) -> None:
    """A child that polls every 5 s takes exactly 900 s by its own clock, and by the test's."""
    before = time.time()
    assert float(ran(clado_mock, command)) == time.time() - before == clado_mock.clock.elapsed == 900
    assert len(clado_mock.journal) == 182


def by_popen(child: subprocess.Popen[str]) -> None:
    child.wait()


def by_polls(child: subprocess.Popen[str]) -> None:
    while child.poll() is None:
        time.sleep(1)


def by_reads(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None and list(child.stdout)


def in_a_thread(child: subprocess.Popen[str]) -> None:
    by_thread(child.wait)


@slow
@pytest.mark.parametrize("wait", [by_popen, by_polls, by_reads, in_a_thread])
def test_ways_to_wait_for_a_child(clado_mock: Mock, wait: Any) -> None:
    """However the test waits for a child, the child's time goes on: the test's own waits add none to it."""
    with subprocess.Popen(poller(60), env=clado_mock.env(), stdout=subprocess.PIPE, text=True) as child:
        wait(child)
    first, *_, last = clado_mock.journal
    assert last.at - first.at == 900 * 10**9 <= clado_mock.clock.elapsed * 10**9


@slow
@pytest.mark.parametrize("how", ["wait", "communicate"])
def test_a_child_in_asyncio(clado_mock: Mock, how: str) -> None:
    """A child of an event loop takes part, beside a task that sleeps."""
    readings: list[float] = []

    async def tick() -> None:
        for _ in range(10):
            await asyncio.sleep(7)
            readings.append(clado_mock.clock.elapsed)

    async def main() -> None:
        child = await asyncio.create_subprocess_exec(*poller(60), env=clado_mock.env(), stdout=subprocess.PIPE)
        await asyncio.gather(getattr(child, how)(), tick())

    asyncio.run(main())
    assert readings == list(range(7, 71, 7)) and clado_mock.clock.elapsed == 900


@slow
def test_the_earliest_comes_first(clado_mock: Mock) -> None:
    """A thread that sleeps every 7 s reads exact times beside a child that polls every 5 s."""
    readings: list[float] = []

    def tick() -> None:
        for _ in range(50):
            time.sleep(7)
            readings.append(clado_mock.clock.elapsed)

    thread = threading.Thread(target=tick)
    thread.start()
    assert float(ran(clado_mock, poller())) == 900
    thread.join()
    assert readings == list(range(7, 351, 7))


@slow
def test_a_client_of_the_test_beside_a_child(clado_mock: Mock) -> None:
    """A client in the test's own process polls at exact times beside a child that polls."""
    with subprocess.Popen(poller(5), env=clado_mock.env(), stdout=subprocess.PIPE) as child:
        began = begin(child, clado_mock)
        by_thread(lambda: poll(clado_mock, 60))
        child.communicate()
    times = [one.at - clado_mock.started_at for one in clado_mock.journal]
    polls = [times[0] + at * 10**9 for at in range(0, 901, 5)] + [began + at * 10**9 for at in range(0, 901, 60)]
    assert sorted(times) == sorted([times[0], began, *polls])


def test_output_is_read_at_its_time(clado_mock: Mock) -> None:
    """The test reads each line of a child's output at the time at which the child has written it."""
    readings = []
    with subprocess.Popen(poller(5, "say_and_sleep"), env=clado_mock.env(), stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        while child.stdout.readline() == b"tick\n":
            readings.append(clado_mock.clock.elapsed)
    assert readings == list(range(0, 100, 5))


@slow
def test_two_children(clado_mock: Mock) -> None:
    """Two children poll at their own exact times, until the second one has ended too."""
    with (
        subprocess.Popen(poller(7), env=clado_mock.env(), stdout=subprocess.PIPE) as one,
        subprocess.Popen(poller(60), env=clado_mock.env(), stdout=subprocess.PIPE) as other,
    ):
        await_jobs(clado_mock, 2)
        assert [float(child.communicate()[0]) for child in (one, other)] == [903, 900]
    assert clado_mock.clock.elapsed == 903


def test_a_child_that_takes_no_part_beside_one_that_does(clado_mock: Mock) -> None:
    """While the test waits for a child that takes no part, another one goes on, but no faster than real time."""
    reads = "import sys\nfor _ in range(10): sys.stdin.readline()"
    began = monotonic_ns()
    with subprocess.Popen(poller(0.01, "say_and_sleep"), env=clado_mock.env(), stdout=subprocess.PIPE) as child:
        begin(child, clado_mock)
        subprocess.run([sys.executable, "-S", "-c", reads], stdin=child.stdout, check=True, timeout=HANGS)
        passed = monotonic_ns() - began
        child.kill()
    assert clado_mock.clock.elapsed * 10**9 < passed


def test_a_child_that_dies(clado_mock: Mock) -> None:
    """A child that dies takes part no more, and the time at which the test goes on is that of its death."""
    readings: list[float] = []

    def tick() -> None:
        time.sleep(1000)
        readings.append(clado_mock.clock.elapsed)

    thread = threading.Thread(target=tick)
    thread.start()
    done = subprocess.run(poller(5, "die"), env=clado_mock.env(), check=False)
    assert (done.returncode, clado_mock.clock.elapsed) == (7, 5)
    thread.join()
    assert readings == [1000]


def test_a_child_that_never_asks(clado_mock: Mock) -> None:
    """A child that takes no part holds the clock, as without `env()`."""
    subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(0.3)"], env=clado_mock.env(), check=True)
    assert clado_mock.clock.elapsed == 0
    time.sleep(60)
    assert clado_mock.clock.elapsed == 60


@slow
def test_both_mocks(clado_mock: Mock, orbit_mock: Mock) -> None:
    """A client of both APIs has one clock: it polls the second job when the first one has ended."""
    run = orbit_mock.play("orbit/usual")
    environment = {**orbit_mock.env(), **clado_mock.env(), "RUN": run.id}
    done = subprocess.run(poller(30, "poll_both"), env=environment, stdout=subprocess.PIPE, check=True)
    assert float(done.stdout) == clado_mock.clock.elapsed == orbit_mock.clock.elapsed >= 900
    assert next(one.at for one in orbit_mock.journal) - clado_mock.started_at == 900 * 10**9


@pytest.mark.skipif(sys.platform != "linux", reason="Whose a connection is, only Linux says.")
def test_a_thread_that_takes_no_part(clado_mock: Mock) -> None:
    """A request of a thread of the test's process that isn't in virtual time is no child's, and holds no clock."""
    clado_mock.env()
    answers: list[int] = []

    def ask() -> None:
        with in_real_time(), urlopen(f"{clado_mock.url}/__jobmock/health") as answer:
            answers.append(answer.status)
        with in_real_time(), suppress(HTTPError), urlopen(f"{clado_mock.url}/api/credits"):
            pass

    by_thread(ask)
    time.sleep(60)
    assert (answers, clado_mock.clock.elapsed) == ([200], 60)


def failure(project: Project, body: str, *args: str) -> str:
    """Run a test with this body, which fails, and return what pytest prints."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    project.write("test_sample.py", f"import subprocess, sys, time, threading\n\ndef test_it(clado_mock):\n{lines}\n")
    began = time.monotonic()
    result = project.run(*args)
    assert result.parseoutcomes()["failed"] == 1 and time.monotonic() - began < HANGS / 2
    return result.stdout.str()


def test_a_child_outside_virtual_time(project: Project) -> None:
    """A child that asks the mock and takes no part ends the test, which names it and the way out."""
    project.write("asks.py", """
        import sys, time, urllib.error, urllib.request

        try:
            urllib.request.urlopen(sys.argv[1])
        except urllib.error.HTTPError:
            time.sleep(50)
        """)
    body = 'subprocess.run([sys.executable, "-S", "asks.py", clado_mock.url + "/api/credits"], env=clado_mock.env())'
    said = failure(project, body)
    assert "without virtual time asked the mock, while the test waits for it in the thread 'MainThread'" in said
    assert "Mark the test time='scaled'" in said
    if sys.platform == "linux":
        assert "VirtualTimeError: Process " in said and "-S asks.py http://127.0.0.1" in said


def test_an_answer_that_never_comes(project: Project) -> None:
    """A child that waits without end for an answer that never comes ends the test, which names the child."""
    body = f"""clado_mock.play({{"version": 1, "api": "clado", "progression": [{{"status": "completed"}}],
    "faults": [{{"when": {{"request": 1}}, "hang": True}}]}})
subprocess.run({poller(5, "wait_without_end")!r}, env=clado_mock.env())"""
    assert "poller.py" in failure(project, body)


def test_a_child_that_never_stops(project: Project) -> None:
    """The test's deadline stops a child that polls without end."""
    body = f"""clado_mock.play("clado/slow")
subprocess.run({poller(5)!r}, env=clado_mock.env())"""
    assert "still running after 600 s of the clock" in failure(project, body, "--jobmock-deadline=600")


def test_other_modes_of_time(project: Project) -> None:
    """Without virtual time, a child finds the mock and nothing else."""
    project.write("test_sample.py", """
        import pytest

        @pytest.mark.parametrize("mode", [
            pytest.param(mode, marks=pytest.mark.jobmock(time=mode)) for mode in ("manual", "scaled", "real")
        ])
        def test_it(clado_mock, mode):
            assert not [name for name in clado_mock.env() if name.startswith(("JOBMOCK_TIME_", "JOBMOCK_HOSTS"))]
        """)
    project.run().assert_outcomes(passed=3)


def test_a_running_server(project: Project) -> None:
    """With --jobmock-url, a child shares the clock of the running server with the test."""
    project.write("test_sample.py", f"""
        import subprocess, threading, time
        import pytest

        @pytest.mark.jobmock("clado/slow", etiquette="error")
        def test_it(clado_mock):
            done = subprocess.run({poller()!r}, env=clado_mock.env(), stdout=subprocess.PIPE, check=True)
            assert float(done.stdout) == clado_mock.clock.elapsed == 900
        """)
    with served() as server:
        project.run("--jobmock-url", server.url).assert_outcomes(passed=1)
