"""`jobmock ready` waits for a server, and its exit code says whether one is ready."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tests.free_ports import free_port
from tests.support import call, served

from jobmock import __version__


def has_ipv6() -> bool:
    """Return whether this machine has the loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has all of 127.0.0.0/8.")
WITH_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="This machine has no IPv6.")


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """Yield the address of a server that gives one answer after another, and the last one again and again."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_ready_server(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is ready: 0, and a line with its address and version, with a token or a slash at the end too."""
    with served("--control-token", "secret") as server:
        for url in (server.url, f"{server.url}/"):
            line = f"{server.url} is ready: jobmock {__version__}\n"
            assert call(capsys, "ready", "--url", url) == (0, line, "")


def test_https_needs_no_certificate(capsys: pytest.CaptureFixture[str]) -> None:
    """A server with a certificate that nobody trusts is ready as well."""
    with served("--tls") as server:
        assert server.url.startswith("https:")
        assert call(capsys, "ready", "--url", server.url).code == 0


@pytest.mark.parametrize(
    ("variables", "flags"),
    [
        ({}, ()), ({"CONTROL_PORT": "{}", "PORT": "1"}, ()), ({"TLS": "1"}, ("--tls",)), ({"TLS": "off"}, ()),
        ({"HOST": "0.0.0.0"}, ("--host", "0.0.0.0")), ({"HOST": "localhost"}, ()),
        pytest.param({"HOST": "127.0.0.2"}, ("--host", "127.0.0.2"), marks=ON_LINUX),
        pytest.param({"HOST": "::1"}, ("--host", "::1"), marks=WITH_IPV6),
        pytest.param({"HOST": "::"}, ("--host", "::"), marks=WITH_IPV6),
    ],
    ids=["port", "control port", "TLS", "no TLS", "all", "name", "other loopback", "IPv6", "all of IPv6"],
)  # fmt: skip
def test_own_server_is_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], flags: tuple[str]
) -> None:
    """Without --url, the variables of `serve` say where the server is, as a container has them."""
    with served(*flags, "--control-token", "secret") as server:
        for name, value in {"PORT": "{}", **variables}.items():
            monkeypatch.setenv(f"JOBMOCK_SERVE_{name}", value.format(server.ready["port"]))
        assert call(capsys, "ready").code == 0


@pytest.mark.parametrize(("variable", "value"), [("PORT", "0"), ("PORT", "many"), ("HOST", "a b/")])
def test_variables_that_give_no_address(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Variables that name no port or host give a usage error about them, and not about a --url that nobody gave."""
    monkeypatch.setenv(f"JOBMOCK_SERVE_{variable}", value)
    called = call(capsys, "ready")
    assert called.code == 2
    assert called.err.startswith("jobmock: The address that the variables of serve name is 'http://")


def test_server_that_comes_later(capsys: pytest.CaptureFixture[str]) -> None:
    """With --wait it sends requests until the server is ready."""
    body = b'{"status": "ok", "version": "9.9"}'
    with answering((503, b""), (404, b"{}"), (200, b"Welcome"), (200, body)) as url:
        called = call(capsys, "ready", "--url", url, "--wait", "60")
    assert called == (0, f"{url} is ready: jobmock 9.9\n", "")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((503, b""), "it answers 503"),
        ((200, b"Welcome"), "what answers there isn't jobmock"),
        ((200, b'["status"]'), "what answers there isn't jobmock"),
        ((200, b'{"status": "starting", "version": "1"}'), "what answers there isn't jobmock"),
    ],
)
def test_what_is_not_ready(capsys: pytest.CaptureFixture[str], answer: tuple[int, bytes], why: str) -> None:
    """Any other answer than that of a ready server: 3, and a sentence that says why."""
    with answering(answer) as url:
        assert call(capsys, "ready", "--url", url) == (3, "", f"jobmock: {url} isn't ready: {why}.\n")


def test_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing listens: 3, at once, or after the time that --wait gives."""
    url = f"http://127.0.0.1:{free_port()}"
    assert call(capsys, "ready", "--url", url) == (3, "", f"jobmock: {url} isn't ready: Connection refused.\n")
    began = time.monotonic()
    called = call(capsys, "ready", "--url", url, "--wait", "0.3")
    assert called == (3, "", f"jobmock: {url} isn't ready after 0.3 s: Connection refused.\n")
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8087", "ftp://x", "http://", "http://x:99999", "http://[::1", "http://a b", "http://x/a b", ""]
)
def test_wrong_address(capsys: pytest.CaptureFixture[str], url: str) -> None:
    """What is no address of http or https is a usage error that shows how one is written."""
    called = call(capsys, "ready", "--url", url)
    assert (called.code, called.out) == (2, "")
    assert called.err == f"jobmock: --url is {url!r}. Give --url like http://127.0.0.1:8087.\n"
