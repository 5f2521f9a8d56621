"""The application over real sockets: hostile requests, bodies of every size, held answers, on both HTTP parsers."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any, cast

import httpx
import pytest
from tests.support import EPOCH, HANGS, JOBS, KEYS, STARTS, Mock, scenario

from jobmock.apis.clado import serialized_people
from jobmock.catalogue import Catalogue
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.server.app import Endpoint, create_app
from jobmock.server.serving import running
from jobmock.service.body_limits import MAX_BODY
from jobmock.service.service import Service

_numbers = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running server, the mock behind it, and a client for it."""

    mock: Mock
    port: int
    client: httpx.Client

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=HANGS)

    def raw(self, data: bytes) -> bytes:
        """Send bytes and return everything until the server closes the connection."""
        with self.connect() as connection:
            with suppress(OSError):  # The server may answer, and close, before it has read everything.
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            return _until_closed(connection)

    def alive(self) -> None:
        """Fail unless the server still serves the API and the control calls."""
        reply = self.client.post(JOBS["clado"], json=STARTS["clado"], headers=bearer(f"lk_alive{next(_numbers)}"))
        assert reply.status_code == 200
        assert self.client.get("/__jobmock/ready").status_code == 200


def _until_closed(connection: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionResetError):
        while chunk := connection.recv(1 << 16):
            received += chunk
    return received


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module", params=["h11", "httptools"])
def site(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Site]:
    mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("manual", start=EPOCH))))
    app = create_app(mock.service)
    with running(app, http=request.param) as url, httpx.Client(base_url=url, timeout=HANGS) as client:
        yield Site(mock=mock, port=int(url.rpartition(":")[2]), client=client)


@pytest.fixture(autouse=True)
def _no_errors_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a client does, the server logs no error."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


@pytest.fixture
def key() -> str:
    """A key that no other test uses."""
    return f"lk_app{next(_numbers)}"


HEAD = b"Host: x\r\nAuthorization: Bearer lk_raw\r\nConnection: close\r\n"
JOB = JOBS["clado"].encode()
RUN = JOBS["orbit"].encode()


def line(method: bytes, target: bytes, more: bytes = b"", body: bytes = b"") -> bytes:
    return method + b" " + target + b" HTTP/1.1\r\n" + HEAD + more + b"\r\n" + body


def control_line(method: bytes, target: bytes, more: bytes, body: bytes) -> bytes:
    own = line(method, target, b"Content-Type: application/json\r\n" + more, body)
    return own.replace(b"Host: x", b"Host: localhost")


def sized(body: bytes) -> tuple[bytes, bytes]:
    return b"Content-Length: %d\r\n" % len(body), body


