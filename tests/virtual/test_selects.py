"""A small server in a thread of the client waits for requests and doesn't keep virtual time from moving."""

from __future__ import annotations

import http.server
import selectors
import socket
import socketserver
import threading
import time
from typing import Any

import httpx
import pytest
from tests.virtual.conftest import VirtualTime


class Slow(http.server.BaseHTTPRequestHandler):
    """Answers after 3 s."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(3)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.mark.parametrize("kind", [http.server.HTTPServer, http.server.ThreadingHTTPServer])
def test_serve_forever(virtual: VirtualTime, kind: type[socketserver.TCPServer]) -> None:
    """A socketserver in a thread answers its client in virtual time, and time moves on while it is idle."""
    with kind(("127.0.0.1", 0), Slow) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with httpx.Client(timeout=5, base_url=f"http://127.0.0.1:{server.server_address[1]}") as client:
            assert client.get("/").status_code == 204 and virtual.now == 3
            time.sleep(600)
            assert client.get("/").status_code == 204 and virtual.now == 606
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", [selectors.DefaultSelector, selectors.PollSelector, selectors.SelectSelector])
def test_selectors(virtual: VirtualTime, kind: Any) -> None:
    """A selector's timeout is virtual, and received data ends its wait, the first time and later."""
    one, other = socket.socketpair()
    with one, other, kind() as selector:
        selector.register(one, selectors.EVENT_READ)
        assert selector.select(7) == [] and virtual.now == 7
        threading.Timer(3, other.send, [b"x"]).start()
        assert [key.fileobj for key, _ in selector.select(7)] == [one]
        assert virtual.now == 10
        assert len(selector.select(7)) == len(selector.select(0)) == 1 and virtual.now == 10
