"""Each wire fault over https is what it is over http: for httpx, for two clients of Node, and to the byte."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.server.faulty_servers import Running, advance, bearer, faulty, received, serving
from tests.support import HANGS, part

from jobmock.catalogue import Catalogue
from jobmock.server.certificates import authority_pem

NODE = shutil.which("node")
PATIENCE, PATIENT = 0.3, 60.0
WHOLE, HALF, EMPTY, PAGE = "whole", "half", "empty", "whole, as a web page"
CLIENTS = ["httpx", "fetch", "node"]
LATE = {"httpx": "ReadTimeout", "fetch": "TimeoutError", "node": "TimeoutError"}
RESET = {"httpx": "ReadError", "fetch": "ECONNRESET", "node": "ECONNRESET"}
CUT = {"httpx": "ReadError", "fetch": "terminated", "node": "ECONNRESET"}
SHORT = {"httpx": "RemoteProtocolError", "fetch": "terminated", "node": "ECONNRESET"}
ENDED = {"httpx": "RemoteProtocolError", "fetch": "UND_ERR_SOCKET", "node": "ECONNRESET"}
NO_HTTP = {"httpx": "RemoteProtocolError", "fetch": "HPE_INVALID_CONSTANT", "node": "HPE_INVALID_CONSTANT"}

FAULTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "before_response": ({"disconnect": "before_response"}, ENDED),
    "reset": ({"disconnect": "reset"}, RESET),
    "mid_body": ({"disconnect": "mid_body"}, CUT),
    "short_body": ({"corrupt": "short_body"}, SHORT),
    "garbage": ({"corrupt": "garbage"}, NO_HTTP),
    "truncated_json": ({"corrupt": "truncated_json"}, dict.fromkeys(CLIENTS, HALF)),
    "empty_body": ({"corrupt": "empty_body"}, dict.fromkeys(CLIENTS, EMPTY)),
    "wrong_content_type": ({"corrupt": "wrong_content_type"}, dict.fromkeys(CLIENTS, PAGE)),
    "hang": ({"hang": True}, LATE),
    "drip": ({"drip": {"bytes": 700, "every": "2s"}}, dict.fromkeys(CLIENTS, WHOLE)),
    "delay": ({"delay": "3s"}, dict.fromkeys(CLIENTS, WHOLE)),
    "late_reset": ({"delay": "3s", "disconnect": "reset"}, RESET),
    "late_half": ({"delay": "3s", "corrupt": "truncated_json"}, dict.fromkeys(CLIENTS, HALF)),
}
SERVERS = [("httptools", "auto"), ("httptools", "asyncio"), ("h11", "auto")]
"""Each protocol implementation, and each event loop."""
Ask = Callable[[str, str, float], Any]


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Running]:
    """A server of each protocol implementation."""
    with serving(request.param, "auto", catalogue) as running:
        yield running


@pytest.fixture(scope="module", params=SERVERS, ids="-".join)
def bare(request: pytest.FixtureRequest, catalogue: Catalogue) -> Iterator[Running]:
    """A server of each protocol implementation and on each event loop."""
    http, loop = request.param
    with serving(http, loop, catalogue) as running:
        yield running


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that clients must trust."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    path.write_bytes(authority_pem())
    return path


@pytest.fixture(scope="module")
def ask(authority: Path) -> Iterator[dict[str, Ask]]:
    """A function for each client that is installed, which returns what the client saw."""
    context = ssl.create_default_context(cafile=authority)

    async def get(url: str, key: str, patience: float) -> Any:
        try:
            async with httpx.AsyncClient(verify=context, trust_env=False, timeout=patience) as client:
                answer = await client.get(url, headers=bearer(key))
        except httpx.HTTPError as error:
            return type(error).__name__
        return [answer.status_code, answer.headers["content-type"], answer.text]

    clients: dict[str, Ask] = {"httpx": lambda *asked: asyncio.run(get(*asked))}
    if NODE is None:
        yield clients
        return
    script = Path(__file__).with_name("fault_client.mjs")
    environment = {"PATH": "", "NODE_EXTRA_CA_CERTS": str(authority)}
    with subprocess.Popen(
        [NODE, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:

        def by_node(client: str) -> Ask:
            def by(url: str, key: str, patience: float) -> Any:
                assert process.stdin and process.stdout
                asked = {"client": client, "url": url, "headers": bearer(key), "patience": round(1000 * patience)}
                print(json.dumps(asked), file=process.stdin, flush=True)
                return json.loads(process.stdout.readline())

            return by

        yield {**clients, "fetch": by_node("fetch"), "node": by_node("node")}
        assert process.stdin
        process.stdin.close()
        process.wait(HANGS)


@pytest.mark.parametrize(
    ("fault", "client", "served"), part(product(FAULTS, CLIENTS, ("httptools", "h11")), 5), indirect=["served"]
)
def test_a_fault_is_the_same_over_https(served: Running, ask: dict[str, Ask], fault: str, client: str) -> None:
    """A client sees of each fault over https exactly what it sees over http: that of the table."""
    if client not in ask:
        pytest.skip("Node isn't installed.")
    script, outcomes = FAULTS[fault]
    for scheme in ("http", "https"):
        key, url = faulty(served, script)
        with ThreadPoolExecutor(1) as pool:
            patience = PATIENCE if fault == "hang" else PATIENT
            first = pool.submit(ask[client], served.over(scheme, url), key, patience)
            received(served, key, 2)
            if "delay" in script or "drip" in script:
                advance(served, key, 3600)
            seen = first.result(HANGS)
        whole = ask[client](served.over(scheme, url), key, PATIENT)
        assert whole[0] == 200 and json.loads(whole[2])["status"] == "completed"
        assert seen == as_seen(outcomes[client], whole), scheme
        assert served.mock.namespace("clado", key).journal.count == 3
    served.idle()


def as_seen(word: str, whole: list[Any]) -> Any:
    """Return what a client must see: the name of an error, or the answer changed as the word says."""
    status, kind, text = whole
    half = text.encode()[: len(text.encode()) // 2].decode(errors="replace")
    return {
        WHOLE: whole,
        HALF: [status, kind, half],
        EMPTY: [status, kind, ""],
        PAGE: [status, "text/html; charset=utf-8", text],
    }.get(word, word)


class Raw:
    """A connection with TLS that has sent one request. TLS is in memory: Python's own sockets with TLS hide an RST."""

    def __init__(self, running: Running, url: str, key: str, buffer: int | None = None) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(HANGS)
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect((running.host, running.tls_port))
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cadata=authority_pem().decode())
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=running.host)
        self._do(self._tls.do_handshake)
        path = url.removeprefix(running.url)
        lines = [f"GET {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {key}", "Connection: close", "", ""]
        self._do(lambda: self._tls.write("\r\n".join(lines).encode()))

    def _do(self, call: Callable[[], Any]) -> Any:
        while True:
            try:
                return call()
            except ssl.SSLWantReadError:
                pass
            finally:
                if sent := self._outgoing.read():
                    self.socket.sendall(sent)
            if not (data := self.socket.recv(1 << 16)):
                raise EOFError
            self._incoming.write(data)

    def rest(self) -> tuple[bytes, str]:
        """Read to the end; return the body, and how the connection ended."""
        data, end = b"", "in order"
        try:
            while piece := self._do(lambda: self._tls.read(1 << 16)):
                data += piece
        except EOFError:
            end = "FIN"
        except ConnectionResetError:
            end = "RST"
        return data.partition(b"\r\n\r\n")[2], end


