"""Asks the API's own operations, in a world made for one question: what is drawn is what is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from ..catalogue import Catalogue
from ..clock import EPOCH, Clock
from ..dialect.api import Api, Operation
from ..engine.jobs import Job
from ..engine.namespace import Namespaces
from ..engine.progression import plan
from ..models import Request, Scenario
from ..printing import Printed
from ..service.service import Service
from .vocabulary import PARAMETER

_JOB = "{job}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Printed):
    """One answer as it is served: the HTTP status, the headers, the bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as data."""
        return orjson.loads(self.body)


class World:
    """A service with one key, whose clock stands still, and with one job that has come to a scenario's last step."""

    def __init__(self, api: Api, scenario: Scenario) -> None:
        self.api, self.scenario = api, scenario
        self.key = f"{api.prefix}drawn"
        self.service = Service(_catalogue(), Namespaces(clock=lambda: Clock("manual", start=EPOCH)))
        self.namespace = self.service.namespace(api, self.key)
        planned = plan(scenario, api.shows)
        self.namespace.use(planned)
        self.job: Job = self.service.place(self.namespace, planned)

    def walk(self) -> None:
        """Bring the job to its last step, by polls and by time."""
        poll = next(operation for operation in self.api.operations if operation.name == "status")
        for step in self.scenario.progression[:-1]:
            if step.after and step.after.time is not None:
                self.namespace.clock.advance(step.after.time)
            else:
                for _ in range((step.after and step.after.polls) or 0):
                    self.send(poll)

    def send(self, operation: Operation, query: bytes = b"", *, names: str = "nobody") -> Response:
        """Send one request about the job, or about what the path `names` beside it."""
        path = PARAMETER.sub(names, operation.path.replace(_JOB, self.job.id))
        body = b""
        if operation.name == "start":
            body = orjson.dumps(self.api.walk().start(self.scenario.run_shape))
        headers = ((b"authorization", f"Bearer {self.key}".encode()),)
        reply = self.service.handle(Request(operation.method, path.encode(), query, headers, body))
        shown = {name.decode("latin-1"): value.decode("latin-1") for name, value in reply.headers}
        return Response(status=reply.status, headers=shown, body=reply.body)


@cache
def _catalogue() -> Catalogue:
    return Catalogue()


def asked(api: Api, scenario: Scenario, operation: Operation, query: bytes = b"") -> Response:
    """Return what an operation answers once the job has come to its last step.

    Where it reads what a job made, its id is looked for in what the status says.
    """
    world = World(api, scenario)
    world.walk()
    if not PARAMETER.search(operation.path.replace(_JOB, "")):
        return world.send(operation, query)
    status = next(known for known in api.operations if known.name == "status")
    answers = (world.send(operation, query, names=text) for text in _texts(world.send(status).json()))
    return next((answer for answer in answers if answer.status < 400), None) or world.send(operation)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of a JSON value that could be ids."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _texts(item)
    if isinstance(value, str) and value.isascii() and "/" not in value and value.strip():
        yield value
