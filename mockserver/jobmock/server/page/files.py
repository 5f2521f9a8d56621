"""Serves the files of the page. They hold no data, so they need no token."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ...resources import package_file

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY = "; ".join([
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src blob:", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    "trusted-types 'none'",
])  # fmt: skip
_HEADERS = {
    "content-security-policy": _POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin", "cache-control": "no-cache", "vary": "accept, accept-encoding",
}  # fmt: skip
_METHODS = ("GET", "HEAD")


_PLACE = "page/"
_INDEX = "index.html"


class PageFiles:
    """The ASGI endpoint of the page and its files in `page/`. Requests for another control call go to `others`."""

    def __init__(self, others: ASGIApp) -> None:
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        name = _file_of(request)
        if name is None or request.method not in _METHODS:
            await self._others(scope, receive, send)
        else:
            await _response(name, request)(scope, receive, send)


class LeadToPage:
    """The ASGI endpoint of an address from which a browser is led to the page. Other clients go to `others`."""

    def __init__(self, place: str, others: ASGIApp) -> None:
        self._place, self._others = place, others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method not in _METHODS or not wants_page(request):
            await self._others(scope, receive, send)
        else:
            await RedirectResponse(self._place, 302, headers={"vary": "accept"})(scope, receive, send)


def wants_page(request: Request) -> bool:
    """Return whether a request is a browser's, which asks for HTML."""
    return "text/html" in ", ".join(request.headers.getlist("accept")).lower()


def _file_of(request: Request) -> str | None:
    """Return the name of the file that a request is for, or None."""
    call = request.path_params["call"]
    if not call:
        return _INDEX if wants_page(request) else None
    name = call.removeprefix(_PLACE)
    return name if call.startswith(_PLACE) and name in _files() else None


@cache
def _files(is_packed: bool = False) -> dict[str, tuple[bytes, str]]:
    """Return each file by its name, with its ETag, plain or packed. They are read with the first request for one."""
    read = {one.name: one.read_bytes() for one in package_file("server/page/static").iterdir() if one.is_file()}
    if is_packed:
        read = {name: gzip.compress(content, mtime=0) for name, content in read.items()}
    return {name: (content, f'"{blake2b(content, digest_size=8).hexdigest()}"') for name, content in read.items()}


def _response(name: str, request: Request) -> Response:
    is_packed = "gzip" in request.headers.get("accept-encoding", "")
    content, tag = _files(is_packed)[name]
    headers = {**_HEADERS, "etag": tag, **({"content-encoding": "gzip"} if is_packed else {})}
    if tag in request.headers.get("if-none-match", ""):
        return PlainTextResponse(status_code=304, headers=headers)
    kind = _TYPES.get(name[name.rfind(".") :], "application/octet-stream")
    return Response(content, media_type=kind, headers=headers)
