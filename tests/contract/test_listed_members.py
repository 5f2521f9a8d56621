"""The tree of listed members: through every branch, with maps, open lists and generalised pointers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checking.exchanges import candidates, person, run, status

from jobmock.contract import documents
from jobmock.contract.listed_members import generalised, listed, unlisted


def found(name: str, body: Any) -> list[str]:
    return [one.pointer for one in unlisted(listed(name), body)]


@pytest.mark.parametrize("name", [name for name in documents.names() if "scenario." not in name])
def test_every_message_has_a_tree(name: str) -> None:
    """Each message's document has a tree, which is made once."""
    assert listed(name) is listed(name)


@pytest.mark.parametrize(
    ("api", "body", "pointers"),
    [
        ("clado", status("pending"), []),
        ("clado", status("completed", a=1, results=[person(), person(2, b=1)]), ["/a", "/results/1/profile/b"]),
        ("clado", status("completed", results=[{"a/b": 1, "c~d": 2}]), ["/results/0/a~1b", "/results/0/c~0d"]),
        ("clado", status("completed", results=[person(1, criteria={"any": {"x": 1}})]), []),
        ("clado", [], []),
        ("orbit", run("running", candidates(current_phase="new", metrics={"x": 1})), ["/result/current_phase"]),
        ("orbit", run("running", candidates(current_phase=3)), []),
    ],
)  # fmt: skip
def test_unlisted(api: str, body: Any, pointers: list[str]) -> None:
    """Members that no branch lists are found at any depth; names in a map are free, and only texts are new words."""
    assert found(f"{api}/status.json", body) == pointers


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ((), ""),
        (("results", 3, "profile", "name"), "/results/*/profile/name"),
        (("results", 3, "profile", "criteria", "is a chemist", "answer"), "/results/*/profile/criteria/*/answer"),
        (("unknown", 3, "a/b"), "/unknown/*/a~1b"),
    ],
)
def test_generalised(path: tuple[str | int, ...], pointer: str) -> None:
    """An index in a list and a name in a map become `*`, so that many occurrences have one pointer."""
    assert generalised(listed("clado/status.json"), path) == pointer


def test_documents_may_refer_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tree of a recursive document is finite, and lists members at any depth."""
    tree = {"type": "object", "properties": {"next": {"$ref": "tree.json"}, "all": {"items": {"$ref": "#"}}}}
    monkeypatch.setattr(documents, "document", {"x/tree.json": tree}.__getitem__)
    listed.cache_clear()
    try:
        assert found("x/tree.json", {"next": {"next": {"a": 1}}, "all": [{}, {"b": 1}]}) == ["/next/next/a", "/all/1/b"]
    finally:
        listed.cache_clear()
