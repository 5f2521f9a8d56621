"""A client that never ends is stopped, with any library and whatever it catches, and its test says what to do."""

from __future__ import annotations

import gc
import warnings
from itertools import count, product
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support import part

from jobmock.clock import SECOND
from pytest_jobmock.time_limits import deadline, pytest_timeout

from ..conftest import Project

LOOPS = '''
import asyncio, threading, time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import anyio, httpx, pytest
from polling import JOBS

def headers(mock):
    return {"Authorization": f"Bearer {mock.api_key}"}

def way(mock, reached):
    """Return how a client reaches the mock, in process or over TCP."""
    if reached == "transport":
        return {"transport": mock.transport, "base_url": "http://mock", "headers": headers(mock)}
    return {"base_url": mock.url, "headers": headers(mock), "trust_env": False}

def poll(mock, reached, pause=1800.0):
    """Poll forever, and catch what clients usually catch."""
    job = mock.play("stuck")
    with httpx.Client(**way(mock, reached)) as http:
        while True:
            try:
                http.get(f"{JOBS}/{job.id}")
            except Exception:
                pass
            time.sleep(pause)

async def apoll(mock, reached, pause=1800.0):
    job = mock.play("stuck")
    async with httpx.AsyncClient(**way(mock, reached)) as http:
        while True:
            try:
                await http.get(f"{JOBS}/{job.id}")
            except Exception:
                pass
            await anyio.sleep(pause)

def catching(mock, reached, pause=1800.0):
    """Poll forever, and catch everything."""
    job = mock.play("stuck")
    with httpx.Client(**way(mock, reached)) as http:
        while True:
            try:
                http.get(f"{JOBS}/{job.id}")
                time.sleep(pause)
            except:
                pass

def giving_up(mock, reached):
    """Poll until an error comes, and return as if there were none."""
    try:
        poll(mock, reached)
    except BaseException:
        return

async def acatching(mock, reached):
    """Poll forever, and catch everything but GeneratorExit, without which Python can't leave the coroutine."""
    job = mock.play("stuck")
    async with httpx.AsyncClient(**way(mock, reached)) as http:
        while True:
            try:
                await http.get(f"{JOBS}/{job.id}")
                await asyncio.sleep(1800)
            except GeneratorExit:
                raise
            except BaseException:
                pass

def in_thread(mock, reached, target=poll):
    thread = threading.Thread(target=target, args=(mock, reached), daemon=True)
    thread.start()
    thread.join()

def in_pool(mock, reached):
    mock.play("stuck")  # what a first scenario imports is imported by one thread
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: poll(mock, reached), range(2)))

async def in_tasks(mock, reached):
    """Poll in the background, and wait for another event."""
    async with anyio.create_task_group() as group:
        group.start_soon(apoll, mock, reached)
        await anyio.sleep(10**7)
'''
CLIENTS = {
    "sync": "poll(clado_mock, {0!r})",
    "asyncio": "asyncio.run(apoll(clado_mock, {0!r}))",
    "trio": "anyio.run(apoll, clado_mock, {0!r}, backend='trio')",
    "tasks": "asyncio.run(in_tasks(clado_mock, {0!r}))",
    "tasks of trio": "anyio.run(in_tasks, clado_mock, {0!r}, backend='trio')",
    "thread": "in_thread(clado_mock, {0!r})",
    "pool": "in_pool(clado_mock, {0!r})",
    "catches all": "catching(clado_mock, {0!r})",
    "catches all in asyncio": "asyncio.run(acatching(clado_mock, {0!r}))",
    "catches all in a thread": "in_thread(clado_mock, {0!r}, catching)",
    "returns": "giving_up(clado_mock, {0!r})",
}


APART = ("thread", "pool", "catches all")
"""Their threads, or a pending error, may outlive the test: they have a process of their own."""
QUIET = ("-W", "ignore::pytest.PytestUnraisableExceptionWarning")
"""A client that catches everything is stopped anywhere, perhaps before it has closed what it opened."""


def endless(project: Project, call: str, *, mark: str = "deadline=90_000") -> None:
    """Write a test whose client never ends."""
    text = f"{LOOPS}\n@pytest.mark.jobmock({mark})\ndef test_endless(clado_mock):\n    {call}\n"
    project.write("test_sample.py", text)