@pytest.mark.parametrize(("data", "statuses"), [
    (line(b"POST", JOB, *sized(b"{bad")), {422}),
    (line(b"POST", JOB), {422}),
    (line(b"POST", RUN, *sized(b"[]")), {403}),
    (line(b"POST", JOB, *sized(b"x" * (2 << 20))), {413}),
    (line(b"POST", JOB, b"Transfer-Encoding: chunked\r\n", b"5\r\n{bad}\r\n0\r\n\r\n"), {422}),
    (line(b"POST", JOB, b"Transfer-Encoding: chunked\r\n", b"zz\r\n"), {400}),
    (line(b"POST", JOB, b"Content-Length: -1\r\n", b"{}"), {400}),
    (line(b"POST", JOB, b"Content-Length: 5\r\nContent-Length: 6\r\n", b"{}"), {400}),
    (line(b"GET", JOB + b"/x?page=abc"), {404}),
    (line(b"GET", JOB + b"/x?\xff"), {400, 404}),
    (line(b"GET", JOB + b"/x", *sized(b"{}")), {404}),
    (line(b"GET", JOB + b"/%ff%fe"), {404}),
    (line(b"GET", JOB + b"/\xff\xfe"), {400, 404}),
    (line(b"GET", JOB + b"/%"), {404}),
    (line(b"GET", JOB + b"/a%2Fb%00"), {404}),
    (line(b"GET", JOB + b"/../../__jobmock/health"), {404}),
    (line(b"GET", b"//" + JOB), {404}),
    (line(b"GET", b"/" + b"a" * 30_000), {414, 400, 431}),
    (line(b"GET", b"http://x" + JOB + b"/x"), {404}),
    (line(b"HEAD", JOB + b"/x"), {405}),
    (line(b"HEAD", b"/"), {404}),
    (line(b"DELETE", JOB), {405}),
    (line(b"PROPFIND", JOB), {405}),
    (line(b"BREW", JOB), {400, 405}),
    (line(b"OPTIONS", b"*"), {404}),
    (line(b"OPTIONS", JOB), {405}),
    (line(b"CONNECT", b"x:80"), {400, 404, 405}),
    (line(b"GET", JOB + b"/x", b"X-Long: " + b"a" * 100_000 + b"\r\n"), {404, 400, 431}),
    (line(b"GET", JOB + b"/x", b"X-Many: 1\r\n" * 2000), {404, 400, 431}),
    (line(b"GET", JOB + b"/x", b"Bad Header: x\r\n"), {400}),
    (line(b"GET", JOB + b"/x", b"Upgrade: websocket\r\n"), {404}),
    (b"GET " + JOB + b"/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer lk_" + b"a" * 100_000 + b"\r\n"
     b"Connection: close\r\n\r\n", {401, 400, 431}),
    (b"GET " + JOB + b"/x HTTP/1.1\r\nHost: x\r\nAuthorization: \xff\xfe\r\nConnection: close\r\n\r\n", {401, 400}),
    (b"GET " + JOB + b"/x HTTP/1.0\r\n\r\n", {401}),
    (b"GET " + JOB + b"/x HTTP/9.9\r\n\r\n", {400, 401}),
    (b"\x00\x01\x02garbage\r\n\r\n", {400}),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200, {400}),
    (b"GET\r\n\r\n", {400}),
    (line(b"POST", b"/__jobmock/reset", *sized(b"{bad")), {403}),
    (control_line(b"POST", b"/__jobmock/reset", *sized(b"{bad")), {400}),
    (control_line(b"PUT", b"/__jobmock/%ff%2F", *sized(b"[]")), {404}),
])  # fmt: skip
def test_hostile_requests(site: Site, data: bytes, statuses: set[int]) -> None:
    """Any bytes get a documented error or a 4xx, and the server continues to serve."""
    received = site.raw(data)
    assert received.startswith(b"HTTP/1.1 "), received[:200]
    assert int(received[9:12]) in statuses, received[:200]
    site.alive()


@pytest.mark.parametrize("data", [b"", b"GET", line(b"POST", JOB, b"Content-Length: 10\r\n", b"{}"), b"\r\n\r\n"])
def test_client_that_leaves_halfway(site: Site, data: bytes) -> None:
    """An unfinished request gets no 500, and doesn't stop the server."""
    received = site.raw(data)
    assert received == b"" or received.startswith(b"HTTP/1.1 4")
    site.alive()


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 422), (MAX_BODY + 1, 413), (2 << 20, 413), (8 << 20, 413)])
def test_large_bodies_are_refused(site: Site, key: str, size: int, status: int) -> None:
    """Up to 1 MiB is read. More, up to 9 MiB, is 413, and some is drained so that the answer arrives."""
    reply = site.client.post(JOBS["clado"], content=b"x" * size, headers=bearer(key))
    assert reply.status_code == status and reply.json()["detail"]
    assert site.client.post(JOBS["clado"], json=STARTS["clado"], headers=bearer(key)).status_code == 200


def test_huge_body(site: Site, key: str) -> None:
    """A body of 20 MiB gets a 413 or a closed connection, and the server continues."""
    with suppress(httpx.TransportError):
        assert site.client.post(JOBS["clado"], content=b"x" * (20 << 20), headers=bearer(key)).status_code == 413
    site.alive()


def test_chunked_body(site: Site, key: str) -> None:
    """A body in chunks is put together."""
    pieces = (piece for piece in (b'{"que', b'ry": ', b'"x"}'))
    assert site.client.post(JOBS["clado"], content=pieces, headers=bearer(key)).status_code == 200


def test_percent_encoded_path_arrives_raw(site: Site) -> None:
    """A slash that is percent-encoded belongs to the id."""
    headers = bearer(f"sk_orb_app{next(_numbers)}")
    start = site.client.post(JOBS["orbit"], json={**STARTS["orbit"], "requestId": "a/b ü"}, headers=headers)
    assert start.status_code == 202
    reply = site.client.get(start.json()["links"]["status"], headers=headers)
    assert (reply.status_code, reply.json()["request_id"]) == (200, "a/b ü")


