"""`jobmock demo`: polls every bundled scenario to its end, with a real server and a real client."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import click

from ..clock import SECOND

if TYPE_CHECKING:
    import httpx

    from ..dialect.api import Api
    from ..engine.progression import Plan

INTERVAL = 5.0
PATIENCE = 3600.0
_POLLS = 1000
"""A scenario that takes longer than so many polls of INTERVAL is polled less often."""
_TIMEOUT = 2.0
"""Timeout of one request, in real seconds. Each hanging answer takes that long."""
_GONE_AFTER = 3
"""After so many 404s in a row the client gives the job up."""
_READS = 4
"""So often results are read that are refused or lost."""
_STARTS = 4
"""After so many refused starts the client gets its job from the control API."""


def _stopped() -> int:
    """A source of real time that stands still: the demo's clock moves by control calls and skipped delays alone."""
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one scenario ended for the client; `seconds` are virtual."""

    status: str
    starts: int
    polls: int
    seconds: float
    pages: int
    people: int


@click.command()
def command() -> int:
    """Poll every bundled scenario of all APIs to its end: real server, real client, virtual time."""
    import httpx

    from ..catalogue import Catalogue
    from ..clock import EPOCH, Clock
    from ..engine.namespace import Namespaces
    from ..server.app import create_app
    from ..server.serving import running
    from ..service.service import Service

    began = time.monotonic()
    catalogue = Catalogue()
    service = Service(catalogue, Namespaces(clock=lambda: Clock("skip-delays", start=EPOCH, source=_stopped)))
    names = catalogue.names()
    wrong = polls = 0
    with running(create_app(service)) as url, httpx.Client(base_url=url, timeout=_TIMEOUT, trust_env=False) as client:
        for name in names:
            plan = catalogue.plan(name)
            outcome = play(client, plan)
            complaints = list(compare(plan, outcome))
            wrong, polls = wrong + bool(complaints), polls + outcome.polls
            for line in _lines(name, outcome, complaints, max(map(len, names))):
                click.echo(line)
    spent = time.monotonic() - began
    click.echo(f"{len(names)} scenarios, {polls} polls, {wrong or 'no'} wrong outcomes, {spent:.1f} s of real time.")
    return 1 if wrong else 0


def _lines(name: str, outcome: Outcome, complaints: list[str], width: int) -> Iterator[str]:
    from ..catalogue.scenario_description import duration

    took = duration(round(outcome.seconds * 10) * SECOND // 10)
    yield (
        f"{name:<{width}}  {outcome.status:<19}  starts {outcome.starts}  polls {outcome.polls:<4}  took {took:<12}"
        f"  pages {outcome.pages:<3}  people {outcome.people}"
    )
    for complaint in complaints:
        yield click.style(f"{'':<{width}}  WRONG: {complaint}", fg="red")


def play(client: httpx.Client, plan: Plan) -> Outcome:
    """Start a job under a key that names the scenario, poll it every INTERVAL virtual seconds, collect its people."""
    from .. import apis

    api = apis.load(plan.scenario.api)
    reference_client = api.reference_client()
    key = api.key(f"demo--{plan.name.partition('/')[2]}")
    client.headers["authorization"] = f"Bearer {key}"  # for control calls
    client.headers.update(dict(api.credential.headers(key)))
    if api.credential.header is None:  # no key can name the scenario
        client.put("/__jobmock/scenario", json={"scenario": plan.name}).raise_for_status()
    began = _elapsed(client)
    job, starts = _start(client, api, plan)
    path = api.path_of("status", job)
    length = sum(stage.after.time or 0 for stage in plan.stages if stage.after) / SECOND
    status, polls = _to_the_end(client, path, api, length)
    if api.is_success(status) and plan.scenario.more and reference_client.more:
        reference_client.more(client, job)
        status, again = _to_the_end(client, path, api, length)
        polls += again
    pages, people = reference_client.collect(_PatientClient(client), job)
    seconds = _elapsed(client) - began
    return Outcome(status=status, starts=starts, polls=polls, seconds=seconds, pages=pages, people=people)


def _start(client: httpx.Client, api: Api, plan: Plan) -> tuple[str, int]:
    """Start a job, again after each refusal and each lost answer. Returns its id and the number of starts."""
    start, body = api.operation_named("start"), api.reference_client().start(plan.scenario.run_shape)
    for starts in range(1, _STARTS + 1):
        answer = _send(client, start.method, start.path, json=body)
        job = api.job_id_in(answer.json() if answer.content else None, answer.headers) if answer.is_success else None
        if job is not None:
            return job, starts
        _sleep(client, _retry_after(answer))
    made = client.post("/__jobmock/jobs", json={"scenario": plan.name}).raise_for_status()
    return str(made.json()["id"]), _STARTS


def _to_the_end(client: httpx.Client, path: str, api: Api, length: float) -> tuple[str, int]:
    """Poll until a terminal status, too many 404s, or the deadline. Returns the status and the number of polls.

    The deadline is PATIENCE seconds, or twice the length of the scenario if that is more.
    """
    from ..engine.progression import ABSENT

    status, polls, absent, began = "", 0, 0, _elapsed(client)
    deadline, interval = max(PATIENCE, 2 * length), max(INTERVAL, length / _POLLS)
    while _elapsed(client) - began <= deadline:
        answer = _send(client, "GET", path)
        polls += 1
        absent = absent + 1 if answer.status_code == 404 else 0
        status = ABSENT if absent else api.status_in(answer.json()) if answer.is_success else status
        if absent == _GONE_AFTER or (answer.is_success and status in api.terminal):
            break
        _sleep(client, max(interval, _retry_after(answer)))
    return status, polls


@dataclass(frozen=True, slots=True)
class _PatientClient:
    """Reads results again after each refusal that passes and each lost answer."""

    client: httpx.Client

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> httpx.Response:
        """Send a request, again at most 3 times, and return the last answer."""
        for _ in range(_READS):
            answer = _send(self.client, "GET", path, params=params)
            if answer.status_code != 429 and answer.status_code < 500:
                break
            _sleep(self.client, max(INTERVAL, _retry_after(answer)))
        return answer


def _send(
    client: httpx.Client, method: str, path: str, json: Any = None, params: Mapping[str, Any] | None = None
) -> httpx.Response:
    """Send one request. A lost, cut or garbled answer counts as 502."""
    import httpx

    from ..dialect.answers import JSON_LINES

    try:
        answer = client.request(method, path, json=json, params=params)
        media = answer.headers.get("content-type")
        is_whole = answer.json() if media == "application/json" else media == JSON_LINES or not answer.content
        return httpx.Response(502) if answer.is_success and not is_whole else answer
    except (httpx.TransportError, ValueError):
        return httpx.Response(502)


def _retry_after(answer: httpx.Response) -> float:
    """Return the seconds of Retry-After; a date counts from the answer's own Date."""
    value = answer.headers.get("retry-after", "0")
    if value.isdigit():
        return float(value)
    return (parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers["date"])).total_seconds()


def _sleep(client: httpx.Client, seconds: float) -> None:
    client.post("/__jobmock/clock/advance", json={"seconds": seconds}).raise_for_status()


def _elapsed(client: httpx.Client) -> float:
    return float(client.get("/__jobmock/clock").raise_for_status().json()["elapsed"])


def compare(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Yield each difference between the outcome and the scenario."""
    from .. import apis

    scenario, last = plan.scenario, plan.stages[-1]
    api = apis.load(scenario.api)
    if outcome.status != last.status:
        yield f"the scenario ends {last.status!r}, the client saw {outcome.status!r}"
    expected = last.shows(scenario.results.count) + min(scenario.more.count if scenario.more else 0, 30)
    counted = api.result_nouns[api.kind(scenario.run_shape)][0] and not last.step.pages and not last.step.body
    if counted and outcome.people != expected:
        yield f"the scenario ends with {expected} people, the client counted {outcome.people}"
    length = sum(stage.after.time or 0 for stage in plan.stages if stage.after) / SECOND
    if outcome.seconds < length:
        yield f"the scenario takes {length:g} s, the client was done after {outcome.seconds:g} s"
