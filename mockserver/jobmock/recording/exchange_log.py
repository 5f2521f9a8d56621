"""Writes each exchange as one JSON line, with synthetic data in place of all that is kept back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock
from typing import Any

import orjson

from ..catalogue import Catalogue
from ..checking.exchange import LiveExchange, to_line
from ..checking.json_bodies import BOM, parse_lines
from ..clock import SECOND
from ..engine.body_changes import changed_data
from ..engine.headers import retry_headers
from .deviations import ABSENT
from .files import LinesFile
from .hidden_values import fill_hidden, placeholder_body
from .page_people import PagePeople
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
        self._people: dict[int, PagePeople] = {}
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
                self._people[job.number] = PagePeople(self._sanitizer.api)
            replayed = self._hosts[job.number].play(exchange)
            people = self._people[job.number].changes(exchange, replayed)
        line = to_line(_synthetic_exchange(exchange, replayed, people))
        with self._file_lock:
            self._lines.add(line)

    def flush(self) -> bool:
        """Write the lines that couldn't be written before; return whether no line is lost. Raises OSError."""
        return self._lines.flush()


def _synthetic_exchange(
    recorded: SanitizedExchange, replayed: ReplayedExchange, people: Mapping[str, Any]
) -> LiveExchange:  # fmt: skip
    """Return the exchange with the synthetic host's data in place of hidden values, and `people` at their places."""
    headers = {name.decode(): value.decode() for name, value in retry_headers(recorded.retry_after, recorded.at)}
    if recorded.created_job is not None:
        headers |= replayed.job_headers
    if recorded.content_type:
        headers["content-type"] = recorded.content_type
    body = _answer_body(recorded, replayed.body, people) if recorded.has_object else _body_without_object(recorded)
    if recorded.operation.has_lines(recorded.status) and not recorded.answer_lost:
        body = _lines(recorded, replayed.body if replayed.sanitized.status == recorded.status else b"")
    request, at = replayed.request, _milliseconds(recorded.at)
    arrived = _milliseconds(recorded.at + recorded.took)
    return LiveExchange(
        at=at, arrived=arrived if arrived > at else 0, method=request.method, path=request.path.decode(),
        query=request.query.decode(), sent=_fill_body(recorded.request_body, request.body), status=recorded.status,
        headers=headers, body=body,
    )  # fmt: skip


def _milliseconds(moment: int) -> int:
    return moment - moment % (SECOND // 1000)


def _answer_body(recorded: SanitizedExchange, synthetic: bytes, people: Mapping[str, Any]) -> bytes:
    """Return the recorded body with synthetic data, and with all that leaves the contract."""
    values = {**people, **recorded.deviations}
    body = orjson.dumps(_with_values(_filled(recorded.body, synthetic), values))
    return BOM + body if recorded.byte_order_mark else body


def _with_values(data: Any, values: Mapping[str, Any]) -> Any:
    """Return data with the values at their places, without those that are absent."""
    absent = [at for at, value in values.items() if value == ABSENT]
    return changed_data(data, {at: fill_hidden(value) for at, value in values.items() if value != ABSENT}, absent)


def _lines(recorded: SanitizedExchange, synthetic: bytes) -> bytes:
    """Return a body in JSON Lines: the mock's own lines, with all that leaves the contract."""
    rows = _with_values(parse_lines(synthetic), recorded.deviations)
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _fill_body(recorded: Any, synthetic: bytes) -> bytes:
    return orjson.dumps(_filled(recorded, synthetic)) if isinstance(recorded, dict) else b""


def _filled(recorded: Any, synthetic: bytes) -> Any:
    try:
        substitute = orjson.loads(synthetic or b"null")
    except orjson.JSONDecodeError:
        substitute = None
    return fill_hidden(recorded, substitute)


def _body_without_object(recorded: SanitizedExchange) -> bytes:
    return placeholder_body(recorded.outline).encode()
