"""Module asyncio: whatever a loop waits for."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import signal
import threading
import time
from collections.abc import Awaitable
from functools import partial
from typing import Any

from tests.virtual.matrix.cells import IN_MAIN_THREAD, Exact, Real, construct
from tests.virtual.matrix.ground import Ground

LOOP = "asyncio"
CHILD = Real("another process does the work", 1.4)
OLDER = Real("a loop older than virtual time does the work", 1.4)
WORKER = frozenset({"worker"})
MODULE_LOOP = frozenset({"loop"})
SYNC = ("main", "thread", "pool", "done_callback", "timer", "older")
NO_LOOP_IN_A_LOOP = "a loop can't be run in a loop"


async def _times_out(at: Ground, wait: Awaitable[Any], seconds: float = 62) -> None:
    try:
        await asyncio.wait_for(wait, at.span(seconds))
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP)
async def sleep(at: Ground) -> None:
    """`asyncio.sleep`"""
    await asyncio.sleep(at.span(62))


@construct(Exact(0), kind=LOOP)
async def sleep_nothing(at: Ground) -> None:
    """`asyncio.sleep(0)`"""
    await asyncio.sleep(0)


@construct(Exact(30), kind=LOOP)
async def blocking_sleep(at: Ground) -> None:
    """`time.sleep` in a coroutine, beside `asyncio.sleep`"""
    other = asyncio.ensure_future(asyncio.sleep(at.span(10)))
    await asyncio.sleep(0)
    time.sleep(at.span(30))
    await other


@construct(Exact(62), kind=LOOP)
async def wait_for(at: Ground) -> None:
    """`wait_for(…, 62)`"""
    await _times_out(at, asyncio.sleep(at.span(1000)))


@construct(Exact(62), kind=LOOP)
async def timeout(at: Ground) -> None:
    """`asyncio.timeout(62)`"""
    try:
        async with asyncio.timeout(at.span(62)):
            await asyncio.sleep(at.span(1000))
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP)
async def timeout_at(at: Ground) -> None:
    """`asyncio.timeout_at(loop.time() + 62)`"""
    try:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + at.span(62)):
            await asyncio.Event().wait()
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(62), kind=LOOP, elsewhere={"older": Real("the thread is older than virtual time", 0.3)})
async def timeout_tie(at: Ground) -> None:
    """`wait_for(Event.wait(), 62)`, set at the same moment by a thread: it goes first"""
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    at.later(62 if at.virtual else 30, lambda: loop.call_soon_threadsafe(event.set))
    await asyncio.wait_for(event.wait(), at.span(62))


@construct(Exact(10, until=10), kind=LOOP)
async def wait(at: Ground) -> None:
    """`asyncio.wait(…, timeout=10)`"""
    tasks = [asyncio.ensure_future(asyncio.sleep(at.span(1000))) for _ in range(2)]
    done, left = await asyncio.wait(tasks, timeout=at.span(10))
    at.holds((len(done), len(left)) == (0, 2), f"{len(done)} done")


@construct(Exact(60), kind=LOOP)
async def as_completed(at: Ground) -> None:
    """`as_completed` of 60, 10 and 30 s"""
    naps = [asyncio.sleep(at.span(seconds), seconds) for seconds in (60, 10, 30)]
    order = [await one for one in asyncio.as_completed(naps)]
    at.holds(order == [10, 30, 60], f"in the order {order}")


@construct(Exact(62), kind=LOOP)
async def as_completed_timeout(at: Ground) -> None:
    """`as_completed(…, timeout=62)`"""
    try:
        for one in asyncio.as_completed([asyncio.sleep(at.span(1000))], timeout=at.span(62)):
            await one
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(60), kind=LOOP)
async def gather(at: Ground) -> None:
    """`gather` of 60, 10 and 30 s"""
    await asyncio.gather(*(asyncio.sleep(at.span(seconds)) for seconds in (60, 10, 30)))


@construct(Exact(60), kind=LOOP)
async def task_group(at: Ground) -> None:
    """`TaskGroup` of 60, 10 and 30 s"""
    async with asyncio.TaskGroup() as group:
        for seconds in (60, 10, 30):
            group.create_task(asyncio.sleep(at.span(seconds)))


@construct(Exact(62), kind=LOOP)
async def event(at: Ground) -> None:
    """`Event.wait` in `wait_for(…, 62)`"""
    await _times_out(at, asyncio.Event().wait())


@construct(Exact(62), kind=LOOP)
async def condition(at: Ground) -> None:
    """`Condition.wait` in `wait_for(…, 62)`"""
    condition = asyncio.Condition()
    async with condition:
        await _times_out(at, condition.wait())


@construct(Exact(62), kind=LOOP)
async def queue(at: Ground) -> None:
    """`Queue.get` in `wait_for(…, 62)`"""
    await _times_out(at, asyncio.Queue[int]().get())


@construct(Exact(62), kind=LOOP)
async def semaphore(at: Ground) -> None:
    """`Semaphore.acquire` in `wait_for(…, 62)`"""
    await _times_out(at, asyncio.Semaphore(0).acquire())


@construct(Exact(62), kind=LOOP)
async def lock(at: Ground) -> None:
    """`Lock.acquire` in `wait_for(…, 62)`"""
    lock = asyncio.Lock()
    await lock.acquire()
    await _times_out(at, lock.acquire())


@construct(Exact(30), kind=LOOP)
async def queue_join(at: Ground) -> None:
    """`Queue.join`, a job of 30 s"""
    jobs = asyncio.Queue[int]()

    async def work() -> None:
        await jobs.get()
        await asyncio.sleep(at.span(30))
        jobs.task_done()

    jobs.put_nowait(1)
    worker = asyncio.ensure_future(work())
    await jobs.join()
    await worker


@construct(Exact(45), kind=LOOP)
async def call_later(at: Ground) -> None:
    """`call_later(45, …)`"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.call_later(at.span(45), called.set_result, None)
    await called


