"""What all tests of a run share: one loop in a thread for their listeners, and the scenarios that were read."""

from __future__ import annotations

from pathlib import Path

from jobmock.catalogue import Catalogue
from jobmock.listener import Host


class MockServer:
    """The loop that listens for every test's mocks. Nothing runs, and no socket is made, before a mock needs it."""

    def __init__(self) -> None:
        self.host = Host()
        self._catalogues: dict[Path | None, Catalogue] = {}

    def catalogue(self, folder: Path | None) -> Catalogue:
        """Return the bundled scenarios and those of a folder, read once."""
        if folder not in self._catalogues:
            self._catalogues[folder] = Catalogue([folder] if folder else [])
        return self._catalogues[folder]

    def end(self) -> None:
        """End the loop and its thread."""
        self.host.end()
