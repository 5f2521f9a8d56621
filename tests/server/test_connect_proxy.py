"""The proxy for clients whose code names the real hosts: what comes to the mock, what passes, and what is refused."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from tests.server.stand_ins import ANSWER, OTHER, https_server, listening, names_lead_here, read_head, user_proxy
from tests.support import HANGS, JOBS, Mock, scenario

from jobmock.server import connect_proxy
from jobmock.server.app import create_app
from jobmock.server.certificates import authority_pem
from jobmock.server.connect_proxy import ConnectProxy, open_connect_proxy
from jobmock.server.listeners import Host, Listener

CLADO, ORBIT = "search.clado.ai", "api.orbitsearch.com"
KEY = "lk_proxy"
RESET = struct.pack("ii", 1, 0)


class Site:
    """A mock, and a host that serves it and its proxies."""

    def __init__(self, mock: Mock) -> None:
        self.mock, self.host = mock, Host()
        self.listener: Listener = self.host.open(create_app(mock.service))

    def proxy(self, environment: Mapping[str, str] | None = None, **more: Any) -> ConnectProxy:
        return open_connect_proxy(self.host, self.listener, environment or {}, **more)


@pytest.fixture
def site(mock: Mock) -> Iterator[Site]:
    """A mock that is served."""
    site = Site(mock)
    yield site
    assert site.listener.errors == []
    site.host.end()


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority_pem().decode())


def through(proxy: ConnectProxy, **more: Any) -> httpx.Client:
    """Return a client of a proxy."""
    headers = {"authorization": f"Bearer {KEY}"}
    return httpx.Client(
        proxy=proxy.url, verify=trusting(), timeout=HANGS, headers=headers, trust_env=False, **more
    )  # fmt: skip


@contextmanager
def tunnel(proxy: ConnectProxy, place: str, first: bytes = b"") -> Iterator[tuple[socket.socket, bytes]]:
    """Ask for a tunnel, and send something with the request; yield the connection, and the answer's head."""
    with socket.create_connection(("127.0.0.1", proxy.port), HANGS) as connection:
        connection.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode() + first)
        yield connection, read_head(connection)


