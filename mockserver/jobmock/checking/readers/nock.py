"""Recordings of nock (JavaScript): a list of scopes with their paths and responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ..exchange import LiveExchange, OddEntry, Source
from ..json_bodies import encode_text
from .entry_parts import header_values, status_of, text_of, url_of
from .json_stream import JsonStream
from .recorded_body import NOT_DECODED, body_of, decoded
from .recorded_file import RecordedFile


def entries(file: RecordedFile) -> Iterator[tuple[Any, Source]]:
    """Yield each call with its place, and an OddEntry in place of what is no JSON."""
    with file.open_text() as text:
        stream = JsonStream(text)
        for number, call in enumerate(stream.entries(stream.items(), is_entry)):
            yield call, Source(file.name, fragment=f"/{number}")


def is_entry(value: Any) -> bool:
    """Return whether a value is a call that nock has recorded, and not a part of one."""
    return isinstance(value, dict) and ("scope" in value or "rawHeaders" in value)


def exchange(call: Any, source: Source, file: RecordedFile) -> LiveExchange:
    """Return the exchange of a call. Raises OddEntry and its like."""
    if not isinstance(call, Mapping):
        raise OddEntry("it is no object")
    if call.get("status") is None:
        raise OddEntry("it has no status")
    url, headers = url_of(text_of(call, "path")), header_values(_headers(call))
    body, unread = _body(call.get("response"), headers)
    sent = call.get("body")
    return LiveExchange(
        at=0, method=text_of(call, "method"), path=url.path, query=url.query, status=status_of(call["status"]),
        sent=encode_text(sent) if isinstance(sent, str) else orjson.dumps(sent), headers=headers, body=body,
        unread=unread, source=source,
    )  # fmt: skip


def _headers(call: Mapping[str, Any]) -> Any:
    """Return the headers of a response: an object, or a list in which names and values take turns."""
    raw = call.get("rawHeaders", call.get("headers"))
    return dict(zip(raw[::2], raw[1::2], strict=False)) if isinstance(raw, list) else raw


def _body(response: Any, headers: Mapping[str, str]) -> tuple[bytes, str]:
    """Return a body, and why it isn't known. A body with a content encoding is a list of pieces in hexadecimal."""
    if isinstance(response, list) and "content-encoding" in headers:
        try:
            return decoded(bytes.fromhex("".join(response)), headers)
        except (ValueError, TypeError):
            return b"", NOT_DECODED
    if response is None or isinstance(response, str):
        return body_of(response, headers)
    return orjson.dumps(response), ""
