"""Tells a story again to a mock that plays a scenario, so that both can be held side by side."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

import orjson

from ..catalogue import Catalogue
from ..clock import Clock
from ..dialect.api import Api
from ..engine.namespace import Namespaces
from ..engine.progression import plan
from ..models import Request, Scenario
from ..service.service import Service
from .body_diff import filled
from .raw_exchange import of_reply
from .recorded_jobs import Story
from .sanitizer import Distiller, Sighting


class Told(NamedTuple):
    """One exchange told again: what was asked and answered, raw and distilled. Nothing real is in it."""

    request: Request
    body: bytes
    own: Sighting


class Shadow:
    """A mock that is asked what the live host was asked, at the same moments."""

    def __init__(self, catalogue: Catalogue, distiller: Distiller, scenario: Scenario, story: Story) -> None:
        self._api: Api = distiller.api
        self._distiller, self._story = distiller, story
        self._clock = Clock("manual", start=story.sightings[0].at)
        planned = plan(scenario, self._api.shows)
        self._service = Service(
            catalogue, Namespaces(clock=lambda: self._clock), plans={self._api.name: planned},
        )  # fmt: skip
        self._key = f"{self._api.prefix}job_{story.number}"
        self._asks = any("{" in operation.path.replace("{job}", "") for operation in self._api.operations)
        """Whether anything but a job is asked for by its id."""
        self._ids: dict[str, str] = {}
        self._job = ""

    def place(self) -> None:
        """Make the job of a story without a start, at the moment at which its time begins."""
        self._clock.advance(max(0, self._story.born - self._clock.now()))
        namespace = self._service.namespace(self._api, self._key)
        self._job = self._service.place(namespace, self._service.deployment.plans[self._api.name]).id

    def tell(self, one: Sighting) -> Told:
        """Tell the story's next exchange again."""
        self._clock.advance(max(0, one.at - self._clock.now()))
        return self._told(one)

    def _told(self, one: Sighting) -> Told:
        request = self._request(one)
        reply = self._service.handle(request)
        own = self._distiller.sighting(of_reply(request, reply, self._clock.now()))
        assert own is not None
        if one.made is not None and one.made == self._story.made and reply.body:
            self._job = self._made(reply.body) or self._job
        raw = self._api.hearing().people(orjson.loads(reply.body)).shown if own.readable and self._asks else ()
        self._ids.update(pair for pair in zip(one.heard.shown, raw, strict=False) if isinstance(pair[1], str))
        return Told(request, reply.body, own)

    def _made(self, body: bytes) -> str | None:
        try:
            made = orjson.loads(body).get(self._api.walk().job_id)
        except orjson.JSONDecodeError:
            return None
        return made if isinstance(made, str) else None

    def _request(self, one: Sighting) -> Request:
        path = "/".join(self._id(part, one) if part[:1] == "{" else part for part in one.operation.path.split("/"))
        bearer = (b"authorization", f"Bearer {self._key}".encode())
        return Request(one.operation.method, path.encode(), one.query.encode(), (bearer,), self._body(one))

    def _id(self, parameter: str, one: Sighting) -> str:
        """Return what stands here for an id of the live host: the mock's own, or one that nobody has."""
        own = self._job if parameter == "{job}" else self._ids.get(one.item or "", "")
        return quote(own or "unknown", safe="")

    def _body(self, one: Sighting) -> bytes:
        """Return a body that asks for the same kind of thing: a start of the same shape, else the numbers sent."""
        if one.operation.name != "start":
            return orjson.dumps(filled(one.sent)) if isinstance(one.sent, dict) and one.sent else b""
        body = self._api.walk().start(one.run_shape)
        if one.operation.once and one.once is not None:
            body[one.operation.once] = f"job-{self._story.number}-{self._asked(one.once)}"
        return orjson.dumps(body)

    def _asked(self, once: str) -> int:
        """Return which of the story's idempotency keys this is, from 1."""
        keys = list(dict.fromkeys(start.once for start in self._story.sightings if start.once is not None))
        return keys.index(once) + 1
