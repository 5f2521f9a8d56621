"""Who really waits in a call that virtual time doesn't know is found, named and ended; who works is left alone."""

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
from tests.virtual.conftest import Elsewhere, Env

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
    """A pipe into which nobody writes before the test's end."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_test_itself(still: Env, ends: ENDS, call: Callable[[ENDS], Any]) -> None:
    """A call of the test's own thread is ended, with file, line and text of the line."""
    with still.refusing(r"'MainThread' at test_watchdog\.py:\d+ \(.*lambda ends: .*time='real'"):
        call(ends)


def test_another_thread(still: Env, ends: ENDS) -> None:
    """The test's own thread is told of a call in which another one waits, wherever it waits itself."""
    thread = threading.Thread(target=lambda: os.readv(ends[0], [bytearray(1)]), name="stuck-one")
    thread.start()
    with still.refusing(r"'stuck-one' at test_watchdog\.py:\d+"):
        time.sleep(5)
    os.write(ends[1], b"x")


def test_a_lock_of_a_file(still: Env) -> None:
    """So is a lock of the system's."""
    lock = fcntl.LOCK_EX
    with tempfile.TemporaryFile() as file, open(file.fileno(), closefd=False) as same:
        fcntl.flock(file, lock)
        again = os.open(f"/proc/self/fd/{same.fileno()}", os.O_RDWR)
        with still.refusing(r"at test_watchdog\.py:\d+ \(fcntl\.flock"):
            fcntl.flock(again, lock)
        os.close(again)


NEVER_SET = """
import threading
from jobmock.clock import Clock
from jobmock.virtual import virtual_time

with virtual_time(Clock("manual")):
    threading.Event().wait()
"""


def test_a_wait_that_nothing_can_end() -> None:
    """Where all wait, none for a moment, and there is nobody else, the test ends."""
    done = subprocess.run([sys.executable, "-c", NEVER_SET], capture_output=True, text=True, check=False)
    assert "VirtualTimeError: Nothing can end the wait of the thread 'MainThread' at threading.py" in done.stderr


def test_an_error_that_is_swallowed(still: Env, ends: ENDS) -> None:
    """What ended the test is raised at each later wait, so a client that catches it doesn't go on."""
    for _ in range(2):
        with suppress(VirtualTimeError):
            os.readv(ends[0], [bytearray(1)])
            os.write(ends[1], b"x")
    for wait in (lambda: time.sleep(1), threading.Event().wait):
        with pytest.raises(VirtualTimeError):
            wait()
    still.scheduler.failure = None


def test_who_works_is_left_alone(still: Env) -> None:
    """Neither work in Python or in C, nor a wait for a child, is taken for a wait that isn't known."""

    def work() -> None:
        began = time.thread_time()
        while time.thread_time() - began < 0.6:
            sorted(range(200_000), key=lambda number: -number)

    thread = threading.Thread(target=work)
    thread.start()
    subprocess.run([sys.executable, "-c", "import time; time.sleep(0.8)"], check=True)
    thread.join()
    time.sleep(1)
    assert still.now == 1


def test_a_refusal_in_a_thread(still: Env) -> None:
    """What is refused in a thread of the test's ends the test, and names the thread."""
    thread = threading.Thread(target=signal.sigwait, args=([signal.SIGUSR2],), name="the listener")
    with still.refusing("can't reach signal.sigwait.*'the listener'"):
        thread.start()
        thread.join()
        time.sleep(1)


LIBRARY = """
def listen(wait, signals):
    wait(signals)
"""


@pytest.mark.parametrize("folder", ["site-packages", "dist-packages"])
def test_a_library_of_another_environment(still: Env, tmp_path: Path, folder: str) -> None:
    """A library's line is not taken for the user's own, in whichever environment's folder the library lies."""
    (tmp_path / folder).mkdir()
    file = tmp_path / folder / "elsewhere_installed.py"
    file.write_text(LIBRARY)
    library = runpy.run_path(str(file), run_name="elsewhere_installed")
    with still.refusing(r"called from test_watchdog\.py"):
        library["listen"](signal.sigwait, [signal.SIGUSR2])


def test_no_garbage_is_collected_while_frames_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection in the middle could stop the process for ever: there is none, and afterwards all is as before."""
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


def test_a_signal_of_a_thread_that_has_just_ended(
    still: Env, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wait that the last other thread ended as its last deed is no deadlock."""
    event, checks = threading.Event(), count(1)

    def positions() -> dict[int, Any]:
        if next(checks) == _DEADLOCK_CHECKS:
            elsewhere(event.set)
        return {}

    monkeypatch.setattr(still.scheduler.external.threads, "positions", positions)
    assert event.wait()
