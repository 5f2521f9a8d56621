"""Plain JSON bodies of one operation: a file may hold one, or several one after another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson

from ...dialect import Operation
from ..exchange import LiveExchange
from .stream import Stream


def exchanges(path: Path, operation: Operation) -> Iterator[LiveExchange]:
    """Yield each body as the answer of a success. Raises BadJson."""
    code = min(operation.replies)
    with path.open(encoding="utf-8-sig") as file:
        stream, number = Stream(file), 0
        while stream.peek():
            body = orjson.dumps(stream.value())
            yield LiveExchange(
                at=0, method=operation.method, path=operation.path, status=code, body=body,
                source=f"{path}#{number}" if number else str(path),
            )  # fmt: skip
            number += 1