def check(ran: pytest.RunResult, message: str, *, judged: bool = True) -> None:
    """Check that one test failed with this message, the story and the findings, and without the plugin's own lines.

    Beside a clock that stands still, the waits of a client that never waits aren't `judged`.
    """
    ran.assert_outcomes(failed=1)
    shown = ran.stdout.str()
    assert f"\n{message}" in shown
    assert "\nclado: clado/stuck; " in shown and ("\n  ! " in shown) is judged
    for ours in ("pytest_jobmock/", "jobmock/virtual", "Traceback", "scheduler.py", "INTERNALERROR", "Warning"):
        assert ours not in shown, shown


def run(client: str, project: Project) -> pytest.RunResult:
    """Run the test, in this process or in its own."""
    if client.startswith(APART):
        return project.run_apart(*QUIET)
    ran = project.run(*QUIET)
    close_what_is_open()
    return ran


def close_what_is_open() -> None:
    """Close now what a client that was ended left open: a warning in the middle of a later test could end it."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setattr("sys.unraisablehook", lambda unraisable: None)
        gc.collect()


@pytest.mark.parametrize(("reached", "client"), part(product(("tcp", "transport"), CLIENTS), 2))
def test_after_the_deadline_the_test_fails(client: str, reached: str, project: Project) -> None:
    """Once the clock is past the deadline, the test fails with its story, with any kind of client."""
    endless(project, CLIENTS[client].format(reached))
    ran = run(client, project)
    check(ran, "The client broke no-deadline and was still running after 90000 s of the clock. Give it a deadline")
    assert "no-deadline" in ran.stdout.str() and "polled-too-fast" not in ran.stdout.str().partition("what clients")[0]


_MANUAL = ", time='manual', rules={'polled-too-fast': 'off'}"
"""Beside a manual clock, pauses of a busy machine look like those of a client that polls in real time."""
MODES = {
    "virtual": ("poll(clado_mock, {0!r}, 0.001)", ""),
    "manual": ("poll(clado_mock, {0!r}, 0)", _MANUAL),
    "manual, in a thread": ("in_thread(clado_mock, {0!r}, partial(poll, pause=0))", _MANUAL),
}


def let_checks_take(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let so many seconds of work pass at each check of a client, instead of those that pass on this machine."""
    for name in ("monotonic_ns", "process_time_ns"):
        monkeypatch.setattr(deadline, name, count(step=round(seconds * SECOND)).__next__)


