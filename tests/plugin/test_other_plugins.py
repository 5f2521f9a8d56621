"""The plugin together with other plugins: asyncio, anyio, timeouts, random order, forbidden sockets, workers."""

from __future__ import annotations

import re

import pytest

from .conftest import Project

ASYNC = """
    import asyncio, time

    import anyio, httpx, pytest
    from polling import ENDS, JOBS

    async def poll(mock, sleep):
        job = mock.play("slow")
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        async with httpx.AsyncClient(base_url=mock.url, headers=headers, trust_env=False) as http:
            while (await http.get(f"{JOBS}/{job.id}")).json()["status"] not in ENDS:
                await sleep(60)
        assert mock.clock.elapsed == 900
        assert time.time() == mock.clock.now()
"""


def test_anyio(project: Project) -> None:
    """A test of anyio's plugin runs in virtual time on either backend."""
    project.ini(others=["anyio"])
    test = """
    @pytest.fixture(params=["asyncio", "trio"])
    def anyio_backend(request):
        return request.param

    @pytest.mark.anyio
    async def test_it(clado_mock):
        await poll(clado_mock, anyio.sleep)
    """
    project.write("test_sample.py", ASYNC + test)
    project.run_apart().assert_outcomes(passed=2)


def test_asyncio(project: Project) -> None:
    """A test of pytest-asyncio runs in virtual time, also on a loop that several tests share."""
    project.ini("asyncio_default_fixture_loop_scope = function", others=["asyncio"])
    test = """
    @pytest.mark.asyncio(loop_scope="module")
    @pytest.mark.parametrize("n", range(2))
    async def test_it(clado_mock, n):
        await poll(clado_mock, asyncio.sleep)
    """
    project.write("test_sample.py", ASYNC + test)
    project.run_apart().assert_outcomes(passed=2)


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_timeouts_are_real(project: Project, method: str) -> None:
    """pytest-timeout counts real seconds with each of its methods: hours of virtual time don't reach its limit."""
    project.ini("timeout = 30", f"timeout_method = {method}", "timeout_func_only = true", others=["timeout"])
    project.write(
        "test_sample.py",
        """
        from polling import polled

        def test_hours(clado_mock):
            for _ in range(4):
                polled(clado_mock, "slow", pause=300)
            assert clado_mock.clock.elapsed == 3600
        """,
    )
    project.run().assert_outcomes(passed=1)


def test_hanging_test_is_stopped(project: Project) -> None:
    """pytest-timeout stops a test that really hangs, and its report has the story."""
    project.ini("timeout = 1", "timeout_func_only = true", others=["timeout"])
    project.write(
        "test_sample.py",
        """
        from polling import polled

        def test_spins(clado_mock):
            polled(clado_mock, "at-once")
            while True:
                pass
        """,
    )
    ran = project.run_apart()
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*Timeout*1*s*", "clado: clado/at-once; 1 request in 0 s"])


@pytest.mark.parametrize("observe", ["settrace", "setprofile"])
def test_observers(project: Project, observe: str) -> None:
    """Beside a tracer or a profiler, a test comes to its end, and so does the one after it."""
    project.write(
        "conftest.py",
        f"""
        import sys

        def look(frame, event, argument):
            return look

        def pytest_runtestloop():
            sys.{observe}(look)
        """,
    )
    project.write(
        "test_sample.py",
        """
        import time

        def test_sleeps(clado_mock):
            time.sleep(900)

        def test_next():
            pass
        """,
    )
    project.run_apart().assert_outcomes(passed=2)


def test_random_order(project: Project) -> None:
    """No test depends on the one before it, in any order of pytest-randomly."""
    project.ini(others=["randomly"])
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import polled

        @pytest.mark.parametrize("scenario", ["slow", "at-once", "two-pages"])
        @pytest.mark.parametrize("time", range(2))
        def test_alone(clado_mock, scenario, time):
            assert (clado_mock.clock.elapsed, len(clado_mock.journal)) == (0, 0)
            polled(clado_mock, scenario)
            assert {one.number for one in clado_mock.journal} == set(range(1, len(clado_mock.journal) + 1))
        """,
    )
    project.run_apart("--randomly-seed=7").assert_outcomes(passed=6)


HOURS = """
    import time
    from datetime import datetime

    import pytest

    READ = (time.monotonic, time.perf_counter, time.time, lambda: datetime.now().timestamp())

    def readings(mock):
        return [*(read() for read in (*READ, time.monotonic)), mock.clock.elapsed]

    def slept_an_hour(mock):
        before = readings(mock)
        time.sleep(3600)
        return all(after - then == pytest.approx(3600) for after, then in zip(readings(mock), before))