@construct(Exact(45), kind=LOOP)
async def call_at(at: Ground) -> None:
    """`call_at(loop.time() + 45, …)`"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.call_at(loop.time() + at.span(45), called.set_result, None)
    await called


@construct(Exact(62), kind=LOOP)
async def loop_time(at: Ground) -> None:
    """`loop.time()`"""
    loop = asyncio.get_running_loop()
    before = loop.time()
    await asyncio.sleep(at.span(62))
    at.tells(loop.time() - before, 62)
    at.holds(abs(loop.time() - time.monotonic()) < (0.000001 if at.virtual else 1), "it isn't time.monotonic")


@construct(Exact(30), kind=LOOP)
async def to_thread(at: Ground) -> None:
    """`to_thread` of a function that sleeps 30 s"""
    await asyncio.to_thread(lambda: time.sleep(at.span(30)))


@construct(Exact(30), kind=LOOP)
async def to_thread_sleep(at: Ground) -> None:
    """`to_thread(time.sleep, 30)`"""
    await asyncio.to_thread(time.sleep, at.span(30))


@construct(Exact(12, until=100), kind=LOOP)
async def to_thread_timeout(at: Ground) -> None:
    """`asyncio.timeout(12)` around `to_thread` of 100 s; the run ends when that does"""
    try:
        async with asyncio.timeout(at.span(12)):
            await asyncio.to_thread(lambda: time.sleep(at.span(100)))
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(Exact(30), kind=LOOP)
async def run_in_executor(at: Ground) -> None:
    """`run_in_executor(None, partial(time.sleep, 30))`"""
    await asyncio.get_running_loop().run_in_executor(None, partial(time.sleep, at.span(30)))


@construct(Exact(60), kind=LOOP)
async def own_executor(at: Ground) -> None:
    """`run_in_executor(pool, time.sleep, 30)`, twice, one worker"""
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, time.sleep, at.span(30)) for _ in range(2)))


@construct(Exact(30), kind=LOOP)
async def wrap_future(at: Ground) -> None:
    """`wrap_future` of a pool's job"""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        await asyncio.wrap_future(pool.submit(time.sleep, at.span(30)))


