"""Plain JSON bodies are read as answers of one operation."""

from __future__ import annotations

import json
from pathlib import Path

from tests.checking.exchanges import run
from tests.checking.readers.recordings import written

from jobmock import apis
from jobmock.checking.check import Check
from jobmock.checking.operations import operation_named
from jobmock.checking.readers import open_recording


def test_plain_bodies(tmp_path: Path) -> None:
    """Plain bodies are answers of the named operation, and are judged without regard to each other."""
    status_of = operation_named(apis.load("orbit"), "status")
    bodies = [run("completed", {"id": "p"}), run("running")]
    path = written(tmp_path / "a.json", "\n".join(json.dumps(body, indent=2) for body in bodies))
    recorded = open_recording(path, status_of)
    assert recorded.alone
    check = Check("orbit")
    for one in recorded.exchanges:
        assert check.judge(one, alone=True) == []
    assert check.report().judged == {"orbit status": 2}
