"""What all tests of a run share: one loop in a thread for their listeners, and the scenarios that were read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jobmock.catalogue import Catalogue
from jobmock.errors import UsageError
from jobmock.server.listeners import Host

if TYPE_CHECKING:
    from .mock import Mock
    from .session import Bench


class MockServer:
    """The loop that listens for every test's mocks. Nothing runs, and no socket is made, before a mock needs it."""

    def __init__(self) -> None:
        self.host = Host()
        self.bench: Bench | None = None
        """What the running test's mocks share."""
        self._catalogues: dict[Path | None, Catalogue] = {}

    def catalogue(self, folder: Path | None) -> Catalogue:
        """Return the bundled scenarios and those of a folder, read once."""
        if folder not in self._catalogues:
            self._catalogues[folder] = Catalogue([folder] if folder else [])
        return self._catalogues[folder]

    @contextmanager
    def example(self, api: str) -> Iterator[Mock]:
        """Give the running test a fresh mock for one example. Raises UsageError where no test runs."""
        if self.bench is None:
            raise UsageError(f"{api}_example() is for tests: no test that takes it is running.")
        with self.bench.mock(api).example() as mock:
            yield mock

    def end(self) -> None:
        """End the loop and its thread."""
        self.host.end()
