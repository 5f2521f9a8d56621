"""One request with its answer, and its form as a line of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from ..clock import SECOND
from ..errors import UsageError
from .json_bodies import loads

WRONG_FORM = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What is raised where data haven't the form that they should have."""


class OddEntry(ValueError):
    """Raised if an entry of a recording can't be read. The message says why, without a value of the entry."""


class Source(NamedTuple):
    """Where an exchange was found: a file, its line (0 if it has no lines), and a pointer into the file."""

    path: str = ""
    line: int = 0
    fragment: str = ""

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' * bool(self.line)}{f'#{self.fragment}' * bool(self.fragment)}"


NOWHERE = Source()


class ParsedBody(NamedTuple):
    """A body and what it is as data. It is that of an exchange only if the exchange has the same body."""

    body: bytes
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveExchange:
    """One request with its answer. `at` is when the request was sent, in nanoseconds since the Unix epoch, and
    `arrived` when its answer had come completely, 0 if that isn't known.

    `path` is raw (percent-encoded), header names are lower-case, `sent` is the request's body. `body` is the answer's
    body without its content encoding, not yet parsed; `unread` says why it isn't known. `source` is where the exchange
    was found, for reports. `parsed` is the body as data, if its reader has parsed it. `waited` is how long the answer's
    beginning took, in nanoseconds, -1 if unknown. `broken` says how an answer of a mock was broken on the wire, if its
    HAR file does.
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
    waited: int = -1
    broken: str = ""
    unread: str = ""
    parsed: ParsedBody | None = field(default=None, compare=False, repr=False)

    @property
    def answered_at(self) -> int:
        """When the answer had come, or the request was sent if that isn't known: requests after this follow it."""
        return max(self.at, self.arrived)


def to_line(exchange: LiveExchange) -> bytes:
    """Return an exchange as one line of JSON with a line break. Bodies are written as JSON if they are JSON."""
    row: dict[str, Any] = {
        "at": exchange.at / SECOND, "method": exchange.method, "path": exchange.path, "query": exchange.query,
        "sent": _body_to_json(exchange.sent), "status": exchange.status, "headers": dict(exchange.headers),
        "body": _body_to_json(exchange.body),
        **({"arrived": exchange.arrived / SECOND} if exchange.arrived else {}),
    }  # fmt: skip
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def from_line(line: bytes, source: Source = NOWHERE) -> LiveExchange:
    """Return the exchange in a line of JSON. Raises UsageError, which names `source`."""
    try:
        return from_row(loads(line), source)
    except WRONG_FORM as error:
        text = f"{source if source.path else 'A line'} is no exchange in JSON: {reason_without_values(error)}."
        raise UsageError(f"{text} Expected: at, method, path, query, sent, status, headers, body, arrived.") from None


def from_row(row: Any, source: Source = NOWHERE) -> LiveExchange:
    """Return the exchange that a JSON object describes. Raises one of WRONG_FORM."""
    value = row.get("body")
    body, unread = _answer_body(value)
    parsed = ParsedBody(body, value) if isinstance(value, dict | list) and not unread else None
    return LiveExchange(
        at=_nanoseconds(row["at"]), method=row["method"], path=row["path"], query=row.get("query", ""),
        sent=_body_from_json(row.get("sent")), status=row["status"],
        headers={name.lower(): join_values(value) for name, value in row.get("headers", {}).items()},
        body=body, unread=unread, parsed=parsed, source=source, arrived=_nanoseconds(row.get("arrived", 0)),
    )  # fmt: skip


def _nanoseconds(seconds: float) -> int:
    """Return a time in nanoseconds, in whole microseconds: a float has no more of a date."""
    return round(seconds * 1e6) * (SECOND // 1_000_000)


def join_values(value: Any) -> Any:
    """Return the value of a header; several values in a list are joined."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def reason_without_values(error: Exception) -> str:
    """Return in words what is wrong with data, without a value of them: it may be somebody's name, or a key."""
    if isinstance(error, OddEntry):
        return str(error)
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]!r}"
    if isinstance(error, orjson.JSONDecodeError):
        return "it is no JSON"
    return "a value in it hasn't the form that it should have"


def _body_to_json(body: bytes) -> Any:
    """Return a body as data: None for no bytes, and text if it is no JSON, or is JSON for a text or null."""
    if not body:
        return None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    return body.decode() if isinstance(value, str) or value is None else value


def _answer_body(value: Any) -> tuple[bytes, str]:
    """Return a body, and why it isn't known: orjson reads more levels than it writes."""
    try:
        return _body_from_json(value), ""
    except orjson.JSONEncodeError:
        return b"", "body nested too deeply"


def _body_from_json(value: Any) -> bytes:
    if value is None:
        return b""
    return value.encode() if isinstance(value, str) else orjson.dumps(value)
