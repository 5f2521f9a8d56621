"""A document is validated against the schema of the scenario language; each fault is named with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from tests.api_facts import OWN

from jobmock import apis, resources, scenario
from jobmock.contract import documents
from jobmock.errors import Problem, ScenarioError
from jobmock.scenario import schema_check

SCHEMA: dict[str, Any] = json.loads((resources.folder("schemas") / "scenario.schema.json").read_text("utf-8"))
SOURCES = Path(apis.__file__).parent


def problems(text: str) -> tuple[Problem, ...]:
    """Return what is wrong with YAML text."""
    with pytest.raises(ScenarioError) as caught:
        scenario.from_text(text, source="s")
    return caught.value.problems


def about(api: str = "clado", **more: Any) -> tuple[Problem, ...]:
    """Return what is wrong with an object that is right but for `more`."""
    value = {"version": 1, "api": api, "progression": [{"status": "completed"}], **more}
    with pytest.raises(ScenarioError) as caught:
        scenario.from_mapping(value)
    return caught.value.problems


def fault(**members: Any) -> tuple[Problem, ...]:
    """Return what is wrong with a fault of the first request."""
    return about(faults=[{"when": {"request": 1}, **members}])


def test_all_problems_in_the_order_of_the_file() -> None:
    """Every fault of shape is listed, in the order of the file."""
    found = problems(
        "api: clado\n"
        "bogus: 1\n"
        "results: {count: -1, sed: 2}\n"
        "progression:\n"
        "  - status: compleed\n"
        "    after: {polls: 0}\n"
        "  - results: many\n"
        "faults:\n"
        "  - hang: maybe\n"
        "version: 3\n"
    )
    assert [problem.position for problem in found] == [
        (2, 1), (3, 18), (3, 22), (5, 13), (6, 20), (7, 5), (7, 14), (9, 5), (9, 11), (10, 10),
    ]  # fmt: skip


def test_all_broken_rules_in_the_order_of_the_file() -> None:
    """The rules beyond the schema are listed all at once, in the order of the file."""
    found = problems(
        "version: 1\napi: clado\n"
        "faults:\n"
        "  - when: {seconds: {from: 9, to: 3}}\n"
        "    retry_after: 2\n"
        "  - {when: {requests: {from: 3, to: 1}}, hang: true, corrupt: garbage}\n"
        "more: {count: 1, progression: [{status: pending}, {status: completed, after: {polls: 1}}]}\n"
        "progression:\n"
        "  - status: pending\n"
        "  - status: completed\n"
        "    after: {polls: 1}\n"
    )
    assert [problem.position for problem in found] == [
        (4, 5), (4, 21), (5, 5), (6, 23), (6, 42), (7, 32), (7, 71), (9, 5), (11, 5),
    ]  # fmt: skip


def test_a_document_that_is_no_mapping() -> None:
    """Text that is no scenario at all is named as the document, with what a scenario is."""
    [problem] = problems("hello\n")
    allowed = "a scenario, which is a mapping with version, api and progression"
    assert problem.message == f"The document is 'hello'. Allowed: {allowed}."


def test_one_fault_is_named_once() -> None:
    """A required key that is missing beside others is named once each."""
    found = problems("summary: x\n")
    assert [problem.message.partition(".")[0] for problem in found] == [
        "The key 'version' is missing",
        "The key 'api' is missing",
        "The key 'progression' is missing",
    ]


@pytest.mark.parametrize(
    ("found", "pointer", "says"),
    [
        (about(sumary="x"), "/sumary", "Unknown key 'sumary'."),
        (about(results={"count": -1}), "/results/count", "'count' is -1. Allowed: a whole number from 0 up to 10000."),
        (about(results=[3]), "/results", "'results' is [3]. Allowed: a mapping."),
        (
            about(faults=[{"when": {"requests": [2, 5]}, "hang": True}]), "/faults/0/when/requests",
            "'requests' is [2, 5]. Allowed: a mapping {from, to}. Write {from: 2, to: 5}: it is a range, not a list.",
        ),
        (
            about(faults=[{"when": {"seconds": [10, 40.5]}, "hang": True}]), "/faults/0/when/seconds",
            "'seconds' is [10, 40.5]. Allowed: a mapping {from, to}. Write {from: 10, to: 40.5}: it is a range, not",
        ),
        (
            about(faults=[{"when": {"requests": [2, 3, 5]}, "hang": True}]), "/faults/0/when/requests",
            "'requests' is [2, 3, 5]. Allowed: a mapping {from, to}.",
        ),
        (
            about(faults=[{"when": {"requests": {"from": 2}}, "hang": True}]), "/faults/0/when/requests",
            "The key 'to' is missing in 'requests'. Allowed: a whole number from 1 up to 1000000.",
        ),
        (about(results={"count": True}), "/results/count", "'count' is True."),
        (about(progression=[{"status": ""}]), "/progression/0/status", "Allowed: text that is not empty."),
        (about(progression=[{"status": "completed", "omit": [""]}]), "/progression/0/omit/0", "Entry 1 of 'omit'"),
        (
            about(progression=[{"status": "completed", "pages": {"swap": [[1, 2], [3]]}, "violates": ["pagination"]}]),
            "/progression/0/pages/swap/1", "Entry 2 of 'swap' is [3]. Allowed: two item numbers, [first, second].",
        ),
        (about(progression=[7]), "/progression/0", "Entry 1 of 'progression' is 7. Allowed: a mapping."),
        (about(progression=[]), "/progression", "'progression' is []. Allowed: a list of 1 to 1000 entries."),
        (about(faults=1), "/faults", "'faults' is 1. Allowed: a list of 0 to 1000 entries."),
        (about(summary="x" * 201), "/summary", "one line of at most 200 characters"),
        (about(summary=5), "/summary", "'summary' is 5."),
        (about(faults=[{"when": {}, "hang": True}]), "/faults/0/when", "it has {}"),
        (about(limits={"a/b~c": None}), "/limits/a~1b~0c", "Unknown key 'a/b~c' in 'limits'."),
        (about(limits={"status": 5}), "/limits/status", "null for no limit, or a mapping {requests, seconds, burst}"),
        (about(switches={"limit_maximum": 0}), "/switches/limit_maximum", "a whole number or null from 1"),
        (about(more={}), "/more", "The key 'count' is missing in 'more'."),
        (fault(respond=5), "/faults/0/respond", "a name of the API's error catalogue, or a mapping {status, body"),
        (fault(respond={}), "/faults/0/respond", "The key 'status' is missing in 'respond'."),
        (fault(respond={"status": 503, "headers": {"a b": "c"}}), "/faults/0/respond/headers/a b", "name of a header"),
        (
            fault(respond={"status": 503, "headers": {"Content-Length": "3"}}),
            "/faults/0/respond/headers/Content-Length", "The header 'Content-Length' frames the answer",
        ),
        (
            fault(respond={"status": 503, "headers": {"Retry-After": "9", "retry-after": "11"}}),
            "/faults/0/respond/headers/retry-after", "'Retry-After' and 'retry-after' are the same header.",
        ),
        (
            fault(respond={"status": 503, "headers": {"Retry-After": "9"}}, retry_after=4),
            "/faults/0/respond/headers/Retry-After", "The header 'Retry-After' and 'retry_after' say the same.",
        ),
        (fault(delay=[1]), "/faults/0/delay", "a duration such as 2s or 150ms, or a mapping {uniform"),
        (fault(delay=True), "/faults/0/delay", "'delay' is True."),
        (fault(delay="2"), "/faults/0/delay", "text such as 2s, 150ms, 1.5m or 1h"),
        (fault(delay={"uniform": ["1s", "x"]}), "/faults/0/delay/uniform/1", "Entry 2 of 'uniform' is 'x'."),
        (fault(delay={}), "/faults/0/delay", "exactly one of lognormal, uniform; it has {}"),
        (fault(drip={"bytes": 0, "every": "1s"}), "/faults/0/drip/bytes", "from 1 up to 1048576"),
        (fault(respond="rate_limited", retry_after=[1]), "/faults/0/retry_after", "{date: seconds}, or the word"),
        (fault(respond="rate_limited", retry_after={}), "/faults/0/retry_after", "The key 'date' is missing"),
    ],
)  # fmt: skip
def test_objects_carry_pointers(found: tuple[Problem, ...], pointer: str, says: str) -> None:
    """A fault in a ready-made object is named by its JSON Pointer, its value and what is allowed."""
    assert found[0].pointer == pointer
    assert says in found[0].message
    assert found[0].position is None
    assert str(found[0]).startswith(f"scenario given as a mapping#{pointer}: error: ")


def test_long_values_are_cut() -> None:
    """A value longer than sixty characters is shown cut short."""
    [problem] = about(run_shape="x", api="orbit", switches={"envelope_status": "y" * 100})[1:]
    assert "'" + "y" * 56 + "..." in problem.message


@pytest.mark.parametrize("ending", ["summary", "delay", "header", "header name", "page"])
def test_a_line_break_at_the_end_counts(ending: str) -> None:
    """A pattern holds for the whole text, a line break at its end included."""
    respond: dict[str, Any] = {"status": 503, "headers": {"a": "b\n"} if ending == "header" else {"a\n": "b"}}
    found = {
        "summary": lambda: about(summary="one line\n"),
        "delay": lambda: fault(delay="2s\n"),
        "header": lambda: fault(respond=respond),
        "header name": lambda: fault(respond=respond),
        "page": lambda: about(
            progression=[{"status": "completed", "pages": {"repeat": {"3\n": 1}}, "violates": ["pagination"]}]
        ),
    }[ending]()
    assert "\\n" in found[0].message


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_whole_numbers_have_64_bits(number: int) -> None:
    """A number that JSON libraries can't carry is refused as that; the nearest one that they can isn't."""
    assert [each.message for each in about(results={"count": number})] == ["A whole number has at most 64 bits."]
    fitting = number - 1 if number > 0 else number + 1
    assert "64 bits" not in about(results={"count": fitting})[0].message


def test_keys_that_are_no_text() -> None:
    """A key that is not text is refused in words."""
    with pytest.raises(ScenarioError, match=r"\b1\b"):
        scenario.from_mapping({1: 2})  # type: ignore[dict-item]  # what a careless caller passes


@pytest.mark.parametrize("last", [1, 2])
def test_ranges_of_requests_may_be_of_one(last: int) -> None:
    """A range of requests includes both its ends, so one request is a range."""
    value = {"version": 1, "api": "clado", "progression": [{"status": "completed"}]}
    assert scenario.from_mapping({**value, "faults": [{"when": {"requests": {"from": 1, "to": last}}, "hang": True}]})


def test_a_delay_is_an_action() -> None:
    """A fault may have a delay alone, or beside one action."""
    value = {"version": 1, "api": "clado", "progression": [{"status": "completed"}]}
    faults = [
        {"when": {"request": 1}, "delay": "1s"},
        {"when": {"request": 2}, "delay": "1s", "respond": "rate_limited", "retry_after": 1},
    ]
    assert len(scenario.from_mapping({**value, "faults": faults}).faults) == 2


def test_schema_is_sound() -> None:
    """The language's schema, and each API's part of it, is a valid draft-07 schema."""
    for name in ["scenario.schema.json", *(f"{api}/scenario.json" for api in apis.names())]:
        schema: Any = documents.document(name)
        assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
        Draft7Validator.check_schema(schema)


def test_schema_has_a_branch_for_each_api() -> None:
    """The language knows exactly the APIs that are found, each by one branch."""
    assert tuple(SCHEMA["properties"]["api"]["enum"]) == apis.names()
    branches = {
        branch["if"]["properties"]["api"]["const"]: (branch["if"]["required"], branch["then"])
        for branch in SCHEMA["allOf"]
    }
    assert len(SCHEMA["allOf"]) == len(branches)
    assert branches == {api: (["api"], {"$ref": f"{api}/scenario.json"}) for api in apis.names()}


def keywords(schema: Any) -> Iterator[str]:
    """Yield the keywords of a schema and of all schemas inside it."""
    if isinstance(schema, list):
        for entry in schema:
            yield from keywords(entry)
    if isinstance(schema, dict):
        yield from schema
        for key, inner in schema.items():
            named = key in ("properties", "definitions")
            yield from keywords(list(inner.values()) if named else inner)


def test_every_keyword_has_a_sentence() -> None:
    """The schemas use no keyword that there are no words for."""
    silent = {
        "$schema", "$ref", "$comment", "title", "description", "definitions", "default", "properties", "items",
        "if", "then", "else", "allOf", "contains", "propertyNames",
    }  # fmt: skip
    spoken = {
        "additionalProperties", "required", "not", "minProperties", "maxProperties", "anyOf", "type", "enum", "const",
        "minimum", "maximum", "exclusiveMinimum", "pattern", "minLength", "maxLength", "minItems", "maxItems",
        "uniqueItems",
    }  # fmt: skip
    used = set(keywords(SCHEMA))
    for api in apis.names():
        used |= set(keywords(documents.document(f"{api}/scenario.json")))
    assert used <= silent | spoken


@pytest.mark.parametrize("api", apis.names())
def test_words_agree_with_the_api(api: str) -> None:
    """The words of `schemas/<api>/scenario.json` are those of the API's own tables."""
    words, module = documents.definitions(api), apis.load(api)
    assert set(words["status"]["enum"]) == {*module.transitions, "not_found"}
    assert words["error"]["enum"] == list(module.errors)
    assert {operation.name for operation in module.operations} <= set(words["operation"]["enum"])
    assert set(module.limits(lambda name: words["switches"]["properties"][name]["default"])) <= set(
        words["operation"]["enum"]
    )
    named = {module.unknown_key_error, module.foreign_job_error, module.not_found_error, module.rate_limit_error}
    assert named <= set(module.errors)
    assert set(module.shows) == set(module.transitions)
    assert {status for after in module.transitions.values() for status in after} <= set(module.transitions)


