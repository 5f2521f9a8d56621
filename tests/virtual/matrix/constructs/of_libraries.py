"""What clients are made of: httpx, requests, aiohttp, urllib3, and what retries for them; servers on uvicorn."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.virtual.matrix.cells import Exact, Real, construct
from tests.virtual.matrix.ground import ANSWERS, HANGS, KEY, REFUSES, Ground

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
FOREIGN, PROCESS = frozenset({"foreign"}), frozenset({"process"})


class _Failed(Exception):
    """The answer was an error."""


def _ask(at: Ground) -> None:
    with httpx.Client(headers=KEY, trust_env=False) as client:
        if client.post(at.job, json=JOB).is_error:
            raise _Failed


async def _aask(at: Ground) -> None:
    async with httpx.AsyncClient(headers=KEY, trust_env=False) as client:
        if (await client.post(at.job, json=JOB)).is_error:
            raise _Failed


@construct(Exact(30), scenario=HANGS, needs=("httpx",))
def httpx_timeout(at: Ground) -> None:
    """`httpx.Client(timeout=30)`, a mock that hangs"""
    with httpx.Client(headers=KEY, trust_env=False, timeout=at.span(30)) as client, suppress(httpx.ReadTimeout):
        client.post(at.job, json=JOB)
        at.holds(False, "no timeout")


@construct(Exact(30), scenario=HANGS, needs=("httpx",), kind="asyncio trio")
async def httpx_async_timeout(at: Ground) -> None:
    """`httpx.AsyncClient(timeout=30)`, a mock that hangs"""
    async with httpx.AsyncClient(headers=KEY, trust_env=False, timeout=at.span(30)) as client:
        with suppress(httpx.ReadTimeout):
            await client.post(at.job, json=JOB)
            at.holds(False, "no timeout")


@construct(Exact(30), scenario=HANGS, needs=("requests",))
def requests_timeout(at: Ground) -> None:
    """`requests.post(timeout=30)`, a mock that hangs"""
    with suppress(requests.ReadTimeout):
        requests.post(at.job, json=JOB, headers=KEY, timeout=at.span(30))
        at.holds(False, "no timeout")


@construct(Exact(30), scenario=HANGS, needs=("urllib3",))
def urllib3_timeout(at: Ground) -> None:
    """`urllib3.request(timeout=30, retries=False)`, a mock that hangs"""
    with suppress(urllib3.exceptions.ReadTimeoutError):
        urllib3.request("POST", at.job, json=JOB, headers=KEY, timeout=at.span(30), retries=False)
        at.holds(False, "no timeout")


async def _with_aiohttp(at: Ground, timeout: Any) -> None:
    async with aiohttp.ClientSession(headers=KEY, timeout=timeout) as session:
        with suppress(TimeoutError):
            await session.post(at.job, json=JOB)
            at.holds(False, "no timeout")


@construct(Exact(30), scenario=HANGS, needs=("aiohttp",), kind="asyncio")
async def aiohttp_total(at: Ground) -> None:
    """`aiohttp.ClientTimeout(total=30)`, a mock that hangs"""
    await _with_aiohttp(at, aiohttp.ClientTimeout(total=at.span(30), ceil_threshold=1000))


@construct(Exact(30), scenario=HANGS, needs=("aiohttp",), kind="asyncio")
async def aiohttp_read(at: Ground) -> None:
    """`aiohttp.ClientTimeout(sock_read=30)`, a mock that hangs"""
    await _with_aiohttp(at, aiohttp.ClientTimeout(total=None, sock_read=at.span(30)))


@construct(Exact(14), scenario=REFUSES, needs=("tenacity", "httpx"))
def tenacity_waits(at: Ground) -> None:
    """`tenacity.retry`, waits of 2, 4 and 8 s"""
    wait = tenacity.wait_exponential(multiplier=at.span(2), min=0)
    tenacity.retry(wait=wait)(_ask)(at)


@construct(Exact(14), scenario=REFUSES, needs=("tenacity", "httpx"), kind="asyncio")
async def tenacity_async_waits(at: Ground) -> None:
    """`tenacity.retry` of a coroutine, waits of 2, 4 and 8 s"""
    wait = tenacity.wait_exponential(multiplier=at.span(2), min=0)
    await tenacity.retry(wait=wait)(_aask)(at)


def _stamina(at: Ground) -> Callable[[Any], Any]:
    return stamina.retry(
        on=_Failed, attempts=5, timeout=900, wait_initial=at.span(2), wait_exp_base=2, wait_jitter=0, wait_max=60
    )


@construct(Exact(14), scenario=REFUSES, needs=("stamina", "httpx"))
def stamina_waits(at: Ground) -> None:
    """`stamina.retry`, waits of 2, 4 and 8 s"""
    _stamina(at)(_ask)(at)


@construct(Exact(14), scenario=REFUSES, needs=("stamina", "httpx"), kind="asyncio")
async def stamina_async_waits(at: Ground) -> None:
    """`stamina.retry` of a coroutine, waits of 2, 4 and 8 s"""
    await _stamina(at)(_aask)(at)


@construct(Exact(12), scenario=REFUSES, needs=("requests", "urllib3"))
def urllib3_retry(at: Ground) -> None:
    """`urllib3.Retry` below requests, waits of 0, 4 and 8 s"""
    retry = urllib3.Retry(
        total=5, status_forcelist=[503], allowed_methods=None, backoff_factor=at.span(2),
        respect_retry_after_header=False,
    )  # fmt: skip
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.post(at.job, json=JOB, headers=KEY).raise_for_status()


@construct(Exact(28), scenario=REFUSES, needs=("httpx", "httpx_retries"))
def httpx_retries_waits(at: Ground) -> None:
    """`httpx_retries.Retry`, waits of 4, 8 and 16 s"""
    retry = httpx_retries.Retry(
        total=5, allowed_methods=["POST"], backoff_factor=at.span(2), backoff_jitter=0, respect_retry_after_header=False
    )
    with httpx.Client(transport=httpx_retries.RetryTransport(retry=retry), headers=KEY) as client:
        client.post(at.job, json=JOB).raise_for_status()


@construct(Exact(60), scenario="clado/slow", needs=("httpx",), elsewhere={"older": Real("nothing moves the clock", 0)})
def polls(at: Ground) -> None:
    """a job polled every 5 s for a minute"""
    with httpx.Client(headers=KEY, trust_env=False) as client:
        job = client.post(at.job, json=JOB).json()["job_id"]
        for _ in range(12):
            client.get(f"{at.job}/{job}").raise_for_status()
            time.sleep(at.span(5))


@construct(Exact(0), scenario=ANSWERS, needs=("httpx",))
def answered_at_once(at: Ground) -> None:
    """`httpx.post` to a mock that answers at once"""
    _ask(at)
