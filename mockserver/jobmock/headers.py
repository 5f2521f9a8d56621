"""What both dialects do with headers: the bearer key of a request, the Retry-After of an answer."""

from __future__ import annotations

import re
from email.utils import formatdate, parsedate_to_datetime

from .clock import SECOND
from .models import RetryAfter

_KEY_REST = re.compile(r"[\x21-\x7e]{1,500}")
Headers = tuple[tuple[bytes, bytes], ...]


def retry_headers(retry: RetryAfter | None, now: int) -> Headers:
    """Return the Retry-After header, in seconds or as an HTTP-date of the namespace's clock, or none.

    A date has whole seconds, so the clock is rounded up: whoever waits for it has waited long enough.
    """
    if retry is None or retry.seconds is None:
        return ()
    text = formatdate(-(-now // SECOND) + retry.seconds, usegmt=True) if retry.as_date else str(retry.seconds)
    return ((b"retry-after", text.encode()),)


def retry_due(headers: Headers, now: int) -> int | None:
    """Return the reading from which an answer's Retry-After, in seconds or as an HTTP-date, allows another request."""
    value = next((value for name, value in headers if name == b"retry-after"), None)
    if value is None:
        return None
    if value.isdigit():
        return now + int(value) * SECOND
    try:
        return int(parsedate_to_datetime(value.decode("latin-1")).timestamp()) * SECOND
    except ValueError:
        return None


def bearer(header: bytes | None) -> str | None:
    """Return the token of an `Authorization: Bearer …` header, or None where there is no such header."""
    scheme, _, token = (header or b"").strip().partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None


def is_key(token: str, prefix: str) -> bool:
    """Say whether a token could be a key: the API's prefix, then 1 to 500 visible ASCII characters."""
    return token.startswith(prefix) and _KEY_REST.fullmatch(token, len(prefix)) is not None
