"""JSON Lines of exchanges, as `jobmock.live.exchange.to_line` writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..exchange import LiveExchange, from_line


def exchanges(path: Path) -> Iterator[LiveExchange]:
    """Yield the exchange of each line; blank ones are passed over. Raises UsageError, which names file and line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield from_line(line, f"{path}:{number}")