def test_head_has_no_body(site: Site) -> None:
    """A HEAD is 405 with its headers and no body."""
    reply = site.client.head(JOBS["clado"] + "/x", headers=bearer("lk_x"))
    assert (reply.status_code, reply.content, reply.headers["allow"]) == (405, b"", "GET")


def test_keep_alive_and_pipelining(site: Site, key: str) -> None:
    """One connection serves several requests, also those sent before the first answer."""
    request = b"GET %s/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n" % (JOB, key.encode())
    with site.connect() as connection:
        connection.sendall((request + b"\r\n") * 2 + request + b"Connection: close\r\n\r\n")
        assert _until_closed(connection).count(b"HTTP/1.1 404 ") == 3


def test_headers_of_an_answer(site: Site, key: str) -> None:
    """An answer has one Date of the namespace's clock, its length and type, and no Server header."""
    reply = site.client.post(JOBS["clado"], json=STARTS["clado"], headers=bearer(key))
    assert reply.headers.get_list("date") == ["Thu, 01 Jan 2026 00:00:00 GMT"]
    assert reply.headers.get_list("content-length") == [str(len(reply.content))]
    assert reply.headers["content-type"] == "application/json" and "server" not in reply.headers


# --- held answers --------------------------------------------------------------------------------------------------

def delayed(site: Site, key: str, delay: Any) -> str:
    plan = scenario("clado", "searching", faults=[{"when": {"every": 1}, "delay": delay}])
    assert site.client.put("/__jobmock/scenario", json={"scenario": plan}, headers=bearer(key)).status_code == 200
    reply = site.client.post(JOBS["clado"], json=STARTS["clado"], headers=bearer(key))
    return f"{JOBS['clado']}/{reply.json()['job_id']}"


def until_noted(site: Site, key: str, exchanges: int) -> None:
    """Wait until the journal has so many exchanges: then the last request is held."""
    for _ in range(20_000):
        journal = site.client.get("/__jobmock/journal", headers=bearer(key)).json()
        if len(journal["exchanges"]) >= exchanges:
            return
    pytest.fail(f"The journal never had {exchanges} exchanges.")


class Poll(threading.Thread):
    """One poll from a thread of its own."""

    def __init__(self, site: Site, path: str, key: str) -> None:
        super().__init__(daemon=True)
        self._site, self._path, self._key = site, path, key
        self.status = 0
        self.start()

    def run(self) -> None:
        self.status = self._site.client.get(self._path, headers=bearer(self._key)).status_code


def advance(site: Site, key: str, seconds: float) -> None:
    call = site.client.post("/__jobmock/clock/advance", json={"seconds": seconds}, headers=bearer(key))
    assert call.status_code == 200


def test_a_delayed_answer_is_held_until_the_clock_is_advanced(site: Site, key: str) -> None:
    """On a manual clock a delayed answer waits for the advance that reaches it, and not for a shorter one."""
    path = delayed(site, key, "10s")
    poll = Poll(site, path, key)
    until_noted(site, key, 2)
    advance(site, key, 9.999)
    assert poll.is_alive() and poll.status == 0
    advance(site, key, 0.001)
    poll.join(HANGS)
    assert poll.status == 200


def test_an_advance_from_another_thread_releases_too(site: Site, key: str) -> None:
    """The clock may be advanced from any thread, as a fixture does it."""
    path = delayed(site, key, "10s")
    poll = Poll(site, path, key)
    until_noted(site, key, 2)
    site.mock.namespace("clado", key).clock.advance(10 * SECOND)
    poll.join(HANGS)
    assert poll.status == 200


@pytest.mark.parametrize("mode", [{"mode": "real"}, {"mode": "scaled", "speed": 1000}])
def test_a_held_answer_follows_a_changed_clock(site: Site, key: str, mode: dict[str, Any]) -> None:
    """A clock that begins to run releases what a manual one held, when its time has come."""
    path = delayed(site, key, "50ms")
    poll = Poll(site, path, key)
    until_noted(site, key, 2)
    assert site.client.put("/__jobmock/clock", json=mode, headers=bearer(key)).status_code == 200
    poll.join(HANGS)
    assert poll.status == 200


