"""Wire faults as clients see them: each fault, on each protocol of uvicorn, with each client library and raw."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import aiohttp
import httpx
import httpx2
import pytest
import requests
from tests.server.faulty_servers import Running, advance, bearer, control, faulty, numbers, received, serving
from tests.support import HANGS, JOBS, part, scenario

from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine import faults

PATIENCE = 0.3

PROTOCOLS = ["httptools", "h11"]
LOOPS = ["auto", "asyncio"]


@pytest.fixture(scope="module", params=PROTOCOLS)
def served(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Running]:
    """A server of each protocol implementation."""
    with serving(request.param, "auto", catalogue) as running:
        yield running


@pytest.fixture(scope="module", params=[(http, loop) for http in PROTOCOLS for loop in LOOPS], ids="-".join)
def bare(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Running]:
    """A server of each protocol implementation on each event loop."""
    http, loop = request.param
    with serving(http, loop, catalogue) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail if a test leaves a line at ERROR in any log."""
    yield
    logged = [*caplog.get_records("call"), *caplog.get_records("teardown")]
    assert [record.getMessage() for record in logged if record.levelno >= logging.ERROR] == []


class Seen(NamedTuple):
    """What a client saw of an answer."""

    status: int
    kind: str
    length: int
    body: bytes


class Client(Protocol):
    """One client library, with connections that are kept alive."""

    def send(self, method: str, url: str, key: str, body: Any = None) -> Seen: ...

    def close(self) -> None: ...


class Httpx:
    """httpx."""

    def __init__(self, patience: float) -> None:
        self._client = httpx.Client(timeout=patience, trust_env=False)

    def send(self, method: str, url: str, key: str, body: Any = None) -> Seen:
        answer = self._client.request(method, url, headers=bearer(key), json=body)
        headers = answer.headers
        return Seen(answer.status_code, headers["content-type"], int(headers["content-length"]), answer.content)

    def close(self) -> None:
        self._client.close()


class Httpx2:
    """httpx2."""

    def __init__(self, patience: float) -> None:
        self._client = httpx2.Client(timeout=patience, trust_env=False)

    def send(self, method: str, url: str, key: str, body: Any = None) -> Seen:
        answer = self._client.request(method, url, headers=bearer(key), json=body)
        headers = answer.headers
        return Seen(answer.status_code, headers["content-type"], int(headers["content-length"]), answer.content)

    def close(self) -> None:
        self._client.close()


class Requests:
    """requests, whose adapters don't retry."""

    def __init__(self, patience: float) -> None:
        self._session, self._patience = requests.Session(), patience
        self._session.trust_env = False

    def send(self, method: str, url: str, key: str, body: Any = None) -> Seen:
        answer = self._session.request(method, url, headers=bearer(key), json=body, timeout=self._patience)
        headers = answer.headers
        return Seen(answer.status_code, headers["content-type"], int(headers["content-length"]), answer.content)

    def close(self) -> None:
        self._session.close()


class Aiohttp:
    """aiohttp, on an event loop of its own."""

    def __init__(self, patience: float) -> None:
        self._runner = asyncio.Runner()
        self._session = self._runner.run(self._opened(patience))

    async def _opened(self, patience: float) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=patience))

    def send(self, method: str, url: str, key: str, body: Any = None) -> Seen:
        return self._runner.run(self._send(method, url, key, body))

    async def _send(self, method: str, url: str, key: str, body: Any) -> Seen:
        async with self._session.request(method, url, headers=bearer(key), json=body) as answer:
            headers = answer.headers
            return Seen(answer.status, headers["content-type"], int(headers["content-length"]), await answer.read())

    def close(self) -> None:
        self._runner.run(self._session.close())
        self._runner.close()


LIBRARIES: dict[str, Callable[[float], Client]] = {
    "httpx": Httpx, "httpx2": Httpx2, "requests": Requests, "aiohttp": Aiohttp,
}  # fmt: skip


class Asking:
    """A client in a thread of its own, so that the test can move the clock while it waits."""

    def __init__(self, library: str, patience: float = HANGS) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._client = self._pool.submit(LIBRARIES[library], patience).result(HANGS)

    def send(self, method: str, url: str, key: str, body: Any = None) -> Future[Seen]:
        return self._pool.submit(self._client.send, method, url, key, body)

    def close(self) -> None:
        self._pool.submit(self._client.close).result(HANGS)
        self._pool.shutdown()


