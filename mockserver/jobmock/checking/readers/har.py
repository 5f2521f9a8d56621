"""HAR 1.2, as browsers, proxies and jobmock itself write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...clock import SECOND
from ..exchange import LiveExchange, Source
from ..json_bodies import encode_text
from .entry_parts import header_values, member, moment_of, number_of, status_of, text_of, url_of
from .json_stream import JsonStream
from .recorded_body import NOT_DECODED, NOT_KEPT, decoded, from_base64
from .recorded_file import RecordedFile

_BROKEN = "broken on the wire: "
"""How a comment of jobmock's own HAR files begins if it broke an answer."""


def entries(file: RecordedFile) -> Iterator[tuple[Any, Source]]:
    """Yield each entry with its place, and an OddEntry in place of what is no JSON."""
    with file.open_text() as text:
        stream = JsonStream(text)
        for number, entry in enumerate(stream.entries(_entries(stream), is_entry)):
            yield entry, Source(file.name, fragment=f"/log/entries/{number}")


def is_entry(value: Any) -> bool:
    """Return whether a value is an entry, and not a part of one."""
    return isinstance(value, dict) and ("request" in value or "response" in value)


def _entries(stream: JsonStream) -> Iterator[Any]:
    for key in stream.members():
        if key != "log":
            stream.value()
            continue
        for inner in stream.members():
            if inner == "entries":
                yield from stream.items()
            else:
                stream.value()


def exchange(entry: Any, source: Source, file: RecordedFile) -> LiveExchange:
    """Return the exchange of an entry. Raises OddEntry and its like. A request without an answer has the status 0."""
    request = member(entry, "request")
    response = member(entry, "response") if entry.get("response") else {}
    url, headers, content = url_of(text_of(request, "url")), header_values(response.get("headers")), _content(response)
    at, arrived = _times(entry)
    status = status_of(response.get("status"))
    body, unread = _body(content, headers, response.get("bodySize"), file) if status > 0 else (b"", "")
    return LiveExchange(
        at=at, arrived=arrived, waited=_waited(entry), broken=_broken(entry), method=text_of(request, "method"),
        path=url.path, query=url.query, sent=_sent(request.get("postData")), status=status, headers=headers,
        source=source, body=body, unread=unread,
    )  # fmt: skip


def _times(entry: Mapping[str, Any]) -> tuple[int, int]:
    """Return when the request was sent and when its answer had come, both 0 if that isn't recorded.

    The duration loses a millisecond, because the moment of the request is rounded down; -1 means that it is unknown.
    """
    at = moment_of(entry.get("startedDateTime"))
    return (at, at + round(max(0, number_of(entry.get("time")) - 1) * SECOND / 1000)) if at else (0, 0)


def _waited(entry: Mapping[str, Any]) -> int:
    """Return how long the beginning of the answer took, in nanoseconds; -1 if that isn't recorded."""
    timings = entry.get("timings")
    if not isinstance(timings, Mapping):
        return -1
    return round(sum(max(0, number_of(timings.get(name))) for name in ("send", "wait")) * SECOND / 1000)


def _broken(entry: Mapping[str, Any]) -> str:
    """Return how jobmock broke the answer, as it says in the entry's comment; empty if it didn't."""
    comment = entry.get("comment")
    return comment.removeprefix(_BROKEN) if isinstance(comment, str) and comment.startswith(_BROKEN) else ""


def _content(response: Mapping[str, Any]) -> Mapping[str, Any]:
    content = response.get("content")
    return content if isinstance(content, Mapping) else {}


def _sent(data: Any) -> bytes:
    text = data.get("text") if isinstance(data, Mapping) else data
    return encode_text(text) if isinstance(text, str) else b""


def _body(
    content: Mapping[str, Any], headers: Mapping[str, str], stated: Any, file: RecordedFile
) -> tuple[bytes, str]:  # fmt: skip
    """Return the body of an answer, and why it isn't known. `stated` is the size that the response states."""
    text, size = content.get("text"), content.get("size")
    if not text and isinstance(name := content.get("_file"), str):
        raw = file.attached(name)
        return (b"", NOT_KEPT) if raw is None else decoded(raw, headers)
    if text and not isinstance(text, str):
        return b"", NOT_KEPT
    if not text:
        is_empty = "text" in content or stated == 0 or (size == 0 and stated is None)
        lost = max(map(number_of, (size, stated))) > 0 or headers.get("content-length", "0") != "0"
        return b"", NOT_KEPT if lost or not is_empty else ""
    if content.get("encoding") != "base64":
        return decoded(encode_text(text), headers, size)
    raw = from_base64(text)
    if raw is None and text.lstrip()[:1] in ("{", "["):  # some browsers name an encoding and write the text
        raw = encode_text(text)
    return (b"", NOT_DECODED) if raw is None else decoded(raw, headers, size)
