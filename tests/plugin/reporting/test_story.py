"""The story of a failed test: what it shows, its length, and what it never shows."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support import JOBS, scenario

from jobmock.client_reports.story import MOST_LINES
from jobmock.scenario import from_mapping, to_text
from pytest_jobmock.mocks.mock import Mock
from pytest_jobmock.reporting.failure import mocks_story

from ..conftest import Project

pytestmark = pytest.mark.jobmock(etiquette="off")  # clients here misbehave on purpose
LONGEST = 118


def client(mock: Mock) -> httpx.Client:
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    return httpx.Client(transport=mock.transport, base_url="http://mock", headers=headers)


def poll(mock: Mock, job: str, *pauses: float) -> None:
    """Poll once, and again after each pause."""
    with client(mock) as http:
        http.get(f"{JOBS['clado']}/{job}")
        for pause in pauses:
            time.sleep(pause)
            http.get(f"{JOBS['clado']}/{job}")


def test_only_a_failed_test_has_a_story(project: Project) -> None:
    """A failed test that used a mock has one section. A passed test has none, nor has a failed one without a mock."""
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import polled

        def test_red(clado_mock):
            polled(clado_mock, "rate-limited-once")
            assert False, "on purpose"

        def test_green(clado_mock):
            polled(clado_mock, "rate-limited-once")

        def test_without_a_mock():
            assert False

        @pytest.fixture
        def broken(clado_mock):
            polled(clado_mock, "at-once")
            raise LookupError("in set-up")

        def test_broken_set_up(broken): pass

        def test_unread(clado_mock, monkeypatch):
            monkeypatch.setattr(type(clado_mock), "journal", property(lambda self: 1 / 0))
            assert False, "what really failed"
        """,
    )
    ran = project.run()
    ran.assert_outcomes(passed=1, failed=3, errors=1)
    shown = ran.stdout.str()
    assert shown.count("- jobmock -") == 3
    assert shown.count("clado: clado/rate-limited-once; ") == 1
    assert shown.count("clado: clado/at-once; 1 request in 0 s") == 1
    ran.stdout.fnmatch_lines([
        "*- jobmock -*",
        "clado: clado/rate-limited-once; * requests in * s",
        "    1     +0.000 s  GET /api/search/deep_research/????????… → step 1: 200 pending*",
        "*→ 429 [[]respond rate_limited[]]",
        "*: 200 completed",
    ])  # fmt: skip
    assert "what really failed" in shown
    assert "The story of this test can't be written: ZeroDivisionError: division by zero" in shown


def test_rows_that_read_alike_are_joined(clado_mock: Mock) -> None:
    """Polls with the same answer share a line, with their number and the last time; another answer has its own line."""
    job = clado_mock.play(scenario("clado", {"status": "pending", "after": {"polls": 4}}, "searching", "completed"))
    poll(clado_mock, job.id, *[5.0] * 5)
    shown = mocks_story([clado_mock]).splitlines()
    assert shown[1:] == [
        f"    1     +0.000 s  GET {JOBS['clado']}/{job.id[:8]}… → step 1: 200 pending, 3 more until +15.000 s",
        f"    5    +20.000 s  GET {JOBS['clado']}/{job.id[:8]}… → step 2: 200 searching",
        f"    6    +25.000 s  GET {JOBS['clado']}/{job.id[:8]}… → step 3: 200 completed",
    ]


def test_many_different_requests_are_25_lines(clado_mock: Mock, orbit_mock: Mock) -> None:
    """The middle of a long story is left out, and the story says how many requests; no line is too long."""
    with client(clado_mock) as http, client(orbit_mock) as other:
        for number in range(60):
            http.get(f"/nowhere/{number}/{'x' * 200}")
            other.get(f"/nowhere/{number}")
    for mocks in ([clado_mock], [clado_mock, orbit_mock]):
        lines = mocks_story(mocks).splitlines()
        assert len(lines) <= MOST_LINES == 25
        assert all(len(line) <= LONGEST for line in lines)
        left_out = [int(line.split()[1]) for line in lines if "requests left out" in line]
        shown = [line for line in lines if " s  GET /nowhere/" in line]
        assert sum(left_out) + len(shown) == 60 * len(mocks)
    assert shown[0].split()[0] == "1" and shown[-1].split()[0] == "60"


