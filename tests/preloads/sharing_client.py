"""A client in a process of its own: it polls in virtual time, on the clock that it shares with other processes.

Its arguments are the URL, the key, the job, the seconds between two polls, and how it polls. It begins when it reads a
line.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable

import httpx
import requests

from jobmock.preloads.control_client import ControlClient
from jobmock.preloads.shared_clock import SharedClock
from jobmock.virtual import virtual_time

url, key, job, pause, how = sys.argv[1:]
place, interval = f"{url}/api/search/deep_research/{job}", float(pause)
headers = {"Authorization": f"Bearer {key}"}


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def session() -> None:
    with httpx.Client(headers=headers, trust_env=False) as http:
        while http.get(place).json()["status"] != "completed":
            time.sleep(interval)


def single() -> None:
    while requests.get(place, headers=headers, timeout=30).json()["status"] != "completed":
        time.sleep(interval)


def tasks() -> None:
    async def poll() -> None:
        async with httpx.AsyncClient(headers=headers, trust_env=False) as http:
            while (await http.get(place)).json()["status"] != "completed":
                await asyncio.sleep(interval)

    async def main() -> None:
        await asyncio.gather(poll(), poll())

    asyncio.run(main())


def endless() -> None:
    try:
        httpx.get(place, headers=headers, timeout=None, trust_env=False)
    except Exception as error:
        write(type(error).__name__)


HOW: dict[str, Callable[[], None]] = {"session": session, "single": single, "tasks": tasks, "endless": endless}
clock = SharedClock(ControlClient(url, key))
write("joined")
sys.stdin.readline()
with virtual_time(clock, ports={int(url.rpartition(":")[2])}) as scheduler:
    clock.watch(scheduler.external.servers.in_flight)
    HOW[how]()
    write(str(time.time() - clock.started / 10**9))
