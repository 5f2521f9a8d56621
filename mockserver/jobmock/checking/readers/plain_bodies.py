"""Plain JSON bodies of one operation: a file may have one, or several one after another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...dialect.api import Operation
from ..exchange import LiveExchange, Source
from ..json_bodies import encode_text
from .json_stream import JsonStream
from .recorded_file import RecordedFile

LINE = "\n{"
"""What a body begins with that follows a broken one."""


def entries(file: RecordedFile) -> Iterator[tuple[Any, Source]]:
    """Yield each body with its place, and an OddEntry in place of what is no JSON."""
    with file.open_text() as text:
        stream = JsonStream(text)

        def bodies(*found: Any) -> Iterator[Any]:
            yield from found
            while stream.peek():
                yield stream.value()

        for number, body in enumerate(stream.entries(bodies(), lambda value: True, LINE, bodies)):
            yield body, Source(file.name, fragment=str(number) if number else "")


def exchange_of(operation: Operation, body: Any, source: Source, file: RecordedFile) -> LiveExchange:
    """Return a body as the answer of a success."""
    return LiveExchange(
        at=0, method=operation.method, path=operation.path, status=min(operation.replies),
        body=encode_text(json.dumps(body, ensure_ascii=False)), source=source,
    )  # fmt: skip