def test_other_clients_are_served_while_one_is_held(site: Site, key: str) -> None:
    """A held answer doesn't delay others, not even other requests of the same key."""
    path = delayed(site, key, "10s")
    held = [Poll(site, path, key) for _ in range(3)]
    until_noted(site, key, 4)
    site.alive()
    advance(site, key, 10)
    for poll in held:
        poll.join(HANGS)
    assert [poll.status for poll in held] == [200, 200, 200]


@pytest.mark.parametrize("reset", [False, True])
def test_a_client_that_leaves_while_held(site: Site, key: str, reset: bool) -> None:
    """A held answer whose client left no longer listens to its clock."""
    path = delayed(site, key, "10s")
    clock = site.mock.namespace("clado", key).clock
    with site.connect() as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n"
        connection.sendall(request.encode())
        until_noted(site, key, 2)
        assert len(clock._listeners) == 1
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for _ in range(20_000):
        if not clock._listeners:
            break
        site.alive()
    assert not clock._listeners
    site.alive()


# --- the endpoint alone --------------------------------------------------------------------------------------------

class Asgi:
    """An ASGI client whose messages are given beforehand; after them it waits, or leaves."""

    def __init__(self, *messages: dict[str, Any], leaves: bool) -> None:
        self._messages, self._leaves = list(messages), leaves
        self.sent: list[MutableMapping[str, Any]] = []
        self.received = 0

    async def receive(self) -> MutableMapping[str, Any]:
        self.received += 1
        if self._messages:
            return self._messages.pop(0)
        if not self._leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)


def scope(method: str, path: str, headers: list[tuple[bytes, bytes]] | None = None) -> dict[str, Any]:
    own = [(b"authorization", f"Bearer {KEYS['clado']}".encode()), *(headers or [])]
    return {"type": "http", "method": method, "raw_path": path.encode(), "query_string": b"", "headers": own}


def played(mock: Mock, asked: dict[str, Any], client: Asgi) -> set[str]:
    """Let the endpoint answer; return the names of the tasks it left behind."""

    async def main() -> set[str]:
        await asyncio.wait_for(Endpoint(mock.service)(asked, client.receive, client.send), HANGS)
        await asyncio.sleep(0)  # lets what was cancelled end
        return {task.get_name() for task in asyncio.all_tasks() - {cast(Any, asyncio.current_task())}}

    return asyncio.run(main())


def test_a_client_that_leaves_while_held_leaks_no_task(mock: Mock) -> None:
    """When the client leaves, nothing is sent, no task is left, and the clock has no listener."""
    job = mock.play("clado", scenario("clado", "pending", faults=[{"when": {"every": 1}, "delay": "10s"}]))
    client = Asgi({"type": "http.request"}, leaves=True)
    assert played(mock, scope("GET", f"{JOBS['clado']}/{job}"), client) == set()
    assert client.sent == [] and not mock.namespace("clado").clock._listeners


def test_a_delay_on_a_running_clock_leaks_no_task(mock: Mock) -> None:
    """An answer that was held and sent leaves no task and no listener either."""
    job = mock.play("clado", scenario("clado", "pending", faults=[{"when": {"every": 1}, "delay": "20ms"}]))
    clock = mock.namespace("clado").clock
    clock.set("real")
    client = Asgi(leaves=False)
    assert played(mock, scope("GET", f"{JOBS['clado']}/{job}"), client) == set()
    assert [message["type"] for message in client.sent] == ["http.response.start", "http.response.body"]
    assert not clock._listeners and clock.elapsed >= 20_000_000


def test_a_clock_that_skips_delays_holds_nobody(catalogue: Catalogue) -> None:
    """Where the clock skips delays, a delayed answer is sent at once and the time has passed."""
    mock = Mock(Service(catalogue, Namespaces(clock=lambda: Clock("skip-delays", start=EPOCH, source=lambda: 0))))
    job = mock.play("clado", scenario("clado", "pending", faults=[{"when": {"every": 1}, "delay": "10s"}]))
    client = Asgi(leaves=False)
    assert played(mock, scope("GET", f"{JOBS['clado']}/{job}"), client) == set()
    assert client.sent[0]["status"] == 200 and mock.namespace("clado").clock.elapsed == 10 * SECOND


def test_a_get_without_a_body_reads_nothing(mock: Mock) -> None:
    """A GET that announces no body is answered without waiting for one."""
    client = Asgi(leaves=False)
    played(mock, scope("GET", "/nothing"), client)
    assert client.received == 0 and client.sent[0]["status"] == 404


