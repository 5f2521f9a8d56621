"""Raw path → operation. A path is split first and decoded then, so `run%2F1` is one id."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from .dialect import Api, Operation
from .models import Request


class Routes:
    """The routes of every API."""

    def __init__(self, served: tuple[Api, ...]) -> None:
        self._apis = served
        self._by_length: dict[int, list[tuple[tuple[bytes, ...], Api, Operation]]] = {}
        for api in served:
            for operation in api.operations:
                parts = tuple(operation.path.encode().split(b"/"))
                self._by_length.setdefault(len(parts), []).append((parts, api, operation))

    def find(self, request: Request) -> tuple[Api, Operation | None, Mapping[str, str]]:
        """Return the API, the operation (None where no route or method fits) and the path's parameters."""
        parts = _split(request.path)
        for pattern, api, operation in self._by_length.get(len(parts), ()):
            if operation.method == request.method and _fits(pattern, parts):
                return api, operation, _params(pattern, parts)
        return self._nearest(request), None, {}

    def methods(self, path: bytes) -> list[str]:
        """Return the methods that the routes of a path have."""
        parts = _split(path)
        patterns = self._by_length.get(len(parts), ())
        return sorted({operation.method for pattern, _, operation in patterns if _fits(pattern, parts)})

    def nearest(self, request: Request) -> str:
        """Return method and path of the operation that a request looks most like."""
        from difflib import SequenceMatcher

        path = request.path.decode("latin-1")

        def likeness(operation: Operation) -> float:
            same = SequenceMatcher(None, path, operation.path, autojunk=False).ratio()
            return same + 0.1 * (operation.method == request.method)

        operation = max((one for api in self._apis for one in api.operations), key=likeness)
        return f"{operation.method} {operation.path}"

    def _nearest(self, request: Request) -> Api:
        """Return the API whose routes begin like the path, else the one whose key was sent, else the first."""
        first = request.path.split(b"/")[1:2]
        for api in self._apis:
            if [api.operations[0].path.encode().split(b"/")[1]] == first:
                return api
        token = request.header(b"authorization") or b""
        return next((api for api in self._apis if api.prefix.encode() in token), self._apis[0])


def _split(path: bytes) -> list[bytes]:
    """Split first, then decode, so that an encoded slash belongs to its segment."""
    return [unquote_to_bytes(part) if b"%" in part else part for part in path.split(b"/")]


def _fits(pattern: tuple[bytes, ...], parts: list[bytes]) -> bool:
    return all(own == part or (own[:1] == b"{" and part) for own, part in zip(pattern, parts, strict=True))


def _params(pattern: tuple[bytes, ...], parts: list[bytes]) -> Mapping[str, str]:
    return {
        own[1:-1].decode(): part.decode("utf-8", "replace")
        for own, part in zip(pattern, parts, strict=True)
        if own[:1] == b"{"
    }
