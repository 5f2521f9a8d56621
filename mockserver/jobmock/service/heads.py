"""What the head of a request alone decides: its route, its key, and how the journal shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..dialect.answers import Refused
from ..dialect.api import Api, Operation
from ..engine.journal import redact
from ..models import Request
from .routing import Routes

_MOST = 4096
_LONG = 1_000
"""Bytes of a head that isn't remembered: nobody polls that way, and memory is bounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The head of a request, read.

    `operation` is None where no route or method fits, `key` where the API refuses the request's; `job` is empty where
    the path names none. `shown` is what the journal has of it: API, operation, method, path and query, without keys.
    """

    api: Api
    operation: Operation | None
    params: Mapping[str, str]
    key: str | None
    job: str
    shown: tuple[str, str | None, str, str, str]


class Heads:
    """Reads the heads of requests. Polls are alike, so each is read once, while it's among the last ones."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._remembered = lru_cache(maxsize=_MOST)(self._read)

    def of(self, request: Request) -> Head:
        """Read the head of a request: method, path, query and the `Authorization` header."""
        method, path, query, headers, _ = request
        sent = b""
        for name, value in headers:
            if name == b"authorization":
                sent = value
                break
        read = self._remembered if len(path) + len(query) + len(sent) < _LONG else self._read
        return read(method, path, query, sent)

    def _read(self, method: str, path: bytes, query: bytes, sent: bytes) -> Head:
        api, operation, params = self._routes.find(Request(method, path, query, ((b"authorization", sent),)))
        clean = redact(path.decode("latin-1")), redact(query.decode("latin-1"), query=True)
        shown = api.name, operation.name if operation else None, method, *clean
        key = (_key if len(sent) < _LONG else _key.__wrapped__)(api, operation, sent)
        return Head(api, operation, params, key, params.get("job", ""), shown)


@lru_cache(maxsize=_MOST)
def _key(api: Api, operation: Operation | None, sent: bytes) -> str | None:
    """Return the key of a header, which every poll sends anew, or None where the API refuses it."""
    try:
        return api.authorize(sent, operation)
    except Refused:
        return None