def test_many_findings_leave_room_for_the_requests(clado_mock: Mock) -> None:
    """With many findings, 25 lines show some of them, some requests, and that there is more."""
    with client(clado_mock) as http:
        for number in range(30):
            job = clado_mock.play("at-once", job_id=f"job-{number}").id
            for _ in range(3):
                http.get(f"{JOBS['clado']}/{job}")
                time.sleep(5)
    lines = mocks_story([clado_mock]).splitlines()
    assert len(lines) <= MOST_LINES
    assert "  ! … and more: verify() lists everything" in lines
    assert sum(" s  GET " in line for line in lines) >= 10
    assert any("requests left out" in line for line in lines)


@pytest.mark.parametrize(
    ("method", "path", "key", "shown"),
    [
        ("GET", "/api/search/deep-research/1", "lk_mine", "no such route; the nearest is "),
        ("POST", "/api/search/deep_research/1/cancle", "lk_mine", "no such route; the nearest is "),
        ("PUT", "/api/search/deep_research", "lk_mine", "this route has POST only"),
        ("GET", "/api/search/deep_research/1", "sk_orb_mine", "the key is one of orbit (sk_orb_…)"),
    ],
)
def test_near_misses_are_shown(method: str, path: str, key: str, shown: str, clado_mock: Mock) -> None:
    """A request without a route is shown with the nearest one: another path, method or API's key."""
    with client(clado_mock) as http:
        http.request(method, path, headers={"Authorization": f"Bearer {key}"})
    line = " ".join(line.strip() for line in mocks_story([clado_mock]).splitlines()[1:])
    assert f"{method} {path}" in line and shown in line
    assert re.search(r" → (404|405|401) \(", line)


def test_a_note_is_shown_whole(clado_mock: Mock) -> None:
    """A long path is cut in its middle, and a long note has lines of its own, so the nearest route can be read."""
    with client(clado_mock) as http:
        for _ in range(6):
            http.get(f"/api/search/deep-research/{'x' * 100}/end")
    _, line, note, *_ = mocks_story([clado_mock]).splitlines()
    assert line.endswith("/end → 404, 5 more until +0.000 s") and "GET /api/search/" in line and "xx…xx" in line
    assert len(line) <= LONGEST
    assert note.strip() == "(no such route; the nearest is GET /api/search/deep_research/{job})"


