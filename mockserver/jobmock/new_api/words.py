"""Takes names and words apart: `jobId`, `job_id` and `JOB-ID` have the same parts."""

from __future__ import annotations

import re

_PART = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")


def parts_of(word: str) -> list[str]:
    """Return the parts of a word in lower case."""
    return [part.lower() for part in _PART.findall(word)]


def snake_case(word: str) -> str:
    """Return a word as a name in lower case with underscores."""
    return "_".join(parts_of(word))
