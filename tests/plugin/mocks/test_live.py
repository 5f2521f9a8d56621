"""The same tests against the real API, which a local server plays here: no test calls the real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support import Served, served

from ..conftest import Project

SAMPLE = """
    import pytest
    from polling import JOBS, client, fetch

    def found(mock):
        with client(mock, transport=None, base_url=mock.url, trust_env=False) as http:
            job = http.post(JOBS, json={"query": "chemists"}).json()["job_id"]
            return fetch(http, job, pause=0.01)

    @pytest.mark.jobmock(min_interval=0)
    def test_plain(clado_mock):
        result = found(clado_mock)
        assert result["status"] == "completed"
        assert clado_mock.env()["CLADO_API_KEY"] == clado_mock.api_key
        clado_mock.verify(returned=result)

    @pytest.mark.jobmock("clado/at-once", live=True)
    def test_holds_for_both(clado_mock):
        assert found(clado_mock)["status"] == "completed"

    @pytest.mark.jobmock("clado/at-once")
    def test_of_a_scenario(clado_mock): pass

    @pytest.mark.jobmock(scenarios="clado/at-*")
    def test_of_each(clado_mock): pass

    @pytest.mark.jobmock(switches={"clado.tier": "free"})
    def test_of_switches(clado_mock): pass

    @pytest.mark.jobmock(key="lk_own")
    def test_of_a_key(clado_mock): pass

    def test_played(clado_mock):
        clado_mock.play("clado/at-once")

    def test_time(clado_mock):
        clado_mock.clock.advance(1)

    def test_in_process(clado_mock):
        clado_mock.transport

    def test_journal(clado_mock):
        clado_mock.journal

    def test_reset(clado_mock):
        clado_mock.reset()
"""
SKIPPED = (
    "the test chooses a scenario; mark it live=True if it holds for the real API too",
    "the test is run once for each scenario",
    "the test chooses switches; mark it live=True if it holds for the real API too",
    "the test chooses a key; mark it live=True if it holds for the real API too",
    "the real API plays no scenario; a client that starts its job itself can run live",
    "real time can't be moved",
    "the real API can't be reached in process; a client that uses `url` can run live",
    "the real API has no journal of its requests",
    "the real API can't be reset",
)


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    """A server that plays the real API."""
    with served() as server:
        yield server


@pytest.fixture
def to_live(live: Served, monkeypatch: pytest.MonkeyPatch, project: Project) -> Project:
    """A project whose environment has a key, and the address of the server that plays the real API."""
    monkeypatch.setenv("CLADO_API_KEY", "lk_live")
    monkeypatch.setenv("CLADO_BASE_URL", f"{live.url}/")
    return project


def test_same_file_passes_with_mocks_and_live(to_live: Project) -> None:
    """Tests that use nothing of a mock run live with the same assertions; the others are skipped with a reason."""
    to_live.write("test_sample.py", SAMPLE)
    to_live.run().assert_outcomes(passed=11)
    ran = to_live.run("--jobmock-live", "-rs")
    ran.assert_outcomes(passed=2, skipped=9)
    shown = " ".join(ran.stdout.str().split())
    assert [why for why in SKIPPED if f"--jobmock-live: {why}." not in shown] == []


def test_without_a_key_tests_are_skipped(to_live: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key in the environment a test is skipped, with the variable's name; tests without mocks run."""
    monkeypatch.delenv("CLADO_API_KEY")
    to_live.write("test_sample.py", "def test_it(clado_mock): pass\ndef test_other(): pass\n")
    ran = to_live.run("--jobmock-live", "-rs")
    ran.assert_outcomes(passed=1, skipped=1)
    ran.stdout.fnmatch_lines(["SKIPPED*--jobmock-live: the environment has no CLADO_API_KEY."])