@pytest.mark.parametrize("host", [CLADO, ORBIT, "Search.Clado.AI"])
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("no_network", [True, False])
def test_real_hosts_come_to_the_mock(site: Site, host: str, scheme: str, no_network: bool) -> None:
    """A call to a real host is answered by the mock, over https and http, with and without a network."""
    proxy = site.proxy(no_network=no_network)
    with through(proxy) as client:
        answers = [client.get(f"{scheme}://{host}/api/credits?number={number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    journal = site.mock.namespace("clado", KEY).journal
    assert [(one.path, one.query) for one in journal] == [("/api/credits", f"number={n}") for n in range(3)]
    assert not proxy.refused


def test_one_connection_for_many_requests(site: Site) -> None:
    """A tunnel to the mock is kept for later requests, and is one connection for the rules."""
    with through(site.proxy()) as client:
        for _ in range(3):
            assert client.get(f"https://{CLADO}/api/credits").status_code == 200
    assert len({one.connection for one in site.mock.namespace("clado", KEY).journal}) == 1


FAULTS = [
    ({"disconnect": "before_response"}, "RemoteProtocolError"),
    ({"disconnect": "reset"}, "ReadError"),
    ({"disconnect": "mid_body"}, "ReadError"),
    ({"corrupt": "short_body"}, "RemoteProtocolError"),
    ({"corrupt": "garbage"}, "RemoteProtocolError"),
]


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=str)
def test_faults_reach_the_client(site: Site, fault: Any, error: str, scheme: str) -> None:
    """A wire fault is seen through the proxy as it is without one."""
    job = site.mock.play("clado", scenario("clado", "completed", faults=[{"when": {"request": 1}, **fault}]), KEY)
    url = f"{scheme}://{CLADO}{JOBS['clado']}/{job}"
    proxy = site.proxy()

    async def poll() -> Any:
        headers = {"authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(
            proxy=proxy.url, verify=trusting(), headers=headers, trust_env=False, timeout=HANGS
        ) as client:
            with pytest.raises(httpx.HTTPError) as caught:
                await client.get(url)
            return type(caught.value).__name__, (await client.get(url)).json()["status"]

    assert asyncio.run(poll()) == (error, "completed")


def test_requests_of_one_connection_go_where_they_say(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TLS, each request goes to the host in its target, though a client uses one connection for all."""
    names_lead_here(monkeypatch)
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heads.append(read_head(connection))
        connection.sendall(ANSWER)

    with listening(serve) as port, through(site.proxy()) as client:
        assert client.get(f"http://{CLADO}/api/credits").status_code == 200
        assert client.get(f"http://{OTHER}:{port}/a?b=c").text == "stood in\n"
        assert client.get(f"http://{CLADO}/api/credits").status_code == 200
        assert client.post(f"http://{OTHER}:{port}", content=b"x").text == "stood in\n"
    assert [head.split(b"\r\n")[0] for head in heads] == [b"GET /a?b=c HTTP/1.1", b"POST / HTTP/1.1"]
    assert all(b"Connection: close" in head and b"proxy-" not in head.lower() for head in heads)
    assert site.mock.namespace("clado", KEY).journal.count == 2


def test_another_host_passes_unchanged(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call to another host reaches that host, with its own certificate."""
    looked_up = names_lead_here(monkeypatch)
    with https_server() as port, through(site.proxy()) as client:
        assert client.get(f"https://{OTHER}:{port}/").text == "stood in\n"
    assert OTHER in looked_up


def test_bytes_of_a_tunnel(site: Site) -> None:
    """Bytes with the request, bytes that the server sends first, and the end of one direction pass a tunnel."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"hello ")
        received = b""
        while data := connection.recv(100):
            received += data
        connection.sendall(received.upper())

    with listening(serve) as port, tunnel(site.proxy(), f"localhost:{port}", b"a") as (client, head):
        assert head.startswith(b"HTTP/1.1 200 ")
        client.sendall(b"bc")
        client.shutdown(socket.SHUT_WR)
        received = b""
        while data := client.recv(100):
            received += data
    assert received == b"hello ABC"


def test_a_reset_passes_a_tunnel(site: Site) -> None:
    """If another host resets its connection, the client's is reset."""

    def serve(connection: socket.socket) -> None:
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    with listening(serve) as port, tunnel(site.proxy(), f"127.0.0.1:{port}") as (client, _):
        client.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_memory_is_bounded(site: Site) -> None:
    """While a client doesn't read, another host can't go on sending."""
    whole, sent = 256 << 20, []

    def serve(connection: socket.socket) -> None:
        connection.settimeout(0.5)
        piece, total = bytes(1 << 20), 0
        try:
            while total < whole:
                total += connection.send(piece)
        finally:
            sent.append(total)

    with listening(serve) as port, tunnel(site.proxy(), f"127.0.0.1:{port}") as (client, _):
        while not sent:
            site.host.settle()
        assert sent[0] < whole // 2
        client.recv(1)


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_no_network(site: Site, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network, another host is refused in words that name it, and is neither looked up nor called."""
    looked_up = names_lead_here(monkeypatch)
    proxy = site.proxy(no_network=True)
    with through(proxy) as client:
        if scheme == "https":
            with pytest.raises(httpx.ProxyError, match=f"403 jobmock's proxy: '{OTHER}' is refused"):
                client.get(f"https://{OTHER}/")
        else:
            answer = client.get(f"http://{OTHER}/")
            assert answer.status_code == 403 and f"'{OTHER}' is refused" in answer.text
    assert proxy.refused == {OTHER: 1} and looked_up == []


def test_this_machine_is_no_network(site: Site) -> None:
    """Without a network, servers on this machine are still reached."""
    with listening(lambda connection: connection.sendall(ANSWER)) as port:
        for place in (f"localhost:{port}", f"127.0.0.1:{port}"):
            with tunnel(site.proxy(no_network=True), place) as (_, head):
                assert head.startswith(b"HTTP/1.1 200 ")


def test_user_proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other hosts are reached through the proxy of the environment, with its password; NO_PROXY is honoured."""
    looked_up = names_lead_here(monkeypatch)
    with https_server() as server, user_proxy(server) as (port, heads):
        own = f"http://me:p%40ss@127.0.0.1:{port}"
        proxy = site.proxy({"HTTPS_PROXY": own, "NO_PROXY": "direct.example, .local.example"})
        with through(proxy) as client:
            assert client.get(f"https://{OTHER}/").text == "stood in\n"
            assert client.get(f"https://{CLADO}/api/credits").status_code == 200
        for place in ("direct.example", "a.local.example", "localhost"):
            with tunnel(proxy, f"{place}:{server}") as (_, head):
                assert head.startswith(b"HTTP/1.1 200 ")
    credentials = b64encode(b"me:p@ss").decode()
    wanted = f"CONNECT {OTHER}:443 HTTP/1.1\r\nHost: {OTHER}:443\r\nProxy-Authorization: Basic {credentials}\r\n\r\n"
    assert heads == [wanted.encode()]
    assert set(looked_up) == {"direct.example", "a.local.example"}


def test_user_proxy_without_tls(site: Site) -> None:
    """A call to another host without TLS goes to the proxy of the environment as it came."""
    with user_proxy(0, ANSWER) as (port, heads), through(site.proxy({"http_proxy": f"127.0.0.1:{port}"})) as client:
        assert client.get(f"http://{OTHER}/a").text == "stood in\n"
    assert heads[0].startswith(f"GET http://{OTHER}/a HTTP/1.1\r\n".encode())


WRONG_PROXIES = {
    "refusing": ({}, b"HTTP/1.1 407 Who are you\r\n\r\n", "The proxy in HTTPS_PROXY, 127.0.0.1:{}, answered '407' for"),
    "silent": ({}, b"", "The proxy in HTTPS_PROXY, 127.0.0.1:{}, ended the connection for other.example:443"),
    "socks": ({"HTTPS_PROXY": "socks5://a:secret@b:1"}, b"", "HTTPS_PROXY names a proxy of the scheme 'socks5'"),
    "no address": ({"https_proxy": "http://:port"}, b"", "https_proxy in the environment is no address of a proxy"),
    "not there": ({"HTTPS_PROXY": "http://127.0.0.1:9"}, b"", "127.0.0.1:9, the proxy in HTTPS_PROXY, can't be"),
}


@pytest.mark.parametrize("name", WRONG_PROXIES)
def test_user_proxy_that_cant_be_used(site: Site, name: str) -> None:
    """If the proxy of the environment can't be used, the answer is 502 with the reason, without its password."""
    environment, answer, reason = WRONG_PROXIES[name]
    with user_proxy(0, answer) as (port, _):
        proxy = site.proxy({"HTTPS_PROXY": f"http://127.0.0.1:{port}", **environment})
        with tunnel(proxy, f"{OTHER}:443") as (connection, head):
            text = connection.makefile("rb").read().decode()
    assert head.startswith(b"HTTP/1.1 502 ") and text.startswith(f"jobmock's proxy: {reason.format(port)}")
    assert "secret" not in text


def test_host_that_cant_be_reached(site: Site) -> None:
    """If another host isn't found or doesn't listen, the answer is 502 in words that name it."""
    for place in ("127.0.0.1:9", f"{'a' * 70}.example:443"):
        with tunnel(site.proxy(), place) as (_, head):
            assert head.startswith(f"HTTP/1.1 502 jobmock's proxy: {place} can't be reached: ".encode())


REFUSED = {
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n": b"400 jobmock's proxy: This is a proxy: it takes CONNECT",
    b"GET https://search.clado.ai/ HTTP/1.1\r\n\r\n": b"400 jobmock's proxy: This is a proxy: it takes CONNECT",
    b"CONNECT search.clado.ai HTTP/1.1\r\n\r\n": b"400 jobmock's proxy: CONNECT needs a host and a port",
    b"CONNECT [::1 HTTP/1.1\r\n\r\n": b"400 jobmock's proxy: CONNECT needs a host and a port",
    b"CONNECT a:b HTTP/1.1\r\n\r\n": b"400 jobmock's proxy: CONNECT needs a host and a port",
    b"\x16\x03\x01 hello\r\n\r\n": b"400 jobmock's proxy: This is no request of HTTP/1.1.",
    b"GET http://x/ SPDY/1\r\n\r\n": b"400 jobmock's proxy: This is no request of HTTP/1.1.",
    b"GET http://x/ HTTP/1.1\r\n" + b"a" * 70_000: b"431 jobmock's proxy: The head of a request has at most 65536",
}


@pytest.mark.parametrize("request_bytes", REFUSED, ids=lambda value: repr(value[:30]))
def test_what_is_no_request_to_a_proxy(site: Site, request_bytes: bytes) -> None:
    """What isn't a request to a proxy is refused in words, and the connection ends."""
    with socket.create_connection(("127.0.0.1", site.proxy().port), HANGS) as connection:
        connection.sendall(request_bytes)
        received = b""
        while data := connection.recv(1000):
            received += data
    assert received.startswith(b"HTTP/1.1 " + REFUSED[request_bytes])


def test_limits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that doesn't come ends the connection, and so does a connection above the limit."""
    monkeypatch.setattr(connect_proxy, "_HEAD_SECONDS", 0.05)
    monkeypatch.setattr(connect_proxy, "_MOST_CONNECTIONS", 1)
    proxy = site.proxy()
    with ExitStack() as stack:
        first, second = [
            stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port), HANGS)) for _ in range(2)
        ]
        assert {read_head(each)[:12] for each in (first, second)} == {b"HTTP/1.1 408", b"HTTP/1.1 503"}


def test_it_ends_with_its_server(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shutting a proxy ends its tunnels, those that are being made too, and waits for no look-up."""
    proxy, looked_up, goes_on = site.proxy(), threading.Event(), threading.Event()

    def look_up(*args: Any, **more: Any) -> Any:
        looked_up.set()
        goes_on.wait(HANGS)
        raise OSError("too late")

    with (
        listening(read_head) as port,
        tunnel(proxy, f"127.0.0.1:{port}") as (client, _),
        socket.create_connection(("127.0.0.1", proxy.port), HANGS) as waiting,
    ):
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        waiting.sendall(b"CONNECT slow.example:443 HTTP/1.1\r\n\r\n")
        assert looked_up.wait(HANGS)
        site.host.shut(proxy)
        assert not proxy.connected
        assert (client.recv(1), waiting.recv(1)) == (b"", b"")
        goes_on.set()


def test_it_listens_on_loopback_alone(site: Site) -> None:
    """Other machines can't reach the proxy."""
    assert site.proxy().url.startswith("http://127.0.0.1:")
    assert site.proxy().socket.getsockname()[0] == "127.0.0.1"
