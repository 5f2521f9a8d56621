"""The log of requests is as the page of the server shows it."""

from __future__ import annotations

import json
import re

import httpx
from tests.documents.reading import blocks, chapter, tables
from tests.support import KEYS, served

PAGE, CHAPTER = "mockserver/README.md", "Options of serve"


def logged(*flags: str) -> str:
    """Return the line that a server logs about a request to an unknown path."""
    headers = {"Authorization": f"Bearer {KEYS['clado']}"}
    with served("--log-requests", *flags) as server:
        httpx.get(f"{server.url}/api/credit", headers=headers)
        server.err.wait_for("/api/credit")
        return next(line for line in server.err.so_far() if "/api/credit" in line)


def test_the_line_as_text() -> None:
    """A server logs the line of the page, but for the digits of the namespace and the time."""
    shown, line = (re.sub(r"clado-[0-9a-f]{6}|[0-9.]+$", "…", text.strip()) for text in
                   (*blocks(PAGE, "text", CHAPTER), logged()))  # fmt: skip
    assert line == shown


def test_the_fields_as_json() -> None:
    """Each field of a request has a row, and no row has another."""
    assert "| Field of a request in the log |" in chapter(PAGE, CHAPTER)
    rows = [name for row in tables(PAGE, CHAPTER)[1][1:] for name in re.findall(r"`(\w+)`", row[0])]
    assert rows == list(json.loads(logged("--log-format", "json")))[4:]
