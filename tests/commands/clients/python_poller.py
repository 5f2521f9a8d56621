"""Polls a job of Clado with a library, in the form of `node_programs/poller.mjs`.

Its arguments are the library, the job, the seconds between polls, and how many polls it sends at most. It prints the
number of polls, and the milliseconds that its clocks have counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from importlib import import_module
from typing import Any

URL = os.environ["CLADO_BASE_URL"] + "/api/search/deep_research/"
HEADERS = {"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}"}
SESSIONS = {"httpx": "Client", "requests": "Session"}


def by_session(session: Any, job: str, seconds: float, most: int) -> int:
    """Poll with a client of httpx, or a session of requests, and return the number of polls."""
    polls = 1
    while session.get(URL + job, headers=HEADERS).json()["status"] != "completed" and polls < most:
        polls += 1
        if seconds:
            time.sleep(seconds)
    return polls


async def by_aiohttp(library: Any, job: str, seconds: float, most: int) -> int:
    """Poll with a session of aiohttp, and return the number of polls."""
    polls = 0
    async with library.ClientSession(headers=HEADERS) as session:
        while polls < most:
            polls += 1
            async with session.get(URL + job) as answer:
                if (await answer.json())["status"] == "completed":
                    break
            if seconds:
                await asyncio.sleep(seconds)
    return polls


def main(name: str, job: str, seconds: str, most: str) -> None:
    """Poll a job, and print what was counted."""
    library = import_module(name)
    date, monotonic = time.time_ns(), time.monotonic_ns()
    if name == "aiohttp":
        polls = asyncio.run(by_aiohttp(library, job, float(seconds), int(most)))
    else:
        with getattr(library, SESSIONS[name])() as session:
            polls = by_session(session, job, float(seconds), int(most))
    counted = {"date": (time.time_ns() - date) / 1e6, "hrtime": (time.monotonic_ns() - monotonic) / 1e6}
    sys.stdout.write(json.dumps({"polls": polls, **counted}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
