"""Module os, and files: descriptors, child processes, and waits in system calls."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from typing import Any

from tests.virtual.matrix.cell_run import ANSWERS, KEY, CellRun, real_seconds
from tests.virtual.matrix.cells import Exact, Impossible, Real, Refused, construct
from tests.virtual.matrix.child_functions import SHORT

CHILD = Real("another process does the work", SHORT)
ENDLESS_IN_OLDER: dict[str, Any] = {"by_place": {"older": Impossible("it would wait for ever")}}
FILE = Real("a lock of the system that another process holds", SHORT)


def _child(*command: str) -> int:
    return os.posix_spawn(f"/bin/{command[0]}", command, os.environ)


@construct(Refused("read"), **ENDLESS_IN_OLDER)
def read(cell: CellRun) -> None:
    """`os.read` of a pipe that nobody writes"""
    reading, _ = os.pipe()
    os.read(reading, 1)


@construct(Exact(30), Refused("read"))
def read_answered(cell: CellRun) -> None:
    """`os.read` of a pipe that a thread writes after 30 s"""
    reading, writing = os.pipe()
    cell.run_after(30, lambda: os.write(writing, b"1"))
    cell.expect(os.read(reading, 1) == b"1", "something else")


@construct(Refused("readline"), **ENDLESS_IN_OLDER)
def readline(cell: CellRun) -> None:
    """`readline` of a file on a pipe that nobody writes"""
    reading, _ = os.pipe()
    with open(reading, "rb") as file:
        file.readline()


@construct(Refused("write"), **ENDLESS_IN_OLDER)
def write(cell: CellRun) -> None:
    """`os.write` into a full pipe that nobody reads"""
    _, writing = os.pipe()
    while True:
        os.write(writing, bytes(1 << 16))


@construct(Refused("open"), **ENDLESS_IN_OLDER)
def fifo(cell: CellRun) -> None:
    """`open` of a FIFO that nobody else opens"""
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(f"{folder}/fifo")
        os.open(f"{folder}/fifo", os.O_RDONLY)


@construct(Refused("eventfd_read"), **ENDLESS_IN_OLDER)
def eventfd(cell: CellRun) -> None:
    """`os.eventfd_read` of one that nobody writes"""
    os.eventfd_read(os.eventfd(0))


@construct(CHILD)
def read_from_a_child(cell: CellRun) -> None:
    """`os.popen(…).read()`"""
    with os.popen("sleep 1.4; echo 1") as output:
        cell.expect(output.read() == "1\n", "something else")


@construct(CHILD)
def system(cell: CellRun) -> None:
    """`os.system`"""
    os.system("sleep 1.4")


@construct(CHILD)
def waitpid(cell: CellRun) -> None:
    """`os.posix_spawn`, `os.waitpid`"""
    os.waitpid(_child("sleep", "1.4"), 0)


@construct(CHILD)
def wait4(cell: CellRun) -> None:
    """`os.posix_spawn`, `os.wait4`"""
    os.wait4(_child("sleep", "1.4"), 0)


@construct(CHILD)
def waitid(cell: CellRun) -> None:
    """`os.posix_spawn`, `os.waitid`"""
    os.waitid(os.P_PID, _child("sleep", "1.4"), os.WEXITED)


@construct(CHILD)
def waitpid_in_sleeps(cell: CellRun) -> None:
    """`while not os.waitpid(…, WNOHANG)[0]: time.sleep(0.1)`"""
    child = _child("sleep", "1.4")
    while not os.waitpid(child, os.WNOHANG)[0]:
        time.sleep(0.1)


@construct(CHILD)
def fork(cell: CellRun) -> None:
    """`os.fork`, a child that sleeps, `os.waitpid`"""
    child = os.fork()
    if not child:
        time.sleep(SHORT)
        os._exit(0)
    os.waitpid(child, 0)


@construct(Refused("process|child"), scenario=ANSWERS)
def fork_asks_the_mock(cell: CellRun) -> None:
    """`os.fork`, a child that asks the mock while the clock is held"""
    child = os.fork()
    if not child:
        request = urllib.request.Request(cell.job_url, data=b'{"query": "x"}', headers=KEY)
        urllib.request.urlopen(request, timeout=5).read()
        os._exit(0)
    os.waitpid(child, 0)


@construct(Exact(62))
def times(cell: CellRun) -> None:
    """`os.times().elapsed`"""
    before = os.times().elapsed
    time.sleep(cell.scale(62))
    difference = os.times().elapsed - before
    cell.expect(abs(difference - cell.scale(62)) < (0.001 if cell.virtual else 1), "another difference")


@construct(Exact(0))
def sched_yield(cell: CellRun) -> None:
    """`os.sched_yield`"""
    os.sched_yield()


@construct(FILE, Refused("flock"))
def flock(cell: CellRun) -> None:
    """`fcntl.flock` of a file that another process holds"""
    with tempfile.NamedTemporaryFile() as file:
        command = ["flock", file.name, "sh", "-c", "echo 1; sleep 1.4"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout
            child.stdout.readline()
            fcntl.flock(file, fcntl.LOCK_EX)


@construct(Real("SQLite waits by itself, and can't be interrupted", 0.5), Exact(0.5))
def sqlite(cell: CellRun) -> None:
    """`sqlite3.connect(timeout=0.5)`, locked by another connection"""
    with tempfile.TemporaryDirectory() as folder:
        one, two = (sqlite3.connect(f"{folder}/db", timeout=0.5) for _ in range(2))
        one.execute("begin exclusive")
        try:
            two.execute("begin exclusive")
            cell.expect(False, "it wasn't locked")
        except sqlite3.OperationalError:
            pass


@construct(Real("the processor works", 1.4), by_place={"older": Real("the processor works", 1.4)})
def work(cell: CellRun) -> None:
    """1.4 s of computing: nobody is accused"""
    began = real_seconds()
    while real_seconds() - began < SHORT:
        sum(range(1000))
