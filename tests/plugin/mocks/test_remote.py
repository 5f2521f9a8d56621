"""The same tests against a running server."""

from __future__ import annotations

import socket
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest
from tests.free_ports import free_port
from tests.support import Served, served
from tests.timelines.pages import checked

from jobmock.errors import UsageError
from pytest_jobmock.mocks.remote_clock import RemoteClock

from ..conftest import Project

SAMPLE = """
    import threading, time

    import httpx, pytest
    from jobmock import JobmockError
    from polling import ENDS, JOBS, RUNS, client, fetch

    DELAYED = {"version": 1, "api": "clado", "progression": [{"status": "completed"}],
               "faults": [{"when": {"request": 1}, "delay": "0.4s"}]}

    def by_socket(mock):
        return client(mock, transport=None, base_url=mock.url, trust_env=False)

    def wait(mock, seconds):
        time.sleep(seconds) if TIME != "manual" else mock.clock.advance(seconds)

    def lets_go(mock):
        while not list(mock.journal):
            time.sleep(0.01)
        mock.clock.advance(0.4)

    def test_job(clado_mock):
        steps = [{"status": "pending", "after": {"seconds": 0.2}}, {"status": "completed"}]
        job = clado_mock.play({"version": 1, "api": "clado", "progression": steps}, job_id="one")
        with by_socket(clado_mock) as http:
            place = f"{JOBS}/{job.id}"
            first = http.get(place).json()["status"]
            wait(clado_mock, 0.25)
            assert http.get(place).json()["status"] == "completed"
            wait(clado_mock, 0.25)
            assert http.get(place).json()["status"] == "completed"
        assert clado_mock.clock.elapsed >= 0.2
        if TIME == "real" and first != "pending":
            pytest.skip("The machine was too busy to poll within the step.")
        assert first == "pending"
        assert TIME == "real" or clado_mock.clock.elapsed == 0.5
        assert [(one.status, one.state) for one in clado_mock.journal] == [(200, "pending"), *[(200, "completed")] * 2]
        assert [finding.rule for finding in clado_mock.findings()] == ["polled-after-end"]
        with pytest.raises(AssertionError, match="result-raised-as-error"):
            clado_mock.verify(raised=ValueError())
        with pytest.raises(AssertionError, match="wrong-count"):
            clado_mock.verify(returned=[{"name": "Someone"}])
        with pytest.raises(AssertionError, match="wrong-status"):
            clado_mock.verify(returned={"status": "cancelled"})
        assert clado_mock.verify(returned=None).not_judged == {}

    def test_delay_is_held_by_the_server(clado_mock):
        job = clado_mock.play(DELAYED)
        beside = threading.Thread(target=lets_go, args=[clado_mock])
        if TIME == "manual":
            beside.start()
        with by_socket(clado_mock) as http:
            assert http.get(f"{JOBS}/{job.id}").json()["status"] == "completed"
        if TIME == "manual":
            beside.join()
        assert clado_mock.clock.elapsed >= 0.4

    @pytest.mark.jobmock("clado/at-once", "orbit/at-once", min_interval=0)
    def test_both_on_one_clock(clado_mock, orbit_mock):
        assert clado_mock.api_key != orbit_mock.api_key
        with by_socket(clado_mock) as clado, by_socket(orbit_mock) as orbit:
            job = clado.post(JOBS, json={"query": "x"}).json()["job_id"]
            run = orbit.post(RUNS, json={"email": "a@mail.invalid"}).json()["request_id"]
            assert clado.get(f"{JOBS}/{job}").json()["status"] == "completed"
            orbit.get(f"{RUNS}/{run}")
        wait(orbit_mock, 0.1)
        assert clado_mock.clock.elapsed >= 0.1
        assert (*clado_mock.played(), *orbit_mock.played()) == ("clado/at-once", "orbit/at-once")
        orbit_mock.verify()

    def test_reset(clado_mock):
        clado_mock.play("slow", job_id="one")
        wait(clado_mock, 0.1)
        clado_mock.reset()
        assert (list(clado_mock.journal), dict(clado_mock.played())) == ([], {})
        assert TIME == "real" or clado_mock.clock.elapsed < 0.1
        clado_mock.play("slow", job_id="one")

    def test_wrong_scenario(clado_mock):
        with pytest.raises(Exception, match="Did you mean 'clado/two-pages'"):
            clado_mock.play("two-pags")
        for wrong in (None, 5, [{"status": "completed"}], {"status": "completed"}, {"version": object()}):
            with pytest.raises(JobmockError, match="A scenario is a name, a path|Allowed: "):
                clado_mock.play(wrong)
        for wrong in ("", 5):
            with pytest.raises(JobmockError, match="A job's id is a text of 1 to 200|'id' is 5. Allowed: text"):
                clado_mock.play("at-once", job_id=wrong)

    def test_own_job_of_the_same_name(clado_mock):
        clado_mock.play("at-once", job_id="one")

    def test_intercepted(clado_mock):
        clado_mock.play("at-once", job_id="one")
        with clado_mock.intercept():
            place = f"https://search.clado.ai{JOBS}/one"
            headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
            assert httpx.get(place, headers=headers, trust_env=False).json()["status"] == "completed"

    def test_env(clado_mock):
        assert clado_mock.env()["CLADO_BASE_URL"] == clado_mock.url
"""
TESTS = 8


