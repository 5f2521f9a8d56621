"""Client libraries: httpx, requests, aiohttp and urllib3, and libraries that retry."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.virtual.matrix.cell_run import ANSWERS, HANGS, KEY, REFUSES, CellRun
from tests.virtual.matrix.cells import Exact, Real, construct

with suppress(ImportError):
    import aiohttp
    import httpx
    import httpx_retries
    import requests
    import stamina
    import tenacity
    import urllib3
    from requests.adapters import HTTPAdapter
with suppress(ImportError):
    import uvloop  # noqa: F401

SERVER = Real("a server other than the mock", 1.4)
JOB = {"query": "x"}
THREAD_SERVER, PROCESS_SERVER = frozenset({"thread_server"}), frozenset({"process_server"})


class _Failed(Exception):
    """The answer was an error."""


def _ask(cell: CellRun) -> None:
    with httpx.Client(headers=KEY, trust_env=False) as client:
        if client.post(cell.job_url, json=JOB).is_error:
            raise _Failed


async def _aask(cell: CellRun) -> None:
    async with httpx.AsyncClient(headers=KEY, trust_env=False) as client:
        if (await client.post(cell.job_url, json=JOB)).is_error:
            raise _Failed


@construct(Exact(30), scenario=HANGS, needs=("httpx",))
def httpx_timeout(cell: CellRun) -> None:
    """`httpx.Client(timeout=30)`, a mock that hangs"""
    with httpx.Client(headers=KEY, trust_env=False, timeout=cell.scale(30)) as client, suppress(httpx.ReadTimeout):
        client.post(cell.job_url, json=JOB)
        cell.expect(False, "no timeout")


@construct(Exact(30), scenario=HANGS, needs=("httpx",), kind="asyncio trio")
async def httpx_async_timeout(cell: CellRun) -> None:
    """`httpx.AsyncClient(timeout=30)`, a mock that hangs"""
    async with httpx.AsyncClient(headers=KEY, trust_env=False, timeout=cell.scale(30)) as client:
        with suppress(httpx.ReadTimeout):
            await client.post(cell.job_url, json=JOB)
            cell.expect(False, "no timeout")


@construct(Exact(30), scenario=HANGS, needs=("requests",))
def requests_timeout(cell: CellRun) -> None:
    """`requests.post(timeout=30)`, a mock that hangs"""
    with suppress(requests.ReadTimeout):
        requests.post(cell.job_url, json=JOB, headers=KEY, timeout=cell.scale(30))
        cell.expect(False, "no timeout")


@construct(Exact(30), scenario=HANGS, needs=("urllib3",))
def urllib3_timeout(cell: CellRun) -> None:
    """`urllib3.request(timeout=30, retries=False)`, a mock that hangs"""
    with suppress(urllib3.exceptions.ReadTimeoutError):
        urllib3.request("POST", cell.job_url, json=JOB, headers=KEY, timeout=cell.scale(30), retries=False)
        cell.expect(False, "no timeout")


async def _with_aiohttp(cell: CellRun, timeout: Any) -> None:
    async with aiohttp.ClientSession(headers=KEY, timeout=timeout) as session:
        with suppress(TimeoutError):
            await session.post(cell.job_url, json=JOB)
            cell.expect(False, "no timeout")


@construct(Exact(30), scenario=HANGS, needs=("aiohttp",), kind="asyncio")
async def aiohttp_total(cell: CellRun) -> None:
    """`aiohttp.ClientTimeout(total=30)`, a mock that hangs"""
    await _with_aiohttp(cell, aiohttp.ClientTimeout(total=cell.scale(30), ceil_threshold=1000))


@construct(Exact(30), scenario=HANGS, needs=("aiohttp",), kind="asyncio")
async def aiohttp_read(cell: CellRun) -> None:
    """`aiohttp.ClientTimeout(sock_read=30)`, a mock that hangs"""
    await _with_aiohttp(cell, aiohttp.ClientTimeout(total=None, sock_read=cell.scale(30)))


@construct(Exact(14), scenario=REFUSES, needs=("tenacity", "httpx"))
def tenacity_waits(cell: CellRun) -> None:
    """`tenacity.retry`, waits of 2, 4 and 8 s"""
    wait = tenacity.wait_exponential(multiplier=cell.scale(2), min=0)
    tenacity.retry(wait=wait)(_ask)(cell)


@construct(Exact(14), scenario=REFUSES, needs=("tenacity", "httpx"), kind="asyncio")
async def tenacity_async_waits(cell: CellRun) -> None:
    """`tenacity.retry` of a coroutine, waits of 2, 4 and 8 s"""
    wait = tenacity.wait_exponential(multiplier=cell.scale(2), min=0)
    await tenacity.retry(wait=wait)(_aask)(cell)


def _stamina(cell: CellRun) -> Callable[[Any], Any]:
    return stamina.retry(
        on=_Failed, attempts=5, timeout=900, wait_initial=cell.scale(2), wait_exp_base=2, wait_jitter=0, wait_max=60
    )


@construct(Exact(14), scenario=REFUSES, needs=("stamina", "httpx"))
def stamina_waits(cell: CellRun) -> None:
    """`stamina.retry`, waits of 2, 4 and 8 s"""
    _stamina(cell)(_ask)(cell)


@construct(Exact(14), scenario=REFUSES, needs=("stamina", "httpx"), kind="asyncio")
async def stamina_async_waits(cell: CellRun) -> None:
    """`stamina.retry` of a coroutine, waits of 2, 4 and 8 s"""
    await _stamina(cell)(_aask)(cell)


@construct(Exact(12), scenario=REFUSES, needs=("requests", "urllib3"))
def urllib3_retry(cell: CellRun) -> None:
    """`urllib3.Retry` below requests, waits of 0, 4 and 8 s"""
    retry = urllib3.Retry(
        total=5, status_forcelist=[503], allowed_methods=None, backoff_factor=cell.scale(2),
        respect_retry_after_header=False,
    )  # fmt: skip
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.post(cell.job_url, json=JOB, headers=KEY).raise_for_status()


@construct(Exact(28), scenario=REFUSES, needs=("httpx", "httpx_retries"))
def httpx_retries_waits(cell: CellRun) -> None:
    """`httpx_retries.Retry`, waits of 4, 8 and 16 s"""
    retry = httpx_retries.Retry(
        total=5, allowed_methods=["POST"], backoff_factor=cell.scale(2), backoff_jitter=0,
        respect_retry_after_header=False,
    )  # fmt: skip
    with httpx.Client(transport=httpx_retries.RetryTransport(retry=retry), headers=KEY) as client:
        client.post(cell.job_url, json=JOB).raise_for_status()


@construct(Exact(60), scenario="clado/slow", needs=("httpx",), by_place={"older": Real("nothing moves the clock", 0)})
def polls(cell: CellRun) -> None:
    """a job polled every 5 s for a minute"""
    with httpx.Client(headers=KEY, trust_env=False) as client:
        job = client.post(cell.job_url, json=JOB).json()["job_id"]
        for _ in range(12):
            client.get(f"{cell.job_url}/{job}").raise_for_status()
            time.sleep(cell.scale(5))


@construct(Exact(0), scenario=ANSWERS, needs=("httpx",))
def answered_at_once(cell: CellRun) -> None:
    """`httpx.post` to a mock that answers at once"""
    _ask(cell)
