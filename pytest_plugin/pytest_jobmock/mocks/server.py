"""The server of all tests: an event loop in a thread for the mocks' listeners, and the scenarios they have read."""

from __future__ import annotations

from pathlib import Path

from jobmock.catalogue import Catalogue
from jobmock.server.listeners import Host


class MockServer:
    """The event loop in which the mocks of all tests listen. It starts, and opens a socket, when a mock needs it."""

    def __init__(self) -> None:
        self.host = Host()
        self._catalogues: dict[Path | None, Catalogue] = {}

    def catalogue(self, folder: Path | None) -> Catalogue:
        """Return the bundled scenarios and those of a folder, read once."""
        if folder not in self._catalogues:
            self._catalogues[folder] = Catalogue([folder] if folder else [])
        return self._catalogues[folder]

    def stop(self) -> None:
        """Stop the loop and its thread."""
        self.host.end()
