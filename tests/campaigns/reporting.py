"""What every campaign says: a bar while it runs, its failures on stderr, one line with its figures at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

Item = TypeVar("Item")

_SHOWN = 20
_LONGEST = 600


class Report:
    """The failures and the time of one campaign; failures of one kind are shown once."""

    def __init__(self, name: str) -> None:
        self.name, self.failures = name, 0
        self._kinds: dict[str, int] = {}
        self._began = time.monotonic()

    def fail(self, kind: str, detail: object = "") -> None:
        """Count a failure; the first one of its kind is written down."""
        self.failures += 1
        self._kinds[kind] = self._kinds.get(kind, 0) + 1
        if self._kinds[kind] == 1 and len(self._kinds) <= _SHOWN:
            print(f"{self.name}: {kind}: {str(detail)[:_LONGEST]}", file=sys.stderr)

    def check(self, holds: bool, kind: str, detail: object = "") -> bool:
        """Count a failure unless the rule holds."""
        if not holds:
            self.fail(kind, detail)
        return holds

    def end(self, figures: str) -> int:
        """Print the summary line and return the number of failures."""
        kinds = "; ".join(f"{kind} ×{count}" for kind, count in self._kinds.items())
        failed = f"{self.failures} failures" + (f" ({kinds})" if kinds else "")
        print(f"{self.name}: {failed}; {figures}; {time.monotonic() - self._began:.1f} s", flush=True)
        return self.failures


def bar(items: Iterable[Item], label: str, length: int | None = None) -> Iterator[Item]:
    """Yield the items, with a bar on stderr where that is a terminal."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(items, length=length, label=label, file=sys.stderr, hidden=hidden) as shown:
        yield from shown


def share(most: int, fraction: float, least: int = 1) -> int:
    """Return how many of `most` a fraction is, but no fewer than `least`."""
    return max(least, round(most * fraction))
