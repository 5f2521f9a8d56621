"""CORS: lets web pages of other origins call the APIs. The control API answers no other origin, ever.

A request of an origin that isn't allowed is answered as if there were no CORS, so the journal shows it. The browser
then hides the answer from the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import UsageError, short_repr

ANY = "*"
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_ALLOWED = "Allowed: '*', or an origin such as http://localhost:3000, without a path and without a default port"


class CrossOrigin(CORSMiddleware):
    """Adds the headers of CORS to answers outside of one path, and answers preflights of allowed origins there."""

    def __init__(self, app: ASGIApp, *, origins: Iterable[str], without: str) -> None:
        super().__init__(app, [*origins], allow_methods=["*"], allow_headers=["*"], expose_headers=["*"])
        self.allow_private_network = True  # no argument, because earlier versions of Starlette don't have it
        self._without = without

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope["type"] == "http" and not scope["path"].startswith(self._without)
        if is_open and self.is_allowed_origin(Headers(scope=scope).get("origin", "")):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def checked_origins(given: Iterable[str]) -> tuple[str, ...]:
    """Return origins in the form in which browsers send them. Raises UsageError."""
    return tuple(_checked(text) for text in given)


def _checked(text: str) -> str:
    origin = text.lower()
    if origin != ANY and (not _ORIGIN.fullmatch(origin) or _has_default_port(origin)):
        raise UsageError(f"--cors is {short_repr(text)}. {_ALLOWED}.")
    return origin


def _has_default_port(origin: str) -> bool:
    scheme, place = urlsplit(origin)[:2]
    return scheme in _DEFAULT_PORTS and place.endswith(_DEFAULT_PORTS[scheme])
