"""Finds the operation of a path. A path is split before it is decoded, so `run%2F1` is one id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from urllib.parse import unquote_to_bytes

from ..models import Request
from .api import Api, Operation

Route = tuple[tuple[bytes, ...], Api, Operation]
"""The segments of a path, with its API and operation."""
MAX_TARGET = 8_000
"""So many bytes path and query may have together. A longer target has no route, because to decode it takes long."""
_HOST = b"host"
_LONGEST_COMPARED = 100
"""So many bytes of a path are compared with the routes, because the time grows with the product of the lengths."""


class Routes:
    """The routes of some APIs.

    Where the paths of two of them begin alike, a request that names the host of one is for that one alone. Otherwise
    hosts aren't looked at, because each poll would take longer.
    """

    def __init__(self, served: tuple[Api, ...]) -> None:
        self._apis = served
        alike = len({_first_segment(api) for api in served}) < len(served)
        self._by_host = {api.host.encode(): Routes((api,)) for api in served} if alike else {}
        sent = (*(api.credential.header for api in served), _HOST if alike else None)
        self.headers = tuple(dict.fromkeys(name for name in sent if name is not None))
        """The names of the headers that may have a key, or tell the API."""
        self._by_length: dict[int, list[Route]] = {}
        for api in served:
            for operation in api.operations:
                parts = tuple(operation.path.encode().split(b"/"))
                self._by_length.setdefault(len(parts), []).append((parts, api, operation))
        self._by_parent = dict(_unrivalled([route for routes in self._by_length.values() for route in routes]))
        """Method and path before the last segment → the route whose only parameter is that segment, as in a poll."""

    def find(self, request: Request) -> tuple[Api, Operation | None, Mapping[str, str]]:
        """Return the API, the operation (None where no route or method fits) and the path's parameters."""
        if routes := self._of_host(request):
            return routes.find(request)
        if is_too_long(request):
            return self._meant(request) or self._apis[0], None, {}
        parent, _, last = request.path.rpartition(b"/")
        found = self._by_parent.get((request.method, parent))
        if found is None or not last or b"%" in last:
            return self._look(request)
        api, operation, name = found
        return api, operation, {name: last.decode("utf-8", "replace")}

    def _of_host(self, request: Request) -> Routes | None:
        """Return the routes of the API whose host a request names, None if it names another one."""
        host = request.header(_HOST) if self._by_host else None
        return self._by_host.get(host.partition(b":")[0].lower()) if host else None

    def _look(self, request: Request) -> tuple[Api, Operation | None, Mapping[str, str]]:
        """Find the route among those with as many segments."""
        parts = _split(request.path)
        for pattern, api, operation in self._by_length.get(len(parts), ()):
            if operation.method == request.method and _fits(pattern, parts):
                return api, operation, _params(pattern, parts)
        return self._with_path(parts) or self._meant(request) or self._apis[0], None, {}

    def methods(self, request: Request) -> list[str]:
        """Return the methods that the path of a request allows."""
        if routes := self._of_host(request):
            return routes.methods(request)
        parts = _split(request.path)
        patterns = self._by_length.get(len(parts), ())
        return sorted({operation.method for pattern, _, operation in patterns if _fits(pattern, parts)})

    def nearest(self, request: Request) -> str | None:
        """Return method and path of the operation that is most similar to a request, among those of the API it means.

        None where neither its host nor its key nor its path shows which API it means.
        """
        from difflib import SequenceMatcher

        api = self.find(request)[0] if self._of_host(request) else self._meant(request)
        if api is None:
            return None

        path = request.path[:_LONGEST_COMPARED].decode("latin-1")

        def likeness(operation: Operation) -> float:
            same = SequenceMatcher(None, path, operation.path, autojunk=False).ratio()
            return same + 0.1 * (operation.method == request.method)

        operation = max(api.operations, key=likeness)
        return f"{operation.method} {operation.path}"

    def _with_path(self, parts: list[bytes]) -> Api | None:
        """Return the API that has a path, with any method."""
        patterns = self._by_length.get(len(parts), ())
        return next((api for pattern, api, _ in patterns if _fits(pattern, parts)), None)

    def _meant(self, request: Request) -> Api | None:
        """Return the API of the request's key, else the API whose routes begin like its path, else None."""
        first = request.path.split(b"/", 2)[1:2]
        for api in self._apis:
            if api.prefix.encode() in (api.credential.sent(request) or b""):
                return api
        return next((api for api in self._apis if [_first_segment(api)] == first), None)


def _first_segment(api: Api) -> bytes:
    """Return how the paths of an API begin."""
    return api.operations[0].path.encode().split(b"/")[1]


def is_too_long(request: Request) -> bool:
    """Return whether path and query of a request are longer than both may be."""
    return len(request.path) + len(request.query) > MAX_TARGET


@cache
def routes_of(served: tuple[Api, ...]) -> Routes:
    """Return the routes of these APIs. They never change, so all services share them."""
    return Routes(served)


def _unrivalled(routes: list[Route]) -> Iterator[tuple[tuple[str, bytes], tuple[Api, Operation, str]]]:
    """Yield the routes whose only parameter is their last segment, and which share no path with another route."""
    for parts, api, operation in routes:
        *parent, last = parts
        same = [other for other, _, its in routes if its.method == operation.method and _overlap(parts, other)]
        if last[:1] == b"{" and len(same) == 1 and not any(part[:1] == b"{" for part in parent):
            yield (operation.method, b"/".join(parent)), (api, operation, last[1:-1].decode())


def overlaps(path: str, other: str) -> bool:
    """Return whether some path of a request fits both these paths of operations."""
    return _overlap(tuple(path.encode().split(b"/")), tuple(other.encode().split(b"/")))


def covers(path: str, other: str) -> bool:
    """Return whether each path of a request that fits `other` fits `path` too, both paths of operations."""
    pattern, narrower = path.split("/"), other.split("/")
    return len(pattern) == len(narrower) and all(
        one == two or one[:1] == "{" for one, two in zip(pattern, narrower, strict=True)
    )


def _overlap(pattern: tuple[bytes, ...], other: tuple[bytes, ...]) -> bool:
    return len(pattern) == len(other) and all(
        one == two or b"{" in (one[:1], two[:1]) for one, two in zip(pattern, other, strict=True)
    )


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
