"""Calls of a running server's control API. They take real time, also in a test in virtual time."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from jobmock.errors import StartError, UsageError
from jobmock.virtual import in_real_time

_TIMEOUT = 10


class Control:
    """The control calls of one key, over one connection. `option` is the option that names the URL."""

    def __init__(self, url: str, key: str, token: str | None, option: str) -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
        self._url, self._path, self._option, self._closed = url, parts.path, option, False
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        if token:
            self._headers["X-Jobmock-Token"] = token

    def close(self) -> None:
        """Close the connection; a later call opens its own and closes it again."""
        self._closed = True
        self._connection.close()

    def call(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        """Make a call and return its answer. Raises UsageError if it is refused, StartError if no server answers."""
        with in_real_time():
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
                text = f"No jobmock answers at {self._url} ({self._option}): {error or type(error).__name__}."
                raise StartError(text) from error
        if self._closed or response.status >= 400:
            self._connection.close()
        if response.status >= 400:
            raise UsageError(f"{self._url} refused {method} {name}: {answer.get('detail', answer)}")
        return answer
