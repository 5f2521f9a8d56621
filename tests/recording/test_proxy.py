"""The proxy on real sockets: answers and their faults reach the client as they were, and are recorded as they were."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.recording.polling_client import without_data
from tests.support import EPOCH, HANGS, JOBS, KEYS

from jobmock import apis
from jobmock.catalogue import Catalogue, load_plan
from jobmock.checking.exchange import from_line
from jobmock.clock import SECOND, Clock
from jobmock.engine.namespace import Namespaces
from jobmock.engine.progression import Plan
from jobmock.recording.files import LinesFile, ScenarioFolder
from jobmock.recording.proxy import Proxy
from jobmock.recording.recorder import Recorder
from jobmock.recording.upstream import Upstream
from jobmock.server.app import create_app
from jobmock.server.listeners import Host, Listener
from jobmock.service.service import Service

SLOW = "clado/hanging"
PATIENCE = {SLOW: 0.8}
"""Who waits for an answer that never comes waits so many seconds for every one."""
POLLS = 9
PLAYED = (
    "clado/two-pages", "clado/lost-answers", "clado/garbled-answers", SLOW, "orbit/unavailable-once",
    "orbit/usual-discovery",
)  # fmt: skip


@pytest.fixture
def host() -> Iterator[Host]:
    listening = Host()
    yield listening
    listening.end()


@contextmanager
def recording_proxy(host: Host, api: str, target: str, folder: Path, clock: Clock) -> Iterator[str]:
    """Run a proxy before `target` that records into a folder; yield its URL."""
    warnings: list[str] = []
    lines = LinesFile(folder / "seen.jsonl", warnings.append)
    recorder = Recorder(apis.load(api), ScenarioFolder(folder, warnings.append), warnings.append, lines=lines)
    listener = host.open(Proxy(apis.load(api), Upstream(target), recorder, clock))
    yield listener.url
    assert recorder.close()
    assert (listener.errors, warnings) == ([], [])


def passing(host: Host, target: str, folder: Path) -> tuple[Listener, Path]:
    """Run a proxy before `target`; return its listener and its file of exchanges."""
    warnings = list[str]()
    scenarios, lines = ScenarioFolder(folder, warnings.append), LinesFile(folder / "l", print)
    recorder = Recorder(apis.load("clado"), scenarios, warnings.append, lines=lines)
    clock = Clock("manual", start=EPOCH)
    return host.open(Proxy(apis.load("clado"), Upstream(target), recorder, clock)), folder / "l"


def played(host: Host, catalogue: Catalogue, plan: Plan, clock: Clock) -> str:
    """Serve a plan; return its URL."""
    namespaces = Namespaces(clock=lambda: clock)
    return host.open(create_app(Service(catalogue, namespaces, plans={plan.scenario.api: plan}))).url


def polled(url: str, api: str, run_shape: str | None, clock: Clock, patience: float) -> list[Any]:
    """Start a job and poll it every five seconds of the clock; return the outcome of each request."""
    walk, outcomes, job = apis.load(api).reference_client(), list[Any](), None
    headers, fresh = {"Authorization": f"Bearer {KEYS[api]}"}, httpx.Limits(max_keepalive_connections=0)
    client = httpx.Client(base_url=url, headers=headers, timeout=patience, trust_env=False, limits=fresh)

    def ask(method: str, path: str, body: Any = None) -> Any:
        try:
            answer = client.request(method, path, json=body)
        except httpx.TransportError as error:
            outcomes.append(type(error).__name__)
            return {}
        kind, retry = (answer.headers.get(name) for name in ("content-type", "retry-after"))
        try:
            data = answer.json()
        except ValueError:
            data = None
        outcomes.append((answer.status_code, kind, retry, without_data(data)))
        return data if answer.is_success and isinstance(data, dict) else {}

    while job is None:
        job = apis.load(api).job_id_in(ask("POST", JOBS[api], walk.start(run_shape)), {})
    for _ in range(POLLS):
        ask("GET", f"{JOBS[api]}/{job}")
        clock.advance(5 * SECOND)
    client.close()
    return outcomes


@pytest.mark.parametrize("name", PLAYED)
def test_client_gets_the_same_answers(name: str, host: Host, catalogue: Catalogue, tmp_path: Path) -> None:
    """A client gets the same answers through the proxy, without it, and from the recorded scenario."""
    plan, clock = catalogue.plan(name), Clock("manual", start=EPOCH)
    api, shape = plan.scenario.api, plan.scenario.run_shape
    alone = Clock("manual", start=EPOCH)
    patience = PATIENCE.get(name, HANGS)
    without = polled(played(host, catalogue, plan, alone), api, shape, alone, patience)
    with recording_proxy(host, api, played(host, catalogue, plan, clock), tmp_path, clock) as url:
        through = polled(url, api, shape, clock, patience)
    assert through == without
    again = Clock("manual", start=EPOCH)
    recorded = load_plan(tmp_path / "job-1.yaml", f"{api}/again")
    assert polled(played(host, catalogue, recorded, again), api, shape, again, patience) == without


def test_exchange_is_on_disk_before_the_answer(host: Host, catalogue: Catalogue, tmp_path: Path) -> None:
    """When a client has an answer, its exchange is in the file, complete and without the client's data."""
    clock = Clock("manual", start=EPOCH)
    url = played(host, catalogue, catalogue.plan("clado/at-once"), clock)
    with recording_proxy(host, "clado", url, tmp_path, clock) as proxied:
        for number in range(1, 5):
            httpx.post(f"{proxied}{JOBS['clado']}", headers={"Authorization": "Bearer lk_mine"}, json={"query": "Q"})
            lines = (tmp_path / "seen.jsonl").read_bytes().splitlines()
            assert len(lines) == number
            exchange = from_line(lines[-1])
            assert (exchange.status, json.loads(exchange.body)["status"]) == (200, "pending")
            assert b"lk_mine" not in lines[-1]
            assert b'"Q"' not in lines[-1]


