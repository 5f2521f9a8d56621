"""The run of one cell: its clock, its mock, other servers, older threads, and what is checked in it."""

from __future__ import annotations

import asyncio
import ctypes
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.support import EPOCH, scenario
from tests.virtual.matrix.cells import OLDER_SCALE, Construct
from tests.virtual.matrix.outside_servers import process_server, thread_server

from jobmock.clock import SECOND, Clock
from jobmock.virtual import Scheduler, note_request, virtual_time

KEY = {"Authorization": "Bearer lk_matrix"}
HANGS = scenario("clado", "completed", faults=[{"operation": "start", "when": {"request": 1}, "hang": True}])
REFUSES = scenario(
    "clado", "completed",
    faults=[{"operation": "start", "when": {"requests": {"from": 1, "to": 3}}, "respond": "unavailable"}],
)
ANSWERS = "clado/at-once"


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


_clock_gettime = ctypes.CDLL(None).clock_gettime


def real_seconds() -> float:
    """Return real monotonic seconds, read by the C library, which virtual time doesn't patch."""
    now = _Timespec()
    _clock_gettime(1, ctypes.byref(now))
    return float(now.seconds + now.nanoseconds / SECOND)


def processor_wait(file: str) -> float:
    """Return for how many seconds a thread had to wait for a processor; 0 if the system doesn't count them."""
    try:
        with open(file, "rb") as counts:
            return int(counts.read().split()[1]) / SECOND
    except (OSError, ValueError, IndexError):
        return 0.0


class CellRun:
    """What a construct uses; it records when the construct began and ended, on both clocks, and failed checks."""

    def __init__(self, *, virtual: bool) -> None:
        self.virtual = virtual
        self.clock = Clock("manual", start=EPOCH)
        self.url = self.outside_url = ""
        self.loop: Any = None
        self.worker_jobs: queue.Queue[Callable[[], Any] | None] = queue.Queue()
        self.worker: Any = None
        self.scheduler: Scheduler
        self.failed_checks: list[str] = []
        self.watchers: list[Any] = []
        self.began: tuple[int, float] | None = None
        self.ended: tuple[int, float] | None = None
        self.processor_wait = 0.0

    @property
    def job_url(self) -> str:
        """The mock's URL to start a job."""
        return f"{self.url}/api/search/deep_research"

    @property
    def port(self) -> int:
        """The mock's port."""
        return int(self.url.rpartition(":")[2])

    def scale(self, seconds: float) -> float:
        """Return so many seconds, or a hundredth of them in a thread that is older than virtual time."""
        return seconds if self.virtual else seconds * OLDER_SCALE

    def begin(self) -> None:
        """Record both clocks; the time of the construct counts from here."""
        self.began = self.clock.elapsed, real_seconds()

    def end(self) -> None:
        """Record both clocks, and how long this thread had to wait for a processor."""
        self.ended = self.clock.elapsed, real_seconds()
        self.processor_wait += processor_wait("/proc/thread-self/schedstat")

    def expect_seconds(self, found: float, seconds: float) -> None:
        """Check that the difference of two readings is so many seconds; in real time, about so many."""
        least = self.scale(seconds)
        if found != seconds if self.virtual else not least * 0.9 <= found <= least + 3:
            self.failed_checks.append(f"read {found!r} s instead of {least:g}")

    def expect_about(self, found: float, seconds: float) -> None:
        """Check the difference of two readings of whole seconds."""
        if abs(found - self.scale(seconds)) > (0 if self.virtual else 3):
            self.failed_checks.append(f"read {found!r} s instead of {self.scale(seconds):g}")

    def expect(self, condition: object, message: str) -> None:
        """Check a condition; the message says what is wrong."""
        if not condition:
            self.failed_checks.append(message)

    def run_after(self, seconds: float, function: Callable[[], Any]) -> threading.Thread:
        """Call a function in a thread, so many seconds from now."""

        def run() -> None:
            time.sleep(self.scale(seconds))
            function()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread


@contextmanager
def prepare(construct: Construct, *, virtual: bool) -> Iterator[tuple[CellRun, Any]]:
    """Prepare what a construct needs; yield its run, and a context manager in which time is virtual."""
    cell = CellRun(virtual=virtual)
    with ExitStack() as stack:
        settings = _serve_mock(cell, construct.scenario)
        if "thread_server" in construct.tools:
            cell.outside_url = stack.enter_context(thread_server())
        if "process_server" in construct.tools:
            cell.outside_url = stack.enter_context(process_server())
        if "loop" in construct.tools:
            cell.loop = _running_loop()
        if "worker" in construct.tools:
            cell.worker = threading.Thread(target=_run_jobs, args=(cell.worker_jobs,), daemon=True)
            cell.worker.start()
        yield cell, _virtual_time(cell, settings)


@contextmanager
def _virtual_time(cell: CellRun, settings: dict[str, Any]) -> Iterator[Scheduler]:
    with virtual_time(cell.clock, **settings) as scheduler:
        cell.watchers.append(lambda request, reply: note_request(scheduler))
        yield scheduler


def _running_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


def _run_jobs(jobs: queue.Queue[Callable[[], Any] | None]) -> None:
    """Run each job 1.4 seconds after it is put; None ends the worker, also 1.4 seconds later."""
    while True:
        function = jobs.get()
        time.sleep(1.4)
        if function is None:
            return
        function()


def _serve_mock(cell: CellRun, scenario: Any) -> dict[str, Any]:
    """Serve a scenario, and return the arguments that virtual time needs for the server."""
    if scenario is None:
        return {}
    from jobmock.catalogue import Catalogue
    from jobmock.engine.namespace import Namespaces
    from jobmock.server.app import create_app
    from jobmock.server.listeners import Host
    from jobmock.service.service import Service

    catalogue, host = Catalogue(), Host()
    plan = catalogue.resolve(scenario, "clado")
    service = Service(catalogue, Namespaces(clock=lambda: cell.clock), plans={"clado": plan})
    cell.watchers, app = service.watchers, create_app(service)
    listener = host.open(app)
    cell.url = listener.url

    def settle() -> object:
        return host.settle_while(lambda: app.held_answers.busy > 0)

    return {"wait_until_idle": settle, "ports": {listener.port}, "server_sockets": host.ends}