@pytest.mark.parametrize("api", OWN)
def test_switches(api: str) -> None:
    """Every switch has a source and an allowed default; the API's code reads no other switch."""
    switches = documents.definitions(api)["switches"]["properties"]
    for name, schema in switches.items():
        Draft7Validator(schema).validate(schema["default"])
        assert re.search(rf"\(schemas/{api}/README\.md#\d+", schema["description"]), name
    code = "".join(path.read_text("utf-8") for path in (SOURCES / api).glob("*.py"))
    asked = set(re.findall(r'switch\("(\w+)"\)', code))
    assert asked and asked <= set(switches)


@pytest.mark.parametrize("api", OWN)
def test_sources(api: str) -> None:
    """Each API's statuses, operations and error names cite their source."""
    words = documents.definitions(api)
    assert all(f"(schemas/{api}/README.md#" in words[name]["description"] for name in ("status", "operation", "error"))


@pytest.mark.parametrize("status", [200, 202, 206, 302])
def test_success_that_is_scripted_needs_a_body(status: int) -> None:
    """`respond` with a status below 400 and no body is refused at its place: the API has a body for errors only."""
    [problem] = fault(respond={"status": status})
    assert problem.pointer == "/faults/0/respond"
    assert problem.message.startswith(f"'respond' with status {status} needs a 'body'")


