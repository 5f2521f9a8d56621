"""Servers that start and stop again and again, as processes and in this one, leave nothing behind."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import httpx
from tests.support import served

from jobmock.catalogue import Catalogue
from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.service.service import Service

STARTS = 40


def start_and_stop(count: int, folder: Path) -> list[str]:
    """Start and stop so many servers of each kind; return what is wrong."""
    wrong = []
    app = create_app(Service(Catalogue()))
    for number in range(count + 1):
        if number == 1:
            files, threads = _open_files(), threading.active_count()
        with running(app) as url:
            _check_ready(url)
    if (left := (_open_files(), threading.active_count())) != (files, threads):
        wrong.append(f"{left[0]} files and {left[1]} threads after {count} servers, {files} and {threads} before")
    port = 0
    for _ in range(count):
        with served("--port", port, cwd=folder) as server:
            _check_ready(server.url)
            port = server.ready["port"]
            if (code := server.end(signal.SIGTERM)) != 0:
                wrong.append(f"a server that is stopped ends with {code}")
    return wrong


def _check_ready(url: str) -> None:
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.get("/__jobmock/ready").raise_for_status()


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
