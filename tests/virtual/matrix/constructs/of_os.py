"""Module os, and files: descriptors and children, and what the system alone knows to wait for."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from typing import Any

from tests.virtual.matrix.cells import Exact, Never, Real, Refused, construct
from tests.virtual.matrix.children import SHORT
from tests.virtual.matrix.ground import ANSWERS, KEY, Ground, really

CHILD = Real("another process does the work", SHORT)
FOR_EVER: dict[str, Any] = {"elsewhere": {"older": Never("it would wait for ever")}}
FILE = Real("a lock of the system that another process holds", SHORT)


def _child(*command: str) -> int:
    return os.posix_spawn(f"/bin/{command[0]}", command, os.environ)


@construct(Refused("read"), **FOR_EVER)
def read(at: Ground) -> None:
    """`os.read` of a pipe that nobody writes"""
    reading, _ = os.pipe()
    os.read(reading, 1)


@construct(Exact(30), Refused("read"))
def read_answered(at: Ground) -> None:
    """`os.read` of a pipe that a thread writes after 30 s"""
    reading, writing = os.pipe()
    at.later(30, lambda: os.write(writing, b"1"))
    at.holds(os.read(reading, 1) == b"1", "something else")


@construct(Refused("readline"), **FOR_EVER)
def readline(at: Ground) -> None:
    """`readline` of a file on a pipe that nobody writes"""
    reading, _ = os.pipe()
    with open(reading, "rb") as file:
        file.readline()


@construct(Refused("write"), **FOR_EVER)
def write(at: Ground) -> None:
    """`os.write` into a full pipe that nobody reads"""
    _, writing = os.pipe()
    while True:
        os.write(writing, bytes(1 << 16))


@construct(Refused("open"), **FOR_EVER)
def fifo(at: Ground) -> None:
    """`open` of a FIFO that nobody else opens"""
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(f"{folder}/fifo")
        os.open(f"{folder}/fifo", os.O_RDONLY)


@construct(Refused("eventfd_read"), **FOR_EVER)
def eventfd(at: Ground) -> None:
    """`os.eventfd_read` of one that nobody writes"""
    os.eventfd_read(os.eventfd(0))


@construct(CHILD)
def read_from_a_child(at: Ground) -> None:
    """`os.popen(…).read()`"""
    with os.popen("sleep 1.4; echo 1") as output:
        at.holds(output.read() == "1\n", "something else")


@construct(CHILD)
def system(at: Ground) -> None:
    """`os.system`"""
    os.system("sleep 1.4")


@construct(CHILD)
def waitpid(at: Ground) -> None:
    """`os.posix_spawn`, `os.waitpid`"""
    os.waitpid(_child("sleep", "1.4"), 0)


@construct(CHILD)
def wait4(at: Ground) -> None:
    """`os.posix_spawn`, `os.wait4`"""
    os.wait4(_child("sleep", "1.4"), 0)


@construct(CHILD)
def waitid(at: Ground) -> None:
    """`os.posix_spawn`, `os.waitid`"""
    os.waitid(os.P_PID, _child("sleep", "1.4"), os.WEXITED)


@construct(CHILD)
def waitpid_in_sleeps(at: Ground) -> None:
    """`while not os.waitpid(…, WNOHANG)[0]: time.sleep(0.1)`"""
    child = _child("sleep", "1.4")
    while not os.waitpid(child, os.WNOHANG)[0]:
        time.sleep(0.1)


@construct(CHILD)
def fork(at: Ground) -> None:
    """`os.fork`, a child that sleeps, `os.waitpid`"""
    child = os.fork()
    if not child:
        time.sleep(SHORT)
        os._exit(0)
    os.waitpid(child, 0)


@construct(Refused("process|child"), scenario=ANSWERS)
def fork_asks_the_mock(at: Ground) -> None:
    """`os.fork`, a child that asks the mock while the clock is held"""
    child = os.fork()
    if not child:
        request = urllib.request.Request(at.job, data=b'{"query": "x"}', headers=KEY)
        urllib.request.urlopen(request, timeout=5).read()
        os._exit(0)
    os.waitpid(child, 0)


@construct(Exact(62))
def times(at: Ground) -> None:
    """`os.times().elapsed`"""
    before = os.times().elapsed
    time.sleep(at.span(62))
    at.holds(abs(os.times().elapsed - before - at.span(62)) < (0.001 if at.virtual else 1), "another difference")


@construct(Exact(0))
def sched_yield(at: Ground) -> None:
    """`os.sched_yield`"""
    os.sched_yield()


@construct(FILE, Refused("flock"))
def flock(at: Ground) -> None:
    """`fcntl.flock` of a file that another process holds"""
    with tempfile.NamedTemporaryFile() as file:
        command = ["flock", file.name, "sh", "-c", "echo 1; sleep 1.4"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout
            child.stdout.readline()
            fcntl.flock(file, fcntl.LOCK_EX)


@construct(Real("SQLite waits by itself, and can't be interrupted", 0.5), Exact(0.5))
def sqlite(at: Ground) -> None:
    """`sqlite3.connect(timeout=0.5)`, locked by another connection"""
    with tempfile.TemporaryDirectory() as folder:
        one, two = (sqlite3.connect(f"{folder}/db", timeout=0.5) for _ in range(2))
        one.execute("begin exclusive")
        try:
            two.execute("begin exclusive")
            at.holds(False, "it wasn't locked")
        except sqlite3.OperationalError:
            pass


@construct(Real("the processor works", 1.4), elsewhere={"older": Real("the processor works", 1.4)})
def work(at: Ground) -> None:
    """1.4 s of computing: nobody is accused"""
    began = really()
    while really() - began < SHORT:
        sum(range(1000))
