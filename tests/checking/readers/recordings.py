"""Recordings for tests of the readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support import JOBS

from jobmock.checking.exchange import LiveExchange, Source
from jobmock.checking.readers import open_recording

PLACE = f"{JOBS['clado']}/j"


def read(path: Path, **more: Any) -> list[LiveExchange]:
    """Return the exchanges of a recording."""
    return list(open_recording(path, **more).exchanges)


def read_with_odd(path: Path, **more: Any) -> tuple[list[LiveExchange], list[str]]:
    """Return the exchanges of a recording, and what is left out of it: `place: reason`, without the folder."""
    odd: list[str] = []

    def leave_out(source: Source, reason: str) -> None:
        odd.append(f"{str(source).removeprefix(f'{path.parent}/')}: {reason}")

    return list(open_recording(path, leave_out=leave_out, **more).exchanges), odd


def written(path: Path, text: str | bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def har(*entries: dict[str, Any]) -> str:
    """Return the text of a HAR file."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": list(entries)}})


def entry(body: str, **content: Any) -> dict[str, Any]:
    """Return an entry of a HAR file: a status answer of Clado."""
    url = f"https://search.clado.ai{PLACE}?page=1"
    response = {"status": 200, "headers": [{"name": "X-One", "value": "1"}], "content": {"text": body, **content}}
    return {"startedDateTime": "2026-01-01T00:00:00Z", "request": {"method": "GET", "url": url}, "response": response}
