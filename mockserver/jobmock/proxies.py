"""The environment's proxies, the hosts that are called without one, and the names of this machine."""

from __future__ import annotations

import os
import socket
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

_NO_PROXY = ("NO_PROXY", "no_proxy")
"""Some libraries read one spelling, and some the other one."""
_DEFAULT_PORTS = {"http": 80, "https": 443, "socks4": 1080, "socks5": 1080, "socks5h": 1080}


_UNSPECIFIED = ("", "0.0.0.0", "::", "<broadcast>")


class Proxy(NamedTuple):
    """A proxy that an environment names. Its password is only in `credentials`."""

    variable: str
    scheme: str
    host: str
    port: int
    credentials: str | None = None
    """The value of Proxy-Authorization."""


def proxy_for(environment: Mapping[str, str], scheme: str, host: str) -> Proxy | None:
    """Return the proxy that an environment names for a host; None if it is called directly, as this machine always is.

    Raises ValueError with the name of the variable, if its value is no address.
    """
    exceptions = environment.get("no_proxy", environment.get("NO_PROXY", ""))
    if is_own(host) or any(_covers(entry.strip().lower(), host) for entry in exceptions.split(",")):
        return None
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    variable = next((name for name in names if environment.get(name)), None)
    if variable is None:
        return None
    value = environment[variable]
    parts = urlsplit(value if "://" in value else f"http://{value}")
    try:
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
    except ValueError:
        port = 0
    if not port or not parts.hostname:
        raise ValueError(variable)
    user = b":".join(unquote_to_bytes(each or "") for each in (parts.username, parts.password))
    credentials = f"Basic {b64encode(user).decode()}" if parts.username else None
    return Proxy(variable, parts.scheme, parts.hostname, port, credentials)


def _covers(entry: str, host: str) -> bool:
    """Return whether an entry of NO_PROXY is `*`, the host, or a domain of it, with or without a dot before it."""
    domain = entry.lstrip(".")
    return entry == "*" or (domain != "" and (host == domain or host.endswith(f".{domain}")))


def is_own(name: str) -> bool:
    """Return whether a name or an address is this machine's own."""
    if name in (*_UNSPECIFIED, "localhost", socket.gethostname().lower()) or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def without_proxy(environment: Mapping[str, str], hosts: Sequence[str]) -> dict[str, str]:
    """Return both spellings of NO_PROXY for an environment: its own entries, and these hosts."""
    own = environment.get("NO_PROXY"), environment.get("no_proxy")
    return dict(zip(_NO_PROXY, _extended(*own, tuple(hosts)), strict=True)) if hosts else {}


class no_proxy:  # noqa: N801
    """Lets clients call these hosts without a proxy for the length of a `with` block."""

    __slots__ = ("_before", "_hosts")

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = tuple(hosts)

    def __enter__(self) -> None:
        variables = os.environ
        upper = variables["NO_PROXY"] if "NO_PROXY" in variables else None  # noqa: SIM401  # `get` costs twice as much
        lower = variables["no_proxy"] if "no_proxy" in variables else None  # noqa: SIM401
        self._before = upper, lower
        if self._hosts:
            variables["NO_PROXY"], variables["no_proxy"] = _extended(upper, lower, self._hosts)

    def __exit__(self, *error: object) -> None:
        for name, value in zip(_NO_PROXY, self._before, strict=True):
            if value is not None:
                os.environ[name] = value
            elif name in os.environ:
                del os.environ[name]


def proxies() -> dict[str, tuple[str, int]]:
    """Return host and port of each proxy that the environment names, by the name of its variable."""
    found = {}
    for name, value in os.environ.items():
        if name.lower().endswith("_proxy") and name not in _NO_PROXY and value:
            parts = urlsplit(value if "://" in value else f"http://{value}")
            try:
                port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
            except ValueError:
                continue
            found[name] = (parts.hostname or "").lower(), port
    return found


@lru_cache(64)
def _extended(upper: str | None, lower: str | None, hosts: tuple[str, ...]) -> tuple[str, str]:
    """Return both spellings with more hosts. A spelling that is missing has the other one's entries."""
    given = lower if upper is None else upper, upper if lower is None else lower
    first, second = (_with_hosts(value or "", hosts) for value in given)
    return first, second


def _with_hosts(value: str, hosts: Sequence[str]) -> str:
    """Return a list of hosts with more hosts; `*` stays alone, as it names all of them."""
    entries = [entry for entry in (entry.strip() for entry in value.split(",")) if entry]
    return value if "*" in entries else ",".join([*entries, *(host for host in hosts if host not in entries)])
