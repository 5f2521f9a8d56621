"""`jobmock demo`: a real server, a real client, every bundled scenario to its end over TCP, in virtual time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import click

from ..clock import SECOND

if TYPE_CHECKING:
    import httpx

    from ..progression import Plan

INTERVAL = 5.0
PATIENCE = 3600.0
_TIMEOUT = 2.0
"""Of one request, in real seconds: a hanging answer costs the demo so long."""
_PAGE_SIZE = 25
_GONE_AFTER = 3
"""So many answers in a row that there is no such job, and the client believes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one scenario ended for the client; `seconds` are virtual."""

    status: str
    polls: int
    seconds: float
    pages: int
    people: int


@click.command()
def command() -> int:
    """Poll every bundled scenario of both APIs to its end: real server, real client, virtual time."""
    import httpx

    from ..app import create_app
    from ..catalogue import Catalogue
    from ..clock import Clock
    from ..namespace import Namespaces
    from ..server import running
    from ..service import Service
    from ..timeline import duration

    began = time.monotonic()
    catalogue = Catalogue()
    service = Service(catalogue, Namespaces(clock=lambda: Clock("manual", jumps=True)))
    names = catalogue.names()
    width, wrong, polls = max(map(len, names)), 0, 0
    with running(create_app(service)) as url, httpx.Client(base_url=url, timeout=_TIMEOUT) as client:
        for name in names:
            plan = catalogue.plan(name)
            outcome = _play(client, plan)
            complaints = list(_compare(plan, outcome))
            wrong, polls = wrong + bool(complaints), polls + outcome.polls
            click.echo(
                f"{name:<{width}}  {outcome.status:<19}  polls {outcome.polls:<4}  "
                f"took {duration(int(outcome.seconds * SECOND)):<12}  pages {outcome.pages:<3}  people {outcome.people}"
            )
            for complaint in complaints:
                click.secho(f"{'':<{width}}  WRONG: {complaint}", fg="red")
    spent = time.monotonic() - began
    click.echo(f"{len(names)} scenarios, {polls} polls, {wrong or 'no'} wrong outcomes, {spent:.1f} s of real time.")
    return 1 if wrong else 0


def _play(client: httpx.Client, plan: Plan) -> Outcome:
    """Make a job of the scenario under a key of its own, and poll it every INTERVAL seconds of virtual time."""
    api, name = plan.scenario.api, plan.name.replace("/", "-")
    walker = _WALKERS[api]
    walker.authorize(client, name)
    made = client.post("/__jobmock/jobs", json={"api": api, "scenario": plan.name}).raise_for_status().json()
    status, polls, waited, absent = "", 0, 0.0, 0
    while waited <= PATIENCE:
        answer = _poll(client, walker.path + made["id"])
        polls += 1
        absent = absent + 1 if answer.status_code == 404 else 0
        status = "not_found" if absent else answer.json()["status"] if answer.is_success else status
        if absent == _GONE_AFTER or (answer.is_success and status in walker.terminal):
            break
        pause = max(INTERVAL, _retry_after(answer))
        clock = client.post("/__jobmock/clock/advance", json={"seconds": pause}).raise_for_status().json()
        waited = clock["elapsed"]
    pages, people = walker.collect(client, walker.path + made["id"])
    return Outcome(status=status, polls=polls, seconds=waited, pages=pages, people=people)


def _poll(client: httpx.Client, path: str) -> httpx.Response:
    """Send one poll; what was lost, cut or garbled on the way counts as an answer of 502."""
    import httpx

    try:
        answer = client.get(path)
        if answer.is_success and answer.headers["content-type"] == "application/json" and answer.json():
            return answer
        return httpx.Response(502) if answer.is_success else answer
    except (httpx.TransportError, ValueError):
        return httpx.Response(502)


def _retry_after(answer: httpx.Response) -> float:
    """Return the seconds that an answer asks the client to wait; a date counts from the answer's own Date."""
    value = answer.headers.get("retry-after", "0")
    if value.isdigit():
        return float(value)
    return (parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers["date"])).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walker:
    """What a client of one API must know: its routes, its terminal statuses, how results are collected."""

    prefix: str
    path: str
    terminal: frozenset[str]
    collect: Callable[[Any, str], tuple[int, int]]

    def authorize(self, client: httpx.Client, name: str) -> None:
        client.headers["authorization"] = f"Bearer {self.prefix}demo-{name}"


def _clado_pages(client: httpx.Client, path: str) -> tuple[int, int]:
    """Walk the pages; return how many there are, and how many people on them."""
    pages = people = 0
    more = True
    while more:
        answer = client.get(path, params={"page": pages + 1, "page_size": _PAGE_SIZE})
        body = answer.json() if answer.is_success else {}
        found = body.get("results", [])
        people += len(found)
        pages += bool(found)
        more = bool(found) and body["pagination"]["has_next"]
    return pages, people


def _orbit_profiles(client: httpx.Client, path: str) -> tuple[int, int]:
    """Count the profiles that the run ended with: one, or its candidates."""
    answer = client.get(path)
    result = (answer.json().get("result") if answer.is_success else None) or {}
    return 0, len(result.get("profile_ids", [result["id"]] if "id" in result else []))


_WALKERS = {
    "clado": _Walker(
        prefix="lk_", path="/api/search/deep_research/", collect=_clado_pages,
        terminal=frozenset({"completed", "error", "cancelled"}),
    ),
    "orbit": _Walker(
        prefix="sk_orb_", path="/v2/developer/deep-search/", collect=_orbit_profiles,
        terminal=frozenset({"completed", "failed"}),
    ),
}  # fmt: skip


def _compare(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Say where the outcome differs from what the scenario promises."""
    scenario, last = plan.scenario, plan.stages[-1]
    if outcome.status != last.status:
        yield f"the scenario ends {last.status!r}, the client saw {outcome.status!r}"
    if scenario.api == "clado":
        expected = scenario.results.count if last.visible == -1 else min(last.visible or 0, scenario.results.count)
        if outcome.people != expected and not last.step.pages and "results" not in last.step.body:
            yield f"the scenario ends with {expected} people, the client counted {outcome.people}"
    held = sum(stage.after.time or 0 for stage in plan.stages if stage.after) / SECOND
    if outcome.seconds < held:
        yield f"the scenario takes {held:g} s, the client was done after {outcome.seconds:g} s"
