"""What readers of the stream of events add to a poll: processor time of one server, with them and without, in turns."""

from __future__ import annotations

import selectors
import socket
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks import cases, load, subjects
from tests.benchmarks.cases import CASES
from tests.benchmarks.intervals import interval
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.subjects import OWN, Running

READERS = 20
MOST = 1.03
"""The most that a poll may take with the readers, as a multiple of one without them."""
_SECONDS = 2.0
_REQUEST = b"GET /__jobmock/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_CASE = next(case for case in CASES if case.name == "pending")


def run(rounds: int = 12) -> dict[str, float]:
    """Print and return how many times as long a poll takes. Raises SystemExit above the limit."""
    ratios = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        server = stack.enter_context(subjects.running(subjects.subjects()[OWN], Path(name)))
        cases.prepare(server.url)
        _cost(server)
        for turn in range(rounds):
            found: dict[bool, float] = {}
            for is_read in (True, False) if turn % 2 else (False, True):
                with _readers(server.url, READERS if is_read else 0):
                    found[is_read] = _cost(server)
            ratios.append(found[True] / found[False])
            print(f"{found[False]:.1f} µs without, {found[True]:.1f} µs with readers: {ratios[-1]:.3f}", flush=True)
    taken = interval(ratios)
    print(f"a poll takes {taken} times as long with {READERS} readers, {rounds} rounds, limit {MOST}")
    if taken.low > MOST:
        raise SystemExit(f"{READERS} readers of events cost a poll more than {MOST} times as much.")
    return {f"poll with {READERS} readers, of one without": round(statistics.median(ratios), 4)}


def _cost(server: Running) -> float:
    """Return the processor time of a poll in microseconds."""
    before = cpu_seconds(server.pid)
    count = load.measure(server.url + _CASE.target, _CASE.headers, _SECONDS).requests
    return (cpu_seconds(server.pid) - before) / count * 1e6


@contextmanager
def _readers(url: str, count: int) -> Iterator[None]:
    """Keep so many streams open and read them, for the length of a `with` block. Each has got its first event."""
    address, has_ended = urlsplit(url), threading.Event()
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        for _ in range(count):
            connection = socket.create_connection((address.hostname or "", address.port or 0), timeout=10)
            stack.enter_context(connection)
            connection.sendall(_REQUEST)
            received = b""
            while b"data: " not in received:
                received += connection.recv(65_536)
            selector.register(connection, selectors.EVENT_READ)
        thread = threading.Thread(target=_read_all, args=(selector, has_ended))
        thread.start()
        try:
            yield
        finally:
            has_ended.set()
            thread.join()


def _read_all(selector: selectors.BaseSelector, has_ended: threading.Event) -> None:
    while not has_ended.is_set():
        for key, _ in selector.select(0.1) if selector.get_map() else []:
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            connection.recv(1 << 20)
        if not selector.get_map():
            has_ended.wait(0.1)