def test_key_is_stripped(to_live: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line end after the key, as in a file, is ignored."""
    monkeypatch.setenv("CLADO_API_KEY", "lk_live\n")
    to_live.write("test_sample.py", "def test_it(clado_mock): assert clado_mock.api_key == 'lk_live'\n")
    to_live.run("--jobmock-live").assert_outcomes(passed=1)


def test_key_that_no_header_can_hold_is_refused(to_live: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that can't be sent in a header is refused at the start. The error has the variable's name, not the key."""
    monkeypatch.setenv("CLADO_API_KEY", "lk_secret\nX-Other: 1")
    to_live.write("test_sample.py", "def test_it(clado_mock): pass\n")
    ran = to_live.run("--jobmock-live")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*The key in CLADO_API_KEY has signs that no header can hold. Allowed: printable ASCII."])
    assert "secret" not in ran.stdout.str() + ran.stderr.str()


def test_intercept_leads_nowhere_else(to_live: Project) -> None:
    """`intercept` lets calls to the real API pass, and refuses other hosts. NO_PROXY stays the user's own."""
    to_live.write(
        "test_sample.py",
        """
        import os, socket
        import httpx, pytest

        def test_it(clado_mock, monkeypatch):
            real, hosts = socket.getaddrinfo, []

            def guard(host, *args, **kwargs):
                if host == "127.0.0.1":
                    return real(host, *args, **kwargs)
                hosts.append(host)
                raise OSError("guarded")

            monkeypatch.setattr(socket, "getaddrinfo", guard)
            assert "search.clado.ai" not in os.environ.get("NO_PROXY", "")
            clado_mock.intercept()
            headers = {"Authorization": f"Bearer {clado_mock.api_key}"}
            assert httpx.get(f"{clado_mock.url}/api/credits", headers=headers).status_code == 200
            for host, error in (("search.clado.ai", OSError), ("other.invalid", AssertionError)):
                with pytest.raises(error):
                    socket.create_connection((host, 443), 1)
            assert hosts == ["search.clado.ai"]
        """,
    )
    to_live.run("--jobmock-live").assert_outcomes(passed=1)


def test_usual_host_is_the_real_one(to_live: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without another URL in the environment, `url` is the real API's. Time is real, despite the options."""
    monkeypatch.delenv("CLADO_BASE_URL")
    to_live.write(
        "test_sample.py",
        """
        import time

        def test_it(clado_mock):
            assert clado_mock.url == "https://search.clado.ai"
            before = clado_mock.clock.now()
            time.sleep(0.01)
            assert clado_mock.clock.now() - before >= 0.01
            assert abs(clado_mock.clock.now() - time.time()) < 60
        """,
    )
    to_live.run("--jobmock-live", "--jobmock-time=virtual").assert_outcomes(passed=1)


def test_invalid_address_is_refused(to_live: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invalid address in the environment is refused at the start, in one line."""
    monkeypatch.setenv("CLADO_BASE_URL", "search.clado.ai")
    to_live.write("test_sample.py", "def test_it(clado_mock): pass\n")
    ran = to_live.run("--jobmock-live")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*CLADO_BASE_URL: 'search.clado.ai' is no address of a live API: *"])


def test_failure_shows_no_answers(to_live: Project) -> None:
    """A test that fails live has no story and no artifacts, because live answers are personal data."""
    to_live.write("test_sample.py", "def test_it(clado_mock):\n    assert clado_mock.api == 'orbit'\n")
    ran = to_live.run("--jobmock-live", "--jobmock-artifacts=left")
    ran.assert_outcomes(failed=1)
    assert "can't be written" not in ran.stdout.str()
    assert not (to_live.path / "left").exists()


def test_live_and_url_exclude_each_other(to_live: Project, live: Served) -> None:
    """A running mock is not the real API: both options together are an error, in one line."""
    to_live.write("test_sample.py", "def test_it(clado_mock): pass\n")
    ran = to_live.run("--jobmock-live", f"--jobmock-url={live.url}")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["--jobmock-live is the real API, --jobmock-url a running mock. Give one of the two."])
