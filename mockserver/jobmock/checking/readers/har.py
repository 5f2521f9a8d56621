"""HAR 1.2, as browsers, proxies and jobmock itself write it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from ...clock import SECOND
from ..exchange import LiveExchange, Source
from ..json_bodies import encode_text
from .json_stream import JsonStream


def exchanges(path: Path) -> Generator[LiveExchange, None, None]:
    """Yield the entries of a HAR file. Raises ValueError, KeyError, TypeError or AttributeError if it is none."""
    with path.open(encoding="utf-8-sig") as file:
        for number, entry in enumerate(_entries(file)):
            yield _exchange(entry, Source(str(path), fragment=f"/log/entries/{number}"))


def _entries(file: IO[str]) -> Iterator[Any]:
    stream = JsonStream(file)
    for key in stream.members():
        if key != "log":
            stream.value()
            continue
        for inner in stream.members():
            if inner == "entries":
                yield from stream.items()
            else:
                stream.value()


def _exchange(entry: Mapping[str, Any], source: Source) -> LiveExchange:
    request, response = entry["request"], entry["response"]
    url, content = urlsplit(request["url"]), response.get("content") or {}
    text = content.get("text") or ""
    size = content.get("size", 0 if "text" in content else None)
    at, arrived = _times(entry)
    return LiveExchange(
        at=at, arrived=arrived, method=request["method"], path=url.path, query=url.query,
        sent=encode_text((request.get("postData") or {}).get("text") or ""), status=response["status"],
        headers=_headers(response.get("headers") or ()), source=source,
        body=b64decode(text) if content.get("encoding") == "base64" else encode_text(text),
        unread="" if text or size == 0 else "body not recorded",
    )  # fmt: skip


def _times(entry: Mapping[str, Any]) -> tuple[int, int]:
    """Return when the request was sent and when its answer had come, both 0 if that isn't recorded.

    The duration loses a millisecond, because the moment of the request is rounded down; -1 means that it is unknown.
    """
    began = entry.get("startedDateTime")
    if not began:
        return 0, 0
    at = round(datetime.fromisoformat(began).timestamp() * SECOND)
    return at, at + round(max(0, (entry.get("time") or 0) - 1) * SECOND / 1000)


def _headers(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the headers by lower-case name. Bodies in HAR have no content encoding."""
    return {row["name"].lower(): row["value"] for row in rows}