@contextmanager
def connected(running: Running, url: str, key: str, buffer: int | None = None) -> Iterator[Raw]:
    """Send one request over TLS; the connection is closed at the block's end; `buffer` is its own in bytes."""
    connection = Raw(running, url, key, buffer)
    try:
        yield connection
    finally:
        connection.socket.close()


ENDS = [
    ({"disconnect": "before_response"}, "FIN", 0),
    ({"disconnect": "reset"}, "RST", 0),
    ({"corrupt": "short_body"}, "FIN", 2),
    ({"disconnect": "mid_body"}, "RST", 2),
    ({"corrupt": "wrong_content_type"}, "in order", 1),
]


@pytest.mark.parametrize(("number", "bare"), part(product(range(len(ENDS)), SERVERS), 2), indirect=["bare"])
def test_the_end_of_a_connection_over_tls(bare: Running, number: int) -> None:
    """A reset is an RST; a cut answer ends without close_notify, after exactly its half; others end in order."""
    fault, end, divisor = ENDS[number]
    for results in (1, 1000):
        key, url = faulty(bare, fault, results={"count": results})
        with connected(bare, url, key, buffer=4096) as client:
            received(bare, key, 2)
            body, ended = client.rest()
        with connected(bare, url, key) as client:
            whole, in_order = client.rest()
        assert (ended, in_order) == (end, "in order") and json.loads(whole)["status"] == "completed"
        assert body == whole[: len(whole) // divisor if divisor else 0]
    bare.idle()


def test_many_requests_on_one_connection(bare: Running) -> None:
    """A connection with TLS is kept for later requests, and bodies of any size arrive whole."""
    key, url = faulty(bare, {"delay": "0s"}, results={"count": 300})
    context = ssl.create_default_context(cadata=authority_pem().decode())
    with httpx.Client(verify=context, trust_env=False, timeout=HANGS, headers=bearer(key)) as client:
        answers = {client.get(bare.over("https", url)).content for _ in range(5)}
        long = client.post(f"https://{bare.host}:{bare.tls_port}/api/search/deep_research", content=b"x" * 900_000)
    assert len(answers) == 1 and long.status_code == 422
    connections = {exchange.connection for exchange in bare.mock.namespace("clado", key).journal}
    assert len(connections) == 2, "One of the test's own start without a socket, and one of the client."


def test_what_is_no_tls_is_refused(bare: Running) -> None:
    """A client without TLS, or one that doesn't trust the authority, loses its connection, and others are served."""
    with socket.create_connection((bare.host, bare.tls_port), HANGS) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not plain.recv(1000).startswith(b"HTTP")
    with socket.create_connection((bare.host, bare.tls_port), HANGS) as plain, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(plain, server_hostname=bare.host)
    key, url = faulty(bare, {"delay": "0s"})
    with connected(bare, url, key) as client:
        assert client.rest()[1] == "in order"