@pytest.mark.parametrize(
    "respond",
    [{"status": 204}, {"status": 304}, {"status": 400}, {"status": 503}, {"status": 200, "body": None},
     {"status": 200, "body": {}}],
)  # fmt: skip
def test_status_that_has_no_body_or_the_apis_own_needs_none(respond: dict[str, Any]) -> None:
    """204, 304 and errors need no body, and any body will do for the others, `null` too."""
    value = {"version": 1, "api": "clado", "progression": [{"status": "completed"}]}
    found = scenario.from_mapping({**value, "faults": [{"when": {"request": 1}, "respond": respond}]})
    assert found.faults[0].respond is not None and found.faults[0].respond.status == respond["status"]


UNKNOWN = {f"key-{number}": number for number in range(50_000)}


@pytest.mark.parametrize(
    "more",
    [UNKNOWN, {"results": UNKNOWN}, {"switches": UNKNOWN}, {"limits": UNKNOWN}, {"progression": [UNKNOWN]}],
    ids=["document", "results", "switches", "limits", "step"],
)
def test_very_many_unknown_keys(more: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """50,000 unknown keys are answered with a hundred problems, and one that counts others, in a few kilobytes."""
    compared = list[str]()

    def hint(name: str, allowed: Any) -> str:
        compared.append(name)
        return ""

    monkeypatch.setattr(schema_check, "hint", hint)
    found = about(**more)
    assert len(found) == 101 and "more were found; the first 100 are shown." in found[-1].message
    assert len(str(ScenarioError(found))) < 100_000
    assert len(compared) <= 1_000


def test_long_keys_are_cut() -> None:
    """A message shows the beginning of a long key."""
    more: dict[str, Any] = {"k" * 900: 1}
    (found,) = about(**more)
    assert found.message.startswith("Unknown key 'kkk") and len(found.message) < 300
