"""What a construct stands on: the clock, a mock, somebody else's server, a thread that was there before."""

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
from tests.virtual.matrix.cells import SCALE, Construct
from tests.virtual.matrix.foreign import served_by_a_process, served_by_a_thread

from jobmock.clock import SECOND, Clock
from jobmock.virtual import Scheduler, note_request, virtual_time

KEY = {"Authorization": "Bearer lk_matrix"}
HANGS = scenario("clado", "completed", faults=[{"operation": "start", "when": {"request": 1}, "hang": True}])
REFUSES = scenario(
    "clado", "completed", faults=[{"operation": "start", "when": {"requests": [1, 3]}, "respond": "unavailable"}]
)
ANSWERS = "clado/at-once"


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


_clock_gettime = ctypes.CDLL(None).clock_gettime


def really() -> float:
    """Return real seconds, read where no stand-in can be."""
    now = _Timespec()
    _clock_gettime(1, ctypes.byref(now))
    return float(now.seconds + now.nanoseconds / SECOND)


def withheld(file: str) -> float:
    """Return for how many seconds a thread had to wait for a processor; 0 where nobody counts them."""
    try:
        with open(file, "rb") as counts:
            return int(counts.read().split()[1]) / SECOND
    except (OSError, ValueError, IndexError):
        return 0.0


class Ground:
    """One cell's: it notes when the construct began and ended, on both clocks, and what was wrong between."""

    def __init__(self, *, virtual: bool) -> None:
        self.virtual = virtual
        self.clock = Clock("manual", start=EPOCH)
        self.url = self.foreign = ""
        self.loop: Any = None
        self.todo: queue.Queue[Callable[[], Any] | None] = queue.Queue()
        self.worker: Any = None
        self.scheduler: Scheduler
        self.faults: list[str] = []
        self.watchers: list[Any] = []
        self.began: tuple[int, float] | None = None
        self.ended: tuple[int, float] | None = None
        self.withheld = 0.0

    @property
    def job(self) -> str:
        """The mock's address to start a job at."""
        return f"{self.url}/api/search/deep_research"

    @property
    def port(self) -> int:
        """The mock's port."""
        return int(self.url.rpartition(":")[2])

    def span(self, seconds: float) -> float:
        """Return so many seconds; in a thread that is older than virtual time they are short."""
        return seconds if self.virtual else seconds * SCALE

    def begin(self) -> None:
        """Count from here."""
        self.began = self.clock.elapsed, really()

    def end(self) -> None:
        """Count up to here; the thread knows for how long it had to wait for a processor."""
        self.ended = self.clock.elapsed, really()
        self.withheld += withheld("/proc/thread-self/schedstat")

    def tells(self, found: float, seconds: float) -> None:
        """Expect a difference of two readings to be so many seconds, or as near as their type can be."""
        least = self.span(seconds)
        if found != seconds if self.virtual else not least * 0.9 <= found <= least + 3:
            self.faults.append(f"told {found!r} s for {least:g}")

    def about(self, found: float, seconds: float) -> None:
        """Expect a difference of two readings that count no more than whole seconds."""
        if abs(found - self.span(seconds)) > (0 if self.virtual else 3):
            self.faults.append(f"told {found!r} s for {self.span(seconds):g}")

    def holds(self, fact: object, otherwise: str) -> None:
        """Expect something to be true."""
        if not fact:
            self.faults.append(otherwise)

    def later(self, seconds: float, function: Callable[[], Any]) -> threading.Thread:
        """Do something in a thread, so many seconds from now."""

        def run() -> None:
            time.sleep(self.span(seconds))
            function()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread


@contextmanager
def ground(construct: Construct, *, virtual: bool) -> Iterator[tuple[Ground, Any]]:
    """Lay everything that a construct needs; yields what it stands on, and the block in which time is virtual."""
    at = Ground(virtual=virtual)
    with ExitStack() as stack:
        settings = _with_a_mock(at, construct.scenario)
        if "foreign" in construct.tools:
            at.foreign = stack.enter_context(served_by_a_thread())
        if "process" in construct.tools:
            at.foreign = stack.enter_context(served_by_a_process())
        if "loop" in construct.tools:
            at.loop = _running_loop()
        if "worker" in construct.tools:
            at.worker = threading.Thread(target=_work, args=(at.todo,), daemon=True)
            at.worker.start()
        yield at, _coupled(at, settings)


@contextmanager
def _coupled(at: Ground, settings: dict[str, Any]) -> Iterator[Scheduler]:
    with virtual_time(at.clock, **settings) as scheduler:
        at.watchers.append(lambda request, reply: note_request(scheduler))
        yield scheduler


def _running_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


def _work(todo: queue.Queue[Callable[[], Any] | None]) -> None:
    """Do what is asked for 1.4 seconds later; None ends it, as late."""
    while True:
        function = todo.get()
        time.sleep(1.4)
        if function is None:
            return
        function()


def _with_a_mock(at: Ground, scenario: Any) -> dict[str, Any]:
    """Serve a scenario, and return what virtual time must know of the server."""
    if scenario is None:
        return {}
    from jobmock.catalogue import Catalogue
    from jobmock.engine.namespace import Namespaces
    from jobmock.server.app import create_app
    from jobmock.server.listeners import Host
    from jobmock.service.service import Service

    catalogue, host = Catalogue(), Host()
    plan = catalogue.resolve(scenario, "clado")
    service = Service(catalogue, Namespaces(clock=lambda: at.clock), plans={"clado": plan})
    at.watchers, app = service.watchers, create_app(service)
    listener = host.open(app)
    at.url = listener.url

    def settle() -> object:
        for _ in range(100):
            work_done = host.settle()
            if not app.held_answers.busy:
                break
            time.sleep(0.0005)
        return work_done

    return {"wait_until_idle": settle, "ports": {listener.port}, "server_sockets": host.ends}
