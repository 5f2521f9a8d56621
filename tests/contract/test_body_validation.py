"""A body is checked against its document. Each violation and each unlisted member has its JSON Pointer."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from jobmock import resources
from jobmock.contract import body_validation
from jobmock.contract.violation import Violation
from jobmock.errors import NoSuchDocument

BODIES = Path(__file__).parents[1] / "data" / "bodies"
EXAMPLES = sorted(BODIES.glob("*/*/*.json"))
REMOVED = object()


def example(name: str) -> Any:
    """Return an example body."""
    return json.loads((BODIES / f"{name}.json").read_text("utf-8"))


def changed(name: str, pointer: str, value: Any) -> Any:
    """Return an example with the value at a pointer replaced, added, or REMOVED."""
    body = copy.deepcopy(example(name))
    *parents, last = pointer.split("/")[1:]
    place = body
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    key: Any = int(last) if isinstance(place, list) else last.replace("~1", "/").replace("~0", "~")
    if value is REMOVED:
        del place[key]
    else:
        place[key] = value
    return body


def found(document: str, body: Any) -> list[tuple[str, str]]:
    """Return kind and pointer of each violation."""
    return [(violation.kind, violation.pointer) for violation in body_validation.violations(document, body)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.relative_to(BODIES).as_posix())
def test_examples_are_not_broken(path: Path) -> None:
    """An example that its document accepts has no breaking violation."""
    document = path.parent.relative_to(BODIES).as_posix() + ".json"
    broken = [
        violation
        for violation in body_validation.violations(document, json.loads(path.read_text("utf-8")))
        if violation.kind == "breaking"
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("document", "name", "pointer", "value", "place", "says"),
    [
        ("clado/status", "clado/status-completed/paged", "/status", "done", "/status", "'done' is not one of"),
        ("clado/status", "clado/status-completed/paged", "/status", "complete", "/status", "Did you mean 'completed'?"),
        ("clado/status", "clado/status-completed/paged", "/job_id", REMOVED, "", "'job_id' is a required property"),
        ("clado/status", "clado/status-completed/paged", "/total_filtered", "3", "/total_filtered", "'integer'"),
        ("clado/status", "clado/status-completed/paged", "/total_filtered", -1, "/total_filtered", "minimum"),
        ("clado/status", "clado/status-completed/paged", "/pagination/page", "1", "/pagination/page", "'integer'"),
        ("clado/status", "clado/status-searching/bare", "/error", "x", "/error", "should not be valid"),
        ("clado/error-rate-limited", "clado/error-rate-limited/usual", "/retry_after", None, "/retry_after", "None"),
        ("orbit/status", "orbit/status-running/no-result", "/run_id", 7, "/run_id", "7 is not of type"),
        ("orbit/status", "orbit/status-running/no-result", "/status", "runing", "/status", "Did you mean 'running'?"),
        ("orbit/status", "orbit/status-completed/id-only", "/request_id", REMOVED, "", "'request_id' is a required"),
        ("orbit/status", "orbit/status-failed/readiness-timeout", "/failure/retryable", "no", "/failure/retryable",
         "'boolean'"),
        ("orbit/status", "orbit/status-failed/readiness-timeout", "/failure/code", "identity_not_corroborate",
         "/failure/code", "Did you mean 'identity_not_corroborated'?"),
        ("orbit/error", "orbit/error/run-not-found", "/error/code", None, "/error/code", "None"),
    ],
)  # fmt: skip
def test_breaking(document: str, name: str, pointer: str, value: Any, place: str, says: str) -> None:
    """A violation has the pointer, the value, the rule, the nearest word and the source."""
    body = changed(name, pointer, value)
    breaking = [one for one in body_validation.violations(f"{document}.json", body) if one.kind == "breaking"]
    [here] = [violation for violation in breaking if violation.pointer == place and says in violation.message][:1]
    assert here.source.startswith(f"schemas/{document.partition('/')[0]}/README.md#")
    assert {violation.pointer for violation in breaking} == {place}
    assert str(here) == f"{place or '/'}: {here.message}"


@pytest.mark.parametrize(
    ("document", "name", "pointer", "near"),
    [
        ("clado/status", "clado/status-completed/paged", "/mesage", " Did you mean 'message'?"),
        ("clado/status", "clado/status-completed/paged", "/zzz", ""),
        ("clado/status", "clado/status-completed/paged", "/pagination/per_page", " Did you mean 'page'?"),
        ("clado/status", "clado/status-completed/paged", "/pagination/has_nxt", " Did you mean 'has_next'?"),
        ("clado/status", "clado/status-completed/paged", "/a~1b~0c", ""),
        ("clado/start-response", "clado/start-response/usual", "/job-id", " Did you mean 'job_id'?"),
        ("orbit/status", "orbit/status-completed/candidates", "/result/candidat_count",
         " Did you mean 'candidate_count'?"),
        ("orbit/status", "orbit/status-failed/readiness-timeout", "/failure/retryabel", " Did you mean 'retryable'?"),
        ("orbit/error", "orbit/error/run-not-found", "/error/kode", " Did you mean 'code'?"),
        ("orbit/start-response", "orbit/start-response/started", "/zzz", ""),
    ],
)  # fmt: skip
def test_additive(document: str, name: str, pointer: str, near: str) -> None:
    """A member that no document lists is additive, with its pointer and the nearest listed member."""
    member = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    before = body_validation.violations(f"{document}.json", example(name))
    after = body_validation.violations(f"{document}.json", changed(name, pointer, 1))
    message = f"No document lists the member {member!r}.{near}"
    assert [one for one in after if one not in before] == [Violation(pointer=pointer, message=message, kind="additive")]


def test_breaking_inside_a_list() -> None:
    """A violation inside a list has the index in its pointer."""
    body = changed("orbit/status-completed/candidates", "/result/candidate_profile_ids/0", 5)
    [violation] = body_validation.violations("orbit/status.json", body)
    assert str(violation) == "/result/candidate_profile_ids/0: 5 is not of type 'string'."


def test_members_of_listed_people() -> None:
    """Unlisted members are found inside lists, each at its own index."""
    body = changed("clado/status-completed/paged", "/results", [{"zzz": 1}, 5, {"zzz": 2}])
    additive = [pointer for kind, pointer in found("clado/status.json", body) if kind == "additive"]
    assert additive == ["/results/0/zzz", "/results/2/zzz"]


def test_breaking_come_first() -> None:
    """All violations are listed at once: the breaking ones first, sorted by pointer, then the additive ones."""
    body = {"job_id": 1, "status": "searching", "message": 2, "aaa": 3, "total_filtered": None}
    assert list(dict.fromkeys(found("clado/status.json", body))) == [
        ("breaking", "/job_id"), ("breaking", "/message"), ("breaking", "/total_filtered"), ("additive", "/aaa"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [None, [], "text", 3, [{"a": 1}]])
@pytest.mark.parametrize("document", ["clado/status.json", "orbit/status.json"])
def test_no_object(document: str, body: Any) -> None:
    """A body that isn't an object is a violation at the root."""
    violations = body_validation.violations(document, body)
    assert {violation.pointer for violation in violations} == {""}
    assert str(violations[0]).startswith("/: ")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("text", []),
        ({"a": 1, "b": {"free": 1}}, []),
        ({"a": "x"}, [("breaking", "/a")]),
        ({"a": {"c": "x", "d": 1}}, [("breaking", "/a/c"), ("additive", "/a/d")]),
        (5, [("breaking", "")]),
        ({"a": 1, "z": 2}, [("additive", "/z")]),
    ],
)
def test_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: Any, expected: list[tuple[str, str]]) -> None:
    """Of several branches, the error is reported inside the one of the value's type, or else at the value."""
    inner = {"oneOf": [{"type": "integer"}, {"type": "object", "properties": {"c": {"type": "integer"}}}]}
    forms = [{"type": "string"}, {"type": "object", "properties": {"a": {"$ref": "#/$defs/a~1b"}, "b": True}}]
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "anyOf": forms, "$defs": {"a/b": inner}}
    name = f"{tmp_path.name}/forms.json"
    (tmp_path / tmp_path.name).mkdir()
    (tmp_path / name).write_text(json.dumps(document))
    monkeypatch.setattr(resources, "folder", lambda _: tmp_path)
    assert found(name, body) == expected


