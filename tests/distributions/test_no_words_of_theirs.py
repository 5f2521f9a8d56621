"""No word of the tables of an API from another distribution is in jobmock itself."""

from __future__ import annotations

import json

import pytest
from tests.apis.distributions import run_python
from tests.distributions.installed import apis_of, distributions, installed
from tests.test_architecture import LIBRARY, SOURCES, names_and_literals, shown

SEAM = {"start", "status", "results", "cancel", "more", "id"}
"""The words that the seam gives a meaning, which any API may have."""
WORDS = """
import json, re
from jobmock import apis

def words(api):
    yield from (api.name, *api.transitions, *api.errors, *api.error_codes.values(), *api.switches)
    yield from (*api.status_path, *api.id_path, *api.results, *(name for path in api.counters for name in path))
    yield from (noun for nouns in api.result_nouns.values() for noun in nouns)
    for one in api.operations:
        yield from (one.name, *one.parameters, *re.findall("[^/]+", re.sub("{[^}]*}", "", one.path)))
    if api.paging:
        yield from (api.paging.page, api.paging.size, *api.paging.identity)
        yield from (name for path in api.paging.stated.values() for name in path)

print(json.dumps(sorted({word for name in NAMES for word in words(apis.load(name))})))
"""
"""Prints the words of the tables of some APIs."""


@pytest.mark.parametrize("distribution", [name for name in distributions() if name != "toast"])
def test_no_word_of_its_tables(distribution: str) -> None:
    """Outside `apis/`, no name and no literal is a word of its tables, but for those of the seam."""
    ran = run_python("-c", f"NAMES = {apis_of(distribution)}\n{WORDS}", places=[installed(distribution)])
    theirs = set(json.loads(ran.stdout)) - SEAM - {"v1"}
    others = [path for path in SOURCES if LIBRARY / "apis" not in path.parents]
    found = [(shown(path), line, text) for path in others for line, text in names_and_literals(path)]
    assert [f"{path}:{line}: {text}" for path, line, text in found if text in theirs] == []
    assert len(theirs) > 15 and len(found) > 50_000
