"""JSON Lines of exchanges, as `jobmock.live.exchange.to_line` writes them."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path

from ..exchange import LiveExchange, Source, from_line


def exchanges(path: Path) -> Iterator[LiveExchange]:
    """Yield the exchange of each line; byte order marks and blank lines are passed over.

    Raises UsageError, which names file and line.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.removeprefix(BOM_UTF8).strip():
                yield from_line(line.removeprefix(BOM_UTF8), Source(str(path), line=number))