@pytest.fixture(scope="module")
def there() -> Iterator[Served]:
    """A running server that requires its token."""
    with served() as server:
        yield server


@pytest.mark.parametrize("time", ["virtual", "manual", "real"])
def test_same_file_passes_with_a_server_and_without(time: str, there: Served, project: Project) -> None:
    """In each mode of time the same file of tests passes in process and against a `jobmock serve`."""
    project.write("test_sample.py", f"TIME = {time!r}\n")
    path = project.path / "test_sample.py"
    project.write("test_sample.py", SAMPLE)
    path.write_text(f"TIME = {time!r}\n{path.read_text()}", encoding="utf-8")
    for where in ((), (f"--jobmock-url={there.url}",)):
        outcomes = project.run(f"--jobmock-time={time}", *where).parseoutcomes()
        assert outcomes in ({"passed": TESTS}, {"passed": TESTS - 1, "skipped": 1})
        assert time == "real" or outcomes == {"passed": TESTS}


def test_virtual_time_reaches_the_servers_clock(there: Served, project: Project) -> None:
    """A client with production settings polls a 15-minute job of the server in little real time, at exact times."""
    project.write(
        "test_sample.py",
        """
        from polling import client, fetch

        def test_slow(clado_mock):
            job = clado_mock.play("slow")
            with client(clado_mock, transport=None, base_url=clado_mock.url, trust_env=False) as http:
                result = fetch(http, job.id)
            assert clado_mock.clock.elapsed == 900
            assert {one.at % (5 * 10**9) - clado_mock.started_at % (5 * 10**9) for one in clado_mock.journal} == {0}
            clado_mock.verify(returned=result)
            assert False
        """,
    )
    ran = project.run(f"--jobmock-url={there.url}", "--jobmock-artifacts=left")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["clado: clado/slow; 181 requests in 900 s", "    1     +0.000 s  GET *"])
    assert not list((project.path / "left").glob("*.har"))
    (picture,) = (project.path / "left").glob("*.html")
    page = checked(picture.read_text("utf-8")).text
    assert "clado/slow" in page and "searching: +1 min to +10 min" in page


def test_server_that_does_not_answer_is_reported(project: Project) -> None:
    """If no server answers, each test that uses a mock fails and names the address's source; other tests run."""
    project.write("test_sample.py", "def test_it(clado_mock): pass\ndef test_other(): pass\n")
    url = f"http://127.0.0.1:{free_port()}"
    ran = project.run(f"--jobmock-url={url}")
    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines([f"No jobmock answers at {url} (--jobmock-url): *refused*."])
    assert not [line for line in ran.outlines if line.startswith(("E  ", "/"))]


def test_missing_features_of_a_running_server_are_refused(there: Served, project: Project) -> None:
    """A transport and switches are refused, each with an error that says what to do instead."""
    project.write(
        "test_sample.py",
        """
        import pytest

        def test_transport(clado_mock):
            with pytest.raises(Exception, match="can't be reached in process: use `url`"):
                clado_mock.transport

        @pytest.mark.jobmock(switches={"clado.tier": "free"})
        def test_switches(clado_mock): pass
        """,
    )
    ran = project.run(f"--jobmock-url={there.url}")
    ran.assert_outcomes(passed=1, errors=1)
    ran.stdout.fnmatch_lines(["The switches of a running server are its own: start it with --switch."])


