"""Clients of servers other than the mock, and servers on uvicorn."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from typing import Any

from tests.virtual.matrix.cell_run import CellRun
from tests.virtual.matrix.cells import Exact, Real, Refused, construct

with suppress(ImportError):
    import aiohttp
    import httpx
    import requests
    import uvicorn
with suppress(ImportError):
    import uvloop  # noqa: F401

SERVER = Real("a server other than the mock", 1.4)
TIMEOUT = Real("a timeout on a server other than the mock", 0.5)
JOB = {"query": "x"}
THREAD_SERVER, PROCESS_SERVER = frozenset({"thread_server"}), frozenset({"process_server"})


@construct(SERVER, tools=THREAD_SERVER, needs=("httpx",))
def httpx_foreign(cell: CellRun) -> None:
    """`httpx.get(timeout=10)`, a server of an older thread that needs 1.4 real s"""
    cell.expect(httpx.get(f"{cell.outside_url}/1.4", timeout=10, trust_env=False).status_code == 200, "another answer")


async def _foreign(cell: CellRun, seconds: float = 1.4, timeout: float = 10) -> int:
    async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:
        return (await client.get(f"{cell.outside_url}/{seconds}")).status_code


@construct(SERVER, tools=THREAD_SERVER, needs=("httpx",), kind="asyncio trio")
async def httpx_async_foreign(cell: CellRun) -> None:
    """`httpx.AsyncClient(timeout=10)`, a server of an older thread that needs 1.4 real s"""
    cell.expect(await _foreign(cell) == 200, "another answer")


@construct(SERVER, tools=PROCESS_SERVER, needs=("httpx",), kind="asyncio trio")
async def httpx_async_foreign_process(cell: CellRun) -> None:
    """`httpx.AsyncClient(timeout=10)`, a server of another process that needs 1.4 real s"""
    cell.expect(await _foreign(cell) == 200, "another answer")


@construct(TIMEOUT, tools=PROCESS_SERVER, needs=("httpx",), kind="asyncio trio")
async def httpx_async_foreign_too_slow(cell: CellRun) -> None:
    """`httpx.AsyncClient(timeout=0.5)`, a server of another process that needs longer"""
    with suppress(httpx.ReadTimeout):
        await _foreign(cell, 30, 0.5)
        cell.expect(False, "no timeout")


@construct(SERVER, tools=PROCESS_SERVER, needs=("aiohttp",), kind="asyncio")
async def aiohttp_foreign(cell: CellRun) -> None:
    """`aiohttp.ClientTimeout(total=10)`, a server of another process that needs 1.4 real s"""
    limit = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=limit) as session, session.get(f"{cell.outside_url}/1.4") as answer:
        cell.expect(answer.status == 200, "another answer")


@construct(SERVER, tools=PROCESS_SERVER, needs=("requests",))
def requests_foreign(cell: CellRun) -> None:
    """`requests.get(timeout=10)`, a server of another process that needs 1.4 real s"""
    cell.expect(requests.get(f"{cell.outside_url}/1.4", timeout=10).status_code == 200, "another answer")


@construct(SERVER, tools=PROCESS_SERVER, needs=("httpx",), kind="asyncio")
async def foreign_beside_a_sleep(cell: CellRun) -> None:
    """a foreign server that needs 1.4 real s, beside `asyncio.sleep(0.5)`: a sleep lasts no longer than that"""
    await asyncio.gather(_foreign(cell), asyncio.sleep(0.5))


def _served(cell: CellRun, loop: str, *, wrapped: bool) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(cell.scale(60))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", loop=loop, lifespan="off", ws="none"))
    thread = threading.Thread(target=(lambda: server.run()) if wrapped else server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    cell.begin()
    answer = httpx.get(f"http://127.0.0.1:{port}/", timeout=600, trust_env=False)
    cell.expect(answer.status_code == 200, "another answer")
    cell.end()


@construct(Exact(60), needs=("uvicorn", "httpx"))
def uvicorn_run(cell: CellRun) -> None:
    """`Thread(target=uvicorn.Server(…).run)` on asyncio, whose handler sleeps 60 s"""
    _served(cell, "asyncio", wrapped=False)


@construct(Exact(60), needs=("uvicorn", "httpx"))
def uvicorn_wrapped(cell: CellRun) -> None:
    """a thread that calls `uvicorn.Server(…).run` on asyncio, whose handler sleeps 60 s"""
    _served(cell, "asyncio", wrapped=True)


@construct(Refused("uvloop"), needs=("uvicorn", "uvloop", "httpx"))
def uvicorn_uvloop(cell: CellRun) -> None:
    """`Thread(target=uvicorn.Server(…).run)` on uvloop"""
    _served(cell, "uvloop", wrapped=False)


@construct(Refused("uvloop"), needs=("uvicorn", "uvloop", "httpx"))
def uvicorn_uvloop_wrapped(cell: CellRun) -> None:
    """a thread that calls `uvicorn.Server(…).run` on uvloop"""
    _served(cell, "uvloop", wrapped=True)
