"""What a child process says comes in real time, however a test waits for it, and no timeout fires before."""

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
from tests.virtual.conftest import Env, really

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="epoll is Linux's.")
SAYING = "import os, sys, time; time.sleep(0.15); os.write(int(sys.argv[1]), b'x'); time.sleep(0.05)"


@contextmanager
def talking(descriptor: int, given: int | None = None) -> Iterator[int]:
    """Begin a child that says something to a descriptor that it is `given`; yield the one where that is heard."""
    own = given if given is None else [given]
    to = "1" if own is None else str(given)
    with subprocess.Popen(
        [sys.executable, "-S", "-c", SAYING, to], stdout=subprocess.PIPE, pass_fds=own or ()
    ) as child:
        if given is not None:
            os.close(given)
        assert child.stdout is not None
        yield child.stdout.fileno() if given is None else descriptor
        child.wait()
    if given is not None:
        os.close(descriptor)


def _its_pipe() -> tuple[int, int | None]:
    return -1, None


def _pair() -> tuple[int, int]:
    ours, its = socket.socketpair()
    return ours.detach(), its.detach()


ENDS: dict[str, Callable[[], tuple[int, int | None]]] = {
    "its own pipe": _its_pipe, "a pipe it is given": os.pipe, "a socket": _pair, "a terminal": os.openpty,
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
def test_what_a_child_says_is_in_time(ends: str, wait: Callable[[int], bool], still: Env) -> None:
    """A child says something after 0.15 real seconds; no way to wait 5 s for that gives up before."""
    with talking(*ENDS[ends]()) as descriptor:
        assert wait(descriptor)
        assert still.now < 5
        os.read(descriptor, 1)


def test_a_silent_child_is_given_up(still: Env) -> None:
    """A timeout on what a child never says passes in real time, and then on the clock."""
    with subprocess.Popen(["/bin/sleep", "60"], stdout=subprocess.PIPE) as child:
        began = really()
        assert child.stdout is not None and not _by_select(child.stdout.fileno(), 0.2)
        assert still.now == 0.2 and really() - began >= 0.19
        child.kill()


def test_a_pipe_that_no_child_has_costs_no_time(still: Env) -> None:
    """Where a child lives, a wait for a pipe that it wasn't given, and that nobody fills, takes no real time."""
    ends = os.pipe()
    with subprocess.Popen(["/bin/sleep", "60"], stdout=subprocess.PIPE) as child:
        began = really()
        assert not _by_select(ends[0], 3600)
        assert still.now == 3600 and really() - began < 60
        child.kill()
    for end in ends:
        os.close(end)


def test_trio_waits_for_a_child_that_says_no_more(still: Env) -> None:
    """A child that has closed what it prints to, and works on, is waited for in real time."""
    anyio = pytest.importorskip("anyio")
    pytest.importorskip("trio")
    quiet = "import os, time; os.close(1); os.close(2); time.sleep(0.2)"

    async def main() -> None:
        with anyio.fail_after(20):
            await anyio.run_process([sys.executable, "-S", "-c", quiet])

    anyio.run(main, backend="trio")
    assert still.now < 20