@contextmanager
def asking(library: str, patience: float = HANGS) -> Iterator[Asking]:
    """Open a client inside the block."""
    client = Asking(library, patience)
    try:
        yield client
    finally:
        client.close()


def outcome(future: Future[Seen]) -> Seen | str:
    """Return what the client saw, or the name of the exception it raised."""
    error = future.exception(HANGS)
    return future.result() if error is None else name_of(type(error))


def name_of(kind: type[BaseException]) -> str:
    package = kind.__module__.partition(".")[0]
    return kind.__name__ if package == "builtins" else f"{package}.{kind.__name__}"


WHOLE, HALF, EMPTY, PAGE = "whole", "half", "empty", "whole, as a web page"

# A row for each fault: what httpx, httpx2, requests and aiohttp see of it, on either protocol.
TABLE: list[tuple[str, dict[str, Any], tuple[str, str, str, str]]] = [
    (
        "before_response", {"disconnect": "before_response"},
        ("httpx.RemoteProtocolError", "httpx2.RemoteProtocolError", "requests.ConnectionError",
         "aiohttp.ServerDisconnectedError"),
    ),
    (
        "reset", {"disconnect": "reset"},
        ("httpx.ReadError", "httpx2.ReadError", "requests.ConnectionError", "aiohttp.ClientOSError"),
    ),
    (
        "mid_body", {"disconnect": "mid_body"},
        ("httpx.ReadError", "httpx2.ReadError", "requests.ChunkedEncodingError", "aiohttp.ClientPayloadError"),
    ),
    (
        "short_body", {"corrupt": "short_body"},
        ("httpx.RemoteProtocolError", "httpx2.RemoteProtocolError", "requests.ChunkedEncodingError",
         "aiohttp.ClientPayloadError"),
    ),
    (
        "garbage", {"corrupt": "garbage"},
        ("httpx.RemoteProtocolError", "httpx2.RemoteProtocolError", "requests.ConnectionError",
         "aiohttp.ClientResponseError"),
    ),
    ("truncated_json", {"corrupt": "truncated_json"}, (HALF,) * 4),
    ("empty_body", {"corrupt": "empty_body"}, (EMPTY,) * 4),
    ("wrong_content_type", {"corrupt": "wrong_content_type"}, (PAGE,) * 4),
    (
        "hang", {"hang": True},
        ("httpx.ReadTimeout", "httpx2.ReadTimeout", "requests.ReadTimeout", "aiohttp.SocketTimeoutError"),
    ),
    ("drip", {"drip": {"bytes": 700, "every": "2s"}}, (WHOLE,) * 4),
    ("constant", {"delay": "3s"}, (WHOLE,) * 4),
    ("uniform", {"delay": {"uniform": ["2s", "9s"]}}, (WHOLE,) * 4),
    ("lognormal", {"delay": {"lognormal": {"median": "2s", "sigma": 0.5}}}, (WHOLE,) * 4),
    ("late_reset", {"delay": "3s", "disconnect": "reset"},
     ("httpx.ReadError", "httpx2.ReadError", "requests.ConnectionError", "aiohttp.ClientOSError")),
    ("late_half", {"delay": "3s", "corrupt": "truncated_json"}, (HALF,) * 4),
]  # fmt: skip
ROWS = [
    pytest.param(fault, library, seen, id=f"{name}-{library}")
    for name, fault, outcomes in TABLE
    for library, seen in zip(LIBRARIES, outcomes, strict=True)
]


# aiohttp asks for a GET once more, without a word, when the connection ended before any answer.
ASKS_TWICE = {("aiohttp", "before_response"), ("aiohttp", "reset")}


def as_seen(word: str, whole: Seen) -> Seen | str:
    """Return what a client must see: the name of an exception, or the answer changed as `word` says."""
    half = len(whole.body) // 2
    return {
        WHOLE: whole,
        HALF: whole._replace(length=half, body=whole.body[:half]),
        EMPTY: whole._replace(length=0, body=b""),
        PAGE: whole._replace(kind="text/html; charset=utf-8"),
    }.get(word, word)


