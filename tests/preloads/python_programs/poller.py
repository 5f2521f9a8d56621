"""Polls a job by one of several libraries, and prints what all of its clocks have counted."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from typing import Any

library, job, interval, timeout = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
place = f"{os.environ['CLADO_BASE_URL']}/api/search/deep_research/{job}"
headers = {"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}"}
polls = 0
failed: list[float] = []
began = time.time_ns(), time.monotonic(), time.perf_counter(), datetime.now()


def is_completed(body: Any) -> bool:
    return bool(body["status"] == "completed")


def poll(get: Callable[[], Any], errors: tuple[type[BaseException], ...], sleep: Callable[[float], Any]) -> None:
    global polls
    while True:
        polls += 1
        before = time.monotonic()
        try:
            if is_completed(get()):
                return
        except errors:
            failed.append(time.monotonic() - before)
        sleep(interval)


async def apoll(get: Callable[[], Any], errors: tuple[type[BaseException], ...], sleep: Callable[[float], Any]) -> None:
    global polls
    while True:
        polls += 1
        before = time.monotonic()
        try:
            if is_completed(await get()):
                return
        except errors:
            failed.append(time.monotonic() - before)
        await sleep(interval)


def by_httpx() -> None:
    import httpx

    with httpx.Client(headers=headers, timeout=timeout) as http:
        poll(lambda: http.get(place).json(), (httpx.TimeoutException,), time.sleep)


def by_requests() -> None:
    import requests

    with requests.Session() as http:
        poll(lambda: http.get(place, headers=headers, timeout=timeout).json(), (requests.Timeout,), time.sleep)


def by_urllib() -> None:
    request = urllib.request.Request(place, headers=headers)
    poll(lambda: json.load(urllib.request.urlopen(request, timeout=timeout)), (TimeoutError,), time.sleep)


def by_asyncio() -> None:
    import httpx

    async def main() -> None:
        async with httpx.AsyncClient(headers=headers, timeout=timeout) as http:

            async def get() -> Any:
                return (await http.get(place)).json()

            await apoll(get, (httpx.TimeoutException,), asyncio.sleep)

    asyncio.run(main())


def by_aiohttp() -> None:
    import aiohttp

    async def main() -> None:
        limit = aiohttp.ClientTimeout(total=timeout)
        async with aiohttp.ClientSession(headers=headers, timeout=limit) as http:

            async def get() -> Any:
                async with http.get(place) as answer:
                    return await answer.json()

            await apoll(get, (TimeoutError,), asyncio.sleep)

    asyncio.run(main())


def by_trio() -> None:
    import httpx
    import trio

    async def main() -> None:
        async with httpx.AsyncClient(headers=headers, timeout=timeout) as http:

            async def get() -> Any:
                return (await http.get(place)).json()

            await apoll(get, (httpx.TimeoutException,), trio.sleep)

    trio.run(main)


LIBRARIES = {
    "httpx": by_httpx, "requests": by_requests, "urllib": by_urllib, "asyncio": by_asyncio, "aiohttp": by_aiohttp,
    "trio": by_trio,
}  # fmt: skip
LIBRARIES[library]()
spans = [
    (time.time_ns() - began[0]) / 10**9, time.monotonic() - began[1], time.perf_counter() - began[2],
    (datetime.now() - began[3]).total_seconds(),
]  # fmt: skip
sys.stdout.write(json.dumps({"polls": polls, "failed": failed, "spans": spans}))
