"""The exchanges themselves, as lines in which nothing real is left. A line waits for no scenario."""

from __future__ import annotations

from collections import defaultdict
from threading import Lock
from typing import Any

import orjson

from ..catalogue import Catalogue
from ..checking.exchange import LiveExchange, to_line
from ..clock import SECOND
from ..engine.headers import retry_headers
from .body_diff import filled, stand_in
from .files import Lines
from .recorded_jobs import Stories
from .replay import Told
from .sanitizer import Distiller, Sighting
from .synthetic_host import Echo


class Exchanges:
    """Adds each exchange to a file of lines. Several threads may do so: those of one job wait for each other."""

    def __init__(self, lines: Lines, distiller: Distiller, catalogue: Catalogue) -> None:
        self._lines, self._distiller, self._catalogue = lines, distiller, catalogue
        self._stories = Stories()
        self._echoes: dict[int, Echo] = {}
        self._telling = defaultdict[int, Lock](Lock)
        """What a job's exchanges wait for, by its number."""
        self._ordering, self._writing = Lock(), Lock()

    def add(self, one: Sighting) -> None:
        """Write an exchange, if there was an answer; on return it is on disk. Raises OSError."""
        with self._ordering:
            story = self._stories.take(one)
            telling = self._telling[story.number]
        if not one.status:
            return
        with telling:
            if story.number not in self._echoes:
                self._echoes[story.number] = Echo(self._catalogue, self._distiller, story)
            told = self._echoes[story.number].tell(one)
        line = to_line(_scrubbed(one, told))
        with self._writing:
            self._lines.add(line)

    def end(self) -> bool:
        """Write what couldn't be written before; say whether nothing is lost. Raises OSError."""
        return self._lines.flush()


def _scrubbed(one: Sighting, told: Told) -> LiveExchange:
    """Return an exchange in which nothing real is left: what the mock told takes the place of what is hidden."""
    headers = {name.decode(): value.decode() for name, value in retry_headers(one.retry, one.at)}
    if one.kind:
        headers["content-type"] = one.kind
    return LiveExchange(
        at=one.at - one.at % (SECOND // 1000), method=told.request.method, path=told.request.path.decode(),
        query=told.request.query.decode(), sent=_body(one.sent, told.request.body), status=one.status,
        headers=headers, body=_body(one.data, told.body) if one.readable else _unread(one),
    )  # fmt: skip


def _body(known: Any, own: bytes) -> bytes:
    if not isinstance(known, dict):
        return b""
    try:
        inner = orjson.loads(own or b"null")
    except orjson.JSONDecodeError:
        inner = None
    return orjson.dumps(filled(known, inner))


def _unread(one: Sighting) -> bytes:
    return b"" if one.harm.get("corrupt") == "empty_body" else stand_in(one.shape).encode()