@pytest.mark.parametrize(("fault", "library", "seen"), part(ROWS, 3))
def test_each_fault_as_each_client_sees_it(served: Running, fault: Any, library: str, seen: str) -> None:
    """A client sees exactly the exception or the answer of the table, and its next request is served."""
    tries = 2 if (library, fault.get("disconnect")) in ASKS_TWICE else 1
    key, url = faulty(served, fault, tries)
    with asking(library, PATIENCE if "hang" in fault else HANGS) as client:
        first = client.send("GET", url, key)
        for number in range(tries):
            received(served, key, 2 + number)
            if "delay" in fault or "drip" in fault:
                advance(served, key, 3600)
        result = outcome(first)
        assert served.mock.namespace("clado", key).journal.count == 1 + tries
        whole = client.send("GET", url, key).result(HANGS)
        assert whole.status == 200 and whole.kind == "application/json" and whole.length == len(whole.body)
        assert json.loads(whole.body)["status"] == "completed"
        assert result == as_seen(seen, whole)
    served.idle()


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("fault", [{"disconnect": "reset"}, {"disconnect": "mid_body"}, {"corrupt": "garbage"}])
def test_a_fault_on_a_used_connection(served: Running, fault: Any, library: str) -> None:
    """A fault on a kept-alive connection is seen too, and another client's connection isn't affected."""
    key, url = faulty(served, {**fault, "when": {"requests": {"from": 2, "to": 3}}})
    with asking(library) as client, asking("httpx") as other:
        assert client.send("GET", url, key).result(HANGS).status == 200
        assert other.send("GET", f"{served.url}/api/credits", key).result(HANGS).status == 200
        assert isinstance(outcome(client.send("GET", url, key)), str)
        assert other.send("GET", f"{served.url}/api/credits", key).result(HANGS).status == 200
    served.idle()


class Raw:
    """A bare connection that has sent one request."""

    def __init__(self, running: Running, url: str, key: str, buffer: int | None = None) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(HANGS)
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect((running.host, running.port))
        self.ask(url.removeprefix(running.url), key)

    def ask(self, path: str, key: str) -> None:
        lines = [f"GET {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {key}"]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def read(self, size: int) -> bytes:
        """Read exactly so many bytes."""
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            assert piece, f"The connection ended after {len(data)} of {size} bytes."
            data += piece
        return data

    def head(self) -> tuple[int, dict[str, str]]:
        """Read the head of an answer: its status and headers."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        first, *rest = head.decode().strip().split("\r\n")
        return int(first.split()[1]), {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}

    def rest(self) -> tuple[bytes, str]:
        """Read to the end; return the bytes, and how the connection ended: `FIN` or `RST`."""
        data = b""
        try:
            while piece := self.socket.recv(1 << 16):
                data += piece
        except ConnectionResetError:
            return data, "RST"
        return data, "FIN"

    def silent(self) -> bool:
        """Return whether neither a byte nor the end has arrived."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(HANGS)
        return False


@contextmanager
def raw(running: Running, url: str, key: str, buffer: int | None = None) -> Iterator[Raw]:
    """Send one request on a bare connection, which is closed at the block's end; `buffer` is its own in bytes."""
    connection = Raw(running, url, key, buffer)
    try:
        yield connection
    finally:
        connection.socket.close()


def whole_body(running: Running, url: str, key: str) -> bytes:
    """Return the body without the fault, by a later request."""
    with raw(running, url, key) as connection:
        return connection.read(int(connection.head()[1]["content-length"]))


@pytest.mark.parametrize(
    ("fault", "end"),
    [({"disconnect": "before_response"}, "FIN"), ({"disconnect": "reset"}, "RST")],
    ids=["before_response", "reset"],
)
def test_no_bytes_then_the_end(bare: Running, fault: Any, end: str) -> None:
    """`before_response` ends with FIN and `reset` with RST, and neither sends one byte."""
    key, url = faulty(bare, fault)
    with raw(bare, url, key) as connection:
        assert connection.rest() == (b"", end)
    bare.idle()