@pytest.mark.parametrize("reached", ["tcp", "transport"])
@pytest.mark.parametrize("mode", MODES)
def test_without_fruit_the_test_fails(
    mode: str, reached: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that polls while no job ends is stopped even if the clock hardly moves, or not at all."""
    if (mode, reached) == ("manual, in a thread", "tcp"):
        pytest.skip("It can't be stopped: only the server's thread sees its requests, and the test's own thread waits.")
    let_checks_take(0.1, monkeypatch)
    call, more = MODES[mode]
    endless(project, call.format(reached), mark=f"deadline=90_000{more}")
    broken = "broke polled-too-fast and " if mode == "virtual" else ""
    limit = "after 20 real seconds of waiting and polling in which no job ended (only the test's processor"
    ran = run(mode, project)
    check(ran, f"The client {broken}was still running {limit}", judged=mode == "virtual")
    assert "counts). Give it a deadline of its own" in ran.stdout.str()


def test_a_broken_rule_explains_why_the_client_runs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message begins with the rule that the client broke: here the job has ended, so a deadline is no remedy."""
    let_checks_take(0.1, monkeypatch)
    project.write(
        "test_sample.py",
        """
        import time

        import pytest
        from polling import JOBS, client

        @pytest.mark.jobmock("clado/job-error")
        def test_endless(clado_mock):
            with client(clado_mock) as http:
                job = http.post(JOBS, json={"query": "x"}).json()["job_id"]
                while http.get(f"{JOBS}/{job}").json()["status"] != "completed":
                    time.sleep(5)
        """,
    )
    ran = project.run()
    ran.assert_outcomes(failed=1)
    shown = ran.stdout.str()
    assert "\nThe client broke polled-after-end and was still running after 20 real seconds" in shown
    assert "in which no further job ended" in shown and "Give it a deadline" not in shown


ENDS = """
    import time

    import pytest
    from polling import client, fetch

    def test_ends(clado_mock):
        with client(clado_mock) as http:
            for _ in range(4):
                fetch(http, clado_mock.play("slow").id)

    @pytest.mark.jobmock(deadline="off")
    def test_off(clado_mock):
        for _ in range(800):
            time.sleep(600)

    @pytest.mark.jobmock(deadline=60)
    def test_moved_by_hand(clado_mock):
        for _ in range(5):
            clado_mock.clock.advance(86_400)
            time.sleep(10)

    @pytest.mark.jobmock(deadline=60)
    def test_reset(clado_mock):
        for _ in range(5):
            time.sleep(50)
            clado_mock.reset()
"""


def test_client_with_progress_goes_on(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that end, `deadline="off"`, seconds that the test itself moves, and a reset give a client more time."""
    let_checks_take(0.04, monkeypatch)
    project.write("test_sample.py", ENDS)
    project.run("--jobmock-etiquette=off").assert_outcomes(passed=4)


@pytest.mark.parametrize(("seconds", "before"), [(0.5, 0.05), (6, 0.6), (20, 2), (300, 2)])
def test_near_is_a_tenth_and_two_seconds_at_most(
    seconds: float, before: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit is near in its last tenth, or in the last two seconds of a long one."""
    monkeypatch.setattr(pytest_timeout, "monotonic_ns", lambda: 7 * SECOND)
    item: Any = SimpleNamespace(stash=pytest.Stash())
    pytest_timeout.set_timeout(item, seconds)
    timeout = pytest_timeout.timeout_of(item)
    assert timeout is not None and timeout.near == (7 + seconds - before) * SECOND


EACH_CHECK_TAKES_A_SECOND = """
    from itertools import count

    from pytest_jobmock.time_limits import deadline

    deadline.monotonic_ns = count(deadline.monotonic_ns(), 10**9).__next__
"""


@pytest.mark.parametrize(("method", "form"), [("signal", "ini"), ("thread", "marker")])
def test_before_the_limit_of_pytest_timeout_the_test_fails(method: str, form: str, project: Project) -> None:
    """A client that still runs shortly before pytest-timeout's limit is stopped, so the report has the story."""
    lines = [f"timeout_method = {method}", *(["timeout = 60"] if form == "ini" else [])]
    project.ini(*lines, others=["timeout"])
    project.write("conftest.py", EACH_CHECK_TAKES_A_SECOND)
    endless(project, "poll(clado_mock, 'transport', 0.1)")
    if form == "marker":
        path = project.path / "test_sample.py"
        path.write_text(path.read_text().replace("@pytest.mark.job", "@pytest.mark.timeout(60)\n@pytest.mark.job"))
    limit = "when pytest-timeout's limit of 60 s was near."
    check(project.run_apart(), f"The client broke polled-too-fast and was still running {limit}")


def test_a_property_ends_at_once_and_is_saved(project: Project) -> None:
    """Hypothesis doesn't try again: the scenario on which the client never ended is saved as it is."""
    project.ini(others=("hypothesispytest",))
    project.write(
        "test_sample.py",
        """
        import time

        import pytest
        from hypothesis import given, settings, strategies as st
        from jobmock.scenario import from_mapping
        from polling import client, fetch

        STUCK = from_mapping({"version": 1, "api": "clado", "progression": [{"status": "pending"}]})

        @pytest.mark.jobmock(deadline=3600)
        @settings(deadline=None, database=None)
        @given(scenario=st.just(STUCK))
        def test_endless(clado_example, scenario):
            with clado_example() as mock:
                print("example")
                with client(mock) as http:
                    fetch(http, mock.play(scenario).id, pause=60)
        """,
    )
    ran = project.run()
    ran.assert_outcomes(failed=1)
    shown = ran.stdout.str()
    assert "\nThe client was still running after 3600 s of the clock." in shown
    assert shown.count("\nexample") == 1 and len(list(project.path.glob("scenarios/regressions/clado/*.yaml"))) == 1


def test_the_next_test_is_not_affected(project: Project) -> None:
    """After a client that never ends, clocks, threads and tracebacks are as before."""
    project.write(
        "test_sample.py",
        LOOPS
        + """
HOOK = threading.excepthook

@pytest.mark.jobmock(deadline=90_000)
def test_endless(clado_mock):
    in_thread(clado_mock, "tcp", catching)

def test_next(clado_mock):
    assert threading.excepthook is HOOK
    assert clado_mock.clock.elapsed == 0
    time.sleep(60)
    assert clado_mock.clock.elapsed == 60

def test_plain():
    assert time.sleep(0.001) is None and threading.excepthook is HOOK
""",
    )
    project.run_apart(*QUIET).assert_outcomes(failed=1, passed=2)  # that thread goes on for a while