def test_server_beyond_loopback_requires_its_token(project: Project) -> None:
    """A server that others can reach is used with `--jobmock-token`; without it, each test fails and says so."""
    project.write("test_sample.py", "def test_it(clado_mock):\n    clado_mock.play('slow')\n    clado_mock.reset()\n")
    with served("--host", "0.0.0.0", "--control-token", "abc") as server:
        url = f"--jobmock-url=http://127.0.0.1:{server.url.rpartition(':')[2]}"
        project.run(url, "--jobmock-token=abc").assert_outcomes(passed=1)
        ran = project.run(url, "--jobmock-token=wrong")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*refused PUT clock: *oken*"])


def test_server_with_a_control_port(project: Project) -> None:
    """A server with a control port is used with `--jobmock-control`; without it, a test fails and says what to do."""
    project.write("test_sample.py", f"TIME = 'virtual'\n{textwrap.dedent(SAMPLE)}")
    with served("--control-port", "0", "--control-token", "abc") as server:
        url, control = f"--jobmock-url={server.url}", f"--jobmock-control={server.ready['control_url']}"
        project.run(url, control, "--jobmock-token=abc").assert_outcomes(passed=TESTS)
        project.write("test_sample.py", "def test_it(clado_mock): pass\n")
        ran = project.run(url, "--jobmock-token=abc")
        ran.assert_outcomes(errors=1)
        ran.stdout.fnmatch_lines(["*refused PUT clock: *a port of their own: see control_url in its line 'ready'."])
        ran = project.run(control, "--jobmock-token=abc")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["--jobmock-control is a server's control_url: give its url too, by --jobmock-url."])


def test_control_port_that_does_not_answer_is_reported(there: Served, project: Project) -> None:
    """If no server answers at `--jobmock-control`, the message names that option."""
    project.write("test_sample.py", "def test_it(clado_mock): pass\n")
    control = f"http://127.0.0.1:{free_port()}"
    ran = project.run(f"--jobmock-url={there.url}", f"--jobmock-control={control}")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines([f"No jobmock answers at {control} (--jobmock-control): *refused*."])


def test_loops_in_virtual_time(project: Project, there: Served) -> None:
    """Sleeps of an event loop move the clock of a running server too."""
    project.write(
        "test_sample.py",
        """
        import asyncio

        def test_sleep(clado_mock):
            asyncio.run(asyncio.sleep(5))
            assert round(clado_mock.clock.elapsed, 3) == 5
        """,
    )
    project.run(f"--jobmock-url={there.url}").assert_outcomes(passed=1)


class Answering:
    """The control of a key whose client reads the clock while the server advances it."""

    def __init__(self, fails: bool = False) -> None:
        self.clock, self.read, self._fails = RemoteClock("manual", 1.0), list[int](), fails
        self.key, self._ends = "lk_any", list[socket.socket]()

    def call(self, method: str, path: str, body: object = None) -> dict[str, float]:
        if path == "clock/advance":
            self.read.append(self.clock.elapsed)
            if self._fails:
                raise UsageError("A clock advances by less.")
        return {"start": 0, "now": 0}

    def upgrade(self, name: str, protocol: str) -> socket.socket:
        """Return a connection on which the answers to some joins have come already."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._ends += [socket.create_connection(server.getsockname()), server.accept()[0]]
        self._ends[-1].sendall(b'{"start": "0", "now": 0, "others": []}\n' * 3)
        return self._ends[-2]

    def reporting(self) -> AbstractContextManager[None]:
        """Return a block that reports nothing."""
        return nullcontext()

    def close(self) -> None:
        """Close both ends of the connection."""
        for end in self._ends:
            end.close()


@pytest.fixture
def answering() -> Iterator[Callable[..., Answering]]:
    """Makes controls, and closes their connections."""
    made: list[Answering] = []

    def make(**more: bool) -> Answering:
        made.append(Answering(**more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_client_that_an_advance_answers_reads_the_new_time(answering: Callable[..., Answering]) -> None:
    """A delayed answer may come before `advance` returns: the clock shows the new time by then."""
    control = answering()
    control.clock.add(control)  # type: ignore[arg-type]
    control.clock.advance(400)
    assert (control.read, control.clock.elapsed) == ([400], 400)


def test_refused_advance_moves_nothing(answering: Callable[..., Answering]) -> None:
    """If the server refuses to advance, the clock stays where it is."""
    control = answering(fails=True)
    control.clock.add(control)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        control.clock.advance(400)
    assert control.clock.elapsed == 0
