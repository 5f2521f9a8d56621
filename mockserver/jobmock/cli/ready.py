"""`jobmock ready`: waits until a server is ready."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import click

from ..errors import StartError, UsageError, short_repr
from ..redaction import redact

_PAUSE = 0.1
"""Seconds between two requests."""
_LONGEST_ANSWER = 10.0
"""Seconds after which an answer is no longer waited for."""
_MOST_BYTES = 10_000


@click.command()
@click.option(
    "--url",
    metavar="URL",
    help="Address of the server. Default: the one that the variables of serve name, or http://127.0.0.1:8087.",
)
@click.option(
    "--wait",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="How long to wait for it.",
)
def command(url: str | None, wait: float) -> int:
    """Wait until a server is ready, and end with 0, or with 3 if it isn't ready in time.

    The certificate of an https server isn't checked, because nothing is sent that must stay secret.
    """
    if url is None:
        place = _checked(_own_url(os.environ), "The address that the variables of serve name")
    else:
        place = _checked(url, "--url")
    deadline = time.monotonic() + wait
    while True:
        left = deadline - time.monotonic()
        problem, version = _response(place, min(_LONGEST_ANSWER, max(left, 1.0)))
        if problem is None:
            click.echo(f"{place.geturl()} is ready: jobmock {version}")
            return 0
        if deadline - time.monotonic() <= _PAUSE:
            since = f" after {wait:g} s" if wait else ""
            raise StartError(f"{place.geturl()} isn't ready{since}: {problem}.")
        time.sleep(_PAUSE)


def _own_url(environment: Mapping[str, str]) -> str:
    """Return the address at which `serve` with this environment answers control calls."""

    def value(name: str) -> str:
        return environment.get(f"JOBMOCK_SERVE_{name}", "")

    has_tls = value("CERTFILE") or click.BOOL(value("TLS") or "0")
    scheme = "https" if has_tls and not value("TLS_PORT") else "http"
    return f"{scheme}://{_reachable(value('HOST'))}:{value('CONTROL_PORT') or value('PORT') or 8087}"


def _reachable(host: str) -> str:
    """Return the host of a URL for a server that listens on an address; for all addresses, that of the loopback."""
    try:
        listens_on = ip_address(host or "127.0.0.1")
    except ValueError:
        return host
    if listens_on.is_unspecified:
        listens_on = ip_address("127.0.0.1" if listens_on.version == 4 else "::1")
    return str(listens_on) if listens_on.version == 4 else f"[{listens_on}]"


def _checked(url: str, source: str) -> SplitResult:
    """Return the parts of a URL. Raises UsageError, which names its source."""
    try:
        place = urlsplit(url.rstrip("/"))
        is_plain = not any(sign <= " " or sign == "\x7f" for sign in url) and place.username is None
        if place.scheme in ("http", "https") and place.hostname and place.port != 0 and is_plain:
            return place
    except ValueError:
        pass
    raise UsageError(f"{source} is {short_repr(redact(url))}. Give --url like http://127.0.0.1:8087.")


def _response(place: SplitResult, seconds: float) -> tuple[str | None, str]:
    """Send one request. Return why the server isn't ready, or None with its version."""
    connection = _connection(place, seconds)
    try:
        connection.request("GET", f"{place.path}/__jobmock/ready")
        answer = connection.getresponse()
        body = answer.read(_MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        return str(getattr(error, "strerror", None) or error or type(error).__name__), ""
    finally:
        connection.close()
    return _judged(answer.status, body)


def _connection(place: SplitResult, seconds: float) -> http.client.HTTPConnection:
    host, port = str(place.hostname), place.port
    if place.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl._create_unverified_context())


def _judged(status: int, body: bytes) -> tuple[str | None, str]:
    """Return why an answer doesn't come from a ready server, or None with the server's version."""
    if status != 200:
        return f"it answers {status}", ""
    try:
        said = json.loads(body)
        if said["status"] == "ok":
            return None, str(said["version"])
    except (ValueError, LookupError, TypeError):
        pass
    return "what answers there isn't jobmock", ""