@pytest.mark.parametrize(
    ("fault", "end"),
    [({"disconnect": "mid_body"}, "RST"), ({"corrupt": "short_body"}, "FIN")],
    ids=["mid_body", "short_body"],
)
def test_half_the_body_arrives(bare: Running, fault: Any, end: str) -> None:
    """The full Content-Length, then the first half of the body to the byte; `mid_body` resets, `short_body` closes."""
    key, url = faulty(bare, fault)
    with raw(bare, url, key) as connection:
        status, headers = connection.head()
        half, ended = connection.rest()
    body = whole_body(bare, url, key)
    assert (status, headers["content-type"], ended) == (200, "application/json", end)
    assert int(headers["content-length"]) == len(body) and half == body[: len(body) // 2]
    bare.idle()


@pytest.mark.parametrize("http", PROTOCOLS)
@pytest.mark.parametrize(
    "fault",
    [
        {"corrupt": "short_body"},
        {"disconnect": "mid_body"},
    ],
    ids=["short_body", "mid_body"],
)
def test_half_of_a_large_body_arrives(http: str, fault: Any, catalogue: Catalogue) -> None:
    """Exactly the first half arrives of a body larger than any socket's buffer, too, even if read slowly."""
    with serving(http, "auto", catalogue) as running:
        key, url = faulty(running, fault, results={"count": 1000})
        with raw(running, url, key, buffer=4096) as connection:
            connection.head()
            received(running, key, 2)
            half, _ = connection.rest()
        body = whole_body(running, url, key)
        assert half == body[: len(body) // 2]
        running.idle()


def test_garbage_is_no_http(bare: Running) -> None:
    """`garbage` sends bytes that aren't HTTP, and closes."""
    key, url = faulty(bare, {"corrupt": "garbage"})
    with raw(bare, url, key) as connection:
        data, end = connection.rest()
    assert data and not data.startswith(b"HTTP") and end == "FIN"
    bare.idle()


@pytest.mark.parametrize("size", [1, 2, 100, 5000], ids=str)
def test_drip_sends_piece_by_piece(bare: Running, size: int) -> None:
    """The first piece comes at once, each further one exactly `every` later, and the connection can be used again."""
    key, url = faulty(bare, {"drip": {"bytes": size, "every": "2s"}}, results={"count": 1})
    body = whole_body_of(bare, key, url)
    with raw(bare, url, key) as connection:
        status, headers = connection.head()
        assert status == 200 and int(headers["content-length"]) == len(body)
        for start in range(0, min(len(body), 5 * size), size):
            if start:
                advance(bare, key, 1.999999999)
                assert connection.silent()
                advance(bare, key, 0.000000001)
            assert connection.read(len(body[start : start + size])) == body[start : start + size]
        advance(bare, key, 2 * len(body))
        assert connection.read(max(0, len(body) - 5 * size)) == body[5 * size :]
        connection.ask("/api/credits", key)
        assert connection.head()[0] == 200
    bare.idle()


def whole_body_of(running: Running, key: str, url: str) -> bytes:
    """Return the body that a poll of the job would have now, by asking the service itself about an equal job."""
    twin = running.mock.namespace("clado", key)
    job = twin.jobs[url.rpartition("/")[2]]
    before = dict(job.requests), job.state
    job.requests["status"] = 1
    body = running.mock.poll("clado", job.id, key).body
    job.requests, job.state = before
    return body


@pytest.mark.parametrize(
    "delay",
    ["3s", {"uniform": ["2s", "9s"]}, {"lognormal": {"median": "2s", "sigma": 0.5}}],
    ids=["constant", "uniform", "lognormal"],
)
def test_a_delay_ends_when_the_clock_says_so(bare: Running, delay: Any) -> None:
    """A delayed answer is held to the nanosecond of the clock, and an advance by the control API frees it."""
    key, url = faulty(bare, {"delay": delay})
    fault = bare.mock.namespace("clado", key).jobs[url.rpartition("/")[2]].plan.faults["status"][0]
    assert fault.delay is not None
    held = faults.length(fault.delay, 1, 1)
    assert 0 < held < 60 * SECOND
    with raw(bare, url, key) as connection:
        received(bare, key, 2)
        advance(bare, key, (held - 1) / SECOND)
        assert connection.silent()
        advance(bare, key, 1 / SECOND)
        assert connection.head()[0] == 200
    bare.idle()


def test_another_key_is_not_held(served: Running) -> None:
    """While one key's answer is held, other keys and other requests of the same key are answered."""
    key, url = faulty(served, {"delay": "60s"})
    with asking("requests") as client, asking("httpx") as other:
        first = client.send("GET", url, key)
        received(served, key, 2)
        assert other.send("GET", url, key).result(HANGS).status == 200
        assert other.send("GET", f"{served.url}/api/credits", "lk_other").result(HANGS).status == 200
        advance(served, "lk_other", 3600)
        assert not first.done()
        advance(served, key, 60)
        assert first.result(HANGS).status == 200
    served.idle()


@pytest.mark.parametrize(
    "fault",
    [{"hang": True}, {"delay": "60s"}, {"drip": {"bytes": 10, "every": "60s"}}, {"delay": "60s", "hang": True}],
    ids=["hang", "delay", "drip", "late_hang"],
)
def test_what_waits_ends_when_the_client_leaves(bare: Running, fault: Any) -> None:
    """A hang, a delay or a drip is over once its client has left: the server's task is gone."""
    key, url = faulty(bare, fault)
    with raw(bare, url, key):
        received(bare, key, 2)
        assert bare.server.server_state.tasks
    bare.idle()
    assert len(whole_body(bare, url, key)) > 0


def test_a_hang_outlasts_any_advance(bare: Running) -> None:
    """`hang` gives no answer on any clock: advancing it by an hour frees nobody."""
    key, url = faulty(bare, {"hang": True})
    with raw(bare, url, key) as connection:
        received(bare, key, 2)
        advance(bare, key, 3600)
        assert connection.silent() and bare.server.server_state.tasks
    bare.idle()


BODIES = {"clado": {"query": "chemists"}, "orbit": {"email": "someone@mail.invalid", "requestId": "r"}}
PRICES = {"clado": 3, "orbit": 10}
LOST = {"httpx": "httpx.RemoteProtocolError", "httpx2": "httpx2.RemoteProtocolError",
        "requests": "requests.ConnectionError", "aiohttp": "aiohttp.ServerDisconnectedError"}  # fmt: skip


@pytest.mark.parametrize("api", BODIES)
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_lost_answer_to_start_leaves_job_and_charge(served: Running, api: str, library: str) -> None:
    """When a start's answer is lost the client knows nothing, but the job exists and is charged for."""
    key = f"{'lk_' if api == 'clado' else 'sk_orb_'}lost{next(numbers)}"
    lost = {"operation": "start", "when": {"request": 1}, "disconnect": "before_response"}
    namespace = served.mock.namespace(api, key)
    namespace.use(served.mock.service.catalogue.resolve(scenario(api, "completed", faults=[lost]), api))
    with asking(library) as client:
        assert outcome(client.send("POST", served.url + JOBS[api], key, BODIES[api])) == LOST[library]
        (job,) = control(served, "GET", "jobs", key)["jobs"]
        assert job["status"] == "completed" and job["polls"] == 0
        assert control(served, "GET", "credits", key)["balance"] == 10_000 - PRICES[api]
        again = client.send("POST", served.url + JOBS[api], key, BODIES[api]).result(HANGS)
    if api == "orbit":
        assert again.status == 200 and json.loads(again.body)["status"] == "already_running"
        assert namespace.credits.balance == 9990 and len(namespace.jobs) == 1
    else:
        assert again.status == 200 and len(namespace.jobs) == 2
    served.idle()


class Hasty(Clock):
    """A clock that is advanced just after a wait was computed, as another thread may do."""

    def wait(self, due: int) -> float | None:
        reckoned = super().wait(due)
        if reckoned is None:
            self.advance(60 * SECOND)
        return reckoned


def test_an_advance_is_never_missed(catalogue: Catalogue) -> None:
    """An advance from another thread at any moment frees a held answer."""
    with serving("h11", "asyncio", catalogue, Hasty) as running:
        key, url = faulty(running, {"delay": "60s"})
        with raw(running, url, key) as connection:
            connection.socket.settimeout(PATIENCE)
            assert connection.head()[0] == 200
