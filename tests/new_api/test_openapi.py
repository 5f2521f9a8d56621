"""`jobmock new-api --openapi` takes what a document says, marks what it guesses, and says what it can't find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.new_api.openapi_documents import JOB, answer, document, new_api, tables_of
from tests.new_api.written_packages import check, write
from tests.support import call

DOCUMENTS = Path(__file__).parents[1] / "data" / "openapi"


def of_document(capsys: pytest.CaptureFixture[str], place: Path, name: str) -> tuple[Path, str]:
    """Run the command with a document of the tests. Return the package's folder and what the command printed."""
    called = call(capsys, "new-api", "quill", "--openapi", DOCUMENTS / name, "--output", place / "new")
    assert called.code == 0, called.err
    return place / "new", called.out


@pytest.mark.parametrize("name", ["bread.yaml", "renders.json", "open_door.yaml", "letters.yaml"])
def test_the_package_works_at_once(tmp_path: Path, name: str) -> None:
    """The package of each document passes its own tests, and its scenarios are fine."""
    package, _ = write(tmp_path, name.partition(".")[0], "--openapi", DOCUMENTS / name)
    check(package)


def test_what_a_document_says(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Paths of the server, statuses, errors with codes, results, and the header of a key come from the document."""
    tables = tables_of(of_document(capsys, tmp_path, "bread.yaml")[0])
    assert (tables["HOST"], tables["CREDENTIAL"]) == ("api.bread.example", ("authorization", "Bearer"))
    rows = [row[:3] for row in tables["OPERATIONS"]]
    assert rows[:2] == [("start", "POST", "/v2/loaves"), ("status", "GET", "/v2/loaves/{job}")]
    assert rows[2:] == [("list_loaves", "GET", "/v2/loaves"), ("cancel", "POST", "/v2/loaves/{job}/cancel")]
    assert {row[0] for row in tables["OPERATIONS"] if 404 in row[3]} == {"status", "cancel"}
    assert tables["STARTED"] == 201 and tables["OPERATIONS"][0][3][201] == "start-response.json"
    assert tables["ERRORS"]["not_found"] == (404, "There is no such loaf.")
    assert tables["ERROR_CODES"]["not_found"] == "loaf_not_found" and tables["MESSAGE"] == ("error", "message")
    assert (tables["STATUS"], tables["RESULTS"]) == (("state",), ("slices", "items"))
    assert {status for status, following in tables["TRANSITIONS"].items() if not following} == {
        "COMPLETED", "BURNT_ERROR", "FAILED",
    }  # fmt: skip
    assert [status for status, shown in tables["SHOWS"].items() if shown == "all"] == ["COMPLETED"]


def test_keys_in_a_header_and_answers_202(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A key may be in a header of its own, and a poll may answer 202 until the job is over."""
    tables = tables_of(of_document(capsys, tmp_path, "renders.json")[0])
    assert tables["CREDENTIAL"] == ("x-render-key", "")
    assert (tables["STARTED"], tables["AT_WORK"], tables["OVER"]) == (202, 202, 200)
    assert tables["STARTED_ID"] == ("render", "render_id") and tables["RESULT_ID"] == ("id",)
    assert tables["OPERATIONS"][1][2] == "/renders/{job}/status"
    status = json.loads((tmp_path / "new" / "jobmock_quill" / "schemas" / "status.json").read_text())
    data = status["oneOf"][1]["properties"]["data"]
    assert "maxItems" not in data and data["$comment"].startswith("GAP: Less strict than the document (maxItems)")


def test_without_security_and_without_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without security there is no key, and without an enum the statuses are examples. Both are marked."""
    package, printed = of_document(capsys, tmp_path, "open_door.yaml")
    tables = tables_of(package)
    assert tables["CREDENTIAL"] == (None, "")
    assert [*tables["TRANSITIONS"]] == ["queued", "running", "completed", "failed"]
    assert "The document doesn't say in which header a key is sent" in printed
    assert "The document lists no statuses" in printed


def test_answers_without_a_body(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The job's URL may be in a header, and its results in an operation of their own. An answer may have no body."""
    tables = tables_of(of_document(capsys, tmp_path, "letters.yaml")[0])
    assert (tables["ID_HEADER"], tables["STARTED_ID"]) == ("operation-location", ())
    replies = {row[0]: row[3] for row in tables["OPERATIONS"]}
    assert replies["start"][202] is None and replies["cancel"][204] is None
    assert replies["results"][200] == "results-response.json" and tables["RESULTS"] == ()
    assert tables["CANCELLED"] == "Canceled" and tables["HOST"] == "eu.letters.example"
    assert next(iter(tables["TRANSITIONS"])) == "NotStarted"
    assert tables["OPERATIONS"][1][2] == "/api/{job_of_path}/letters/{job}"


def test_schemas_are_of_2020_12(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Null, exclusive limits and references of OpenAPI 3.0 are said as in JSON Schema 2020-12, without examples."""
    schemas = of_document(capsys, tmp_path, "bread.yaml")[0] / "jobmock_quill" / "schemas"
    request = json.loads((schemas / "start-request.json").read_text())
    assert request["properties"]["grams"] == {"type": "integer", "exclusiveMinimum": 100, "multipleOf": 50}
    assert request["properties"]["bake_on"] == {"type": ["string", "null"], "format": "date"}
    assert request["examples"] == [{"flour": "rye", "grams": 150}]
    loaf = json.loads((schemas / "components.json").read_text())["$defs"]["Loaf"]["allOf"]
    assert loaf[0] == {"$ref": "#/$defs/Thing"}
    assert loaf[1]["properties"]["parent"] == {"anyOf": [{"allOf": [{"$ref": "#/$defs/Loaf"}]}, {"type": "null"}]}
    status = json.loads((schemas / "status.json").read_text())
    assert status["allOf"][0] == {"$ref": "components.json#/$defs/Thing"}


WRONG: dict[str, tuple[Any, str]] = {
    "YAML": ("openapi: 3.1.0\npaths: [\n", "is no YAML: "),
    "line": ("openapi: 3.1.0\npaths:\n  /a: {]\n", "in line 3, column 8."),
    "JSON": ('{"openapi": "3.1.0",\n "paths": }', "is no JSON: Expecting value, in line 2, column 11."),
    "text": ("hello", "is no OpenAPI document, but 'hello'."),
    "empty": ("", "is no OpenAPI document, but None."),
    "binary": ("\x00\x01", "is no YAML: "),
    "tag": ("openapi: !!python/object/apply:os.getcwd []\n", "could not determine a constructor for the tag"),
    "Swagger": ({"swagger": "2.0"}, "is Swagger 2.0. Allowed: OpenAPI 3.0 and 3.1."),
    "no version": ({"info": {}}, "has no member 'openapi'. Allowed: OpenAPI 3.0 and 3.1."),
    "version": (document(version="4.0.0"), "is of OpenAPI '4.0.0'. Allowed: OpenAPI 3.0 and 3.1."),
    "no paths": ({"openapi": "3.1.0", "paths": {}}, "has no operations"),
    "deep": ("openapi: 3.1.0\npaths: " + "[" * 500, "is nested deeper than 100 levels."),
    "deeper": ("openapi: 3.1.0\npaths: " + "[" * 100_000, "is no YAML: exceeded maximum nesting depth"),
    "deep JSON": ('{"openapi": ' + "[" * 100_000, "is nested deeper than 100 levels."),
    "in itself": ("openapi: 3.1.0\npaths: &a {/x: *a}\n", "is nested deeper than 100 levels."),
    "laughs": (
        "openapi: 3.1.0\npaths:\n  a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
            f"  a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 10)}]\n" for one in range(1, 12)
        ), "has more than 2000000 values.",
    ),
    "nowhere": (document({"$ref": "#/components/schemas/Job"}), "leads nowhere"),
    "elsewhere": (document({"$ref": "job.yaml"}), "The reference 'job.yaml' leads out of the document."),
    "elsewhere in an error": (
        {**document(), "components": {"responses": {}}, "paths": {
            **document()["paths"], "/jobs/{id}/log": {"get": {"responses": {"200": {"$ref": "log.yaml"}}}},
        }}, "The reference 'log.yaml' leads out of the document. Allowed: '#/…'.",
    ),
    "loop": (
        document({"allOf": [JOB, {"$ref": "#/components/schemas/A"}]},
                 components={"schemas": {"A": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "object"}]}}}),
        "The schema 'A' refers to itself without a member between, so it has no end.",
    ),
    "no end": (
        document({**JOB, "required": ["id", "status", "next"], "properties": {
            **JOB["properties"], "next": {"$ref": "#/components/schemas/A"}}},
            components={"schemas": {"A": {"type": "object", "required": ["a"],
                                          "properties": {"a": {"$ref": "#/components/schemas/A"}}}}}),
        "was found that obeys the schema of status.json. Add an example of such a body to the document.",
    ),
    "no end in many ways": (
        document({**JOB, "required": ["id", "status", "next"], "properties": {
            **JOB["properties"], "next": {"$ref": "#/components/schemas/A"}}},
            components={"schemas": {"A": {"type": "object", "required": ["a", "b"], "properties": {
                name: {"anyOf": [{"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/A"}}] * 4}
                for name in ("a", "b")}}}}),
        "was found that obeys the schema of status.json. Add an example of such a body to the document.",
    ),
    "no schema": (document({**JOB, "required": "id"}), "is no JSON Schema of 2020-12: 'id' is not of type 'array' at"),
    "no id": (
        document({"type": "object", "properties": {"status": {"enum": ["queued", "done"]}}}),
        "The answer of POST /jobs has nothing that looks like the id of a job. Looked for: id, job_id,",
    ),
    "no status": (document({"type": "object", "properties": {"id": {"type": "string"}}}), "No operations that start"),
    "no poll": ({**document(), "paths": {"/jobs": {"post": answer(JOB)}}}, "The document has POST /jobs."),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_documents_that_cannot_be_used(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    """Each says in one sentence what is wrong, names the file, and nothing is written."""
    content, why = WRONG[name]
    called = new_api(capsys, tmp_path, content)
    assert (called.code, called.out) == (2, "") and why in called.err
    assert str(tmp_path / "document") in called.err and "Traceback" not in called.err
    assert not (tmp_path / "new").exists()


def test_what_was_looked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """If no start is found, the error says what was looked for, how to name it, and what the document has."""
    paths = {"/orders": {"put": answer(JOB)}, "/tickets/{id}": {"get": answer(JOB)}}
    called = new_api(capsys, tmp_path, {**document(), "paths": paths})
    assert called.code == 2
    assert "Looked for: a POST that answers 200, 201 or 202, and a GET whose path is that path and one" in called.err
    assert "--start 'POST /path' --status 'GET /path/{id}'" in called.err
    assert "The document has PUT /orders, GET /tickets/{id}." in called.err


def test_operations_that_the_user_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`--start` and `--status` name operations that the paths don't tell. Names of parameters don't matter."""
    paths = {"/orders": {"put": answer(JOB)}, "/tickets/{id}": {"get": answer(JOB)}, **document()["paths"]}
    named = ("--start", "put /orders", "--status", "GET /tickets/{ticket}")
    called = new_api(capsys, tmp_path, {**document(), "paths": paths}, *named)
    assert called.code == 0, called.err
    assert [row[:3] for row in tables_of(tmp_path / "new")["OPERATIONS"]] == [
        ("start", "PUT", "/orders"), ("status", "GET", "/tickets/{job}"),
    ]  # fmt: skip


def test_the_start_and_the_poll_that_fit_best(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Of several pairs, one whose status is limited to words is taken, and the mark names the others."""
    text = {**JOB, "properties": {"id": {"type": "string"}, "status": {"type": "string"}}}
    paths = {"/a": {"post": answer(text, 202)}, "/a/{id}": {"get": answer(text)}, **document()["paths"]}
    called = new_api(capsys, tmp_path, {**document(), "paths": paths})
    assert tables_of(tmp_path / "new")["OPERATIONS"][0][2] == "/jobs"
    gap = "POST /jobs starts a job, and GET /jobs/{id} polls it. Others would be POST /a with GET /a/{id}."
    assert gap in called.out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--start", "jobs"], "--start is 'jobs'. Write a method and a path: 'GET /v1/jobs/{id}'."),
        (["--start", "POST /job"], "the document has no operation 'POST /job'. Did you mean 'POST /jobs'?"),
        (["--status", "GET /jobs"], "--status: the document has no operation 'GET /jobs'."),
        (["--status", "GET /jobs/{id}.json"], "GET /jobs/{id}.json can't be served. Each parameter"),
    ],
)
def test_wrong_names_of_operations(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: list[str], why: str
) -> None:
    """A name that the document doesn't have is refused with the nearest one."""
    paths = {**document()["paths"], "/jobs/{id}.json": {"get": answer(JOB)}}
    called = new_api(capsys, tmp_path, {**document(), "paths": paths}, *options)
    assert called.code == 2 and why in called.err


@pytest.mark.parametrize("option", ["--start", "--status"])
def test_names_need_a_document(capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str) -> None:
    """Without a document there are no operations to name."""
    called = call(capsys, "new-api", "quill", option, "POST /jobs", "--output", tmp_path / "new")
    assert called.code == 2 and f"{option} names an operation of an OpenAPI document." in called.err


@pytest.mark.parametrize("path", ["nowhere.yaml", "."])
def test_files_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path, path: str) -> None:
    """A file that isn't there, or a folder, is named with the reason."""
    called = call(capsys, "new-api", "quill", "--openapi", tmp_path / path, "--output", tmp_path / "new")
    assert called.code == 2 and f"The OpenAPI document {str(tmp_path / path)!r} can't be read: " in called.err


def test_words_of_yaml_1_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`no`, `on` and a date are texts, and a number may be a key, as in YAML 1.2."""
    job = {**JOB, "properties": {"id": {"type": "string"}, "status": {"enum": ["NO", "DATE", "done"]}}}
    text = yaml.safe_dump(document(job)).replace("'NO'", "no").replace("DATE", "2026-01-01")
    called = new_api(capsys, tmp_path, text.replace("'200'", "200"))
    assert called.code == 0, called.err
    assert [*tables_of(tmp_path / "new")["TRANSITIONS"]] == ["no", "2026-01-01", "done"]


def test_many_and_deep_schemas(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Thousands of schemas that refer to each other are written once each, and only those that are needed."""
    schemas = {f"A{one}": {"type": "object", "properties": {
        name: {"$ref": f"#/components/schemas/A{other % 3000}"} for name, other in (("a", 2 * one + 1), ("b", one * 2))
    }} for one in range(3_000)}  # fmt: skip
    unused = {f"B{one}": {"type": "object"} for one in range(3_000)}
    schema = {**JOB, "properties": {**JOB["properties"], "a": {"$ref": "#/components/schemas/A0"}}}
    called = new_api(capsys, tmp_path, document(schema, components={"schemas": {**schemas, **unused}}))
    assert called.code == 0, called.err
    shared = json.loads((tmp_path / "new" / "jobmock_quill" / "schemas" / "components.json").read_text())["$defs"]
    assert {*shared} == {*schemas}
