"""Ids that servers with the same secret check without asking each other."""

from __future__ import annotations

from random import Random
from uuid import RFC_4122, UUID

import pytest

from jobmock.engine.unique_ids import KeyedIds, UniqueIds
from jobmock.errors import UsageError


def ids(key: str, *, secret: str = "shared", seed: int = 0, count: int = 200) -> list[str]:
    """Return the first ids of a key."""
    new = UniqueIds(seed, key, KeyedIds(secret))
    return [new("job") for _ in range(count)]


def test_form_is_that_of_a_uuid4() -> None:
    """They are lower-case UUIDs of version 4, all different, for one key and for another."""
    made = ids("lk_a") + ids("lk_b")
    assert len(set(made)) == len(made)
    assert all(str(UUID(one)) == one and UUID(one).version == 4 and UUID(one).variant == RFC_4122 for one in made)


def test_same_in_each_run() -> None:
    """An id depends only on seed, key, secret and number, in every release. Any other of these gives another one."""
    first = ids("lk_a")[0]
    assert first == ids("lk_a")[0] == "ab52b913-a1a4-4a07-bc5e-8ec04396b9d1"
    others = [ids("lk_b"), ids("lk_a", secret="other"), ids("lk_a", seed=1)]
    assert all(first not in other for other in others)


def test_another_key_is_known() -> None:
    """Another server knows that an id was made for another key, and that its own key's id was not."""
    server, made = KeyedIds("shared"), ids("lk_a")
    assert all(server.is_of_another_key(one, "lk_b") for one in made)
    assert not any(server.is_of_another_key(one, "lk_a") for one in made)


def test_other_ids_are_of_no_key() -> None:
    """Ids that were made with another secret, without one, by chance or by a client are of no other key."""
    server, random = KeyedIds("shared"), Random(0)
    without = UniqueIds(0, "lk_a")
    drawn = [str(UUID(int=random.getrandbits(128), version=4)) for _ in range(2_000)]
    chosen = ["", "job-7", "x" * 36, "é" * 36, "ab52b913 a1a4 4a07 bc5e 8ec04396b9d1", "\ud800" * 36]
    for one in [*ids("lk_a", secret="other"), *(without("job") for _ in range(200)), *drawn, *chosen]:
        assert not server.is_of_another_key(one, "lk_b"), one


def test_changed_ids_are_of_no_key() -> None:
    """An id with one digit changed, in capitals, or with other dashes, was made for nobody."""
    server, (one,) = KeyedIds("shared"), ids("lk_a", count=1)
    changed = [one[:at] + ("0" if one[at] != "0" else "1") + one[at + 1 :] for at in range(len(one))]
    assert not any(server.is_of_another_key(other, "lk_b") for other in [*changed, one.upper(), one.replace("-", "")])


def test_empty_secret_is_refused() -> None:
    """A secret that is empty is a mistake, such as a variable that isn't set."""
    with pytest.raises(UsageError, match="--id-secret is empty"):
        KeyedIds("")
