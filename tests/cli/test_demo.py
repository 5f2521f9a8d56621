"""`jobmock demo` plays all bundled scenarios and reports each wrong outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import httpx
import pytest
from tests.support import HANGS, JOBS, call

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.cli import demo
from jobmock.cli.demo import Outcome
from jobmock.clock import SECOND

FEW = ["clado/one-over", "clado/rate-limited-repeatedly", "orbit/at-once", "orbit/not-found", "orbit/usual-discovery"]
LINE = re.compile(
    r"(?P<name>\S+) +(?P<status>\w+) +starts (?P<starts>\d+) +polls (?P<polls>\d+)"
    r" +took .+? +pages (?P<pages>\d+) +people (?P<people>\d+)"
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[str]], None]:
    """Give the demo a catalogue that names no more than these scenarios."""

    def bundle(names: Sequence[str]) -> None:
        monkeypatch.setattr(Catalogue, "names", lambda self: list(names))

    return bundle


def test_one_line_for_each_scenario_and_a_closing_one(
    capsys: pytest.CaptureFixture[str], few: Callable[[Sequence[str]], None]
) -> None:
    """Each line has the status, the polls, the pages and the people that the client itself saw."""
    few(FEW)
    called = call(capsys, "demo")
    *lines, closing = called.out.splitlines()
    seen = [match.groupdict() for line in lines if (match := LINE.fullmatch(line))]
    assert called.code == 0, called.out
    assert [row["name"] for row in seen] == FEW
    facts = {row["name"]: (row["status"], row["pages"], row["people"]) for row in seen}
    assert facts["clado/one-over"] == ("completed", "2", "26")
    assert facts["orbit/at-once"] == ("completed", "0", "1")
    assert facts["orbit/not-found"][0] == "not_found"
    assert facts["orbit/usual-discovery"][2] == "3"
    total = sum(int(row["polls"]) for row in seen)
    assert re.fullmatch(rf"5 scenarios, {total} polls, no wrong outcomes, \d+\.\d s of real time\.", closing)


def test_proxy_in_the_environment(
    capsys: pytest.CaptureFixture[str], few: Callable[[Sequence[str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo's calls don't go to a proxy that the environment names."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    few(["orbit/at-once"])
    assert call(capsys, "demo").code == 0


def test_client_waits_as_long_as_it_is_told(catalogue: Catalogue, server: str) -> None:
    """The demo's client obeys Retry-After, in seconds or as a date, on its virtual clock."""
    plan = catalogue.plan("clado/rate-limited-repeatedly")
    with httpx.Client(base_url=server) as client:
        outcome = demo.play(client, plan)
    asked = sum(
        fault.retry_after.seconds or 0 for fault in plan.scenario.faults if fault.retry_after
    )  # fmt: skip
    assert outcome.status == "completed"
    assert outcome.seconds >= asked > demo.INTERVAL


def test_wrong_outcome_is_shown_and_ends_with_1(
    capsys: pytest.CaptureFixture[str], few: Callable[[Sequence[str]], None], monkeypatch: pytest.MonkeyPatch,
    catalogue: Catalogue,
) -> None:  # fmt: skip
    """A job that doesn't do what its scenario says has WRONG below its line, and the command ends with 1."""
    few(["clado/at-once", "orbit/at-once"])
    play, other = demo.play, catalogue.plan("clado/job-error")
    monkeypatch.setattr(
        demo, "play", lambda client, plan: play(client, other if plan.scenario.api == "clado" else plan)
    )
    called = call(capsys, "demo")
    lines = called.out.splitlines()
    assert called.code == 1
    assert lines[0].startswith("clado/at-once  error ")
    assert lines[1].split("WRONG: ")[1] == "the scenario ends 'completed', the client saw 'error'"
    assert lines[2].split("WRONG: ")[1].startswith("the scenario ends with ")
    assert lines[3].startswith("orbit/at-once  completed ")
    assert ", 1 wrong outcomes, " in lines[-1]


RIGHT = Outcome(status="completed", starts=1, polls=9, seconds=50.0, pages=2, people=47)


@pytest.mark.parametrize(
    ("outcome", "complaints"),
    [
        (RIGHT, []),
        (replace(RIGHT, status="error"), ["the scenario ends 'completed', the client saw 'error'"]),
        (replace(RIGHT, people=46), ["the scenario ends with 47 people, the client counted 46"]),
        (replace(RIGHT, seconds=39.9), ["the scenario takes 40 s, the client was done after 39.9 s"]),
        (replace(RIGHT, seconds=40.0), []),
    ],
)
def test_outcome_is_held_against_the_scenario(catalogue: Catalogue, outcome: Outcome, complaints: list[str]) -> None:
    """Status, people and the time that the steps take must be the scenario's; each difference is a sentence."""
    assert list(demo.compare(catalogue.plan("clado/two-pages"), outcome)) == complaints


