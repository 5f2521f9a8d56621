"""JSON Pointers name a place in a document by its keys and indexes (RFC 6901)."""

from __future__ import annotations

import pytest

from jobmock import json_pointer

PATHS = [
    ((), ""),
    (("results", 0, "name"), "/results/0/name"),
    (("a/b", "c~d", "~1"), "/a~1b/c~0d/~01"),
    (("",), "/"),
]


@pytest.mark.parametrize(("path", "pointer"), PATHS)
def test_join_and_split(path: tuple[str | int, ...], pointer: str) -> None:
    """A pointer has `~1` for `/` and `~0` for `~` in its keys, and is split into the same keys again."""
    assert json_pointer.join(path) == pointer
    assert json_pointer.split(pointer) == list(map(str, path))
