"""Modules http, urllib and socketserver: clients of a mock that hangs, servers of the client, outside servers."""

from __future__ import annotations

import http.client
import http.server
import socketserver
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.virtual.matrix.cell_run import HANGS, KEY, CellRun
from tests.virtual.matrix.cells import Exact, Real, construct

SERVER = Real("a server other than the mock", 1.4)
BODY = b'{"query": "x"}'


def _open(url: str, timeout: float | None = None, data: bytes | None = None) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, data=data, headers=KEY), timeout=timeout) as answer:
        return int(answer.status)


@construct(Exact(30), scenario=HANGS)
def client(cell: CellRun) -> None:
    """`HTTPConnection(timeout=30)`, a mock that hangs"""
    connection = http.client.HTTPConnection("127.0.0.1", cell.port, timeout=cell.scale(30))
    connection.request("POST", "/api/search/deep_research", BODY, KEY)
    try:
        connection.getresponse()
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(30), scenario=HANGS)
def urlopen(cell: CellRun) -> None:
    """`urlopen(timeout=30)`, a mock that hangs"""
    try:
        _open(cell.job_url, cell.scale(30), BODY)
        cell.expect(False, "no timeout")
    except (TimeoutError, urllib.error.URLError):
        pass


class _Slow(http.server.BaseHTTPRequestHandler):
    seconds = 60.0

    def do_GET(self) -> None:
        time.sleep(self.seconds)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def _serving(cell: CellRun, kind: type[http.server.HTTPServer]) -> Iterator[str]:
    handler = type("Handler", (_Slow,), {"seconds": cell.scale(60)})
    with kind(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"


@construct(Exact(60))
def server(cell: CellRun) -> None:
    """`HTTPServer` in a thread, whose handler sleeps 60 s"""
    with _serving(cell, http.server.HTTPServer) as url:
        cell.expect(_open(url) == 200, "another answer")


@construct(Exact(60))
def threading_server(cell: CellRun) -> None:
    """`ThreadingHTTPServer` in a thread, whose handlers sleep 60 s, asked twice at once"""
    with _serving(cell, http.server.ThreadingHTTPServer) as url:
        threads = [threading.Thread(target=_open, args=(url,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@construct(Exact(62))
def server_too_slow(cell: CellRun) -> None:
    """`HTTPServer` in a thread, asked with `timeout=12`, then 50 s"""
    with _serving(cell, http.server.HTTPServer) as url:
        try:
            _open(url, cell.scale(12))
            cell.expect(False, "no timeout")
        except (TimeoutError, urllib.error.URLError):
            time.sleep(cell.scale(50))


@construct(Exact(5))
def shutdown(cell: CellRun) -> None:
    """`serve_forever(poll_interval=5)` in a thread, `shutdown()` after 2 s"""
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        threading.Thread(target=server.serve_forever, args=(cell.scale(5),), daemon=True).start()
        time.sleep(cell.scale(2))
        server.shutdown()


@construct(Exact(12, more=0.001))
def handle_request(cell: CellRun) -> None:
    """`handle_request()`, `timeout = 12`, nobody asks"""
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        server.timeout = cell.scale(12)
        server.handle_request()


@construct(SERVER, tools=frozenset({"thread_server"}))
def foreign(cell: CellRun) -> None:
    """`urlopen(timeout=10)`, a server of an older thread that needs 1.4 real s"""
    cell.expect(_open(f"{cell.outside_url}/1.4", 10) == 200, "another answer")


@construct(SERVER, tools=frozenset({"process_server"}))
def foreign_process(cell: CellRun) -> None:
    """`urlopen(timeout=10)`, a server of another process that needs 1.4 real s"""
    cell.expect(_open(f"{cell.outside_url}/1.4", 10) == 200, "another answer")


@construct(Real("a timeout on a server other than the mock", 0.5), tools=frozenset({"process_server"}))
def foreign_too_slow(cell: CellRun) -> None:
    """`urlopen(timeout=0.5)`, a server of another process that needs longer"""
    try:
        _open(f"{cell.outside_url}/30", 0.5)
        cell.expect(False, "no timeout")
    except (TimeoutError, urllib.error.URLError):
        pass
