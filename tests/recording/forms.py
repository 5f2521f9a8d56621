"""Writes exchanges, as a proxy sees them, in the forms of recorded traffic."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any

import yaml

from jobmock.checking.exchange import LiveExchange, to_line
from jobmock.clock import SECOND
from jobmock.recording.raw_exchange import RawExchange

_HOST = "https://live.invalid"


def _url(seen: RawExchange) -> str:
    query = seen.request.query.decode("latin-1")
    return f"{_HOST}{seen.request.path.decode()}{'?' * bool(query)}{query}"


def har(exchanges: Sequence[RawExchange]) -> bytes:
    """Return a HAR file. An answer that never came has the status 0."""
    return json.dumps({"log": {"version": "1.2", "entries": [_entry(one) for one in exchanges]}}).encode()


def _entry(seen: RawExchange) -> dict[str, Any]:
    began = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=seen.at // 1000)
    text = (seen.body or b"").decode("utf-8", "surrogateescape")
    wait = seen.took * 1000 / SECOND
    return {
        "startedDateTime": began.isoformat(), "time": wait + 5, "timings": {"send": 0, "wait": wait, "receive": 5},
        "request": {
            "method": seen.request.method, "url": _url(seen), "headers": [],
            "postData": {"text": seen.request.body.decode("utf-8", "replace")},
        },
        "response": {
            "status": seen.status, "content": {"size": len(seen.body or b""), "text": text},
            "headers": [{"name": name.title(), "value": value} for name, value in seen.headers.items()],
        },
    }  # fmt: skip


def lines(exchanges: Sequence[RawExchange]) -> bytes:
    """Return JSON Lines of exchanges."""
    return b"".join(to_line(live(one)) for one in exchanges)


def live(seen: RawExchange) -> LiveExchange:
    """Return an exchange as a check gets it."""
    return LiveExchange(
        at=seen.at, arrived=seen.at + seen.took, method=seen.request.method, path=seen.request.path.decode(),
        query=seen.request.query.decode(), sent=seen.request.body, status=seen.status, headers=seen.headers,
        body=seen.body or b"",
    )  # fmt: skip


def python_cassette(exchanges: Sequence[RawExchange]) -> bytes:
    """Return a cassette of VCR for Python: it has no times."""
    rows = [
        {
            "request": {"method": one.request.method, "uri": _url(one), "body": one.request.body, "headers": {}},
            "response": {"status": {"code": one.status}, "headers": _lists(one.headers),
                         "body": {"string": one.body or b""}},
        }
        for one in exchanges
    ]  # fmt: skip
    return yaml.safe_dump({"version": 1, "interactions": rows}).encode()


def ruby_cassette(exchanges: Sequence[RawExchange]) -> bytes:
    """Return a cassette of VCR for Ruby: its times are whole seconds, and it has no durations."""
    rows = [
        {
            "request": {"method": one.request.method.lower(), "uri": _url(one), "headers": {},
                        "body": {"encoding": "UTF-8", "string": one.request.body.decode("utf-8", "replace")}},
            "response": {"status": {"code": one.status}, "headers": _lists(one.headers),
                         "body": {"encoding": "UTF-8", "string": (one.body or b"").decode("utf-8", "replace")}},
            "recorded_at": formatdate(one.at // SECOND, usegmt=True),
        }
        for one in exchanges
    ]  # fmt: skip
    return yaml.safe_dump({"http_interactions": rows}).encode()


def _lists(headers: Mapping[str, str]) -> dict[str, list[str]]:
    return {name.title(): [value] for name, value in headers.items()}


FORMS: dict[str, Callable[[Sequence[RawExchange]], bytes]] = {
    "har": har, "jsonl": lines, "python": python_cassette, "ruby": ruby_cassette,
}  # fmt: skip


def saved(path: Path, content: bytes) -> Path:
    """Write a file; return its path."""
    path.write_bytes(content)
    return path
