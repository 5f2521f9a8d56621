"""One transport works with every client of httpx and httpx2, and inside transports that wrap it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import httpx2
import pytest
import requests
import trio
from httpx_retries import Retry, RetryTransport
from tests.support import EPOCH, JOBS, KEYS, STARTS, Mock, scenario
from tests.transport.clients import BASE, EVERY_WAY, LIBRARIES, Asked, ask, faulty, keys, lost, service

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.errors import NeverAnswered, UsageError
from jobmock.models import Reply, Request
from jobmock.service.service import Service
from jobmock.transport import in_process

_keys = keys("clients")
BEARER = {"Authorization": f"Bearer {KEYS['clado']}"}


class Overheard(Service):
    """A service that keeps its requests, and fails if it gets two at once."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue, Namespaces(clock=lambda: Clock("skip-delays", start=EPOCH, source=lambda: 0)))
        self.heard: list[Request] = []
        self.inside = False

    def handle(self, request: Request) -> Reply:
        assert not self.inside, "Two requests at once."
        self.inside = True
        time.sleep(0)
        self.heard.append(request)
        reply = super().handle(request)
        self.inside = False
        return reply


@pytest.mark.parametrize("base", ["BaseTransport", "AsyncBaseTransport"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_it_is_a_transport_of_each_library(mock: Mock, library: str, base: str) -> None:
    """It is an instance of the sync and async base transports of httpx and httpx2."""
    assert isinstance(in_process(mock.service), getattr(LIBRARIES[library], base))


def test_one_object_serves_all_clients(mock: Mock) -> None:
    """The same transport answers every kind of client in turn, although each closed it."""
    transport, job = in_process(mock.service), mock.play("clado", scenario("clado", "completed"))
    asked = Asked(f"{JOBS['clado']}/{job}", KEYS["clado"])
    answers = [ask(library, kind, transport, asked) for library in LIBRARIES for kind in ("sync", "async")]
    assert answers == [answers[0]] * 4 and answers[0][0].head and answers[0][0].head[0] == 200


@EVERY_WAY
def test_it_is_its_own_context(mock: Mock, library: str, kind: str) -> None:
    """`with` gives the transport itself, and it still works after the block."""
    transport = in_process(mock.service)

    async def entered() -> None:
        async with transport as own:
            assert own is transport

    if kind == "async":
        asyncio.run(entered())
    else:
        with transport as own:
            assert own is transport
    (seen,) = ask(library, kind, transport, Asked("/", "lk_x"))
    assert seen.head and seen.head[0] == 404


@EVERY_WAY
def test_a_request_arrives_as_on_the_wire(catalogue: Catalogue, library: str, kind: str) -> None:
    """The service gets path and query raw, header names in lower case, and the method unchanged."""
    heard = Overheard(catalogue)
    ask(library, kind, in_process(heard), Asked("/a%2Fb/%FF?x=%20&y=a+b#part", "lk_k", method="PURGE"))
    (request,) = heard.heard
    assert request[:3] == ("PURGE", b"/a%2Fb/%FF", b"x=%20&y=a+b") and request.body == b""
    assert dict(request.headers)[b"authorization"] == b"Bearer lk_k" and dict(request.headers)[b"host"] == b"jobmock"
    assert all(name == name.lower() for name, _ in request.headers)


def chunks() -> Iterator[bytes]:
    whole = json.dumps(STARTS["clado"]).encode()
    yield from (whole[:9], whole[9:])


async def achunks() -> AsyncIterator[bytes]:
    for chunk in chunks():
        yield chunk


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@EVERY_WAY
def test_a_body_arrives(catalogue: Catalogue, library: str, kind: str, streamed: bool) -> None:
    """The service gets the whole body, given as JSON or by a generator."""
    heard, module = Overheard(catalogue), LIBRARIES[library]
    source: Any = chunks() if kind == "sync" else achunks()
    body = {"content": source} if streamed else {"json": STARTS["clado"]}
    options = {"transport": in_process(heard), "base_url": BASE, "headers": BEARER}

    async def post() -> Any:
        async with module.AsyncClient(**options) as client:
            return await client.post(JOBS["clado"], **body)

    answer = asyncio.run(post()) if kind == "async" else module.Client(**options).post(JOBS["clado"], **body)
    assert answer.status_code == 200 and json.loads(heard.heard[0].body) == STARTS["clado"]


FOUR = ("connect", "read", "write", "pool")
TIMEOUTS: dict[str, Any] = {
    "none": None,
    "pool_only": {"pool": 0.001},
    "all_but_read": {"connect": 0.001, "write": 0.001, "pool": 0.001},
}


@pytest.mark.parametrize("name", TIMEOUTS)
@EVERY_WAY
def test_only_a_read_timeout_counts(catalogue: Catalogue, library: str, kind: str, name: str) -> None:
    """Without a read timeout a client waits for any delay, and a hang raises NeverAnswered."""
    given = TIMEOUTS[name]
    timeout = given and LIBRARIES[library].Timeout(**{**dict.fromkeys(FOUR), **given})
    mock, key = service(catalogue, "manual"), next(_keys)
    late, never = faulty(mock, {"delay": "1h"}, key), faulty(mock, {"hang": True}, key)
    (seen,) = ask(library, kind, in_process(mock.service), Asked(late, key, timeout))
    clock = mock.namespace("clado", key).clock
    assert seen.error is None and clock.elapsed == 3600 * SECOND
    with pytest.raises(NeverAnswered, match="no read timeout"):
        ask(library, kind, in_process(mock.service), Asked(never, key, timeout))
    assert clock.elapsed == 3600 * SECOND


@pytest.mark.parametrize("extensions", [{}, {"timeout": {}}, {"timeout": {"pool": 1.0}}], ids=str)
@EVERY_WAY
def test_called_directly_it_needs_no_timeouts(catalogue: Catalogue, library: str, kind: str, extensions: Any) -> None:
    """A request without a client, even of a subclass of the library's, has no timeout."""
    mock, key = service(catalogue, "manual"), next(_keys)
    derived = type("Traced", (LIBRARIES[library].Request,), {})
    url = BASE + faulty(mock, {"delay": "1h"}, key)
    request = derived("GET", url, headers={"Authorization": f"Bearer {key}"}, extensions=extensions)
    transport = in_process(mock.service)

    async def direct() -> Any:
        response = await transport.handle_async_request(request)
        return response, await response.aread()

    if kind == "async":
        response, body = asyncio.run(direct())
    else:
        response = transport.handle_request(request)
        body = response.read()
    assert response.status_code == 200 and json.loads(body)["status"] == "completed" and response.request is request
    assert type(response).__module__.partition(".")[0] == library


@pytest.mark.parametrize("fault", [{"hang": True}, {"drip": {"bytes": 100, "every": "2s"}}], ids=["hang", "drip"])
@EVERY_WAY
def test_called_directly_it_fails_alike(catalogue: Catalogue, library: str, kind: str, fault: Any) -> None:
    """Without a client, an exception has its request too, and a late answer is recorded as lost."""
    mock, key, module = service(catalogue), next(_keys), LIBRARIES[library]
    headers, extensions = {"Authorization": f"Bearer {key}"}, {"timeout": {"read": 1.0}}
    request = module.Request("GET", BASE + faulty(mock, fault, key), headers=headers, extensions=extensions)
    transport = in_process(mock.service)

    async def direct() -> None:
        async for _ in (await transport.handle_async_request(request)).stream:
            pass

    with pytest.raises(module.ReadTimeout) as caught:
        asyncio.run(direct()) if kind == "async" else list(transport.handle_request(request).stream)
    assert caught.value.request is request and lost(mock, key) == {2}


def test_another_library_is_refused(mock: Mock) -> None:
    """A request of neither library is refused by an error that names it and the two that are served."""
    transport, request = in_process(mock.service), requests.Request("GET", BASE)
    refusal = r"requests\.models\.Request can't be answered in process\. Allowed: Request of httpx, httpx2\."
    with pytest.raises(UsageError, match=refusal):
        transport.handle_request(request)
    with pytest.raises(UsageError, match=refusal):
        asyncio.run(transport.handle_async_request(request))


RETRIED: list[dict[str, Any]] = [{"disconnect": "reset"}, {"respond": "unavailable", "retry_after": "absent"}]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("fault", RETRIED, ids=str)
def test_a_retrying_transport_around_it(catalogue: Catalogue, fault: Any, kind: str) -> None:
    """httpx-retries accepts it as its transport, and repeats requests after an exception or a refusal."""
    mock, key = service(catalogue), next(_keys)
    retrying = RetryTransport(in_process(mock.service), Retry(total=2, backoff_factor=0))
    (seen,) = ask("httpx", kind, retrying, Asked(faulty(mock, fault, key), key))
    assert seen.head and seen.head[0] == 200 and mock.namespace("clado", key).journal.count == 3


def test_threads_ask_one_after_another(catalogue: Catalogue) -> None:
    """The service gets one request at a time from clients in several threads, with one transport or two."""
    heard = Overheard(catalogue)
    first, second = in_process(heard), in_process(heard)
    clients: list[Any] = [httpx.Client(transport=first), httpx2.Client(transport=first), httpx.Client(transport=second)]

    def start(number: int) -> str:
        answer = clients[number % 3].post(BASE + JOBS["clado"], json=STARTS["clado"], headers=BEARER)
        return str(answer.json()["job_id"])

    with ThreadPoolExecutor(8) as pool:
        jobs = set(pool.map(start, range(90)))
    assert len(jobs) == len(heard.heard) == 90
    assert {exchange.number for exchange in Mock(heard).namespace("clado").journal} == set(range(1, 91))


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "reset": ({"disconnect": "reset"}, "ReadError"),
    "mid_body": ({"disconnect": "mid_body"}, "ReadError"),
    "short_body": ({"corrupt": "short_body"}, "RemoteProtocolError"),
    "hang": ({"hang": True}, "ReadTimeout"),
    "drip": ({"drip": {"bytes": 100, "every": "60s"}}, "ReadTimeout"),
}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", FAULTS)
def test_under_trio(catalogue: Catalogue, library: str, name: str) -> None:
    """An AsyncClient under trio sees the same exceptions."""
    (fault, kind), module = FAULTS[name], LIBRARIES[library]
    mock, key = service(catalogue), next(_keys)
    path = faulty(mock, fault, key)

    async def poll() -> int:
        async with module.AsyncClient(transport=in_process(mock.service), base_url=BASE) as client:
            headers = {"Authorization": f"Bearer {key}"}
            with pytest.raises(getattr(module, kind)):
                await client.get(path, headers=headers)
            answer = await client.get(path, headers=headers)
            return int(answer.status_code)

    assert trio.run(poll) == 200


def test_a_response_is_read_once_like_one_of_a_socket(mock: Mock) -> None:
    """A streamed answer is read only on demand, and the downloaded bytes are counted."""
    with httpx.Client(transport=in_process(mock.service), base_url=BASE) as client, client.stream("GET", "/") as answer:
        assert not answer.is_stream_consumed and answer.num_bytes_downloaded == 0
        body = b"".join(answer.iter_raw())
        assert answer.is_stream_consumed and answer.num_bytes_downloaded == len(body) > 0
    assert answer.elapsed.total_seconds() >= 0
