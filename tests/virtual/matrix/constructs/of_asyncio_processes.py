"""Module asyncio: processes, streams and signals."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import IN_MAIN_THREAD, Exact, Real, construct

LOOP = "asyncio"
CHILD = Real("another process does the work", 1.4)
OLDER = Real("a loop older than virtual time does the work", 1.4)
WORKER = frozenset({"worker"})
MODULE_LOOP = frozenset({"loop"})
SYNC = ("main", "thread", "pool", "done_callback", "timer", "older")
NO_LOOP_IN_A_LOOP = "a loop can't be run in a loop"


async def _child(*command: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


@construct(CHILD, kind=LOOP)
async def subprocess(cell: CellRun) -> None:
    """`create_subprocess_exec`, `wait()`"""
    cell.expect(await (await _child("sleep", "1.4")).wait() == 0, "another code")


@construct(CHILD, kind=LOOP)
async def subprocess_in_time(cell: CellRun) -> None:
    """`create_subprocess_exec`, `communicate` in `wait_for(…, 20)`"""
    child = await _child("sh", "-c", "sleep 1.4; echo 1")
    cell.expect((await asyncio.wait_for(child.communicate(), 20))[0] == b"1\n", "another output")


@construct(CHILD, kind=LOOP)
async def subprocess_wait_in_time(cell: CellRun) -> None:
    """`create_subprocess_exec`, `wait` in `asyncio.timeout(20)`"""
    async with asyncio.timeout(20):
        await (await asyncio.create_subprocess_exec("sleep", "1.4")).wait()


@construct(Real("a timeout on another process", 0.5), kind=LOOP)
async def subprocess_too_slow(cell: CellRun) -> None:
    """`create_subprocess_exec`, `wait` in `wait_for(…, 0.5)`, then `kill`"""
    child = await _child("sleep", "30")
    try:
        await asyncio.wait_for(child.wait(), 0.5)
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass
    child.kill()
    await child.wait()


@construct(CHILD, kind=LOOP)
async def subprocess_shell(cell: CellRun) -> None:
    """`create_subprocess_shell`, lines of its output"""
    child = await asyncio.create_subprocess_shell("echo 1; sleep 1.4; echo 2", stdout=asyncio.subprocess.PIPE)
    assert child.stdout
    lines = [await asyncio.wait_for(child.stdout.readline(), 20) for _ in range(2)]
    cell.expect(lines == [b"1\n", b"2\n"], f"{lines}")
    await child.wait()


@construct(Exact(62), kind=LOOP, scenario="clado/at-once")
async def stream_from_the_mock(cell: CellRun) -> None:
    """`open_connection` to the mock, `read` in `wait_for(…, 62)`"""
    reader, writer = await asyncio.open_connection("127.0.0.1", cell.port)
    try:
        await asyncio.wait_for(reader.read(1), cell.scale(62))
        cell.expect(False, "no timeout")
    except TimeoutError:
        pass
    writer.close()


@construct(Exact(30), kind=LOOP)
async def start_server(cell: CellRun) -> None:
    """`start_server` and `open_connection`, answered after 30 s"""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await asyncio.sleep(cell.scale(30))
        writer.write(b"done\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer.write(b"go\n")
        cell.expect(await asyncio.wait_for(reader.readline(), cell.scale(62)) == b"done\n", "another answer")
        writer.close()


@construct(Exact(30), kind=LOOP)
async def unix_server(cell: CellRun) -> None:
    """`start_unix_server`, answered after 30 s"""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await asyncio.sleep(cell.scale(30))
        writer.write(b"done\n")
        writer.close()

    with tempfile.TemporaryDirectory() as folder:
        async with await asyncio.start_unix_server(answer, f"{folder}/socket"):
            reader, writer = await asyncio.open_unix_connection(f"{folder}/socket")
            writer.write(b"go\n")
            cell.expect(await asyncio.wait_for(reader.readline(), cell.scale(62)) == b"done\n", "another answer")
            writer.close()


@construct(Exact(62), kind=LOOP)
async def datagram(cell: CellRun) -> None:
    """`create_datagram_endpoint`, nothing within 62 s"""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
    await asyncio.sleep(cell.scale(62))
    transport.close()


@construct(Exact(30), kind=LOOP)
async def add_reader(cell: CellRun) -> None:
    """`add_reader` of a pipe that a thread writes after 30 s"""
    loop, (reading, writing) = asyncio.get_running_loop(), os.pipe()
    called = loop.create_future()
    loop.add_reader(reading, called.set_result, None)
    cell.run_after(30, lambda: os.write(writing, b"1"))
    await asyncio.wait_for(called, cell.scale(62))
    loop.remove_reader(reading)


@construct(Exact(30), kind=LOOP, places=IN_MAIN_THREAD, reason="signals are the main thread's")
async def add_signal_handler(cell: CellRun) -> None:
    """`add_signal_handler`, a thread sends it after 30 s"""
    loop = asyncio.get_running_loop()
    called = loop.create_future()
    loop.add_signal_handler(signal.SIGUSR1, called.set_result, None)
    cell.run_after(30, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    await called
