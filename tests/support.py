"""A service called without a socket, and what several test modules say about both APIs."""

from __future__ import annotations

import json
from typing import Any

from jobmock import apis
from jobmock.clock import SECOND
from jobmock.models import Reply, Request
from jobmock.namespace import Namespace
from jobmock.service import Service

EPOCH = 1_767_225_600 * SECOND
KEYS = {"clado": "lk_test", "orbit": "sk_orb_test"}
JOBS = {"clado": "/api/search/deep_research", "orbit": "/v2/developer/deep-search"}
STARTS: dict[str, Any] = {"clado": {"query": "chemists"}, "orbit": {"email": "someone@mail.invalid"}}


class Mock:
    """A service, called without a socket, and its clock."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def send(
        self, method: str, path: str, *, key: str | None = None, query: str = "", body: Any = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Reply:  # fmt: skip
        """Send one request; `body` is bytes, or becomes JSON; `key` is a bearer key."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        bearer = ((b"authorization", f"Bearer {key}".encode()),) if key is not None else ()
        return self.service.handle(Request(method, path.encode(), query.encode(), bearer + headers, raw))

    def start(self, api: str, key: str | None = None, body: Any = None) -> str:
        """Start a job and return its id."""
        reply = self.send("POST", JOBS[api], key=key or KEYS[api], body=STARTS[api] if body is None else body)
        answer = json.loads(reply.body)
        assert reply.status in (200, 202), answer
        return str(answer.get("job_id") or answer["request_id"])

    def poll(self, api: str, job: str, key: str | None = None, query: str = "") -> Reply:
        """Send one status request."""
        return self.send("GET", f"{JOBS[api]}/{job}", key=key or KEYS[api], query=query)

    def play(self, api: str, scenario: Any, key: str | None = None) -> str:
        """Make the key play a scenario (a name, or an object), start a job and return its id."""
        key = key or KEYS[api]
        plan = self.service.catalogue.resolve(scenario, api)
        self.namespace(api, key).use(plan)
        kind = plan.scenario.run_shape if api == "orbit" else None
        intent = {"version": "v1", "names": ["Someone"]}
        body = {"runShape": kind, "structuredIntent": intent} if kind else None
        return self.start(api, key, body)

    def namespace(self, api: str, key: str | None = None) -> Namespace:
        """Return the namespace of a key, opened if need be."""
        return self.service.namespace(apis.load(api), key or KEYS[api])

    def advance(self, seconds: float, api: str = "clado", key: str | None = None) -> None:
        """Advance the clock of a key's namespace."""
        self.namespace(api, key).clock.advance(round(seconds * SECOND))


def json_of(reply: Reply) -> Any:
    """Return a reply's body as data."""
    return json.loads(reply.body)
