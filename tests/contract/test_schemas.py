"""The message schemas are sound: two validators agree on them; they are strict where documented, else open."""

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from tests import support

Steps = tuple[str | int, ...]  # The members and positions that lead to a value.

SCHEMAS = Path(__file__).parents[2] / "schemas"
BODIES = Path(__file__).parents[1] / "data" / "bodies"
BASE = "https://jobmock.invalid/schemas/"  # Any base does: the documents refer to each other by relative names.
META_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
NOT_MESSAGES = {"scenario"}  # The scenario language's words for one API, not a message on the wire.
SOURCE = re.compile(r"[.:] \(schemas/(\w+)/README\.md#\d+(\.\d+)?\)$")
WRONG_TYPES: dict[str, Any] = {
    "number": 1.5,
    "string": "wrong",
    "array": [],
    "object": {},
    "boolean": True,
    "null": None,
}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


DOCUMENTS: dict[str, Any] = {
    f"{path.parent.name}/{path.stem}": read(path)
    for path in sorted(SCHEMAS.glob("*/*.json"))
    if path.stem not in NOT_MESSAGES
}
EXAMPLES: dict[str, Any] = {
    path.relative_to(BODIES).as_posix(): read(path) for path in sorted(BODIES.glob("*/*/*.json"))
}


# The documents that choose among others by what a body holds.
CHOICES: dict[str, list[str]] = {
    f"{api}/status": [f"{api}/status-{status}" for status in DOCUMENTS[f"{api}/status"]["properties"]["status"]["enum"]]
    for api in sorted({name.partition("/")[0] for name in DOCUMENTS})
    if f"{api}/status" in DOCUMENTS
} | {
    "clado/person-any": ["clado/person", "clado/person-modern", "clado/person-legacy"],
    "orbit/status-404": ["orbit/error", "orbit/status-not_found"],
}


def api_of(name: str) -> str:
    return name.partition("/")[0]


def document_of(example: str) -> str:
    return example.rpartition("/")[0]


def uri_of(name: str) -> str:
    return f"{BASE}{name}.json"


REGISTRY: Registry[Any] = Registry().with_resources(
    (uri_of(name), DRAFT202012.create_resource(document)) for name, document in DOCUMENTS.items()
)
RS_REGISTRY = jsonschema_rs.Registry([(uri_of(name), document) for name, document in DOCUMENTS.items()])


@functools.cache
def reference(uri: str) -> Draft202012Validator:
    """The reference validator of one schema, which may be a part of a document."""
    return Draft202012Validator({"$schema": META_SCHEMA, "$ref": uri}, registry=REGISTRY)


@functools.cache
def second(uri: str) -> jsonschema_rs.Draft202012Validator:
    """The second opinion on one schema."""
    return jsonschema_rs.Draft202012Validator({"$schema": META_SCHEMA, "$ref": uri}, registry=RS_REGISTRY)


def accepts(name: str, body: Any) -> bool:
    """What both validators say of a body; a failure when they disagree."""
    first, other = reference(uri_of(name)).is_valid(body), second(uri_of(name)).is_valid(body)
    assert first == other, f"The validators disagree on {body!r} against {name!r}."
    return first


# --- schema and instance walked together ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A part of a schema that applies to a part of an instance."""

    uri: str
    node: dict[str, Any]
    value: Any
    path: Steps


def node_at(uri: str) -> Any:
    document, pointer = urldefrag(uri)
    node = DOCUMENTS[document.removeprefix(BASE).removesuffix(".json")]
    for part in pointer.split("/")[1:]:
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node


def visits(uri: str, value: Any, path: Steps = ()) -> Iterator[Visit]:
    """Every part of the schema that applies to a part of the instance."""
    here, node = uri if "#" in uri else f"{uri}#", node_at(uri)
    if not isinstance(node, dict):
        return
    yield Visit(uri=here, node=node, value=value, path=path)
    for same in beside(here, node, value):
        yield from visits(same, value, path)
    for step, inner, part in below(here, node, value):
        yield from visits(inner, part, (*path, step))


def beside(here: str, node: dict[str, Any], value: Any) -> Iterator[str]:
    """The schemas that apply to the same value; an `anyOf` says too little about which one does."""
    if "$ref" in node:
        yield urljoin(here, node["$ref"])
    yield from (f"{here}/allOf/{index}" for index in range(len(node.get("allOf", ()))))
    if "if" in node:
        branch = "then" if reference(f"{here}/if").is_valid(value) else "else"
        yield from (f"{here}/{branch}",) if branch in node else ()


