"""The head of a request: its route, its key, and how the journal shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ..dialect.api import Api, Operation
from ..dialect.routing import Routes
from ..engine.headers import Headers
from ..models import Request
from ..redaction import LONGEST, redact, redact_url
from .request_counts import RequestCounts

_MOST = 4096
_LONG = 1_000
"""A head of so many bytes or more isn't cached, so that memory is bounded."""


@dataclass(frozen=True, slots=True, eq=False)
class RequestHead:
    """The parsed head of a request.

    `operation` is None where no route or method fits, `key` is None where the API refuses it, and `job` is empty where
    the path names none. `shown` is what the journal shows: API, operation, method, and the beginning of path and query.
    It has no keys. `counts` are the requests of the operation by HTTP status.
    """

    api: Api
    operation: Operation | None
    params: Mapping[str, str]
    key: str | None = field(repr=False)
    job: str
    shown: tuple[str, str | None, str, str, str]
    counts: list[int]


class RequestHeads:
    """Parses the heads of requests. Polls repeat, so the last heads are cached."""

    def __init__(self, routes: Routes, counts: RequestCounts | None = None) -> None:
        self._routes, self._counts = routes, counts or RequestCounts()
        self._remembered = lru_cache(maxsize=_MOST)(self._read)

    def of(self, request: Request) -> RequestHead:
        """Return the head of a request: of its method, path, query and the headers that tell API and key."""
        method, path, query, headers, _, _, _ = request
        names, size = self._routes.headers, len(path) + len(query)
        sent: Headers = ()
        for header in headers:
            if header[0] in names:
                sent += (header,)
                size += len(header[1])
        read = self._remembered if size < _LONG else self._read
        return read(method, path, query, sent)

    def _read(self, method: str, path: bytes, query: bytes, headers: Headers) -> RequestHead:
        request = Request(method, path, query, headers)
        api, operation, params = self._routes.find(request)
        sent = api.credential.sent(request) or b""
        clean = redact_url(path[:LONGEST].decode("latin-1"), query[:LONGEST].decode("latin-1"))
        shown = api.name, operation.name if operation else None, redact(method), *clean
        key = (_key if len(sent) < _LONG else _key.__wrapped__)(api, operation, sent)
        return RequestHead(api, operation, params, key, params.get("job", ""), shown, self._counts.of(*shown[:2]))


@lru_cache(maxsize=_MOST)
def _key(api: Api, operation: Operation | None, sent: bytes) -> str | None:
    """Return the key in the API's header, or None where the API refuses it. Cached: every poll sends it."""
    try:
        return api.authorize(sent, operation)
    except Exception:  # Refused, or a failure of the API's code: the service asks again, and answers it
        return None
