"""Recordings that can't be judged are refused, and not taken for empty ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobmock.errors import UsageError
from jobmock.live.exchange import to_line
from jobmock.live.recorded import recording

from .traffic import clado, status


def test_pipe_is_refused() -> None:
    """What can be read only once is refused and not taken for an empty recording."""
    end, other = os.pipe()
    os.write(other, to_line(clado(status("pending"))))
    os.close(other)
    try:
        with pytest.raises(UsageError, match=r"is no regular file.*Save it to a file first\.$"):
            recording(Path(f"/dev/fd/{end}"))
    finally:
        os.close(end)
