"""A client of each API sees the same over a socket and in process: each operation, each fault, each refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from tests.api_facts import job_id_of, key_headers, operation_of, path_of, start_body
from tests.support import HANGS, Mock
from tests.transport.clients import Asked, Seen, ask, service

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.dialect.api import Api
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.strategies.vocabulary import error_names, terminal_statuses
from jobmock.transport import in_process

HOST = "mock.invalid"
ERRORS = [(api.name, name) for api in apis.all_apis() for name in error_names(api, "status")]
FAULTS: dict[str, dict[str, Any]] = {
    "seconds": {"respond": {"status": 503}, "retry_after": 7},
    "date": {"respond": {"status": 429}, "retry_after": {"date": 60}},
    "no wait": {"respond": {"status": 429}, "retry_after": "absent"},
    "no content": {"respond": {"status": 204, "body": {}}},
    "text": {"respond": {"status": 599, "body": "schön", "headers": {"X-One": "1"}}},
    "before_response": {"disconnect": "before_response"},
    "reset": {"disconnect": "reset"},
    "mid_body": {"disconnect": "mid_body"},
    "short_body": {"corrupt": "short_body"},
    "garbage": {"corrupt": "garbage"},
    "truncated_json": {"corrupt": "truncated_json"},
    "empty_body": {"corrupt": "empty_body"},
    "wrong_content_type": {"corrupt": "wrong_content_type"},
    "drip": {"drip": {"bytes": 20, "every": "5s"}},
    "delay": {"delay": "3s"},
    "late reset": {"delay": "3s", "disconnect": "reset"},
}


class Way(NamedTuple):
    """A mock and a way to it: the transport, which is None over a socket, and the beginning of URLs."""

    mock: Mock
    transport: Any
    base: str


@pytest.fixture
def ways(catalogue: Catalogue) -> Iterator[list[Way]]:
    """Two mocks that are alike: one behind a socket, one in process. Waits end at once."""
    served, called = service(catalogue, "skip-delays"), service(catalogue, "skip-delays")
    with running(create_app(served.service)) as url:
        yield [Way(served, None, url), Way(called, in_process(called.service), "")]


class Talk:
    """Requests of one key of an API, and what its client sees of each answer."""

    def __init__(self, api: Api, way: Way) -> None:
        self._api, self._way = api, way
        self.seen: list[Seen] = []

    def send(self, method: str, path: str, body: Any = None, query: str = "", *, with_key: bool = True) -> Seen:
        """Send one request; `body` is bytes, or becomes JSON."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"host": HOST, **(key_headers(self._api, self._api.key("parity")) if with_key else {})}
        url = f"{self._way.base}{path}{'?' * bool(query)}{query}"
        asked = Asked(url, "", HANGS, method=method, headers=headers, content=content)
        (seen,) = ask("httpx", "sync", self._way.transport, asked)
        self.seen.append(seen)
        return seen

    def start(self) -> str:
        """Start a job and return its id."""
        start = operation_of(self._api, "start")
        seen = self.send(start.method, path_of(start, "mine"), start_body(self._api))
        assert seen.head and seen.head[0] < 300
        job = job_id_of(self._api, seen.body, {name.decode().lower(): text.decode() for name, text in seen.head[2]})
        assert job is not None
        return job


def conversation(api: Api, way: Way) -> list[Seen]:
    """Return what a client sees that calls each operation, of a known and an unknown job, and calls some wrongly."""
    talk = Talk(api, way)
    job, status = talk.start(), path_of(operation_of(api, "status"), "unknown")
    page = f"{api.paging.page}=1" if api.paging else "unknown=1"
    for operation in api.operations:
        for named in (job, "unknown", "a/b ü"):
            path = path_of(operation, named)
            talk.send(operation.method, path, {} if operation.method == "POST" else None)
            talk.send(operation.method, path, b"{" if operation.method == "POST" else None, query=page)
        talk.send(operation.method, path, with_key=False)
    for method, path in (("HEAD", status), ("PATCH", status), ("OPTIONS", status), ("GET", f"{status}/no/such/route")):
        talk.send(method, path)
    return talk.seen


@pytest.mark.parametrize("api", apis.names())
def test_each_operation(api: str, ways: list[Way]) -> None:
    """All calls have the same status, headers and body both ways, also those that are refused."""
    served, called = (conversation(apis.load(api), way) for way in ways)
    assert served == called
    assert {seen.head[0] for seen in served if seen.head} >= {404, 405}


def polls(api: Api, way: Way, fault: dict[str, Any]) -> list[Seen]:
    """Return what a client sees of a start, of a poll with a fault, and of the next poll."""
    end = {"status": terminal_statuses(api)[0]}
    given = {"version": 1, "api": api.name, "progression": [end], "faults": [{"when": {"request": 1}, **fault}]}
    catalogue = way.mock.service.catalogue
    way.mock.namespace(api.name, api.key("parity")).use(catalogue.resolve(given, api.name))
    talk = Talk(api, way)
    status, job = operation_of(api, "status"), talk.start()
    for _ in range(2):
        talk.send(status.method, path_of(status, job))
    return talk.seen


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("api", apis.names())
def test_each_fault(api: str, fault: str, ways: list[Way]) -> None:
    """A poll with a fault has the same answer, or the same bytes and exception, both ways, and so has the next one."""
    served, called = (polls(apis.load(api), way, FAULTS[fault]) for way in ways)
    assert served == called
    assert served[1] != served[2] or fault in ("delay", "drip")


@pytest.mark.parametrize(("api", "error"), ERRORS)
def test_each_refusal(api: str, error: str, ways: list[Way]) -> None:
    """A scripted error of the API has the same status, headers and body both ways."""
    served, called = (polls(apis.load(api), way, {"respond": error}) for way in ways)
    assert served == called
    assert served[1].head and served[1].head[0] == apis.load(api).errors[error][0]
