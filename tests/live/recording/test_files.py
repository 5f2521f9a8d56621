"""A recording's files: nobody else's are touched."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobmock.live.recording.files import OwnFile


def failing(number: int) -> Callable[..., Any]:
    """Something of the system's that fails with an errno."""

    def fail(*args: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_where_no_file_can_have_two_names(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On such a file system a file is claimed all the same, whole, and never another's."""
    monkeypatch.setattr(os, "link", failing(number))
    (tmp_path / "taken").write_text("mine")
    assert not OwnFile(tmp_path / "taken").claim(b"new")
    own = OwnFile(tmp_path / "free")
    assert own.claim(b"new")
    assert own.write(b"newer")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"taken": "mine", "free": "newer"}
