"""A client that polls a job of a mock, and keeps what a client can see: two mocks are compared by that.

Outcomes are compared without ids, people and free texts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import EPOCH, JOBS, KEYS, Mock

from jobmock import apis
from jobmock.catalogue import Catalogue, load_plan
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.models import Reply, Request
from jobmock.recording.files import ScenarioFolder
from jobmock.recording.raw_exchange import RawExchange, from_reply
from jobmock.recording.recorder import Recorder
from jobmock.service.service import Service

WORDS = ("reranking", "verifying_identity", "source_quota_exhausted")
"""Words of the bundled scenarios that no document lists."""
STEADY = (5.0,)
UNEVEN = (0.0, 0.25, 7.5, 3.7, 0.0, 11.001)
MOST_STARTS, MOST_POLLS, AFTER_END = 5, 45, 2
_TEXTS = {"message", "detail", "msg", "error"}
_IDS = {"job_id", "request_id", "run_id", "id", "requestId"}


class Outcome(NamedTuple):
    """A request and what a client sees of its answer; `at` is in seconds since the beginning."""

    at: float
    request: str
    answer: Any


class PollingClient:
    """Polls a job beyond its end. `rhythm` gives the pauses between polls in seconds, in turn."""

    def __init__(self, service: Service, api: str, rhythm: Sequence[float]) -> None:
        self._mock, self._api = Mock(service), apis.load(api)
        self._pauses = cycle(rhythm)
        self._clock = self._mock.namespace(api).clock
        self.exchanges: list[RawExchange] = []
        self.outcomes: list[Outcome] = []

    def run(self, run_shape: str | None) -> None:
        """Start a job, poll it, read pages and profiles, request more, cancel: all that the API has."""
        job = self._start(run_shape)
        if job is None:
            return
        path = f"{JOBS[self._api.name]}/{job}"
        if not self._poll(path):
            return
        others = [one for one in self._api.operations if "{job}" in one.path and one.name != "status"]
        for operation in sorted({one.name: one for one in others}.values(), key=lambda one: one.path, reverse=True):
            self._send(operation.method, operation.path.replace("{job}", job))
            self._poll(path)
        self._read_profiles(path)

    def _start(self, run_shape: str | None) -> str | None:
        body = self._api.reference_client().start(run_shape)
        once = self._api.operations[0].idempotency_field
        for _ in range(MOST_STARTS):
            data = _body(self._send("POST", JOBS[self._api.name], body={**body, once: "mine"} if once else body))
            if data and (job := self._api.job_id_in(data, {})):
                return job
            self._wait()
        return None

    def _poll(self, path: str) -> bool:
        """Poll until a terminal status was seen a few times; return whether it was.

        Some polls are followed by requests for pages, at the same moment.
        """
        ended = 0
        for number in range(MOST_POLLS):
            data = _body(self._send("GET", path))
            if number % 4 == 3 or ended == AFTER_END:
                for page in (1, 2, 3):
                    self._send("GET", path, query=f"page={page}&page_size=25")
            ended += (data or {}).get("status") in self._api.terminal
            if ended > AFTER_END:
                return True
            self._wait()
        return False

    def _read_profiles(self, path: str) -> None:
        reads = [one.path for one in self._api.operations if one.name == "profile"]
        data = _body(self._send("GET", path)) or {}
        shown = self._api.observation().people(data).shown if reads else ()
        for profile in shown[:2]:
            for _ in range(2):
                self._send("GET", reads[0].replace("{profile}", profile))

    def _send(self, method: str, path: str, query: str = "", body: Any = None) -> Reply:
        raw = b"" if body is None else json.dumps(body).encode()
        bearer = (b"authorization", f"Bearer {KEYS[self._api.name]}".encode())
        request = Request(method, path.encode(), query.encode(), (bearer,), raw)
        at = self._clock.now()
        reply = self._mock.service.handle(request)
        self.exchanges.append(from_reply(request, reply, at))
        text = f"{method} {path.count('/')} {path.rpartition('/')[2] if method == 'POST' else ''} {query}"
        self.outcomes.append(Outcome((at - EPOCH) / SECOND, text, _visible(reply)))
        return reply

    def _wait(self) -> None:
        self._clock.advance(round(next(self._pauses) * SECOND))


def poll_plan(catalogue: Catalogue, plan: Plan, rhythm: Sequence[float] = STEADY) -> PollingClient:
    """Return a client that has polled a job of a plan, on a mock of its own."""
    api = plan.scenario.api
    namespaces = Namespaces(clock=lambda: Clock("manual", start=EPOCH))
    client = PollingClient(Service(catalogue, namespaces, plans={api: plan}), api, rhythm)
    client.run(plan.scenario.run_shape)
    return client


def record(catalogue: Catalogue, client: PollingClient, api: str, folder: Path) -> tuple[list[Path], list[str]]:
    """Record the exchanges of a client, one after the other; return the files, and the warnings."""
    warnings: list[str] = []
    scenarios = ScenarioFolder(folder, warnings.append)
    recorder = Recorder(apis.load(api), scenarios, warnings.append, words=WORDS, catalogue=catalogue)
    for exchange in client.exchanges:
        recorder.record(exchange)
        recorder.wait()
    return sorted(folder.iterdir()), warnings


def poll_recording(catalogue: Catalogue, path: Path, rhythm: Sequence[float] = STEADY) -> PollingClient:
    """Return a client that has polled a job of a recorded scenario."""
    return poll_plan(catalogue, load_plan(path, path.stem), rhythm)


def _body(reply: Reply) -> dict[str, Any] | None:
    """Return the body of a successful answer, None if it is another or is broken."""
    if reply.fault or reply.status >= 300:
        return None
    try:
        data = json.loads(reply.body)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _visible(reply: Reply) -> Any:
    """Return what a client sees of an answer."""
    fault = reply.fault
    if fault and not fault.drip:
        return fault.label
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    kept = {name: headers.get(name) for name in ("content-type", "retry-after", "date", "www-authenticate")}
    try:
        body = without_data(json.loads(reply.body))
    except ValueError:
        body = "half" if reply.body else ""
    return reply.status, kept, reply.due, fault and fault.label, body


def without_data(value: Any, key: str = "") -> Any:
    """Return a body without ids, people and free texts; the number of people is kept."""
    if isinstance(value, dict):
        return {name: without_data(inner, name) for name, inner in value.items() if name != "payload"}
    if isinstance(value, list):
        rows = key.endswith("ids") or any(isinstance(item, dict) for item in value)
        return f"{len(value)} rows" if rows else value
    return key if isinstance(value, str) and (key in _TEXTS or key in _IDS or value.startswith("/v2/")) else value