@construct(Exact(30), kind=LOOP)
async def call_soon_threadsafe(at: Ground) -> None:
    """`call_soon_threadsafe` from a thread after 30 s"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    at.later(30, lambda: loop.call_soon_threadsafe(called.set_result, None))
    await called


def _loop_in_a_thread() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


@construct(Exact(30))
def run_coroutine_threadsafe(at: Ground) -> None:
    """`run_coroutine_threadsafe(…).result(62)`, a loop in a thread"""
    loop = _loop_in_a_thread()
    asyncio.run_coroutine_threadsafe(asyncio.sleep(at.span(30)), loop).result(at.span(62))


@construct(Exact(12))
def run_coroutine_threadsafe_timeout(at: Ground) -> None:
    """`run_coroutine_threadsafe(…).result(12)` of 30 s"""
    loop = _loop_in_a_thread()
    try:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(at.span(30)), loop).result(at.span(12))
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(OLDER, tools=MODULE_LOOP)
def on_an_older_loop(at: Ground) -> None:
    """`run_coroutine_threadsafe(…, older loop).result()`"""
    asyncio.run_coroutine_threadsafe(asyncio.sleep(1.4), at.loop).result()


@construct(OLDER, tools=MODULE_LOOP)
def on_an_older_loop_in_time(at: Ground) -> None:
    """`run_coroutine_threadsafe(…, older loop).result(timeout=20)`"""
    asyncio.run_coroutine_threadsafe(asyncio.sleep(1.4), at.loop).result(timeout=20)


@construct(Real("a timeout on an older loop", 0.5), tools=MODULE_LOOP)
def on_an_older_loop_too_slow(at: Ground) -> None:
    """`run_coroutine_threadsafe(…, older loop).result(timeout=0.5)`"""
    try:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(30), at.loop).result(timeout=0.5)
        at.holds(False, "no timeout")
    except TimeoutError:
        pass


@construct(OLDER, kind=LOOP, tools=MODULE_LOOP)
async def awaiting_an_older_loop(at: Ground) -> None:
    """`wait_for(wrap_future(run_coroutine_threadsafe(…, older loop)), 20)`"""
    future = asyncio.run_coroutine_threadsafe(asyncio.sleep(1.4), at.loop)
    await asyncio.wait_for(asyncio.wrap_future(future), 20)


async def _child(*command: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


@construct(CHILD, kind=LOOP)
async def subprocess(at: Ground) -> None:
    """`create_subprocess_exec`, `wait()`"""
    at.holds(await (await _child("sleep", "1.4")).wait() == 0, "another code")


@construct(CHILD, kind=LOOP)
async def subprocess_in_time(at: Ground) -> None:
    """`create_subprocess_exec`, `communicate` in `wait_for(…, 20)`"""
    child = await _child("sh", "-c", "sleep 1.4; echo 1")
    at.holds((await asyncio.wait_for(child.communicate(), 20))[0] == b"1\n", "another output")


@construct(CHILD, kind=LOOP)
async def subprocess_wait_in_time(at: Ground) -> None:
    """`create_subprocess_exec`, `wait` in `asyncio.timeout(20)`"""
    async with asyncio.timeout(20):
        await (await asyncio.create_subprocess_exec("sleep", "1.4")).wait()


@construct(Real("a timeout on another process", 0.5), kind=LOOP)
async def subprocess_too_slow(at: Ground) -> None:
    """`create_subprocess_exec`, `wait` in `wait_for(…, 0.5)`, then `kill`"""
    child = await _child("sleep", "30")
    await _times_out(Ground(virtual=True), child.wait(), 0.5)
    child.kill()
    await child.wait()


@construct(CHILD, kind=LOOP)
async def subprocess_shell(at: Ground) -> None:
    """`create_subprocess_shell`, lines of its output"""
    child = await asyncio.create_subprocess_shell("echo 1; sleep 1.4; echo 2", stdout=asyncio.subprocess.PIPE)
    assert child.stdout
    lines = [await asyncio.wait_for(child.stdout.readline(), 20) for _ in range(2)]
    at.holds(lines == [b"1\n", b"2\n"], f"{lines}")
    await child.wait()


@construct(Exact(62), kind=LOOP, scenario="clado/at-once")
async def stream_from_the_mock(at: Ground) -> None:
    """`open_connection` to the mock, `read` in `wait_for(…, 62)`"""
    reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
    await _times_out(at, reader.read(1))
    writer.close()


@construct(Exact(30), kind=LOOP)
async def start_server(at: Ground) -> None:
    """`start_server` and `open_connection`, answered after 30 s"""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await asyncio.sleep(at.span(30))
        writer.write(b"done\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer.write(b"go\n")
        at.holds(await asyncio.wait_for(reader.readline(), at.span(62)) == b"done\n", "another answer")
        writer.close()


@construct(Exact(30), kind=LOOP)
async def unix_server(at: Ground) -> None:
    """`start_unix_server`, answered after 30 s"""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await asyncio.sleep(at.span(30))
        writer.write(b"done\n")
        writer.close()

    path = f"/tmp/jobmock-matrix-{os.getpid()}"
    async with await asyncio.start_unix_server(answer, path):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"go\n")
        at.holds(await asyncio.wait_for(reader.readline(), at.span(62)) == b"done\n", "another answer")
        writer.close()
    os.unlink(path)


@construct(Exact(62), kind=LOOP)
async def datagram(at: Ground) -> None:
    """`create_datagram_endpoint`, nothing within 62 s"""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
    await asyncio.sleep(at.span(62))
    transport.close()


@construct(Exact(30), kind=LOOP)
async def add_reader(at: Ground) -> None:
    """`add_reader` of a pipe that a thread writes after 30 s"""
    loop, (reading, writing) = asyncio.get_running_loop(), os.pipe()
    called = loop.create_future()
    loop.add_reader(reading, called.set_result, None)
    at.later(30, lambda: os.write(writing, b"1"))
    await asyncio.wait_for(called, at.span(62))
    loop.remove_reader(reading)


@construct(Exact(30), kind=LOOP, places=IN_MAIN_THREAD, because="signals are the main thread's")
async def add_signal_handler(at: Ground) -> None:
    """`add_signal_handler`, a thread sends it after 30 s"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.add_signal_handler(signal.SIGUSR1, called.set_result, None)
    at.later(30, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    await called


@construct(Exact(62), places=SYNC, because=NO_LOOP_IN_A_LOOP)
def run(at: Ground) -> None:
    """`asyncio.run`, twice"""
    asyncio.run(asyncio.sleep(at.span(30)))
    asyncio.run(asyncio.sleep(at.span(32)))


@construct(Exact(62), places=SYNC, because=NO_LOOP_IN_A_LOOP)
def runner(at: Ground) -> None:
    """`asyncio.Runner`"""
    with asyncio.Runner() as runner:
        runner.run(asyncio.sleep(at.span(30)))
        time.sleep(at.span(2))
        runner.run(asyncio.sleep(at.span(30)))


@construct(Exact(62), places=SYNC, because=NO_LOOP_IN_A_LOOP)
def run_until_complete(at: Ground) -> None:
    """`new_event_loop().run_until_complete`"""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.sleep(at.span(62)))
    loop.close()