def test_requests_that_the_journal_dropped_are_counted(clado_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line counts all requests, and says how many of them the journal no longer has."""
    with client(clado_mock) as http:
        http.get("/api/credits")
        namespaces: Any = clado_mock.service.namespaces  # type: ignore[attr-defined]
        [namespace] = namespaces
        monkeypatch.setattr(namespace.journal, "_most", 10)
        for number in range(39):
            http.get(f"/nowhere/{number}")
    heading, first, *_ = mocks_story([clado_mock]).splitlines()
    assert heading == "clado: no job was started; 40 requests in 0 s; the journal no longer has the oldest 30"
    assert first.split()[0] == "31"


def test_a_scenario_without_a_name_is_in_words(clado_mock: Mock) -> None:
    """A scenario that the test gives as a mapping has no name, so the story says where it is from."""
    clado_mock.play(scenario("clado", "completed"))
    assert mocks_story([clado_mock]) == "clado: a scenario given in the test; 0 requests in 0 s"


def test_a_file_is_shown_by_its_name(clado_mock: Mock, tmp_path: Path) -> None:
    """Also a file with the name `scenario.yaml` is no scenario without a name."""
    file = tmp_path / "scenario.yaml"
    file.write_text(to_text(from_mapping(scenario("clado", "completed"))), encoding="utf-8")
    clado_mock.play(file)
    assert mocks_story([clado_mock]) == "clado: scenario.yaml; 0 requests in 0 s"


def test_faults_and_findings_are_shown(clado_mock: Mock) -> None:
    """A fault on the wire is shown next to its request; findings follow the requests, with evidence and remedy."""
    faults = [{"when": {"request": 1}, "disconnect": "reset"}]
    job = clado_mock.play(scenario("clado", "completed", faults=faults))
    with client(clado_mock) as http:
        with pytest.raises(httpx.TransportError):
            http.get(f"{JOBS['clado']}/{job.id}")
        time.sleep(5)
        http.get(f"{JOBS['clado']}/{job.id}")
        time.sleep(5)
        http.get(f"{JOBS['clado']}/{job.id}")
    lines = mocks_story([clado_mock]).splitlines()
    assert "[disconnect reset]" in lines[1]
    assert lines[-2].startswith("  ! polled-after-end (warning): ")
    assert "Stop at the answer that showed the end" in " ".join(line.strip() for line in lines[-2:])


def test_the_scenario_that_refused_the_start_is_shown(clado_mock: Mock) -> None:
    """Where a scenario refuses the start, so that there is no job, the story names the scenario and the refusal."""
    clado_mock.play("clado/start-refused")
    clado_mock.reset()
    with client(clado_mock) as http:
        http.post(JOBS["clado"], json={"query": "chemists"})
    heading, line, *_ = mocks_story([clado_mock]).splitlines()
    assert heading.startswith("clado: clado/start-refused; 1 request in")
    assert line.endswith(" → 402 [respond credits_insufficient] (by clado/start-refused)")


@pytest.mark.parametrize(("limit", "note"), [(2, "(its limit cuts the 3 people of scenario to 2)"), (3, None)])
def test_a_limit_that_cuts_the_results_is_shown(limit: int, note: str | None, clado_mock: Mock) -> None:
    """The start shows its `limit` where the job has fewer people by it than the scenario says."""
    clado_mock.play(scenario("clado", "completed", results={"count": 3}))
    with client(clado_mock) as http:
        http.post(JOBS["clado"], json={"query": "chemists", "limit": limit})
    line = mocks_story([clado_mock]).splitlines()[1]
    assert line.endswith(note or " → 200")


def test_no_key_is_shown(clado_mock: Mock) -> None:
    """The story doesn't show the client's key, in any part of a request."""
    key = "lk_very-secret"
    with client(clado_mock) as http:
        http.headers["Authorization"] = f"Bearer {key}"
        for path in (f"/x/{key}", f"/api/credits?key={key}", f"{JOBS['clado']}/{key}"):
            http.get(path)
    shown = mocks_story([clado_mock])
    assert len(shown.splitlines()) >= 4
    assert "secret" not in shown


def test_mock_without_requests_has_one_line(clado_mock: Mock, orbit_mock: Mock) -> None:
    """A mock that no request reached has one line, which shows that the client called another server."""
    assert mocks_story([clado_mock, orbit_mock]).splitlines() == [
        "clado: no job was started; 0 requests in 0 s",
        "orbit: no job was started; 0 requests in 0 s",
    ]


def test_played_scenario_without_a_request_is_named(clado_mock: Any) -> None:
    """The first line has the scenarios that jobs play, each once."""
    clado_mock.play("slow")
    clado_mock.play("slow")
    clado_mock.play("two-pages")
    clado_mock.clock.advance(1.5)
    assert mocks_story([clado_mock]) == "clado: clado/slow, clado/two-pages; 0 requests in 1.5 s"


def test_job_that_the_server_closed_is_explained(clado_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that went with its namespace has a line of its own, also in the middle of a long story; none blames."""
    namespaces: Any = clado_mock.service.namespaces  # type: ignore[attr-defined]
    monkeypatch.setattr(namespaces, "_most", 1)
    with client(clado_mock) as http:
        job = http.post(JOBS["clado"], json={"query": "x"}).json()["job_id"]
        http.get("/api/credits", headers={"Authorization": "Bearer lk_other"})
        for number in range(40):
            assert http.get(f"{JOBS['clado']}/{job}?page={number + 1}").status_code == 404
    told = [line for line in mocks_story([clado_mock]).splitlines() if "fault" in line]
    assert told == [
        "  Not the client's fault: the server had closed this key's namespace to make room, so the job was gone."
    ]
    assert list(clado_mock.findings()) == []


def test_job_that_its_namespace_dropped_is_explained(clado_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that went because its key has too many has a line that says so; none blames."""
    monkeypatch.setattr("jobmock.engine.job_room.MAX_JOBS", 1)
    with client(clado_mock) as http:
        jobs = [http.post(JOBS["clado"], json={"query": f"{number}"}).json()["job_id"] for number in range(2)]
        assert http.get(f"{JOBS['clado']}/{jobs[0]}").status_code == 404
    told = [line for line in mocks_story([clado_mock]).splitlines() if "fault" in line]
    assert told == [
        "  Not the client's fault: the server had dropped this job to make room for others of its key."
    ]
    assert list(clado_mock.findings()) == []
