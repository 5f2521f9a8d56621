"""Sends requests to an API's own operations, so that each drawn answer is one that the mock serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ..clock import EPOCH, Clock
from ..dialect.answers import JSON_LINES
from ..dialect.api import Api, Operation
from ..engine.jobs import Job
from ..engine.namespace import Namespaces
from ..engine.progression import plan
from ..models import Request, Scenario
from ..pretty_printing import PrettyPrinted
from ..service.service import Service
from .bundled_catalogue import bundled_catalogue
from .vocabulary import PATH_PARAMETER, operations_named

_JOB = "{job}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(PrettyPrinted):
    """One answer of the mock: the HTTP status, the headers, and the bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def has_lines(self) -> bool:
        """Whether the body is in JSON Lines."""
        return self.headers.get("content-type") == JSON_LINES

    def json(self) -> Any:
        """Return the body as data; of JSON Lines, the list of all lines."""
        return list(map(orjson.loads, self.body.splitlines())) if self.has_lines else orjson.loads(self.body)

    def can_have(self, data: Any) -> bool:
        """Return whether the body can have other data: that of JSON Lines is a list."""
        return not self.has_lines or isinstance(data, list)

    def with_data(self, data: Any) -> Response:
        """Return the same answer with other data, which it can have."""
        rows = data if self.has_lines else [data]
        body = b"\n".join(map(orjson.dumps, rows))
        return Response(status=self.status, headers={**self.headers, "content-length": str(len(body))}, body=body)


class Probe:
    """A service with one key, a manual clock, and one job that plays a scenario."""

    def __init__(self, api: Api, scenario: Scenario) -> None:
        self.api, self.scenario = api, scenario
        self.key = api.key("drawn")
        self.service = Service(bundled_catalogue(), Namespaces(clock=lambda: Clock("manual", start=EPOCH)))
        self.namespace = self.service.namespace(api, self.key)
        planned = plan(scenario, api.shows)
        self.namespace.use(planned)
        self.job: Job = self.service.place(self.namespace, planned)

    def advance_to_last_step(self) -> None:
        """Advance the job to its last step, by polls and by time."""
        poll = operations_named(self.api, "status")[0]
        for step in self.scenario.progression[:-1]:
            if step.after and step.after.time is not None:
                self.namespace.clock.advance(step.after.time)
            else:
                for _ in range((step.after and step.after.polls) or 0):
                    self.send(poll)

    def send(self, operation: Operation, query: bytes = b"", *, other_id: str = "nobody") -> Response:
        """Send one request about the job; `other_id` fills the path's other parameters."""
        path = PATH_PARAMETER.sub(other_id, operation.path.replace(_JOB, self.job.id))
        body = b""
        if operation.name == "start":
            body = orjson.dumps(self.api.reference_client().start(self.scenario.run_shape))
        headers = self.api.credential.headers(self.key)
        reply = self.service.handle(Request(operation.method, path.encode(), query, headers, body))
        shown = {name.decode("latin-1"): value.decode("latin-1") for name, value in reply.headers}
        return Response(status=reply.status, headers=shown, body=reply.body)

def served_response(api: Api, scenario: Scenario, operation: Operation, query: bytes = b"") -> Response:
    """Return the answer of an operation after the job has reached its last step.

    If the path names a result of the job, such as a profile, its id is taken from the answer to a status request.
    """
    probe = Probe(api, scenario)
    probe.advance_to_last_step()
    if not PATH_PARAMETER.search(operation.path.replace(_JOB, "")):
        return probe.send(operation, query)
    body = probe.send(operations_named(api, "status")[0]).json()
    answers = (probe.send(operation, query, other_id=text) for text in _id_candidates(body))
    return next((answer for answer in answers if answer.status < 400), None) or probe.send(operation)


def _id_candidates(value: Any) -> Iterator[str]:
    """Yield the strings in a JSON value that may be ids."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _id_candidates(item)
    if isinstance(value, str) and value.isascii() and "/" not in value and value.strip():
        yield value
