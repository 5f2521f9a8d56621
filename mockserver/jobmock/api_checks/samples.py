"""Samples of answers: a service whose jobs hold one status for ever, and how an answer differs from what is listed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import orjson

from ..catalogue import Catalogue
from ..clock import EPOCH, Clock
from ..contract import body_validation
from ..dialect.answers import JSON_LINES
from ..dialect.api import Api, Operation
from ..engine.namespace import Namespace, Namespaces
from ..engine.progression import ABSENT, Plan, plan
from ..errors import Problem
from ..models import Reply, Request, Results, Scenario, Step
from ..service.service import Service
from .checked_api import CheckedApi, described

_PEOPLE = 2


class Sample:
    """A service with one namespace, whose jobs hold one status for ever."""

    def __init__(self, api: Api, status: str, run_shape: str | None, people: int = _PEOPLE) -> None:
        self.api, self.status, self.people, clock = api, status, people, Clock("manual", start=EPOCH)
        self.service = Service(Catalogue(), Namespaces(clock=lambda: clock), raises=True)
        self.key = api.key("x")
        self.plan = _plan(api, status, run_shape, people)
        self.namespace: Namespace = self.service.namespace(api, self.key)
        self.namespace.use(self.plan)

    def place(self) -> str:
        """Add a job, and return its id."""
        return self.service.place(self.namespace, self.plan).id

    def unknown_statuses(self) -> list[str]:
        """Return the statuses that its jobs have or get, as after a cancellation, and that aren't in the tables."""
        steps = [stage.status for job in self.namespace.jobs.values() for stage in job.plan.stages]
        return [status for status in dict.fromkeys(steps) if status not in (*self.api.transitions, ABSENT)]

    def send(self, operation: Operation, job: str, query: bytes = b"", body: Any = None) -> Reply:
        """Send a request of an operation. Raises what the API's own code raises."""
        raw = b"" if body is None else json.dumps(body).encode()
        path = operation.path.replace("{job}", quote(job, safe="")).encode()
        headers = self.api.credential.headers(self.key)
        return self.service.handle(Request(operation.method, path, query, headers, raw))


def _plan(api: Api, status: str, run_shape: str | None, people: int) -> Plan:
    scenario = Scenario(
        name=f"{api.name}/sample", api=api.name, summary="", progression=(Step(status=status),),
        results=Results(count=people), run_shape=run_shape,
    )  # fmt: skip
    return plan(scenario, api.shows)


def content(operation: Operation, reply: Reply) -> Any:
    """Return the body of an answer as data: of JSON Lines, the list of all lines. Raises ValueError."""
    if operation.media_type == JSON_LINES and reply.status < 400:
        return [orjson.loads(line) for line in reply.body.splitlines() if line]
    return orjson.loads(reply.body)


def headers_of(reply: Reply) -> Mapping[str, str]:
    """Return the headers of an answer as text."""
    return {name.decode(): value.decode("latin-1") for name, value in reply.headers}


def check_reply(subject: CheckedApi, number: int, operation: Operation, reply: Reply, doing: str) -> Iterator[Problem]:
    """Yield how an answer differs from what its operation lists. `doing` begins each sentence."""
    if reply.status not in operation.replies:
        listed = ", ".join(map(str, operation.replies))
        what = f"answers {reply.status}, and its `replies` don't list that."
        text = f"{doing} {what} Listed: {listed}."
        yield subject.at("operations", number, "replies", message=text, same=what)
        return
    name = operation.replies[reply.status]
    if name is None:
        if reply.body:
            what = f"answers {reply.status} with a body, and `replies` says that it has none."
            yield subject.at("operations", number, "answer", message=f"{doing} {what}", same=what)
        return
    try:
        body = content(operation, reply)
    except ValueError:
        what = f"answers {reply.status} with a body that is no {operation.media_type}."
        yield subject.at("operations", number, "answer", message=f"{doing} {what}", same=what)
        return
    for violation in body_validation.violations(subject.document(name), body):
        severity = "error" if violation.kind == "breaking" else "warning"
        text, same = f"{doing} breaks {subject.document(name)} at {violation}", (subject.document(name), str(violation))
        yield subject.at("operations", number, "answer", message=text, severity=severity, same=same)


def of_a_job(operation: Operation, status: str) -> str:
    """Return an operation about a job at a status, as the beginning of a sentence."""
    return f"{described(operation)} of a job at {status!r}"
