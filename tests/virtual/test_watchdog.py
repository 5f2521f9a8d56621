"""A thread that waits in a call which virtual time can't reach is found and reported; a thread that works isn't."""

from __future__ import annotations

import fcntl
import gc
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.virtual.conftest import VirtualTime, run_outside

from jobmock.errors import VirtualTimeError
from jobmock.virtual.frames import current_frames
from jobmock.virtual.watchdog import _DEADLOCK_CHECKS

ENDS = tuple[int, int]
CALLS: dict[str, Callable[[ENDS], Any]] = {
    "terminal": lambda ends: os.readv(ends[0], [bytearray(1)]),
    "signal": lambda ends: signal.sigtimedwait([signal.SIGUSR2], 60),
    "pause": lambda ends: signal.pause(),
    "event": lambda ends: os.eventfd_read(os.eventfd(0)),
}


@pytest.fixture
def ends() -> Any:
    """A pipe that nobody writes to before the test's end."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_main_thread(virtual: VirtualTime, ends: ENDS, call: Callable[[ENDS], Any]) -> None:
    """A call in the test's own thread is ended, with an error that names its file and line and quotes the line."""
    with virtual.expect_refusal(r"'MainThread' at test_watchdog\.py:\d+ \(.*lambda ends: .*time='real'"):
        call(ends)


def test_another_thread(virtual: VirtualTime, ends: ENDS) -> None:
    """If another thread waits in such a call, the error is raised in the test's own thread, wherever that waits."""
    thread = threading.Thread(target=lambda: os.readv(ends[0], [bytearray(1)]), name="stuck-one")
    thread.start()
    with virtual.expect_refusal(r"'stuck-one' at test_watchdog\.py:\d+"):
        time.sleep(5)
    os.write(ends[1], b"x")


def test_a_file_lock(virtual: VirtualTime) -> None:
    """A wait for a file lock is ended with an error that quotes the line."""
    with tempfile.TemporaryFile() as file, open(file.fileno(), closefd=False) as same:
        fcntl.flock(file, fcntl.LOCK_EX)
        again = os.open(f"/proc/self/fd/{same.fileno()}", os.O_RDWR)
        with virtual.expect_refusal(r"at test_watchdog\.py:\d+ \(fcntl\.flock"):
            fcntl.flock(again, fcntl.LOCK_EX)
        os.close(again)


NEVER_SET = """
import threading
from jobmock.clock import Clock
from jobmock.virtual import virtual_time

with virtual_time(Clock("manual")):
    threading.Event().wait()
"""


def test_a_wait_that_nothing_can_end() -> None:
    """If all threads wait, none has a timeout and nothing outside can wake them, the test ends with an error."""
    done = subprocess.run([sys.executable, "-c", NEVER_SET], capture_output=True, text=True, check=False)
    assert "VirtualTimeError: Nothing can end the wait of the thread 'MainThread' at threading.py" in done.stderr


def test_an_error_that_is_swallowed(virtual: VirtualTime, ends: ENDS) -> None:
    """The error is raised again at each later wait, so that a client that catches it can't go on."""
    for _ in range(2):
        with suppress(VirtualTimeError):
            os.readv(ends[0], [bytearray(1)])
            os.write(ends[1], b"x")
    for wait in (lambda: time.sleep(1), threading.Event().wait):
        with pytest.raises(VirtualTimeError):
            wait()
    virtual.scheduler.failure = None


def test_work_is_not_reported(virtual: VirtualTime) -> None:
    """Work in Python or in C, and a wait for a child process, are never reported."""

    def work() -> None:
        began = time.thread_time()
        while time.thread_time() - began < 0.6:
            sorted(range(200_000), key=lambda number: -number)

    thread = threading.Thread(target=work)
    thread.start()
    subprocess.run([sys.executable, "-c", "import time; time.sleep(0.8)"], check=True)
    thread.join()
    time.sleep(1)
    assert virtual.now == 1


def test_a_refusal_in_a_thread(virtual: VirtualTime) -> None:
    """A call that is refused in a thread ends the test with an error that names the thread."""
    thread = threading.Thread(target=signal.sigwait, args=([signal.SIGUSR2],), name="the listener")
    with virtual.expect_refusal("can't reach signal.sigwait.*'the listener'"):
        thread.start()
        thread.join()
        time.sleep(1)


LIBRARY = """
def listen(wait, signals):
    wait(signals)
"""


@pytest.mark.parametrize("folder", ["site-packages", "dist-packages"])
def test_a_library_of_another_environment(virtual: VirtualTime, tmp_path: Path, folder: str) -> None:
    """The error names the user's line and not the library's, also if the library is in another environment's folder."""
    (tmp_path / folder).mkdir()
    file = tmp_path / folder / "installed_library.py"
    file.write_text(LIBRARY)
    library = runpy.run_path(str(file), run_name="installed_library")
    with virtual.expect_refusal(r"called from test_watchdog\.py"):
        library["listen"](signal.sigwait, [signal.SIGUSR2])


def test_no_garbage_is_collected_while_frames_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Garbage collection is off while frames are read, and afterwards it is on or off as before."""
    seen = list[bool]()

    def frames() -> dict[int, Any]:
        seen.append(gc.isenabled())
        return {}

    monkeypatch.setattr(sys, "_current_frames", frames)
    assert current_frames() == {} and gc.isenabled()
    gc.disable()
    try:
        assert current_frames() == {} and not gc.isenabled()
    finally:
        gc.enable()
    assert seen == [False, False]


def test_a_wait_that_ends_at_the_last_moment(virtual: VirtualTime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that the last other thread ends just before that thread ends is no deadlock."""
    event, checks = threading.Event(), count(1)

    def positions() -> dict[int, Any]:
        if next(checks) == _DEADLOCK_CHECKS:
            run_outside(event.set)
        return {}

    monkeypatch.setattr(virtual.scheduler.external.threads, "positions", positions)
    assert event.wait()
