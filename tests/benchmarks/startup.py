"""The time from process start to the first 200 on `ready`: `jobmock serve`, and a bare Starlette on uvicorn.

The bare one is measured twice: as it is, and with all third-party modules imported that `serve` imports. All use
compiled bytecode, as an installed package does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial

import httpx
from tests.benchmarks.processes import Elapsed, cpu_seconds, queued
from tests.free_ports import free_port

_BARE = """
import sys, importlib
for name in sys.argv[2].split(","):
    if name: importlib.import_module(name)
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
async def ready(request): return JSONResponse({"status": "ok"})
app = Starlette(routes=[Route("/__jobmock/ready", ready)])
uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off")
"""

_IMPORTED = """
import sys
from jobmock.cli import serve
from jobmock import app, server, catalogue, service, settings, namespace, clock
names = {name for name in sys.modules if "." not in name and not name.startswith("_")}
foreign = names - set(sys.stdlib_module_names) - {"jobmock"}
print(",".join(sorted(name for name in foreign if getattr(sys.modules[name], "__spec__", None))))
"""


def jobmock_command(python: str, port: int) -> Sequence[str]:
    """Return the command `jobmock serve` for an interpreter that has jobmock."""
    return [python, "-m", "jobmock", "serve", "--port", str(port)]


def time_to_ready(command: Callable[[int], Sequence[str]], env: dict[str, str]) -> Elapsed:
    """Start a server, poll `ready` every millisecond until the first 200, and end the server; return the time."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/__jobmock/ready"
    with httpx.Client(timeout=5) as client:
        began = time.perf_counter()
        process = subprocess.Popen(command(port), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while time.perf_counter() - began < 30:
                try:
                    if client.get(url).status_code == 200:
                        wall = (time.perf_counter() - began) * 1000
                        return Elapsed(wall, cpu_seconds(process.pid) * 1000, sum(queued(process.pid).values()))
                except httpx.TransportError:
                    time.sleep(0.001)
            raise RuntimeError("The server was not ready within 30 seconds.")
        finally:
            process.terminate()
            process.wait(10)


def run(rounds: int = 9) -> dict[str, float]:
    """Start the servers in turns; print their medians and ratios, and return the ratios."""
    listing = subprocess.run([sys.executable, "-c", _IMPORTED], capture_output=True, text=True, check=True)
    imported = listing.stdout.strip()
    subjects: dict[str, Callable[[int], Sequence[str]]] = {
        "jobmock serve": partial(jobmock_command, sys.executable),
        "bare Starlette, same imports": lambda port: [sys.executable, "-c", _BARE, str(port), imported],
        "bare Starlette": lambda port: [sys.executable, "-c", _BARE, str(port), ""],
    }
    times: dict[str, list[float]] = {name: [] for name in subjects}
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        for turn in range(rounds + 1):
            for name, command in subjects.items():
                seconds = time_to_ready(command, env).wall / 1000
                if turn:  # the first one compiles
                    times[name].append(seconds)
    middle = statistics.median(times["jobmock serve"])
    ratios = {name: middle / statistics.median(taken) for name, taken in times.items()}
    for name, taken in times.items():
        print(
            f"{name:<30} {statistics.median(taken) * 1000:6.0f} ms"
            f"  ({min(taken) * 1000:.0f} to {max(taken) * 1000:.0f})"
            f"  jobmock takes {ratios[name]:.2f} times that"
        )
    return ratios
