"""Plain JSON bodies of one operation: a file may have one, or several one after another."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

from ...dialect.api import Operation
from ..exchange import LiveExchange, Source
from ..json_bodies import encode_text
from .json_stream import JsonStream


def exchanges(path: Path, operation: Operation) -> Generator[LiveExchange, None, None]:
    """Yield each body as the answer of a success. Raises BadJson."""
    status = min(operation.replies)
    with path.open(encoding="utf-8-sig") as file:
        stream, number = JsonStream(file), 0
        while stream.peek():
            body = encode_text(json.dumps(stream.value(), ensure_ascii=False))
            yield LiveExchange(
                at=0, method=operation.method, path=operation.path, status=status, body=body,
                source=Source(str(path), fragment=str(number) if number else ""),
            )  # fmt: skip
            number += 1
