"""Decides who may make control calls, by the token, the Host and the Origin of a request.

A web page that is open on the same machine can send requests to this server too. They have the Origin of the page. If
the page's own name was made to lead to this server (DNS rebinding), they have that name as Host, and no other Origin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hmac import compare_digest
from ipaddress import ip_address

from starlette.datastructures import Headers

from ...errors import UsageError, short_repr
from .fields import Problem

OPEN_CALLS = ("health", "ready")
"""Calls that need no token and answer any Host. Their answers have no names and no data, only counts."""
TOKEN_HEADER = "X-Jobmock-Token"

_HOST = re.compile(r"(?:\[(?P<address>[^\]]+)\]|(?P<name>[^:\[\]]+))(?::[0-9]*)?")
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_OWN_SITES = ("none", "same-origin")
_ALLOWED = "Allowed: localhost, an address such as 127.0.0.1 or [::1], and names that --control-host gives"


class Access:
    """The rule for control calls of one server: its token, or else the names that it may be called by."""

    def __init__(self, token: str | None = None, hosts: Iterable[str] = ()) -> None:
        self._token = token.encode() if token else None
        self._names = frozenset({"localhost", *map(_checked_name, hosts)})

    def check(self, call: str, headers: Headers, scheme: str = "http") -> None:
        """Raise Problem if a call isn't allowed. With a token the Host doesn't matter."""
        _check_origin(headers, scheme)
        if call in OPEN_CALLS:
            return
        if self._token is not None:
            self._check_token(headers)
        else:
            self._check_host(headers)

    def _check_token(self, headers: Headers) -> None:
        sent = headers.get(TOKEN_HEADER, "").encode("latin-1")
        if not compare_digest(sent, self._token or b""):
            raise Problem(403, f"Control calls of this server need its token: send it in {TOKEN_HEADER}.")

    def _check_host(self, headers: Headers) -> None:
        hosts = headers.getlist("host")
        if not hosts:
            raise Problem(403, f"The call has no Host. {_ALLOWED}.")
        for host in hosts:
            if not self._is_allowed(host):
                remedy = f"A server with --control-token answers any Host, if the call has the token in {TOKEN_HEADER}"
                raise Problem(403, f"The Host of a control call is {short_repr(host)}. {_ALLOWED}. {remedy}.")

    def _is_allowed(self, host: str) -> bool:
        """Return whether a Host, with or without a port, is a literal address or an allowed name."""
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        if found["address"]:
            return ":" in found["address"] and _is_address(found["address"])
        name = _without_dot(found["name"])
        return name in self._names or _is_address(name)


def _check_origin(headers: Headers, scheme: str) -> None:
    """Raise Problem for a request of a web page, unless the page is from this server itself.

    Without an Origin, as for an image, a browser says by Sec-Fetch-Site whose page it is. A link may lead here.
    """
    if headers.get("sec-fetch-site", "none") not in _OWN_SITES and headers.get("sec-fetch-dest") != "document":
        raise Problem(403, "A web page of another origin made this control call. Allowed: pages of this server.")
    own = f"{scheme}://{headers.get('host', '')}".lower()
    for origin in headers.getlist("origin"):
        if origin.lower() != own:
            allowed = f"Allowed: no Origin, or the server's own, {short_repr(own)}"
            raise Problem(403, f"A web page of the Origin {short_repr(origin)} made this control call. {allowed}.")


def _checked_name(text: str) -> str:
    """Return a host name in the form in which names are compared. Raises UsageError."""
    name = _without_dot(text)
    if _NAME.fullmatch(name) is None or _is_address(name):
        allowed = "a name without scheme and port, such as mock.example. Addresses are allowed without it"
        raise UsageError(f"--control-host is {short_repr(text)}. Allowed: {allowed}.")
    return name


def _without_dot(name: str) -> str:
    """Return a host name in lower case, without the dot that may end it."""
    return name.lower().removesuffix(".")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
