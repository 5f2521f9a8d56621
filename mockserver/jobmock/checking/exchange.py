"""One request and the answer it got, wherever it was seen, and its form as a line of JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from ..clock import SECOND
from ..errors import UsageError

_HALF = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<alone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
"""A pair of surrogates, half of one, or another escape."""
_INTERNAL = (AttributeError, TypeError)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class Source(NamedTuple):
    """Where an exchange was found: a file, its line there (0 where it has none), and a pointer into it."""

    path: str = ""
    line: int = 0
    fragment: str = ""

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' * bool(self.line)}{f'#{self.fragment}' * bool(self.fragment)}"


NOWHERE = Source()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveExchange:
    """One request and its answer. `at` is when the request was sent, in nanoseconds since the Unix epoch, and `arrived`
    when its answer had come whole, 0 where nobody noted that.

    `path` is raw (percent-encoded), header names are lower-case; `body` is what the answer held, not yet parsed, after
    any content encoding was undone, and `unread` says why that isn't known. `sent` is the request's body. `source` says
    where it was found, for reports.
    """

    at: int
    method: str
    path: str
    query: str = ""
    sent: bytes = b""
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    source: Source = NOWHERE
    arrived: int = 0
    unread: str = ""

    @property
    def over(self) -> int:
        """When the answer had come, as far as is known: what is sent from then on is answered after it."""
        return max(self.at, self.arrived)


def to_line(exchange: LiveExchange) -> bytes:
    """Return an exchange as one line of JSON, its end included; bodies that are JSON stand as JSON, others as text."""
    row: dict[str, Any] = {
        "at": exchange.at / SECOND, "method": exchange.method, "path": exchange.path, "query": exchange.query,
        "sent": _shown(exchange.sent), "status": exchange.status, "headers": dict(exchange.headers),
        "body": _shown(exchange.body),
        **({"arrived": exchange.arrived / SECOND} if exchange.arrived else {}),
    }  # fmt: skip
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def from_line(line: bytes, source: Source = NOWHERE) -> LiveExchange:
    """Return the exchange of a line of JSON. Raises UsageError, which names `source`."""
    try:
        row = loads(line)
        body, unread = _read(row.get("body"))
        return LiveExchange(
            at=round(row["at"] * float(SECOND)), method=row["method"], path=row["path"], query=row.get("query", ""),
            sent=_raw(row.get("sent")), status=row["status"],
            headers={name.lower(): joined(value) for name, value in row.get("headers", {}).items()},
            body=body, unread=unread, source=source, arrived=round(row.get("arrived", 0) * float(SECOND)),
        )  # fmt: skip
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        text = f"{source if source.path else 'A line'} is no exchange in JSON: {without_values(error)}."
        raise UsageError(f"{text} Expected: at, method, path, query, sent, status, headers, body, arrived.") from None


def loads(raw: bytes) -> Any:
    """Return JSON as data, with U+FFFD for half of a surrogate pair, which JSON allows. Raises JSONDecodeError."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        whole = _HALF.sub(lambda found: b"\\ufffd" if found["alone"] else found[0], raw)
        if whole == raw:
            raise
        return orjson.loads(whole)


def joined(value: Any) -> Any:
    """Return the value of a header that stands there once or, as a list, several times."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def without_values(error: Exception) -> str:
    """Return what is wrong in words, without what was read: that may be somebody's name, or a key."""
    if isinstance(error, _INTERNAL):
        return "a value in it hasn't the form that it should have"
    said = " ".join(str(error).split()).rstrip(".")
    kept = said if isinstance(error, KeyError) else _QUOTED.sub("…", said)
    return f"{type(error).__name__}: {kept}"


def _shown(body: bytes) -> Any:
    """Return a body as data; None for no bytes, text where it is no JSON (text that is JSON stays text)."""
    if not body:
        return None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    return body.decode() if isinstance(value, str) or value is None else value


def _read(shown: Any) -> tuple[bytes, str]:
    """Return a body, and why it isn't known: orjson reads more levels than it writes."""
    try:
        return _raw(shown), ""
    except orjson.JSONEncodeError:
        return b"", "body nested too deeply"


def _raw(shown: Any) -> bytes:
    if shown is None:
        return b""
    return shown.encode() if isinstance(shown, str) else orjson.dumps(shown)