def test_server_that_lost_people_is_found_out(
    catalogue: Catalogue, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People are counted on the pages, not taken from a total: a page that is missing is noticed."""
    plan, request = catalogue.plan("clado/full-page"), httpx.Client.request

    def losing(self: httpx.Client, method: str, path: str, **more: object) -> httpx.Response:
        answer = request(self, method, path, **more)  # type: ignore[arg-type]
        return httpx.Response(503, request=answer.request) if more.get("params") else answer

    monkeypatch.setattr(httpx.Client, "request", losing)
    with httpx.Client(base_url=server) as client:
        outcome = demo.play(client, plan)
    assert list(demo.compare(plan, outcome)) == ["the scenario ends with 25 people, the client counted 0"]


def test_demo_plays_everything_that_is_bundled(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str], few: Callable[[Sequence[str]], None]
) -> None:
    """A line for each scenario, its last status, and no wrong one; here for one in eight: CI runs `demo` whole."""
    some = catalogue.names()[::8]
    few(some)
    ran = call(capsys, "demo")
    *lines, closing = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, ""), ran.out
    seen = {match["name"]: match for line in lines if (match := LINE.fullmatch(line))}
    assert len(seen) == len(lines)
    assert list(seen) == some
    for name, match in seen.items():
        assert match["status"] == catalogue.plan(name).stages[-1].status, name
    assert closing.startswith(f"{len(lines)} scenarios, ")
    assert ", no wrong outcomes, " in closing


def test_virtual_time_costs_no_real_time(catalogue: Catalogue, server: str) -> None:
    """A job of a quarter of an hour is polled every five seconds to its end."""
    plan = catalogue.plan("clado/slow")
    held = sum(stage.after.time or 0 for stage in plan.stages if stage.after) / SECOND
    with httpx.Client(base_url=server) as client:
        outcome = demo.play(client, plan)
    assert outcome.seconds >= held >= 600
    assert outcome.polls == outcome.seconds / demo.INTERVAL + 1


@pytest.fixture
def watched(server: str) -> Iterator[tuple[httpx.Client, list[httpx.Request]]]:
    """A client, and the requests that it has sent."""
    sent: list[httpx.Request] = []
    with httpx.Client(base_url=server, timeout=HANGS, event_hooks={"request": [sent.append]}) as client:
        yield client, sent


def posts(sent: list[httpx.Request], path: str) -> list[httpx.Request]:
    return [request for request in sent if (request.method, request.url.path) == ("POST", path)]


@pytest.mark.parametrize("name", ["clado/one-over", "orbit/at-once", "orbit/usual-discovery"])
def test_job_is_started_through_the_api_under_a_key_that_names_the_scenario(
    catalogue: Catalogue, watched: tuple[httpx.Client, list[httpx.Request]], name: str
) -> None:
    """The demo does what a user does: one start call with the key `<prefix>demo--NAME`, and no control call for it."""
    client, sent = watched
    outcome = demo.play(client, catalogue.plan(name))
    api, _, short = name.partition("/")
    [start] = posts(sent, JOBS[api])
    assert start.headers["authorization"] == f"Bearer {apis.load(api).prefix}demo--{short}"
    assert posts(sent, "/__jobmock/jobs") == []
    assert [row["scenario"] for row in client.get("/__jobmock/jobs").json()["jobs"]] == [name]
    assert outcome.starts == 1


@pytest.mark.parametrize(
    ("name", "starts", "fallbacks"),
    [
        ("clado/lost-start", 2, 0), ("orbit/lost-start", 2, 0), ("orbit/no-credits", 2, 0),
        ("clado/start-refused", 4, 0), ("orbit/discovery-unavailable", 4, 1),
    ],
)  # fmt: skip
def test_refused_and_lost_starts_are_repeated(
    catalogue: Catalogue, watched: tuple[httpx.Client, list[httpx.Request]], name: str, starts: int, fallbacks: int
) -> None:
    """A start without a good answer is sent again; after four of them the control API makes the job."""
    client, sent = watched
    plan = catalogue.plan(name)
    outcome = demo.play(client, plan)
    assert outcome.starts == starts == len(posts(sent, JOBS[plan.scenario.api]))
    assert len(posts(sent, "/__jobmock/jobs")) == fallbacks
    assert (outcome.status, list(demo.compare(plan, outcome))) == ("completed", [])


def test_more_is_called_where_the_scenario_has_it(
    catalogue: Catalogue, watched: tuple[httpx.Client, list[httpx.Request]]
) -> None:
    """A completed job with a continuation is continued once, and its people are counted after that."""
    client, sent = watched
    plan = catalogue.plan("clado/more-to-come")
    outcome = demo.play(client, plan)
    ways = [request.url.path for request in sent if request.url.path.endswith("/more")]
    assert len(ways) == 1 and plan.scenario.more is not None
    assert outcome.people == plan.scenario.results.count + 30 < plan.scenario.results.count + plan.scenario.more.count
    assert list(demo.compare(plan, outcome)) == []
    short = replace(outcome, people=plan.scenario.results.count)
    assert list(demo.compare(plan, short)) == ["the scenario ends with 40 people, the client counted 10"]


def test_candidates_are_judged_too(catalogue: Catalogue) -> None:
    """A run that ends with too few candidates is as wrong as a job with too few people; a profile isn't counted."""
    candidates, profile = catalogue.plan("orbit/usual-discovery"), catalogue.plan("orbit/usual")
    assert list(demo.compare(candidates, replace(RIGHT, people=3))) == []
    said = ["the scenario ends with 3 people, the client counted 2"]
    assert list(demo.compare(candidates, replace(RIGHT, people=2))) == said
    assert list(demo.compare(profile, replace(RIGHT, people=2))) == []
