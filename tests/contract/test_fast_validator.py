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

from jobmock.checking.json_bodies import NOT_JSON, parse_body
from jobmock.checking.validation_errors import validation_errors
from jobmock.contract import documents, fast_validator
from jobmock.contract.listed_members import listed, unlisted

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


def conforms(name: str, body: Any) -> bool:
    """Return what the reference validator and the tree of listed members say."""
    return documents.validator(name).is_valid(body) and not unlisted(listed(name), body)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-3:]))
def test_both_say_the_same(path: Path) -> None:
    """Both validators agree on each documented example and its broken variants."""
    name = f"{path.parts[-3]}/{path.parts[-2]}.json"
    assert fast_validator.fast(name) is not None
    for body in spoilt(json.loads(path.read_text("utf-8"))):
        assert fast_validator.conforms(name, body) == conforms(name, body)


@pytest.mark.parametrize("name", DRIFTS)
def test_what_no_document_lists_does_not_conform(name: str) -> None:
    """A body conforms if it is valid and has no unlisted member or word at any depth, in each of its documents."""
    for exchange in DRIFTS[name].exchanges:
        body = parse_body(exchange.body)
        for document in ("clado/status.json", "clado/status-page.json", "orbit/status.json"):
            if document in documents.names() and body is not NOT_JSON:
                assert fast_validator.conforms(document, body) == conforms(document, body)


def test_large_numbers() -> None:
    """A whole number of any size is a valid integer."""
    body = status("completed", total_filtered=10**40)
    assert fast_validator.conforms("clado/status.json", body)
    assert validation_errors("clado/status.json", body) == []


@pytest.mark.parametrize("name", DRIFTS)
def test_check_without_the_fast_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without jsonschema-rs a check reports the same messages at the same places of the same documents."""
    with_it = checked(DRIFTS[name].exchanges)
    with without_the_fast_one(monkeypatch):
        without = checked(DRIFTS[name].exchanges)
    assert without == with_it
