"""The fast and the reference validator agree, and a check finds the same without the fast one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.checking.exchanges import checked, status
from tests.checking.planted_drifts import DRIFTS

from jobmock.contract import documents, fast_validator

EXAMPLES = sorted((Path(__file__).parents[1] / "data" / "bodies").glob("*/*/*.json"))


@contextmanager
def without_the_fast_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment in which jsonschema-rs isn't installed."""
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "jsonschema_rs", None)
        fast_validator.fast.cache_clear()
        assert fast_validator.fast("clado/status.json") is None
        yield
    fast_validator.fast.cache_clear()


def spoilt(body: Any) -> Iterator[Any]:
    """Yield the body, and variants in which one member is missing, null or a list."""
    yield body
    for name in body:
        yield {key: value for key, value in body.items() if key != name}
        yield {**body, name: None}
        yield {**body, name: []}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-3:]))
def test_both_say_the_same(path: Path) -> None:
    """Both validators agree on each documented example and its broken variants."""
    name = f"{path.parts[-3]}/{path.parts[-2]}.json"
    assert fast_validator.fast(name) is not None
    for body in spoilt(json.loads(path.read_text("utf-8"))):
        assert fast_validator.valid(name, body) == documents.validator(name).is_valid(body)


def test_numbers_beyond_the_fast_one() -> None:
    """A whole number of any size is a valid integer."""
    assert fast_validator.valid("clado/status.json", status("completed", total_filtered=10**40))


@pytest.mark.parametrize("name", DRIFTS)
def test_check_without_the_fast_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without jsonschema-rs a check reports the same messages at the same places of the same documents."""
    with_it = checked(DRIFTS[name].exchanges)
    with without_the_fast_one(monkeypatch):
        without = checked(DRIFTS[name].exchanges)
    assert without == with_it
