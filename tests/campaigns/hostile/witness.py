"""A well-behaved client that polls two finished jobs beside the attacks, and looks at each answer as a whole."""

from __future__ import annotations

import socket
import sys
import threading
import time
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
from tests.campaigns.hostile.requests import request
from tests.campaigns.hostile.server_watch import ServerWatch
from tests.support import HANGS, JOBS, scenario

KEYS = {"clado": "lk_witness", "orbit": "sk_orb_witness"}
PAUSE = 0.004
_SWITCH = 0.0002
"""Seconds after which the client's thread gets its turn beside that of the attackers."""


class Delays(NamedTuple):
    """The longest wait for an answer: seconds, and the loop's processor time in them."""

    seconds: float = 0.0
    loop: float = 0.0


class Witness:
    """The client, in a thread of its own."""

    def __init__(self, url: str, watch: ServerWatch) -> None:
        self._url, self._watch = url, watch
        self._requests = [request("GET", f"{JOBS[api]}/{_job(api)}", key) for api, key in KEYS.items()]
        self._expected = self._make_jobs()
        self._wrong: list[str] = []
        self._delays, self._lock = Delays(), threading.Lock()
        self._switch = sys.getswitchinterval()
        self.answers, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> Witness:
        sys.setswitchinterval(_SWITCH)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        sys.setswitchinterval(self._switch)

    def take(self) -> tuple[Delays, list[str]]:
        """Return the longest wait and what was wrong since the last call. Waits until two more answers came."""
        until, began = self.answers + 2, time.monotonic()
        while self.answers < until and time.monotonic() < began + HANGS:
            time.sleep(0.001)
        with self._lock:
            taken = self._delays, self._wrong
            self._delays, self._wrong = Delays(), []
        return taken

    def restore(self) -> None:
        """Make the jobs again after a call that cleared all, and forget what was wrong meanwhile."""
        self._expected = self._make_jobs()
        self.take()

    def _make_jobs(self) -> list[bytes]:
        """Make the two jobs, and return the answers that each poll must have."""
        expected = []
        with httpx.Client(base_url=self._url, trust_env=False, timeout=HANGS) as client:
            for api, key in KEYS.items():
                headers = {"authorization": f"Bearer {key}"}
                client.put("/__jobmock/clock", headers=headers, json={"mode": "manual"}).raise_for_status()
                body = {"scenario": scenario(api, "completed"), "id": _job(api)}
                client.post("/__jobmock/jobs", headers=headers, json=body).raise_for_status()
                expected.append(client.get(f"{JOBS[api]}/{_job(api)}", headers=headers).raise_for_status().content)
        return expected

    def _poll(self) -> None:
        while not self._over.is_set():
            try:
                self._poll_on_one_connection()
            except (OSError, ValueError) as error:
                self._note(f"its connection broke: {error!r}")
                time.sleep(0.1)

    def _poll_on_one_connection(self) -> None:
        parts = urlsplit(self._url)
        connection = socket.create_connection((parts.hostname, parts.port or 0), HANGS)
        with connection, connection.makefile("rb") as stream:
            while not self._over.wait(PAUSE):
                number = self.answers % len(self._requests)
                began, before = time.perf_counter(), self._watch.loop_time()
                connection.sendall(self._requests[number])
                status, body = _answer(stream)
                waited = Delays(time.perf_counter() - began, self._watch.loop_time() - before)
                if (status, body) != (200, self._expected[number]):
                    self._note(f"it got {status} {body[:200]!r}, not {self._expected[number][:100]!r}")
                with self._lock:
                    self._delays = max(self._delays, waited, key=lambda each: each.loop)
                self.answers += 1

    def _note(self, sentence: str) -> None:
        with self._lock:
            self._wrong.append(f"the well-behaved client beside it was disturbed: {sentence}")


def _job(api: str) -> str:
    return f"witness-of-{api}"


def _answer(stream: object) -> tuple[int, bytes]:
    """Return status and body of the next answer. Raises ValueError."""
    line: bytes = stream.readline()  # type: ignore[attr-defined]
    length = None
    while (header := stream.readline()) not in (b"\r\n", b""):  # type: ignore[attr-defined]
        name, _, value = header.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    if not line or length is None:
        raise ValueError(f"no whole answer, but {line!r}")
    return int(line.split(b" ", 2)[1]), stream.read(length)  # type: ignore[attr-defined]
