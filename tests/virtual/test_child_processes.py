"""Output of a child process arrives in real time, however a test waits for it, and no timeout fires too early."""

from __future__ import annotations

import asyncio
import os
import select
import selectors
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.virtual.conftest import VirtualTime, real_seconds

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="epoll is Linux's.")
CHILD = "import os, sys, time; time.sleep(0.15); os.write(int(sys.argv[1]), b'x'); time.sleep(0.05)"


@contextmanager
def child_output(descriptor: int, given: int | None = None) -> Iterator[int]:
    """Start a child that writes to the descriptor `given` (or to its stdout); yield the descriptor to read it from."""
    target = "1" if given is None else str(given)
    inherited = () if given is None else [given]
    with subprocess.Popen(
        [sys.executable, "-S", "-c", CHILD, target], stdout=subprocess.PIPE, pass_fds=inherited
    ) as child:
        if given is not None:
            os.close(given)
        assert child.stdout is not None
        yield child.stdout.fileno() if given is None else descriptor
        child.wait()
    if given is not None:
        os.close(descriptor)


def _stdout_pipe() -> tuple[int, int | None]:
    return -1, None


def _socket_pair() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


ENDS: dict[str, Callable[[], tuple[int, int | None]]] = {
    "its stdout": _stdout_pipe, "an inherited pipe": os.pipe, "a socket": _socket_pair, "a terminal": os.openpty,
}  # fmt: skip


def _by_select(descriptor: int, seconds: float = 5) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


def _by_epoll(descriptor: int) -> bool:
    with select.epoll() as epoll:
        epoll.register(descriptor, select.EPOLLIN)
        return bool(epoll.poll(5))


def _by_selector(descriptor: int) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(5))


def _by_loop(descriptor: int) -> bool:
    async def main() -> bool:
        loop, came = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(descriptor, came.set)
        try:
            return await asyncio.wait_for(came.wait(), 5)
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(descriptor)

    return asyncio.run(main())


@pytest.mark.parametrize("wait", [_by_select, _by_epoll, _by_selector, _by_loop])
@pytest.mark.parametrize("ends", ENDS)
def test_output_of_a_child_arrives_in_time(ends: str, wait: Callable[[int], bool], virtual: VirtualTime) -> None:
    """A child writes after 0.15 real seconds; a wait of 5 s for that never times out, however it is made."""
    with child_output(*ENDS[ends]()) as descriptor:
        assert wait(descriptor)
        assert virtual.now < 5
        os.read(descriptor, 1)


def test_a_timeout_on_a_silent_child(virtual: VirtualTime) -> None:
    """A timeout on output that never comes passes in real time, and then on the clock."""
    with subprocess.Popen(["/bin/sleep", "60"], stdout=subprocess.PIPE) as child:
        began = real_seconds()
        assert child.stdout is not None and not _by_select(child.stdout.fileno(), 0.2)
        assert virtual.now == 0.2 and real_seconds() - began >= 0.19
        child.kill()


def test_a_pipe_that_no_child_has_takes_no_real_time(virtual: VirtualTime) -> None:
    """While a child runs, a wait for an empty pipe that it didn't inherit takes no real time."""
    ends = os.pipe()
    with subprocess.Popen(["/bin/sleep", "60"], stdout=subprocess.PIPE) as child:
        began = real_seconds()
        assert not _by_select(ends[0], 3600)
        assert virtual.now == 3600 and real_seconds() - began < 60
        child.kill()
    for end in ends:
        os.close(end)


def test_trio_waits_for_a_child_that_closed_its_output(virtual: VirtualTime) -> None:
    """Trio waits in real time for a child that has closed its stdout and stderr and still runs."""
    anyio = pytest.importorskip("anyio")
    pytest.importorskip("trio")
    quiet = "import os, time; os.close(1); os.close(2); time.sleep(0.2)"

    async def main() -> None:
        with anyio.fail_after(20):
            await anyio.run_process([sys.executable, "-S", "-c", quiet])

    anyio.run(main, backend="trio")
    assert virtual.now < 20
