"""The mock as a test uses it: play, clock, journal, transport, verdicts, examples."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support import JOBS, scenario

from jobmock.errors import UnknownScenario, UsageError
from jobmock.etiquette import RULES
from jobmock.scenario import from_mapping, to_text
from pytest_jobmock.mocks.mock import Mock

AT_ONCE = {"status": "completed"}
FOUND: dict[str, Any] = scenario("clado", AT_ONCE, results={"count": 2, "seed": 5})
ENDS = ("completed", "error", "cancelled")

pytestmark = pytest.mark.jobmock(etiquette="off", start="2026-01-01")  # clients here misbehave on purpose


def headers(mock: Mock) -> dict[str, str]:
    return {"Authorization": f"Bearer {mock.api_key}"}


def client(mock: Mock) -> httpx.Client:
    return httpx.Client(transport=mock.transport, base_url="http://mock", headers=headers(mock))


def fetch(mock: Mock, job: str, pause: float = 5.0, *, ends: tuple[str, ...] = ENDS) -> Any:
    """Poll a Clado job to its end; after a refusal, wait for its Retry-After."""
    with client(mock) as http:
        while True:
            answer = http.get(f"{JOBS['clado']}/{job}")
            if answer.status_code in (429, 503):
                time.sleep(int(answer.headers["retry-after"]))
            elif answer.json().get("status") in ends:
                return answer.json()
            else:
                time.sleep(pause)


def in_a_file(folder: Path) -> Path:
    path = folder / "mine.yaml"
    path.write_text(to_text(from_mapping(FOUND)), encoding="utf-8")
    return path


GIVEN: dict[str, Callable[[Path], Any]] = {
    "name": lambda folder: "clado/at-once",
    "name without its API": lambda folder: "at-once",
    "path": in_a_file,
    "path as text": lambda folder: str(in_a_file(folder)),
    "mapping": lambda folder: FOUND,
    "Scenario": lambda folder: from_mapping(FOUND),
}


@pytest.mark.parametrize("given", GIVEN)
def test_scenario_is_played_in_every_form(given: str, clado_mock: Mock, tmp_path: Path) -> None:
    """A scenario is a name with or without its API, a path, a mapping or a Scenario. Jobs started later play it too."""
    played = clado_mock.play(GIVEN[given](tmp_path), job_id="job-of-mine")
    assert played.id == "job-of-mine"
    there = fetch(clado_mock, played.id)
    with client(clado_mock) as http:
        started = http.post(JOBS["clado"], json={"query": "chemists"}).json()["job_id"]
    assert [person["profile"]["name"] for person in fetch(clado_mock, started)["results"]] == [
        person["profile"]["name"] for person in there["results"]
    ]
    assert clado_mock.clock.elapsed == 0
    assert list(clado_mock.played()) == [played.scenario]


def test_ids_are_unique(clado_mock: Mock) -> None:
    """Without an id each job gets its own; an id that is in use is refused."""
    assert clado_mock.play("usual").id != clado_mock.play("usual").id
    clado_mock.play("usual", job_id="one")
    with pytest.raises(UsageError, match="The id 'one' is taken"):
        clado_mock.play("usual", job_id="one")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("two-pags", UnknownScenario, "There is no scenario 'clado/two-pags'. Did you mean 'clado/two-pages'?"),
        ("orbit/partial", UsageError, "The scenario 'orbit/partial' belongs to orbit, not to clado."),
    ],
)
def test_wrong_scenario_is_reported_in_the_tests_own_line(name: str, kind: Any, message: str, clado_mock: Mock) -> None:
    """The error names the nearest scenario, and its traceback ends in the test's own line."""
    with pytest.raises(kind) as caught:
        clado_mock.play(name)
    assert message in str(caught.value)
    assert caught.value.__suppress_context__
    shown = [entry.path for entry in caught.traceback.filter(caught)]
    assert [Path(path).name for path in shown] == ["test_mock.py"]


@pytest.mark.jobmock("orbit/partial", "clado/slow")
def test_marker_decides_what_started_jobs_play(clado_mock: Mock, orbit_mock: Mock) -> None:
    """All jobs that the client starts play the marker's scenarios, with any key."""
    for mock, body in ((clado_mock, {"query": "x"}), (orbit_mock, {"email": "a@mail.invalid"})):
        key = f"{mock.api_key}-another"
        with client(mock) as http:
            http.post(JOBS[mock.api], json=body, headers={"Authorization": f"Bearer {key}"}).raise_for_status()
    assert (*clado_mock.played(), *orbit_mock.played()) == ("clado/slow", "orbit/partial")


