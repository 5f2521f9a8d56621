"""How much servers bear: memory with so many namespaces, jobs and exchanges, of one server and of four behind HAProxy.

One server, or four together, get 8,000 namespaces, 10 jobs in each, and 20 polls of each key. A key's requests are sent
one after another, on 32 connections. The servers are processes of `jobmock serve`, as a user starts them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.processes import resident_mib
from tests.campaigns.http_connection import Connection
from tests.deploy.balancers import SECRET, balancer, missing
from tests.free_ports import free_port
from tests.support import HANGS, JOBS, STARTS

from jobmock.cli import execute

NAMESPACES, JOBS_OF_EACH, POLLS_OF_EACH = 8_000, 10, 20
_CONNECTIONS = 32
_START = json.dumps(STARTS["clado"]).encode()
Step = Callable[[Connection, str], Awaitable[int]]


class Site(NamedTuple):
    """Servers, and the address at which all of them are reached."""

    url: str
    pids: Sequence[int]

    @property
    def mib(self) -> float:
        """The resident memory of all servers."""
        return sum(map(resident_mib, self.pids))


def run(namespaces: int = NAMESPACES) -> dict[str, dict[str, float]]:
    """Print and return the memory of each site after each step, in MiB, and the requests a second of the step."""
    found = {}
    for count in (1, 4):
        if count > 1 and (reason := missing("haproxy")):
            print(reason)
            continue
        with _site(count) as site:
            print(f"{count} server{'s' if count > 1 else ''}: {site.mib:.0f} MiB at the start", flush=True)
            found[f"{count} servers"] = asyncio.run(_fill(site, namespaces))
    return found


async def _fill(site: Site, count: int) -> dict[str, float]:
    """Print and return the memory after each step."""
    keys, jobs = [f"lk_bears{number}--stuck" for number in range(count)], dict[str, str]()

    async def open_(connection: Connection, key: str) -> int:
        return _ok((await connection.request("GET", "/api/credits", key)).status)

    async def start(connection: Connection, key: str) -> int:
        for _ in range(JOBS_OF_EACH):
            made = await connection.request("POST", JOBS["clado"], key, _START)
            jobs[key] = json.loads(made.body)["job_id"]
        return JOBS_OF_EACH

    async def poll(connection: Connection, key: str) -> int:
        return sum([
            _ok((await connection.request("GET", f"{JOBS['clado']}/{jobs[key]}", key)).status)
            for _ in range(POLLS_OF_EACH)
        ])  # fmt: skip

    figures = {"start": site.mib}
    for name, step in (("namespaces", open_), ("jobs", start), ("polls", poll)):
        requests, seconds = await _each(site.url, keys, step)
        figures[name] = site.mib
        print(f"{requests:>9,} {name:<10} {site.mib:>6.0f} MiB {requests / seconds:>7.0f} requests/s", flush=True)
    return {name: round(value, 1) for name, value in figures.items()}


async def _each(url: str, keys: Sequence[str], step: Step) -> tuple[int, float]:
    """Do a step for each key. Returns how many requests that took, and how many seconds."""

    async def part(own: Sequence[str]) -> int:
        async with Connection(url) as connection:
            return sum([await step(connection, key) for key in own])

    began = time.perf_counter()
    counts = await asyncio.gather(*(part(keys[first::_CONNECTIONS]) for first in range(_CONNECTIONS)))
    return sum(counts), time.perf_counter() - began


def _ok(status: int) -> int:
    """Return 1. Raises SystemExit for another status than 200."""
    if status != 200:
        raise SystemExit(f"An answer has the status {status}.")
    return 1


@contextmanager
def _site(count: int) -> Iterator[Site]:
    """Start so many servers, behind HAProxy if there are several."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        limits = folder / "limits.yaml"
        limits.write_text("clado: {start: null}\n")
        ports = [free_port() for _ in range(count)]
        pids = [stack.enter_context(server(port, "--limits", str(limits))) for port in ports]
        url = f"http://127.0.0.1:{ports[0]}"
        if count > 1:
            url, _ = stack.enter_context(balancer("haproxy", folder, ports))
        yield Site(url, pids)


@contextmanager
def server(port: int, *flags: str) -> Iterator[int]:
    """Run `jobmock serve` as a process, and yield its number once it is ready."""
    command = [sys.executable, "-m", "jobmock", "serve", "--port", str(port), "--id-secret", SECRET, *flags]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with redirect_stdout(None):
                code = execute(["ready", "--url", f"http://127.0.0.1:{port}", "--wait", str(HANGS)])
            if code:
                raise SystemExit("A server isn't ready.")
            yield process.pid
        finally:
            process.terminate()
            process.wait(HANGS)