@pytest.mark.parametrize("header", [(b"content-length", b"2"), (b"transfer-encoding", b"chunked")])
def test_a_get_with_a_body_reads_it(mock: Mock, header: tuple[bytes, bytes]) -> None:
    """A GET that announces a body has it read, so that the connection can be used again."""
    client = Asgi({"type": "http.request", "body": b"{}", "more_body": False}, leaves=False)
    played(mock, scope("GET", "/nothing", [header]), client)
    assert client.received == 1 and client.sent[0]["status"] == 404


def test_a_client_that_leaves_in_its_body_gets_nothing(mock: Mock) -> None:
    """A client that leaves within its body gets no answer, and no job is made."""
    client = Asgi({"type": "http.request", "body": b'{"query"', "more_body": True}, leaves=True)
    played(mock, scope("POST", JOBS["clado"]), client)
    assert client.sent == [] and len(mock.service.namespaces) == 0


@pytest.mark.parametrize("path", [JOBS["clado"], "/nothing", "/__jobmock/clock"])
@pytest.mark.parametrize("http", ["httptools", "h11"])
def test_an_endless_body_is_refused_before_it_ends(mock: Mock, http: str, path: str) -> None:
    """A body without end is answered when it is too long. Then a bounded part is read, and the connection closed."""
    headers = ("Host: localhost", "Authorization: Bearer lk_x", "Transfer-Encoding: chunked")
    head = "\r\n".join((f"POST {path} HTTP/1.1", *headers, "\r\n"))
    with running(create_app(mock.service), http=http) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=HANGS) as connection:
            connection.sendall(head.encode() + b"100001\r\n" + b"x" * 0x100001 + b"\r\n")
            answer = connection.recv(65_536)
            status, shown = answer.split()[1], answer.partition(b"\r\n\r\n")[0].lower()
            assert status == (b"404" if path == "/nothing" else b"413") and b"connection: close" in shown
            sent = 0
            with suppress(ConnectionError):
                while sent < 64 << 20:
                    connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                    sent += 0x10000
            assert (8 << 20) - 0x10000 <= sent < 32 << 20


@pytest.mark.parametrize(("chunks", "read"), [(1, 1), (8, 8), (10, 10), (20, 10)])
def test_at_most_eight_mebibytes_are_drained(mock: Mock, chunks: int, read: int) -> None:
    """Reading stops 8 MiB after the limit, and the service gets a part of a long body."""
    messages = [{"type": "http.request", "body": b"x" * MAX_BODY, "more_body": True} for _ in range(chunks - 1)]
    client = Asgi(*messages, {"type": "http.request", "body": b"x" * MAX_BODY}, leaves=False)
    played(mock, scope("POST", JOBS["clado"]), client)
    assert client.received == read and client.sent[0]["status"] == (422 if chunks == 1 else 413)
    assert json.loads(client.sent[1]["body"])["detail"]


def test_a_long_answer_leaves_the_loop_to_others(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two blocks of people, and between two pieces of the body, the loop can answer other requests."""
    made = list[int]()

    def render(seed: int, number: int) -> dict[str, Any]:
        made.append(number)
        return {"name": "x" * 10_000}

    serialized_people._block.cache_clear()
    monkeypatch.setattr(serialized_people, "_renderer", lambda shape: render)
    job = mock.play("clado", scenario("clado", "completed", results={"count": 1_000}))
    client, counts = Asgi(leaves=False), [(0, 0)]
    answering: Any = Endpoint(mock.service)(scope("GET", f"{JOBS['clado']}/{job}"), client.receive, client.send)
    ended = False
    while not ended:
        try:
            answering.send(None)
        except StopIteration:
            ended = True
        counts.append((len(made), sum(len(message.get("body", b"")) for message in client.sent)))
    serialized_people._block.cache_clear()
    steps = [(now - before, sent - had) for (before, had), (now, sent) in pairwise(counts)]
    assert max(people for people, _ in steps) <= 100 and max(sent for _, sent in steps) <= 1 << 20
    body = b"".join(message["body"] for message in client.sent[1:])
    assert len(json.loads(body)["results"]) == 1_000
    assert dict(client.sent[0]["headers"])[b"content-length"] == str(len(body)).encode()