def test_mocks_of_one_test_share_a_clock(clado_mock: Mock, orbit_mock: Mock) -> None:
    """Time that passes for one mock passes for the other."""
    assert clado_mock.clock.now() == orbit_mock.clock.now() == 1_767_225_600
    time.sleep(90)
    orbit_mock.clock.advance(10)
    assert clado_mock.clock.elapsed == orbit_mock.clock.elapsed == 100


@pytest.mark.jobmock(time="manual")
def test_manual_time_stands_still(clado_mock: Mock) -> None:
    """In manual time only `advance` moves the clock, and jobs follow it."""
    job = clado_mock.play(scenario("clado", {"status": "pending", "after": {"seconds": 60}}, AT_ONCE))
    began = time.time()
    time.sleep(0.001)
    assert abs(time.time() - began) < 60
    assert (clado_mock.clock.now(), clado_mock.clock.elapsed) == (1_767_225_600, 0)
    assert fetch(clado_mock, job.id, ends=("pending",))["status"] == "pending"
    clado_mock.clock.advance(60)
    assert fetch(clado_mock, job.id)["status"] == "completed"
    assert clado_mock.clock.elapsed == 60
    with pytest.raises(UsageError, match="A clock advances by 0 to 31622400 seconds, not -1"):
        clado_mock.clock.advance(-1)


