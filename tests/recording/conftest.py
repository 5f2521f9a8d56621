"""Fixtures for tests of recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.recording.files import LinesFile, ScenarioFolder
from jobmock.recording.recorder import Recorder


@pytest.fixture
def warnings() -> list[str]:
    """The warnings of a recorder."""
    return []


@pytest.fixture
def recorder(catalogue: Catalogue, tmp_path: Path, warnings: list[str]) -> Recorder:
    """A recorder of Clado: scenarios go to `out`, exchanges to `seen.jsonl`."""
    lines = LinesFile(tmp_path / "seen.jsonl", warnings.append)
    folder = ScenarioFolder(tmp_path / "out", warnings.append)
    return Recorder(apis.load("clado"), folder, warnings.append, lines=lines, catalogue=catalogue)
