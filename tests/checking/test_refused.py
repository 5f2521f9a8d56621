"""Recordings that can't be judged are refused, and not taken for empty ones."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobmock.checking.exchange import to_line
from jobmock.checking.readers import open_recording
from jobmock.errors import UsageError

from .exchanges import clado, status


def test_a_refused_file_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose exchange is refused is closed at once, and not when the error is forgotten."""
    opened: list[Any] = []
    way = Path.open

    def noted(path: Path, *args: Any, **more: Any) -> Any:
        opened.append(way(path, *args, **more))
        return opened[-1]

    path = tmp_path / "a.jsonl"
    path.write_bytes(to_line(clado(status("pending"))) + to_line(replace(clado(status("pending")), status=True)))
    monkeypatch.setattr(Path, "open", noted)
    with pytest.raises(UsageError, match="status is of type bool") as refused:
        list(open_recording(path).exchanges)
    assert opened and all(file.closed for file in opened), refused


def test_pipe_is_refused() -> None:
    """What can be read only once is refused and not taken for an empty recording."""
    end, other = os.pipe()
    os.write(other, to_line(clado(status("pending"))))
    os.close(other)
    try:
        with pytest.raises(UsageError, match=r"is no regular file.*Save it to a file first\.$"):
            open_recording(Path(f"/dev/fd/{end}"))
    finally:
        os.close(end)