def test_journal_has_every_request_in_order(clado_mock: Mock) -> None:
    """The journal has the requests of every key and of none, oldest first, by socket and in process."""
    job = clado_mock.play("at-once")
    with client(clado_mock) as http:
        http.get(f"{JOBS['clado']}/{job.id}")
        time.sleep(1)
        http.get("/nowhere", headers={"Authorization": ""})
        time.sleep(1)
    httpx.get(f"{clado_mock.url}{JOBS['clado']}/none", headers={"Authorization": "Bearer lk_another"})
    assert [(one.at // 10**9 - 1_767_225_600, one.status) for one in clado_mock.journal] == [
        (0, 200), (1, 404), (2, 404),
    ]  # fmt: skip


def by_httpx(mock: Mock, library: Any, path: str) -> int:
    with library.Client(transport=mock.transport, base_url="http://mock", headers=headers(mock)) as http:
        return int(http.get(path).status_code)


def by_async(mock: Mock, library: Any, path: str) -> int:
    async def get() -> int:
        async with library.AsyncClient(transport=mock.transport, base_url="http://x", headers=headers(mock)) as http:
            return int((await http.get(path)).status_code)

    return asyncio.run(get())


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("ask", [by_httpx, by_async])
def test_transport_serves_four_clients(ask: Callable[..., int], library: Any, clado_mock: Mock) -> None:
    """One transport serves Client and AsyncClient of httpx and httpx2; a delay passes on the mock's clock."""
    fault = {"when": {"request": 1}, "delay": "3s"}
    job = clado_mock.play(scenario("clado", AT_ONCE, faults=[fault]))
    assert ask(clado_mock, library, f"{JOBS['clado']}/{job.id}") == 200
    assert clado_mock.clock.elapsed == 3
    assert clado_mock.transport is clado_mock.transport
    assert getattr(clado_mock, "_listener", None) is None


def test_url_serves_other_libraries(clado_mock: Mock) -> None:
    """The URL is always the same; requests and aiohttp reach the mock there, in virtual time too."""
    job = clado_mock.play("two-pages")
    place = f"{clado_mock.url}{JOBS['clado']}/{job.id}"

    async def by_aiohttp() -> Any:
        async with aiohttp.ClientSession(headers=headers(clado_mock)) as session, session.get(place) as answer:
            return await answer.json()

    assert requests.get(place, headers=headers(clado_mock), timeout=5).json()["status"] == "pending"
    assert asyncio.run(by_aiohttp())["status"] == "pending"
    assert place.startswith(clado_mock.url)


def test_reset_starts_again(clado_mock: Mock) -> None:
    """After a reset there are no jobs and no journal, and clock, credits and ids are as at the start."""
    first = clado_mock.play("at-once").id
    with client(clado_mock) as http:
        full = http.get("/api/credits").json()
        http.post(JOBS["clado"], json={"query": "x"})
        time.sleep(70)
        http.get("/api/credits")
        clado_mock.reset()
        assert (clado_mock.clock.elapsed, list(clado_mock.journal), dict(clado_mock.played())) == (0, [], {})
        assert http.get("/api/credits").json() == full
        assert http.get(f"{JOBS['clado']}/{first}").status_code == 404
    assert clado_mock.play("at-once").id == first


def test_env_has_url_and_key(clado_mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client in another process gets this environment, the base URL and the key, under names of your choice."""
    monkeypatch.setenv("MINE", "kept")
    code = "import os; print(os.environ['CLADO_BASE_URL'], os.environ['CLADO_API_KEY'], os.environ['MINE'])"
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env=clado_mock.env(), capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [clado_mock.url, clado_mock.api_key, "kept"]
    named = clado_mock.env(url="HERE", key="SECRET")
    assert (named["HERE"], named["SECRET"]) == (clado_mock.url, clado_mock.api_key)
    assert "CLADO_BASE_URL" not in named


def test_verify_passes_for_a_correct_client(clado_mock: Mock) -> None:
    """The verdict on a correct client has no findings, and lists the rules that could not be judged."""
    job = clado_mock.play("rate-limited-once")
    result = fetch(clado_mock, job.id)
    verdict = clado_mock.verify(returned=result)
    assert (verdict.findings, dict(verdict.not_judged)) == ((), {})
    assert "gave-up-early" in clado_mock.verify().not_judged


def test_verify_lists_every_finding(clado_mock: Mock) -> None:
    """The error has one finding per line, with rule, severity, evidence and remedy, and then the rules not judged."""
    job = clado_mock.play("two-pages")
    fetch(clado_mock, job.id, pause=0.01)
    with client(clado_mock) as http:
        http.get(f"{JOBS['clado']}/{job.id}?api_key=lk_jobmock")
    with pytest.raises(AssertionError) as caught:
        clado_mock.verify()
    text, _, not_judged = str(caught.value).partition("\nNot judged:\n")
    first, *findings = text.splitlines()
    assert first == f"The client broke {len(findings)} rules of polling:"
    assert {line.split()[0] for line in findings} >= {"polled-too-fast", "key-in-url"}
    assert all("(error): " in line or "(warning): " in line for line in findings)
    assert "Wait some seconds between two polls." in str(caught.value)
    reason, *rules = not_judged.splitlines()
    assert reason == "  How the client's call ended isn't known."
    assert " ".join(line.strip() for line in rules).split(", ") == [
        rule.id for rule in RULES.values() if rule.needs != "journal"
    ]
    assert max(map(len, rules)) <= 118
    assert "lk_jobmock" not in str(caught.value)


@pytest.mark.parametrize(
    ("played", "outcome", "rule"),
    [
        (scenario("clado", "pending", "pending", "completed"), {"returned": {}}, "gave-up-early"),
        (scenario("clado", "pending", "pending", "completed"), {"raised": TimeoutError()}, "gave-up-early"),
        (scenario("clado", "completed"), {"raised": ValueError()}, "result-raised-as-error"),
        (scenario("clado", "completed"), {"returned": {}}, None),
    ],
)
def test_how_the_call_ended_is_judged(played: Any, outcome: Any, rule: str | None, clado_mock: Mock) -> None:
    """`returned=` and `raised=` let the rules be judged that depend on how the client's call ended."""
    job = clado_mock.play(played)
    with client(clado_mock) as http:
        http.get(f"{JOBS['clado']}/{job.id}")
    assert clado_mock.verify().findings == ()
    if rule is None:
        assert clado_mock.verify(**outcome).not_judged == {}
        return
    with pytest.raises(AssertionError, match=rule):
        clado_mock.verify(**outcome)
    with pytest.raises(AssertionError, match=rule):
        clado_mock.verify(**outcome, job=job.id)


@pytest.mark.parametrize("nothing", [None, [], {}])
@pytest.mark.parametrize("played", ["clado/job-error", "clado/cancelled-elsewhere"])
def test_failure_that_is_returned_as_nothing_is_a_warning(played: str, nothing: Any, clado_mock: Mock) -> None:
    """A failed or cancelled job that comes back as nothing is found, and doesn't fail the test."""
    fetch(clado_mock, clado_mock.play(played).id)
    finding, = clado_mock.verify(returned=nothing).findings  # fmt: skip
    assert (finding.rule, finding.severity) == ("failure-as-nothing", "warning")


@pytest.mark.parametrize(
    ("played", "nothing", "rules"),
    [
        ("clado/usual", None, ["result-as-nothing"]),
        ("clado/usual", {}, ["result-as-nothing"]),
        ("clado/nobody", None, []),
        ("clado/hostile-pages", None, []),
    ],
)
def test_result_that_is_returned_as_nothing_is_a_warning(
    played: str, nothing: Any, rules: list[str], clado_mock: Mock
) -> None:
    """A result that comes back as nothing is found, if there is one, and only where the value is known."""
    fetch(clado_mock, clado_mock.play(played).id)
    assert [finding.rule for finding in clado_mock.verify(returned=nothing).findings] == rules
    assert "result-as-nothing" in clado_mock.verify().not_judged


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda people: people[:-1], "wrong-count"),
        (lambda people: [*people[:-1], people[0]], "twice"),
        (lambda people: {"status": "error", "results": people}, "wrong-status"),
    ],
)
def test_returned_value_is_compared_with_the_job(change: Any, rule: str, clado_mock: Mock) -> None:
    """`verify(returned=…)` counts people and duplicates, as `assert_client_survives` does."""
    people = fetch(clado_mock, clado_mock.play("usual").id)["results"]
    assert clado_mock.verify(returned=people).findings == ()
    with pytest.raises(AssertionError, match=rule):
        clado_mock.verify(returned=change(people))


