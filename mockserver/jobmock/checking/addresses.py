"""Addresses of live APIs, as users give them: validated before anything is sent there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import httpx

from ..errors import UsageError

_SECRET = re.compile(r"(?<=//)[^/]*(?=@)|(?<=[?#]).+", re.DOTALL)
_LAST_PORT = 65_535
_ADDRESS_FAULTS: Mapping[str, Callable[[httpx.URL], object]] = {
    "it doesn't begin with http:// or https://": lambda url: url.scheme not in ("http", "https"),
    "it names no host": lambda url: not _is_host(url.raw_host),
    f"its port isn't from 1 to {_LAST_PORT}": lambda url: url.port is not None and not 0 < url.port <= _LAST_PORT,
    "it holds a user or a password": lambda url: url.userinfo,
    "it has a query or a fragment": lambda url: b"?" in url.raw_path or url.fragment,
}


def parse_address(text: str, name: str = "") -> httpx.URL:
    """Return a text as an address; `name` says where it was given. Raises UsageError, which hides passwords."""
    try:
        url = httpx.URL(text)
        fault = next((fault for fault, has in _ADDRESS_FAULTS.items() if has(url)), None)
    except httpx.InvalidURL:
        fault = "no URL is written like that"
    if fault is None:
        return url
    given = repr(_SECRET.sub("…", text))
    subject = f"{name}: {given}" if name else given
    allowed = "Give http:// or https://, a host, and a path at most."
    raise UsageError(f"{subject} is no address of a live API: {fault}. {allowed}")


def _is_host(name: bytes) -> bool:
    """Return whether a host's name can be looked up. Characters that can't be in one were escaped by httpx (`%`)."""
    try:
        return bool(name.decode("ascii").encode("idna")) and b"%" not in name
    except UnicodeError:  # a part of it is empty, or too long
        return False
