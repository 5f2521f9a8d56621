"""Proposed patches are valid JSON Patches, and make the schemas accept what was seen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from jobmock import resources
from jobmock.checking.schema_patches import json_patch, propose
from jobmock.checking.schema_patches.rendering import render_diff
from jobmock.checking.schema_patches.schema_changes import BY_HAND
from jobmock.checking.schema_places import schema_place
from jobmock.checking.validation_errors import _keyword_at
from jobmock.checking.violation import RULES
from jobmock.contract import documents, fast_validator
from jobmock.contract import listed_members as listed

from .exchanges import checked, clado, only, person, status
from .planted_drifts import DRIFTS

MECHANICAL = {"member-missing", "type-changed", "status-unknown", "value-unknown", "member-new", "value-new"}
ACCEPTED = [name for name, drift in DRIFTS.items() if drift.rule in MECHANICAL]
CACHES = (documents.document, documents.validator, listed.listed, fast_validator.fast, schema_place, _keyword_at)


def forget() -> None:
    for cache in CACHES:
        cache.cache_clear()


@pytest.fixture
def schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the schemas, which the library reads in this test."""
    folder = resources.folder("schemas")
    copy = Path(shutil.copytree(folder, tmp_path / "schemas"))
    monkeypatch.setattr(resources, "folder", lambda name: tmp_path / name)
    forget()
    yield copy
    forget()


@pytest.mark.parametrize("name", ACCEPTED)
def test_patched_schemas_accept_what_was_seen(name: str, schemas: Path) -> None:
    """With the proposed patches, applied by another library, the same exchanges give no row."""
    exchanges = DRIFTS[name].exchanges
    found = propose(checked(exchanges))
    assert found.patches
    assert not found.by_hand
    for document, patch in found.patches.items():
        text = json.loads((schemas / document).read_text("utf-8"))
        patched = jsonpatch.JsonPatch(patch).apply(text)
        assert patched == json_patch.apply_patch(text, patch)
        (schemas / document).write_text(json.dumps(patched), encoding="utf-8")
    forget()
    assert [str(row.violation) for row in checked(exchanges).rows] == []


@pytest.mark.parametrize("name", [name for name in DRIFTS if name not in ACCEPTED])
def test_violation_without_a_patch_has_a_reason(name: str) -> None:
    """If a person has to decide, there is no patch but a reason."""
    found = propose(checked(DRIFTS[name].exchanges))
    assert dict(found.patches) == {}
    assert [(row.violation.rule, why) for row, why in found.by_hand] == [
        (DRIFTS[name].rule, BY_HAND[DRIFTS[name].rule])
    ]
    assert BY_HAND[DRIFTS[name].rule] in render_diff(found)


def test_every_rule_has_patches_or_a_reason() -> None:
    """Each rule has patches, or a reason why it has none."""
    assert set(RULES) == MECHANICAL | set(BY_HAND)
    assert not MECHANICAL & set(BY_HAND)


def test_changes_of_one_place_are_merged() -> None:
    """Several types at one place are one change, and names are removed from a list from the last to the first."""
    people = [person(1, name=None, headline=3), person(2, name=3)]
    for one in people:
        del one["profile"]["id"], one["profile"]["linkedin_url"]
    (document, patch), = propose(checked([clado(status("completed", results=people))])).patches.items()
    assert document == "clado/person.json"
    place = "/$defs/profile_in_common"
    assert patch == [
        {"op": "test", "path": f"{place}/properties/headline/type", "value": "string"},
        {"op": "replace", "path": f"{place}/properties/headline/type", "value": ["string", "integer"]},
        {"op": "test", "path": f"{place}/properties/name/type", "value": "string"},
        {"op": "replace", "path": f"{place}/properties/name/type", "value": ["string", "integer", "null"]},
        {"op": "test", "path": f"{place}/required/3", "value": "linkedin_url"},
        {"op": "remove", "path": f"{place}/required/3"},
        {"op": "test", "path": f"{place}/required/0", "value": "id"},
        {"op": "remove", "path": f"{place}/required/0"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (status("pending", eta=1), "clado/status-pending.json#/properties"),
        (status("completed", eta=1), "clado/status-completed.json#/properties"),
        (status("completed", results=[person(1, badge=1)]), "clado/person.json#/$defs/profile_in_common/properties"),
        (status("completed", results=[person(1, full_name="x", badge=1)]),
         "clado/person-modern.json#/$defs/profile/properties"),
        (status("completed", results=[person(1, linkedin_profile_url="", badge=1)]),
         "clado/person-legacy.json#/$defs/profile/properties"),
    ],
)  # fmt: skip
def test_place_of_a_new_member(body: Any, place: str) -> None:
    """A new member is placed in the schema that applies to its object, by status and by shape of person."""
    assert only(checked([clado(body)])).violation.places == (place,)


def test_diff_of_documents() -> None:
    """The diff names the documents as in a checkout, and has only the changed lines."""
    shown = render_diff(propose(checked(DRIFTS["new status"].exchanges)))
    assert shown.startswith("--- a/schemas/clado/status.json\n+++ b/schemas/clado/status.json\n@@ ")
    changed = [line for line in shown.splitlines()[3:] if line[0] in "+-"]
    assert changed == ['-        "cancelled"', '+        "cancelled",', '+        "ranking"']
    assert render_diff(propose(checked([]))) == "# Nothing to change: the schemas accept all that was seen.\n"


def test_patch_of_a_changed_document_is_refused() -> None:
    """A test in a patch fails if the document has changed."""
    with pytest.raises(ValueError, match="There is 2 at /a, not 1"):
        json_patch.apply_patch({"a": 2}, [{"op": "test", "path": "/a", "value": 1}])
