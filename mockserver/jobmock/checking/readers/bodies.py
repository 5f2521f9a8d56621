"""Plain JSON bodies of one operation: a file may hold one, or several one after another."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

from ...dialect.api import Operation
from ..exchange import LiveExchange, Source
from .json_stream import Stream


def encoded(text: str) -> bytes:
    """Return a body that stands in a recording as text; half of a surrogate pair becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def exchanges(path: Path, operation: Operation) -> Generator[LiveExchange, None, None]:
    """Yield each body as the answer of a success. Raises BadJson."""
    code = min(operation.replies)
    with path.open(encoding="utf-8-sig") as file:
        stream, number = Stream(file), 0
        while stream.peek():
            body = encoded(json.dumps(stream.value(), ensure_ascii=False))
            yield LiveExchange(
                at=0, method=operation.method, path=operation.path, status=code, body=body,
                source=Source(str(path), fragment=str(number) if number else ""),
            )  # fmt: skip
            number += 1
