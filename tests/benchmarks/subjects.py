"""The servers that are measured, each in its own process: their commands, and the files that they need."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from tests.benchmarks.cases import CASES, LIMITS
from tests.free_ports import free_port

BARE, OWN = "bare ASGI", "jobmock"
PEERS = {"WireMock": "JOBMOCK_BENCH_WIREMOCK", "Prism": "JOBMOCK_BENCH_PRISM", "Mockoon": "JOBMOCK_BENCH_MOCKOON"}
"""Servers that aren't Python, each measured if its environment variable holds the command that runs it."""
WARM_UP = {"WireMock": 20.0}
"""Seconds of load before the first figure; two for any other."""
_READY_SECONDS = 60
_SERVER_CPU = 0

Command = Callable[[Path, int], Sequence[str]]


class Running(NamedTuple):
    """A running server: its process id, its URL, and the seconds from its start to its first answer."""

    pid: int
    url: str
    ready: float


def _constant_server(kind: str) -> Command:
    module = "tests.benchmarks.constant_servers"
    return lambda folder, port: [sys.executable, "-m", module, kind, str(folder), str(port)]


def jobmock_command(python: str, folder: Path, port: int) -> Sequence[str]:
    """Return the command `jobmock serve` for an interpreter that has jobmock, with limits that never refuse."""
    (folder / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    return [python, "-m", "jobmock", "serve", "--port", str(port), "--limits", str(folder / "limits.yaml")]


def _wiremock(folder: Path, port: int) -> Sequence[str]:
    root = folder / "wiremock"
    for name in ("mappings", "__files"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(CASES):
        (root / "__files" / f"{number}.json").write_bytes((folder / f"{number}.json").read_bytes())
        response = {"status": 200, "headers": {"Content-Type": "application/json"}, "bodyFileName": f"{number}.json"}
        stub = {"request": {"method": "GET", "urlPath": case.path}, "response": response}
        (root / "mappings" / f"{number}.json").write_text(json.dumps(stub), encoding="utf-8")
    return ["--port", str(port), "--root-dir", str(root), "--no-request-journal"]


def _prism(folder: Path, port: int) -> Sequence[str]:
    paths: dict[str, Any] = {}
    for number, case in enumerate(CASES):
        example = json.loads((folder / f"{number}.json").read_bytes())
        content = {"application/json": {"schema": {"type": "object"}, "example": example}}
        paths[case.path] = {"get": {"responses": {"200": {"description": "ready", "content": content}}}}
    document = {"openapi": "3.0.3", "info": {"title": "ready answers", "version": "1"}, "paths": paths}
    (folder / "prism.json").write_text(json.dumps(document), encoding="utf-8")
    return ["mock", "--port", str(port), "--host", "127.0.0.1", "--verboseLevel", "silent", str(folder / "prism.json")]


def _mockoon(folder: Path, port: int) -> Sequence[str]:
    routes = []
    for number, case in enumerate(CASES):
        response = {
            "uuid": f"response-{number}", "body": (folder / f"{number}.json").read_text(encoding="utf-8"),
            "statusCode": 200, "headers": [{"key": "Content-Type", "value": "application/json"}], "bodyType": "INLINE",
            "disableTemplating": True, "default": True, "latency": 0, "rules": [], "rulesOperator": "OR",
        }  # fmt: skip
        routes.append(
            {"uuid": f"route-{number}", "type": "http", "method": "get", "endpoint": case.path.lstrip("/"),
             "responses": [response]}
        )  # fmt: skip
    environment = {
        "uuid": "benchmark", "lastMigration": 33, "name": "benchmark", "port": port, "hostname": "127.0.0.1",
        "routes": routes, "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
    }  # fmt: skip
    (folder / "mockoon.json").write_text(json.dumps(environment), encoding="utf-8")
    return ["start", "--data", str(folder / "mockoon.json"), "--port", str(port), "--disable-log-to-file"]


_PEER_ARGUMENTS: dict[str, Command] = {"WireMock": _wiremock, "Prism": _prism, "Mockoon": _mockoon}


def _peer(name: str, command: str) -> Command:
    return lambda folder, port: [*shlex.split(command), *_PEER_ARGUMENTS[name](folder, port)]


def subjects() -> dict[str, Command]:
    """Return the commands of all servers that can be measured here; the bare one comes first."""
    found: dict[str, Command] = {BARE: _constant_server("bare"), "Starlette": _constant_server("starlette")}
    found |= {OWN: partial(jobmock_command, sys.executable), "pytest-httpserver": _constant_server("httpserver")}
    return found | {name: _peer(name, os.environ[word]) for name, word in PEERS.items() if os.environ.get(word)}


def can_pin() -> bool:
    """Say whether server and driver can each have a processor."""
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1


@contextmanager
def pinned_to(number: int) -> Iterator[None]:
    """Pin the processes that are started in a `with` block to one processor, if there are two."""
    if not can_pin():
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[number]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(command: Command, folder: Path, env: dict[str, str] | None = None) -> Iterator[Running]:
    """Start a server, wait for its first answer, yield it, and end it."""
    port = free_port()
    words = command(folder, port)
    with pinned_to(_SERVER_CPU):
        began = time.perf_counter()
        process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        yield Running(process.pid, url, _seconds_to_answer(process, url, began))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _seconds_to_answer(process: subprocess.Popen[bytes], url: str, began: float) -> float:
    with httpx.Client(verify=False, timeout=10) as client:
        while time.perf_counter() - began < _READY_SECONDS and process.poll() is None:
            try:
                client.get(url + CASES[0].path)
                return time.perf_counter() - began
            except httpx.TransportError:
                time.sleep(0.002)
    raise SystemExit(f"This server gave no answer: {shlex.join(map(str, process.args))}")  # type: ignore[arg-type]
