"""Work in other threads: how much of it runs at once, and what becomes of it when the server ends."""

from __future__ import annotations

import asyncio
import threading

from tests.support import HANGS

from jobmock.server.control.fields import problem_of
from jobmock.server.off_loop import ServerEnds, end_work, off_loop


class Blocked:
    """Work that waits until it may end; `begun` counts how often it was begun."""

    def __init__(self) -> None:
        self.begun, self.may_end = 0, threading.Event()

    def __call__(self) -> str:
        self.begun += 1
        assert self.may_end.wait(HANGS)
        return "made"


async def _begun(work: Blocked, count: int) -> list[asyncio.Task[str]]:
    """Ask for work so many times; return when no more of it begins."""
    tasks = [asyncio.create_task(off_loop(work)) for _ in range(count)]
    while work.begun < 2:
        await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    return tasks


def test_two_at_once() -> None:
    """Of many pieces of work two run at a time, and in the end all are done."""

    async def run() -> None:
        work = Blocked()
        tasks = await _begun(work, 9)
        assert work.begun == 2
        work.may_end.set()
        assert await asyncio.gather(*tasks) == ["made"] * 9

    asyncio.run(run())


def test_end_of_the_server() -> None:
    """Work that has begun is finished, and the rest isn't begun any more: its calls are answered 503."""

    async def run() -> None:
        work = Blocked()
        tasks = await _begun(work, 9)
        end_work()
        work.may_end.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert (work.begun, done[:2]) == (2, ["made", "made"])
        assert {type(one) for one in done[2:]} == {ServerEnds}
        assert {problem_of(one).status for one in done[2:] if isinstance(one, ServerEnds)} == {503}

    asyncio.run(run())