def _is_complete(request: bytes) -> bool:
    """Return whether a request has come with its whole body."""
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= int(length[1] if length else 0)


class Raw:
    """A live host that answers every connection with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._socket, self._answer = socket.create_server(("127.0.0.1", 0)), answer
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.received = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            while not _is_complete(self.received):
                self.received += connection.recv(1 << 16)
            connection.sendall(self._answer)

    def close(self) -> None:
        self._thread.join(HANGS)
        self._socket.close()


def test_compressed_answer(host: Host, tmp_path: Path) -> None:
    """A compressed answer is forwarded compressed, and is recorded. The live host's cookies aren't kept."""
    body = gzip.compress(json.dumps({"job_id": "j-1", "status": "searching", "message": "Hush."}).encode())
    head = f"content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}\r\nset-cookie: a=b"
    live = Raw(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body)
    with recording_proxy(host, "clado", live.url, tmp_path, Clock("manual", start=EPOCH)) as url:
        answer = httpx.get(f"{url}{JOBS['clado']}/j-1", headers={"Authorization": "Bearer lk_me"}, trust_env=False)
    live.close()
    assert (answer.headers["content-encoding"], answer.json()["message"]) == ("gzip", "Hush.")
    assert answer.headers["set-cookie"] == "a=b"
    assert b"accept-encoding: gzip, deflate" in live.received.lower()
    written = (tmp_path / "job-1.yaml").read_text()
    assert "status: searching" in written
    assert not any(secret in path.read_text() for path in tmp_path.iterdir() for secret in ("Hush", "j-1\"", "a=b"))


@pytest.mark.parametrize("framing", ["content-length: 2\r\n", ""])
def test_nonstandard_status(framing: str, host: Host, tmp_path: Path) -> None:
    """A nonstandard status is forwarded with its reason and its body, and is recorded."""
    live = Raw(f"HTTP/1.1 999 Odd\r\nx-own: 1\r\nconnection: close\r\n{framing}\r\nno".encode())
    listener, lines = passing(host, live.url, tmp_path)
    answer = httpx.get(f"{listener.url}{JOBS['clado']}/j-1", headers={"Authorization": "Bearer lk_me"}, trust_env=False)
    live.close()
    assert (answer.status_code, answer.reason_phrase, answer.headers["x-own"], answer.text) == (999, "Odd", "1", "no")
    assert [from_line(line).status for line in lines.read_bytes().splitlines()] == [999]
    assert listener.errors == []


def test_options_asterisk(host: Host, tmp_path: Path) -> None:
    """`OPTIONS *` is forwarded unchanged, and so is its answer."""
    live = Raw(b"HTTP/1.1 204 None\r\nallow: GET\r\n\r\n")
    listener, _ = passing(host, live.url, tmp_path)
    with socket.create_connection(("127.0.0.1", listener.port), timeout=HANGS) as client:
        client.sendall(b"OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = client.recv(1 << 16)
    live.close()
    assert live.received.startswith(b"OPTIONS * HTTP/1.1\r\n")
    assert answer.startswith(b"HTTP/1.1 204 ")


@pytest.mark.parametrize("implementation", ["httptools", "h11"])
def test_a_start_that_offers_another_protocol(implementation: str, host: Host, tmp_path: Path) -> None:
    """The body of a start with `Upgrade` reaches the live API, without the headers of the offer."""
    live = Raw(b'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
    scenarios, lines = ScenarioFolder(tmp_path, print), LinesFile(tmp_path / "l", print)
    recorder = Recorder(apis.load("clado"), scenarios, print, lines=lines)
    proxy = Proxy(apis.load("clado"), Upstream(live.url), recorder, Clock("manual", start=EPOCH))
    listener = host.open(proxy, http=implementation)
    offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
    start = '{"query": "chemists"}'
    head = f"POST {JOBS['clado']} HTTP/1.1\r\nHost: x\r\n{offer}Content-Length: {len(start)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", listener.port), timeout=HANGS) as client:
        client.sendall(head.encode() + start.encode())
        answer = client.recv(1 << 16)
    live.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert live.received.endswith(b"\r\n\r\n" + start.encode())
    assert not any(name in live.received.lower() for name in (b"upgrade", b"http2-settings"))


@pytest.mark.parametrize(
    ("live", "url", "seen"),
    [
        ("https://live.invalid", "https://live.invalid/jobs/1", "http://proxy:1/jobs/1"),
        ("https://live.invalid:443", "https://live.invalid/jobs/1", "http://proxy:1/jobs/1"),
        ("https://live.invalid/v1/", "https://live.invalid/v1/jobs/1?a=%20b", "http://proxy:1/jobs/1?a=%20b"),
        ("https://live.invalid/v1", "https://live.invalid/v12/jobs/1", None),
        ("https://live.invalid", "https://other.invalid/jobs/1", None),
        ("https://live.invalid", "https://live.invalid:8443/jobs/1", None),
        ("https://live.invalid", "/jobs/1", None),
        ("https://live.invalid", "https://live.invalid:x/", None),
    ],
)
def test_urls_of_the_live_host_lead_to_the_proxy(live: str, url: str, seen: str | None) -> None:
    """A URL that the proxy serves is that of the proxy for its client. Any other one is as the live host gave it."""
    assert Upstream(live).url_at(url, "http://proxy:1") == (seen or url)