def below(here: str, node: dict[str, Any], value: Any) -> Iterator[tuple[str | int, str, Any]]:
    """The schemas that apply to the value's items and members."""
    if isinstance(value, list) and "items" in node:
        yield from ((index, f"{here}/items", item) for index, item in enumerate(value))
    for name, member in value.items() if isinstance(value, dict) else ():
        if name in node.get("properties", {}):
            yield name, f"{here}/properties/{name}", member
        elif "additionalProperties" in node:
            yield name, f"{here}/additionalProperties", member


def is_refused(member: dict[str, Any]) -> bool:
    """Whether a schema refuses every value, which is how a document refuses a member."""
    return member.get("not") == {}


def parts(uri: str, node: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a document that rules a message, so no conditions: `if`, `anyOf`, `$defs/is_…`."""
    if not isinstance(node, dict) or is_refused(node):
        return
    yield uri, node
    for keyword in ("items", "additionalProperties", "then", "else"):
        yield from parts(f"{uri}/{keyword}", node.get(keyword))
    for index, branch in enumerate(node.get("allOf", ())):
        yield from parts(f"{uri}/allOf/{index}", branch)
    for keyword in ("properties", "$defs"):
        for name, member in node.get(keyword, {}).items():
            if not (keyword == "$defs" and name.startswith("is_")):
                yield from parts(f"{uri}/{keyword}/{name}", member)


def parts_of(name: str) -> dict[str, dict[str, Any]]:
    return dict(parts(f"{uri_of(name)}#", DOCUMENTS[name]))


# --- rules and their breaches ---

# The keywords that report a rule's breach, where that isn't the keyword of the rule's own name; a value other than the
# constant leads out of a document that was chosen by it, to where the choice lists its values.
KEYWORDS = {"refused": {"not"}, "closed": {"additionalProperties"}, "const": {"const", "enum"}}


def rules(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The rules one part of a schema sets, as (keyword, member's name or nothing)."""
    yield from (("required", name) for name in node.get("required", ()))
    yield from (("refused", name) for name, member in node.get("properties", {}).items() if is_refused(member))
    yield from (
        (word, "") for word in ("type", "enum", "const", "minimum", "maximum", "minLength", "pattern") if word in node
    )
    if node.get("additionalProperties") is False:
        yield "closed", ""


def breaches(rule: str, member: str, node: dict[str, Any], value: Any) -> list[Any]:
    """Values that break the rule when they replace this one; none where the example can't show it."""
    match rule:
        case "required":
            return [{name: item for name, item in value.items() if name != member}] if member in (value or ()) else []
        case "refused" | "closed":
            return [{**value, member or "unlisted": True}] if isinstance(value, dict) else []
        case "type":
            allowed = {node["type"]} if isinstance(node["type"], str) else set(node["type"])
            return [wrong for name, wrong in WRONG_TYPES.items() if name not in allowed]
        case "minimum" | "maximum":
            return [node[rule] + (1 if rule == "maximum" else -1)]
        case _:
            return ["" if rule == "minLength" else "no such value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to break one rule of a document, shown on one of its examples."""

    document: str
    example: str
    uri: str
    rule: str
    member: str
    path: Steps
    values: tuple[Any, ...]

    def __str__(self) -> str:
        place = f"{self.document}: {self.uri.removeprefix(BASE)}/{self.rule}"
        return f"{place}={self.member}" if self.member else place


def replaced(body: Any, path: Steps, value: Any) -> Any:
    if not path:
        return value
    copy = body.copy()
    copy[path[0]] = replaced(body[path[0]], path[1:], value)
    return copy


def examples_of(name: str) -> list[str]:
    """A document's own examples, and for a choice those of its branches."""
    folders = (name, *CHOICES.get(name, ()))
    return [example for example in EXAMPLES if document_of(example) in folders]


@functools.cache
def visited(name: str) -> frozenset[str]:
    """The parts of schemas that the document's examples reach."""
    return frozenset(visit.uri for example in examples_of(name) for visit in visits(uri_of(name), EXAMPLES[example]))


@functools.cache
def cases(name: str) -> tuple[Case, ...]:
    """Each rule a document's examples reach, broken: its own in every way, those it refers to in one way."""
    found: dict[tuple[str, str, str], Case] = {}
    for example in examples_of(name):
        reached = list(visits(uri_of(name), EXAMPLES[example]))
        nullable = {visit.path for visit in reached if "null" in visit.node.get("type", "")}
        for visit in reached:
            for rule, member in rules(visit.node):
                values = breaches(rule, member, visit.node, visit.value)
                if rule == "type" and visit.path in nullable:  # Null may lead past an inner rule: object, or else null.
                    values = [value for value in values if value is not None]
                if values and (visit.uri, rule, member) not in found:
                    own = visit.uri.startswith(f"{uri_of(name)}#")
                    found[visit.uri, rule, member] = Case(
                        document=name,
                        example=example,
                        uri=visit.uri,
                        rule=rule,
                        member=member,
                        path=visit.path,
                        values=tuple(values if own else values[:1]),
                    )
    return tuple(found.values())


# --- the documents ---


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_is_sound(name: str) -> None:
    """Every document is valid JSON Schema 2020-12, says what it is, and has no id of its own."""
    document = DOCUMENTS[name]
    Draft202012Validator.check_schema(document)
    assert jsonschema_rs.meta.is_valid(document)
    assert document["$schema"] == META_SCHEMA
    assert document["title"].startswith(f"{api_of(name).title()}: ")
    assert f"(schemas/{api_of(name)}/README.md#" in document["description"]
    assert "$id" not in json.dumps(document)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (node["$ref"],) if isinstance(node.get("$ref"), str) else ()
        node = list(node.values())
    for child in node if isinstance(node, list) else ():
        yield from references(child)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_references_stay_inside(name: str) -> None:
    """Every reference is a relative file name or a fragment, and leads to a schema in the same folder."""
    for ref in references(DOCUMENTS[name]):
        assert re.fullmatch(r"([\w-]+\.json)?(#/\$defs/\w+)?", ref), ref
        assert isinstance(REGISTRY.resolver(uri_of(name)).lookup(ref).contents, dict), ref


@pytest.mark.parametrize("name", DOCUMENTS)
def test_properties_cite_their_source(name: str) -> None:
    """Every property says what it is and ends with the mark and the section it comes from."""
    for uri, node in parts_of(name).items():
        if not uri.rpartition("/")[0].endswith("/properties"):
            continue
        text = (node if "description" in node else node_at(urljoin(uri, node["$ref"]))).get("description", "")
        found = SOURCE.search(text)
        assert found is not None, f"{uri}: {text!r}"
        assert found[1] == api_of(name), f"{uri}: {text!r}"


# --- the examples ---


def test_examples_and_documents_match() -> None:
    """Every document has an example, and every example belongs to a document."""
    assert {document_of(example) for example in EXAMPLES} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_are_accepted(name: str) -> None:
    """Every documented shape, with invented values, is accepted by both validators."""
    for example in examples_of(name):
        body = EXAMPLES[example]
        assert not [f"{error.json_path}: {error.message}" for error in reference(uri_of(name)).iter_errors(body)]
        assert second(uri_of(name)).is_valid(body), example


@pytest.mark.parametrize("name", CHOICES)
def test_choice_leads_to_its_branches(name: str) -> None:
    """A document that chooses among others judges each example of a branch by that branch."""
    for branch in CHOICES[name]:
        for example in examples_of(branch):
            assert f"{uri_of(branch)}#" in {visit.uri for visit in visits(uri_of(name), EXAMPLES[example])}, example


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_reach_every_rule(name: str) -> None:
    """Every property of a document occurs in one of its examples, and every rule is broken by one of the cases."""
    own = parts_of(name)
    unseen = [uri for uri in own if uri.rpartition("/")[0].endswith("/properties") and uri not in visited(name)]
    broken = {(case.uri, case.rule, case.member) for case in cases(name)}
    unbroken = [(uri, *rule) for uri, node in own.items() for rule in rules(node) if (uri, *rule) not in broken]
    assert (unseen, unbroken) == ([], [])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_breaches_are_refused_where_they_are(name: str) -> None:
    """A body that breaks one rule is refused by both validators, by that rule, and at the value that breaks it."""
    tried = [(case, value) for case in cases(name) for value in support.part(case.values, 4)]
    assert [f"{case}: {value}" for case, value in tried if not refused(case, value)] == []


def refused(case: Case, value: Any) -> bool:
    """Whether both validators find the breach where it is."""
    place = (*case.path, case.member) if case.rule == "refused" else case.path
    expected = {(place, keyword) for keyword in KEYWORDS.get(case.rule, {case.rule})}
    body = replaced(EXAMPLES[case.example], case.path, value)
    first = reference(uri_of(case.document)).iter_errors(body)
    other = second(uri_of(case.document)).iter_errors(body)
    return bool(
        expected & {(tuple(error.absolute_path), error.validator) for error in first}
        and expected & {(tuple(error.instance_path), error.schema_path[-1]) for error in other}
    )


# --- what is open stays open ---


def widened(body: Any) -> Any:
    """The body with an unlisted member in every object."""
    if isinstance(body, list):
        return [widened(item) for item in body]
    if isinstance(body, dict):
        return {name: widened(member) for name, member in body.items()} | {"unlisted": {}}
    return body


@pytest.mark.parametrize("name", sorted({document_of(example) for example in EXAMPLES}))
def test_unlisted_members_are_accepted(name: str) -> None:
    """An unlisted member is accepted in every object of every message, save at the top of Orbit's start body."""
    for example in (example for example in EXAMPLES if document_of(example) == name):
        body = widened(EXAMPLES[example])
        if name == "orbit/start-request":
            assert not accepts(name, body)
            del body["unlisted"]
        assert accepts(name, body), example


def changed(example: str, **members: Any) -> Any:
    return {**EXAMPLES[f"{example}.json"], **members}


def test_current_phase_is_open() -> None:
    """An undocumented phase of candidate discovery is accepted."""
    assert accepts("orbit/candidates-result", changed("orbit/candidates-result/growing", current_phase="phase_to_come"))


def test_error_code_is_open() -> None:
    """An undocumented Orbit error code is accepted."""
    assert accepts("orbit/error", {"status": "failed", "error": {"code": "code_to_come", "message": "New"}})


# --- choices between shapes ---

SIGNALS: dict[str, Any] = {
    "profileId": "prf_1",
    "structuredIntent": {"version": "v1", "names": ["Ines Kolm"]},
    "email": "a@b.invalid",
    "phoneNumber": "5550100",
    "linkedinUrl": "https://linkedin.com/in/example-a",
    "urls": ["http://a.invalid"],
    "usernames": ["example_a"],
}


@pytest.mark.parametrize("signal", SIGNALS)
def test_one_identity_signal_suffices(signal: str) -> None:
    """Each of Orbit's seven identity signals is enough to start a run, and null is none."""
    assert accepts("orbit/start-request", {signal: SIGNALS[signal]})
    assert not accepts("orbit/start-request", {signal: None})


@pytest.mark.parametrize(
    "body",
    [{}, {"runShape": "partial_only"}, {"urls": []}, {"usernames": []}, {"structuredIntent": {"version": "v1"}}],
    ids=str,
)
def test_no_identity_signal_is_refused(body: dict[str, Any]) -> None:
    """An Orbit start body without a signal is refused; an empty list and an intent with a version only are none."""
    assert not accepts("orbit/start-request", body)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("email", "a@b"),
        ("email", "a@b@c.invalid"),
        ("email", "a@b..invalid"),
        ("phoneNumber", "555010"),
        ("phoneNumber", "+1234567890123456"),
        ("phoneNumber", "555-HELLO"),
        ("linkedinUrl", "https://www.linkedin.com/company/example-a"),
        ("linkedinUrl", "https://linkedin.com.example.invalid/in/example-a"),
        ("linkedinUrl", "https://www.linkedin.com/in/"),
        ("urls", ["ftp://a.invalid"]),
        ("urls", ["https://"]),
    ],
)
def test_malformed_identity_signal_is_refused(member: str, value: Any) -> None:
    """An Orbit address, phone number or URL that is not well formed is refused."""
    assert not accepts("orbit/start-request", {member: value})