"""


def test_frozen_before_the_first_mock(project: Project) -> None:
    """Where freezegun is active when the first mock begins, that test is told the way out; later tests are whole."""
    pytest.importorskip("freezegun")
    test = """
    from freezegun import freeze_time

    def test_without_a_mock():
        with freeze_time("2026-03-01"):
            assert datetime.now().year == 2026

    @pytest.fixture
    def frozen():
        with freeze_time("2026-03-01"):
            yield

    def test_refused(frozen, clado_mock):
        raise AssertionError

    @pytest.mark.jobmock(time="manual")
    def test_manual(frozen, clado_mock):
        assert clado_mock.play("stuck")

    def test_next(clado_mock):
        assert slept_an_hour(clado_mock)

    def test_way_out(clado_mock):
        with freeze_time("2026-03-01"):
            assert datetime.now().month == 3
    """
    project.write("test_sample.py", HOURS + test)
    ran = project.run_fresh()
    ran.assert_outcomes(passed=4, errors=1)
    ran.stdout.fnmatch_lines(["*VirtualTimeError: *freezegun*. Begin freeze_time inside the test,*"])


def test_a_clock_that_was_replaced_before_the_first_mock(project: Project) -> None:
    """A clock that a test has replaced before its mock begins is its own; a later test has virtual time's again."""
    test = """
    @pytest.fixture
    def stopped(monkeypatch):
        monkeypatch.setattr(time, "monotonic", lambda: 17.0)

    def test_replaced(stopped, clado_mock):
        time.sleep(3600)
        assert time.monotonic() == 17

    def test_next(clado_mock):
        assert slept_an_hour(clado_mock)
    """
    project.write("test_sample.py", HOURS + test)
    project.run_fresh().assert_outcomes(passed=2)


def test_forbidden_sockets(project: Project) -> None:
    """If pytest-socket forbids sockets, a mock works in process, and its URL raises an error that says why."""
    project.ini(others=["socket"])
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import polled

        def test_in_process(clado_mock):
            assert polled(clado_mock, "slow")["status"] == "completed"

        def test_by_socket(clado_mock):
            with pytest.raises(RuntimeError, match="socket.socket"):
                clado_mock.url
        """,
    )
    project.run_apart("--disable-socket").assert_outcomes(passed=2)


def test_allowed_loopback(project: Project) -> None:
    """If pytest-socket allows loopback alone, a mock works over TCP."""
    project.ini(others=["socket"])
    project.write(
        "test_sample.py",
        """
        import httpx

        def test_by_socket(clado_mock):
            assert httpx.get(f"{clado_mock.url}/__jobmock/health", trust_env=False).status_code == 200
        """,
    )
    project.run_apart("--allow-hosts=127.0.0.1").assert_outcomes(passed=1)


SAMPLE = """
    import httpx, pytest
    from polling import JOBS, fetch, polled

    @pytest.mark.parametrize("n", range(5))
    def test_in_process(clado_mock, n):
        polled(clado_mock, "two-pages", pause=0.5 if n < 3 else 5)

    @pytest.mark.parametrize("n", range(5))
    def test_by_socket(clado_mock, n):
        headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
        with httpx.Client(base_url=clado_mock.url, headers=headers, trust_env=False) as http:
            fetch(http, clado_mock.play("two-pages").id)

    def test_red(clado_mock):
        polled(clado_mock, "two-pages")
        assert False
"""


def test_workers(project: Project) -> None:
    """With xdist the results and the summary are the same as without: each worker has a server of its own."""
    project.ini(others=["xdist"])
    project.write("test_sample.py", SAMPLE)
    alone, shared = project.run(), project.run_apart("-n", "2")
    for ran in (alone, shared):
        ran.assert_outcomes(passed=10, failed=1)
        ran.stdout.fnmatch_lines(["*jobmock: what clients did wrong*", "    3 polled-too-fast (error), first in *"])
        ran.stdout.fnmatch_lines(["clado: clado/two-pages; * requests in * s"])
        assert len(re.findall("what clients did wrong", ran.stdout.str())) == 1


def as_installed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pytest find the plugins by itself, as it does for a user."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    off = "-p no:cacheprovider -p no:schemathesis -p no:asyncio"
    project.write("pytest.ini", f"[pytest]\naddopts = {off}\npythonpath = .\n")


def test_strict(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin works with warnings as errors, strict markers, strict settings and importlib mode."""
    as_installed(project, monkeypatch)
    project.write("test_sample.py", SAMPLE.replace("assert False", "assert True"))
    strict = ["-W", "error", "--strict-markers", "--strict-config", "--import-mode=importlib"]
    project.run(*strict).assert_outcomes(passed=11)


def test_switched_off(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `-p no:jobmock` its fixtures are missing, and nothing else changes."""
    as_installed(project, monkeypatch)
    project.write("test_sample.py", "def test_other(): pass\n\n\ndef test_mocked(clado_mock): pass\n")
    ran = project.run("-p", "no:jobmock")
    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines(["*fixture 'clado_mock' not found*"])