def test_two_forms_that_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If two branches fit equally well, the error is reported at the value itself."""
    forms = [{"type": "object", "properties": {"a": {"type": kind}}} for kind in ("integer", "string")]
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "anyOf": forms}
    name = f"{tmp_path.name}/two.json"
    (tmp_path / tmp_path.name).mkdir()
    (tmp_path / name).write_text(json.dumps(document))
    monkeypatch.setattr(resources, "folder", lambda _: tmp_path)
    assert found(name, {"a": None}) == [("breaking", "")]


def test_alternatives() -> None:
    """If one of several members is needed and none is there, the error is reported at the object."""
    assert found("orbit/start-request.json", {}) == [("breaking", "")]


def test_best_branch() -> None:
    """Of the two 404 bodies of a status route, a body is checked against the one that fits best."""
    body = {"status": "failed", "error": {"code": 7, "message": "x"}}
    violations = body_validation.violations("orbit/status-404.json", body)
    assert [violation.pointer for violation in violations] == ["/error/code"]


def test_no_branch() -> None:
    """If no branch fits, the error is reported at the value itself."""
    violations = body_validation.violations("orbit/status-404.json", {})
    assert "" in [violation.pointer for violation in violations]
    assert body_validation.violations("clado/person-any.json", 5)[0].pointer == ""


def test_free_members() -> None:
    """If a document allows any members, none is additive."""
    before = body_validation.violations("clado/start-request.json", {"query": "x"})
    assert before == []
    violations = body_validation.violations("clado/error.json", {"detail": {"free": 1}})
    assert [violation for violation in violations if violation.kind == "additive"] == []


def test_long_messages_are_cut() -> None:
    """A message that quotes a huge value is cut to three hundred characters."""
    body = {"job_id": ["x" * 1000], "status": "pending", "message": ""}
    violations = body_validation.violations("clado/status.json", body)
    assert {len(violation.message) for violation in violations} == {301}
    assert all(violation.message.endswith("....") for violation in violations)


def test_unknown_document() -> None:
    """The error for an unknown document has the nearest name."""
    with pytest.raises(NoSuchDocument, match=r"'clado/stats\.json'.*Did you mean 'clado/status\.json'\?"):
        body_validation.violations("clado/stats.json", {})


def test_members_are_the_top_level_ones_that_a_document_lists() -> None:
    """The members of every branch are listed, but only those at the top level."""
    listed = body_validation.members("clado/status.json")
    assert {"status", "message", "pagination"} <= listed
    assert "has_next" not in listed
    with pytest.raises(NoSuchDocument):
        body_validation.members("clado/none.json")
