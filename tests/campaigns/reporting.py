"""The output of a campaign: a progress bar, its failures on stderr, and a line with its figures at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

Item = TypeVar("Item")

_MAX_KINDS = 20
_MAX_DETAIL = 600


class Report:
    """The failures and the duration of one campaign; only the first failure of each kind is printed."""

    def __init__(self, name: str) -> None:
        self.name, self.failures = name, 0
        self._kinds: dict[str, int] = {}
        self._began = time.monotonic()

    def fail(self, kind: str, detail: object = "") -> None:
        """Count a failure, and print it if it is the first of its kind."""
        self.failures += 1
        self._kinds[kind] = self._kinds.get(kind, 0) + 1
        if self._kinds[kind] == 1 and len(self._kinds) <= _MAX_KINDS:
            print(f"{self.name}: {kind}: {str(detail)[:_MAX_DETAIL]}", file=sys.stderr)

    def check(self, condition: bool, kind: str, detail: object = "") -> bool:
        """Count a failure unless the condition is true; return the condition."""
        if not condition:
            self.fail(kind, detail)
        return condition

    def end(self, figures: str) -> int:
        """Print the summary line and return the number of failures."""
        kinds = "; ".join(f"{kind} ×{count}" for kind, count in self._kinds.items())
        failed = f"{self.failures} failures" + (f" ({kinds})" if kinds else "")
        print(f"{self.name}: {failed}; {figures}; {time.monotonic() - self._began:.1f} s", flush=True)
        return self.failures


def progress_bar(items: Iterable[Item], label: str, length: int | None = None) -> Iterator[Item]:
    """Yield the items, with a progress bar on stderr if that is a terminal."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(items, length=length, label=label, file=sys.stderr, hidden=hidden) as shown:
        yield from shown


def scaled(count: int, fraction: float, least: int = 1) -> int:
    """Return a fraction of a count, rounded, but at least `least`."""
    return max(least, round(count * fraction))
