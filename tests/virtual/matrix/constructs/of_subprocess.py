"""Module subprocess: other processes run in real time, and so do timeouts on them."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from tests.virtual.matrix.cell_run import ANSWERS, CellRun
from tests.virtual.matrix.cells import Exact, Real, Refused, construct

CHILD = Real("another process does the work", 1.4)
TIMEOUT = Real("a timeout on another process", 0.5)
SLEEP, LONG = ["sleep", "1.4"], ["sleep", "30"]
SPEAK = ["sh", "-c", "echo 1; sleep 1.4; echo 2"]


@construct(CHILD)
def run(cell: CellRun) -> None:
    """`run(…)`"""
    subprocess.run(SLEEP, check=True)


@construct(CHILD)
def run_in_time(cell: CellRun) -> None:
    """`run(…, timeout=20)`"""
    subprocess.run(SLEEP, check=True, timeout=20)


@construct(CHILD)
def run_captured(cell: CellRun) -> None:
    """`run(…, capture_output=True, timeout=20)`"""
    done = subprocess.run(SPEAK, capture_output=True, check=True, timeout=20)
    cell.expect(done.stdout == b"1\n2\n", "another output")


@construct(TIMEOUT)
def run_too_slow(cell: CellRun) -> None:
    """`run(…, timeout=0.5)` of a longer one"""
    try:
        subprocess.run(LONG, check=True, timeout=0.5)
        cell.expect(False, "no timeout")
    except subprocess.TimeoutExpired:
        pass


@construct(CHILD)
def check_output(cell: CellRun) -> None:
    """`check_output(…)`"""
    subprocess.check_output(SPEAK)


@construct(CHILD)
def wait(cell: CellRun) -> None:
    """`Popen.wait()`"""
    subprocess.Popen(SLEEP).wait()


@construct(CHILD)
def wait_in_time(cell: CellRun) -> None:
    """`Popen.wait(20)`"""
    subprocess.Popen(SLEEP).wait(20)


@construct(TIMEOUT)
def wait_too_slow(cell: CellRun) -> None:
    """`Popen.wait(0.5)` of a longer one"""
    child = subprocess.Popen(LONG)
    try:
        child.wait(0.5)
        cell.expect(False, "no timeout")
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@construct(CHILD)
def communicate(cell: CellRun) -> None:
    """`Popen.communicate()`"""
    with subprocess.Popen(SPEAK, stdout=subprocess.PIPE) as child:
        cell.expect(child.communicate()[0] == b"1\n2\n", "another output")


@construct(CHILD)
def communicate_in_time(cell: CellRun) -> None:
    """`Popen.communicate(timeout=20)`, two streams"""
    with subprocess.Popen(SPEAK, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        cell.expect(child.communicate(timeout=20)[0] == b"1\n2\n", "another output")


@construct(TIMEOUT)
def communicate_too_slow(cell: CellRun) -> None:
    """`Popen.communicate(timeout=0.5)` of a longer one"""
    child = subprocess.Popen(LONG, stdout=subprocess.PIPE)
    try:
        child.communicate(timeout=0.5)
        cell.expect(False, "no timeout")
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()


@construct(CHILD)
def lines(cell: CellRun) -> None:
    """lines of `Popen.stdout`"""
    with subprocess.Popen(SPEAK, stdout=subprocess.PIPE) as child:
        assert child.stdout
        cell.expect(list(child.stdout) == [b"1\n", b"2\n"], "other lines")


@construct(CHILD)
def poll(cell: CellRun) -> None:
    """`while child.poll() is None: time.sleep(0.1)`"""
    child = subprocess.Popen(SLEEP)
    while child.poll() is None:
        time.sleep(0.1)


@construct(CHILD)
def poll_with_a_deadline(cell: CellRun) -> None:
    """`while child.poll() is None: time.sleep(0.1)`, at most until `time.monotonic()` is 10 s further"""
    child, deadline = subprocess.Popen(SLEEP), time.monotonic() + 10
    while child.poll() is None:
        cell.expect(time.monotonic() < deadline, "no end within 10 s")
        time.sleep(0.1)


@construct(CHILD)
def in_another_thread(cell: CellRun) -> None:
    """`run(…)` in a thread that is joined"""
    thread = threading.Thread(target=subprocess.run, args=(SLEEP,))
    thread.start()
    thread.join()


@construct(CHILD)
def in_another_thread_in_time(cell: CellRun) -> None:
    """`run(…)` in a thread, `join(20)`"""
    thread = threading.Thread(target=subprocess.run, args=(SLEEP,))
    thread.start()
    thread.join(20)
    cell.expect(not thread.is_alive(), "it is alive")


@construct(CHILD)
def python(cell: CellRun) -> None:
    """`run([sys.executable, …])`, a child that sleeps"""
    subprocess.run([sys.executable, "-S", "-c", "import time; time.sleep(1.4)"], check=True, timeout=20)


_ASKS = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], data=b'{"query": "x"}', headers={"Authorization": "Bearer lk_matrix"})
urllib.request.urlopen(request, timeout=5).read()
"""


@construct(Refused("process|child"), scenario=ANSWERS)
def asks_the_mock(cell: CellRun) -> None:
    """a child without virtual time asks the mock while the clock is held"""
    subprocess.run([sys.executable, "-S", "-c", _ASKS, cell.job_url], check=True)


@construct(Exact(62))
def left_alone(cell: CellRun) -> None:
    """a child that nobody looks at, `time.sleep(62)`"""
    child = subprocess.Popen(LONG)
    time.sleep(cell.scale(62))
    child.kill()
