"""Calls of the control API of a running server, made in real time whichever time the client is in."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from jobmock.errors import StartError, UsageError
from jobmock.virtual import apart

_TIMEOUT = 10


class Control:
    """One key's control calls."""

    def __init__(self, url: str, key: str, token: str | None) -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        self._url, self._path, self._ended = url, parts.path, False
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        if token:
            self._headers["X-Jobmock-Token"] = token

    def close(self) -> None:
        """Close the connection; a later call opens one for itself alone."""
        self._ended = True
        self._connection.close()

    def call(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        """Make a call and return its answer. Raises UsageError where it is refused, StartError where nobody answers."""
        with apart():
            try:
                self._connection.request(
                    method, f"{self._path}/__jobmock/{name}", None if body is None else json.dumps(body), self._headers
                )
                response = self._connection.getresponse()
                answer = json.loads(response.read() or b"null")
            except BaseException as error:
                self._connection.close()
                if not isinstance(error, (OSError, HTTPException, ValueError)):
                    raise
                text = f"No jobmock answers at {self._url} (--jobmock-url): {error or type(error).__name__}."
                raise StartError(text) from error
        if self._ended or response.status >= 400:
            self._connection.close()
        if response.status >= 400:
            raise UsageError(f"{self._url} refused {method} {name}: {answer.get('detail', answer)}")
        return answer
