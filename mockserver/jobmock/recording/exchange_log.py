"""Writes each exchange as one JSON line, with synthetic data in place of all that is kept back."""

from __future__ import annotations

from collections import defaultdict
from threading import Lock
from typing import Any

import orjson

from ..catalogue import Catalogue
from ..checking.exchange import LiveExchange, to_line
from ..clock import SECOND
from ..engine.headers import retry_headers
from .files import LinesFile
from .hidden_values import fill_hidden, placeholder_body
from .recorded_jobs import RecordedJobs
from .replay import ReplayedExchange
from .sanitized_exchange import SanitizedExchange
from .sanitizer import Sanitizer
from .synthetic_host import SyntheticHost


class ExchangeLog:
    """Adds each exchange to a file of lines. Several threads may do so; only those of one job wait for each other."""

    def __init__(self, lines: LinesFile, sanitizer: Sanitizer, catalogue: Catalogue) -> None:
        self._lines, self._sanitizer, self._catalogue = lines, sanitizer, catalogue
        self._jobs = RecordedJobs()
        self._hosts: dict[int, SyntheticHost] = {}
        self._job_locks = defaultdict[int, Lock](Lock)
        self._jobs_lock, self._file_lock = Lock(), Lock()

    def add(self, exchange: SanitizedExchange) -> None:
        """Write an exchange, if it has an answer; it is on disk when this returns. Raises OSError."""
        with self._jobs_lock:
            job = self._jobs.add(exchange)
            job_lock = self._job_locks[job.number]
        if not exchange.status:
            return
        with job_lock:
            if job.number not in self._hosts:
                self._hosts[job.number] = SyntheticHost(self._catalogue, self._sanitizer, job)
            replayed = self._hosts[job.number].play(exchange)
        line = to_line(_synthetic_exchange(exchange, replayed))
        with self._file_lock:
            self._lines.add(line)

    def flush(self) -> bool:
        """Write the lines that couldn't be written before; return whether no line is lost. Raises OSError."""
        return self._lines.flush()


def _synthetic_exchange(recorded: SanitizedExchange, replayed: ReplayedExchange) -> LiveExchange:
    """Return the exchange with the synthetic host's data in place of hidden values."""
    headers = {name.decode(): value.decode() for name, value in retry_headers(recorded.retry_after, recorded.at)}
    if recorded.content_type:
        headers["content-type"] = recorded.content_type
    body = _fill_body(recorded.body, replayed.body) if recorded.has_object else _body_without_object(recorded)
    request = replayed.request
    return LiveExchange(
        at=recorded.at - recorded.at % (SECOND // 1000), method=request.method, path=request.path.decode(),
        query=request.query.decode(), sent=_fill_body(recorded.request_body, request.body), status=recorded.status,
        headers=headers, body=body,
    )  # fmt: skip


def _fill_body(recorded: Any, synthetic: bytes) -> bytes:
    if not isinstance(recorded, dict):
        return b""
    try:
        substitute = orjson.loads(synthetic or b"null")
    except orjson.JSONDecodeError:
        substitute = None
    return orjson.dumps(fill_hidden(recorded, substitute))


def _body_without_object(recorded: SanitizedExchange) -> bytes:
    empty = recorded.fault.get("corrupt") == "empty_body"
    return b"" if empty else placeholder_body(recorded.outline).encode()