def test_verify_takes_one_outcome(clado_mock: Mock) -> None:
    """A call that both returned and raised is a UsageError, and so is a job that no request was for."""
    with pytest.raises(UsageError, match="give one of the two"):
        clado_mock.verify(returned=1, raised=ValueError())
    with pytest.raises(UsageError, match="no exchange of the job 'nobody'"):
        clado_mock.verify(returned=1, job="nobody")
    assert clado_mock.verify(returned=None).not_judged == {}


def test_namespaces_of_several_keys_are_judged(clado_mock: Mock) -> None:
    """A client with another key is judged like one with the mock's key."""
    with httpx.Client(transport=clado_mock.transport, base_url="http://m") as http:
        http.headers["Authorization"] = "Bearer lk_fixed"
        job = http.post(JOBS["clado"], json={"query": "x"}).json()["job_id"]
        for _ in range(6):
            http.get(f"{JOBS['clado']}/{job}")
    assert [finding.rule for finding in clado_mock.findings()] == ["polled-too-fast"]
    clado_mock.verified = clado_mock.findings()


ONE_FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
"""Suppressed for a test whose examples share one mock, and reset it."""


def test_examples_are_independent(clado_mock: Mock) -> None:
    """Each example of a Hypothesis test starts as the test did: clock, jobs, journal, credits, scenario, ids."""
    seen: list[Any] = []

    @settings(ONE_FIXTURE, max_examples=15, deadline=None)
    @given(st.booleans(), st.integers(5, 10_000))
    def one(slow: bool, pause: int) -> None:
        with clado_mock.example() as mock:
            assert (mock.clock.elapsed, list(mock.journal), dict(mock.played())) == (0, [], {})
            with client(mock) as http:
                started = http.post(JOBS["clado"], json={"query": "x"}).json()["job_id"]
            seen.append((started, *mock.played()))
            job = mock.play("slow" if slow else "two-pages")
            fetch(mock, job.id, pause)

    one()
    assert len(seen) > 5
    assert set(seen) == {(seen[0][0], "clado/usual")}


def test_virtual_hours_are_within_a_deadline_of_a_minute(clado_mock: Mock) -> None:
    """Hypothesis measures real time: an example whose client sleeps for hours isn't too slow."""

    @settings(ONE_FIXTURE, max_examples=10, deadline=60_000)
    @given(st.integers(3_600, 36_000))
    def one(pause: int) -> None:
        with clado_mock.example() as mock:
            fetch(mock, mock.play("slow").id, pause)
            assert mock.clock.elapsed >= 3_600

    one()


@pytest.mark.jobmock(etiquette="error")
def test_example_is_judged_at_its_end(clado_mock: Mock) -> None:
    """At the level `error` an example whose client misbehaves fails at its end, and the next one starts clean."""
    with pytest.raises(AssertionError, match="polled-too-fast"), clado_mock.example() as mock:
        fetch(mock, mock.play("two-pages").id, 0.5)
    with clado_mock.example() as mock:
        fetch(mock, mock.play("two-pages").id)
    with pytest.raises(ZeroDivisionError), clado_mock.example() as mock:
        _ = len(fetch(mock, mock.play("two-pages").id, 0.5)) // 0
    with clado_mock.example():
        pass


@pytest.mark.parametrize(("uses_key", "severity"), [(True, "warning"), (False, "error")])
def test_a_stray_request_without_a_key(clado_mock: Mock, uses_key: bool, severity: str) -> None:
    """A request without a key to an unknown route is an error, and a warning beside a client that has a key."""
    with httpx.Client(transport=clado_mock.transport, base_url="http://mock") as http:
        http.get("/")
        if uses_key:
            http.get("/api/credits", headers=headers(clado_mock))
    (finding,) = clado_mock.findings()
    assert (finding.rule, finding.severity) == ("unknown-route", severity)
    assert finding.evidence.endswith("request 1 is GET / (no such route)")