@pytest.mark.parametrize("member", ["mode", "partialProfile", "dry_run", "options", "profile_id", "orbit_id", "phone"])
def test_legacy_start_member_is_refused(member: str) -> None:
    """Orbit's former start members, which no longer exist, are refused."""
    assert not accepts("orbit/start-request", {"email": "a@b.invalid", member: "x"})


PROFILE = {"id": "prf_1"}
CANDIDATES = EXAMPLES["orbit/candidates-result/growing.json"]


@pytest.mark.parametrize(
    ("status", "results"),
    [
        ("running", [None, PROFILE, CANDIDATES]),
        ("generating_sections", [PROFILE]),
        ("completed", [PROFILE, CANDIDATES]),
        ("failed", [None, PROFILE, CANDIDATES]),
        ("not_found", [None]),
    ],
)
def test_result_goes_with_status(status: str, results: list[Any]) -> None:
    """Each Orbit status goes with its own kinds of result: null, a profile or candidates."""
    for result in (None, PROFILE, CANDIDATES):
        body = {"request_id": "r", "run_id": None, "status": status, "result": result}
        assert accepts("orbit/status", body) == (result in results)


def test_pending_has_three_members() -> None:
    """A pending Clado job's answer needs its three documented members, and is a page only where one was asked for."""
    document, body = DOCUMENTS["clado/status-pending"], EXAMPLES["clado/status-pending/usual.json"]
    assert document["required"] == list(body) == ["job_id", "status", "message"]
    assert accepts("clado/status", body)
    assert not accepts("clado/status-page", body)
    assert accepts("clado/status-page", EXAMPLES["clado/status-pending/paged.json"])


def test_page_needs_pagination() -> None:
    """A Clado answer with every result is no page."""
    body = EXAMPLES["clado/status-completed/all-results.json"]
    assert accepts("clado/status", body)
    assert not accepts("clado/status-page", body)