_old = asyncio.new_event_loop()


@construct(Exact(62), places=SYNC, because=NO_LOOP_IN_A_LOOP)
def old_loop(at: Ground) -> None:
    """a loop made before, run now"""
    _old.run_until_complete(asyncio.sleep(at.span(62)))


@construct(Exact(30), places=SYNC, because=NO_LOOP_IN_A_LOOP)
def loops_in_threads(at: Ground) -> None:
    """`asyncio.run` in two threads at once"""
    threads = [threading.Thread(target=lambda s=s: asyncio.run(asyncio.sleep(at.span(s)))) for s in (10, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@construct(Exact(62), kind=LOOP)
async def eager_tasks(at: Ground) -> None:
    """tasks that begin at once (`eager_task_factory`), where there are any"""
    loop = asyncio.get_running_loop()
    if hasattr(asyncio, "eager_task_factory"):
        loop.set_task_factory(asyncio.eager_task_factory)
    await asyncio.gather(*(asyncio.create_task(asyncio.sleep(at.span(seconds))) for seconds in (10, 62)))


@construct(Exact(62), kind=LOOP)
async def debug(at: Ground) -> None:
    """a loop in debug mode"""
    asyncio.get_running_loop().set_debug(True)
    await asyncio.sleep(at.span(62))
