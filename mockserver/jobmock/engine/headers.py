"""HTTP headers: the bearer key of a request, Retry-After, and the headers that every answer has."""

from __future__ import annotations

import re
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from ..clock import SECOND
from ..models import RetryAfter

_KEY_REST = re.compile(r"[\x21-\x7e]{1,500}")
_JSON = (b"content-type", b"application/json")
Headers = tuple[tuple[bytes, bytes], ...]
RETRY_AFTER = b"retry-after"
STATUSES_WITHOUT_BODY = (204, 304)


def retry_seconds(wait: int) -> int:
    """Return a wait in nanoseconds as the seconds of a Retry-After header: rounded up, at least 1."""
    return max(1, -(-wait // SECOND))


def retry_headers(retry: RetryAfter | None, now: int) -> Headers:
    """Return the Retry-After header, in seconds or as an HTTP-date of the namespace's clock, or none.

    A date has whole seconds, so the clock is rounded up: a client that waits until then has waited long enough.
    """
    if retry is None or retry.seconds is None:
        return ()
    text = formatdate(-(-now // SECOND) + retry.seconds, usegmt=True) if retry.as_date else str(retry.seconds)
    return ((RETRY_AFTER, text.encode()),)


def retry_due(headers: Headers, now: int) -> int | None:
    """Return the time (nanoseconds) at which Retry-After, in seconds or as an HTTP-date, allows the next request."""
    value = next((value for name, value in headers if name == RETRY_AFTER), None)
    if value is None:
        return None
    if value.isdigit():
        return now + int(value) * SECOND
    try:
        return int(parsedate_to_datetime(value.decode("latin-1")).timestamp()) * SECOND
    except ValueError:
        return None


def retry_form(headers: Headers) -> str:
    """Return the form of a Retry-After that can be read: `seconds`, or `date`."""
    return "seconds" if any(name == RETRY_AFTER and value.isdigit() for name, value in headers) else "date"


def merged(own: Headers, defaults: Headers) -> Headers:
    """Return the `own` headers, and those of the defaults that they don't replace."""
    names = {name for name, _ in own}
    return own + tuple(header for header in defaults if header[0] not in names)


@lru_cache(maxsize=1024)
def default_headers(length: int | None, second: int) -> Headers:
    """Return the headers that every answer has. `length` is None where it has no body, `second` is the time."""
    date = (b"date", formatdate(second, usegmt=True).encode())
    return (date,) if length is None else (_JSON, (b"content-length", b"%d" % length), date)


def bearer(header: bytes | None) -> str | None:
    """Return the token of an `Authorization: Bearer …` header, or None where there is no such header."""
    scheme, _, token = (header or b"").strip().partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None


def is_key(token: str, prefix: str) -> bool:
    """Return whether a token has the form of a key: the API's prefix, then 1 to 500 visible ASCII characters."""
    return token.startswith(prefix) and _KEY_REST.fullmatch(token, len(prefix)) is not None
