"""The smallest keys are kept, in whatever order they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobmock.checking.smallest_keys import SmallestKeys


@given(st.permutations(range(9)), st.integers(min_value=1, max_value=9))
def test_smallest_keys(keys: list[int], most: int) -> None:
    """The smallest keys are kept, in whatever order they come and come again."""
    kept: SmallestKeys[str, int] = SmallestKeys(most)
    for key in map(str, keys + keys):
        if kept.get(key) is None and kept.has_room(key):
            kept.add(key, int(key))
    kept.prune()
    assert sorted(kept.values()) == list(range(most))
