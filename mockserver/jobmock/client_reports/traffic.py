"""The traffic of one mock, for a HAR file: the newest requests, without API keys."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from .. import apis
from ..engine.namespace import Namespaces
from ..models import Reply, Request
from ..redaction import redact, redact_body, redact_header, redact_url
from .har_parts import entry, log_head, phrase

_MOST_RECORDED = 2_000


class Traffic:
    """The newest requests of one mock, which has these namespaces, and their answers."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._recorded: deque[tuple[int, Request, Reply]] = deque(maxlen=_MOST_RECORDED)
        self._seen = 0

    def watch(self, request: Request, reply: Reply) -> None:
        """Record a request and its answer."""
        self._seen += 1
        self._recorded.append((reply.clock.now(), request, reply))

    def write(self, path: Path, base: str) -> Path:
        """Write a HAR file for a mock at `base`, and return its path.

        Each entry has the public name of its namespace as `_namespace`, if that is still open.
        """
        import harfile

        dropped = self._seen - len(self._recorded)
        comment = f"The first {dropped} requests were dropped." if dropped else "Times are the mock's clock."
        log = log_head(harfile, comment)
        with path.open("w", encoding="utf-8") as file:
            file.write(f'{{"log": {json.dumps(log)[:-1]}, "entries": [')
            for number, (at, request, reply) in enumerate(self._recorded):
                file.write(",\n" if number else "\n")
                file.write(json.dumps(self._entry(harfile, base, at, request, reply)))
            file.write("\n]}}\n")
        return path

    def _entry(self, harfile: Any, base: str, at: int, request: Request, reply: Reply) -> dict[str, Any]:
        credentials = [api.credential for api in apis.all_apis()]
        keys = (credential.key_in(credential.sent(request)) for credential in dict.fromkeys(credentials))
        namespace = next(filter(None, (self._namespaces.peek(key) for key in keys if key)), None)
        return entry(
            harfile, at, reply.due, _request(harfile, request, base), _response(harfile, reply),
            comment=None if reply.fault is None else f"broken on the wire: {reply.fault.label}",
            namespace=None if namespace is None else namespace.name,
        )  # fmt: skip


def _request(harfile: Any, request: Request, base: str) -> Any:
    path, query = redact_url(request.path.decode("latin-1"), request.query.decode("latin-1"))
    parameters = parse_qsl(query, keep_blank_values=True)
    posted = harfile.PostData("application/json", text=redact_body(request.body))
    return harfile.Request(
        redact(request.method), f"{base}{path}{'?' * bool(query)}{query}", "HTTP/1.1",
        headers=_headers(harfile, request.headers),
        queryString=[harfile.Record(name, value) for name, value in parameters],
        postData=posted if request.body else None, bodySize=len(request.body),
    )  # fmt: skip


def _response(harfile: Any, reply: Reply) -> Any:
    kind = next((value.decode("latin-1") for name, value in reply.headers if name == b"content-type"), "")
    text = redact_body(reply.body)
    return harfile.Response(
        reply.status, phrase(reply.status), "HTTP/1.1", headers=_headers(harfile, reply.headers),
        content=harfile.Content(size=len(reply.body), mimeType=kind, text=text), bodySize=len(reply.body),
    )  # fmt: skip


def _headers(harfile: Any, headers: tuple[tuple[bytes, bytes], ...]) -> list[Any]:
    texts = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    return [harfile.Record(redact(name), redact_header(name, value)) for name, value in texts]
