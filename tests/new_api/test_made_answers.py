"""The bodies that `new-api` makes: by examples, else by schemas, with a mark on what is invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.new_api.openapi_documents import answer, answers_of, document, new_api, tables_of
from tests.new_api.written_packages import check, write

STATUSES = ["queued", "running", "succeeded", "failed"]
JOB: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status", "done", "size", "kind", "unit"],
    "properties": {
        "id": {"type": "string"}, "status": {"enum": STATUSES}, "done": {"type": "boolean"},
        "size": {"type": "integer"}, "kind": {"enum": ["a", "b"]}, "unit": {"type": "string", "default": "mm"},
        "rows": {"type": "array", "items": {"type": "object", "required": ["sku", "price"], "properties": {
            "price": {"type": "number"}, "sku": {"type": "string"}}}},
    },
}  # fmt: skip
ENDED = {"id": "job-7", "status": "succeeded", "done": True, "size": 7, "kind": "b", "unit": "in",
         "rows": [{"sku": "red", "price": 2}, {"sku": "blue", "price": 3}]}  # fmt: skip


def made(capsys: pytest.CaptureFixture[str], place: Path, content: Any) -> dict[str, Any]:
    """Return the `answers.json` that is made of a document, without an error."""
    called = new_api(capsys, place, content)
    assert called.code == 0, called.err
    answers = dict(answers_of(place / "new"))
    assert all(mark in called.out for mark in (one.removeprefix("GAP: ") for one in answers.get("$comment", ())))
    return answers


def test_what_is_invented_is_marked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each value that no example, word or default gives has a mark with its place, one for all statuses."""
    answers = made(capsys, tmp_path, document(JOB))
    assert answers["status"]["succeeded"] == {
        "id": "example", "status": "succeeded", "done": False, "size": 1, "kind": "a", "unit": "mm",
    }  # fmt: skip
    others = "which is invented, and so is what running, succeeded, failed have there."
    assert [one for one in answers["$comment"] if "/errors/" not in one] == [
        "GAP: /start/done is False, which is invented.".replace("False", "false"),
        "GAP: /start/size is 1, which is invented.",
        f"GAP: /status/queued/done is false, {others}",
        f"GAP: /status/queued/size is 1, {others}",
        "GAP: /result/price is 1, which is invented.",
    ]


@pytest.mark.parametrize("schema", [{"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}])
def test_null_before_an_invented_text(capsys: pytest.CaptureFixture[str], tmp_path: Path, schema: Any) -> None:
    """A member that may be null is null, because a text in place of an error would look like a failure."""
    job = {**JOB, "required": [*JOB["required"], "error"], "properties": {**JOB["properties"], "error": schema}}
    answers = made(capsys, tmp_path, document(job))
    assert {body["error"] for body in answers["status"].values()} == {None}
    assert any("/status/queued/error is null, which is invented" in one for one in answers["$comment"])


@pytest.mark.parametrize("more", [{"example": ENDED}, {"examples": {"a": {"$ref": "#/components/examples/Ended"}}}])
def test_examples_of_answers(capsys: pytest.CaptureFixture[str], tmp_path: Path, more: dict[str, Any]) -> None:
    """An example beside the schema is the body of its status, and its results are those of the API. It has no mark."""
    paths = {"/jobs": {"post": answer(JOB)}, "/jobs/{id}": {"get": answer(JOB, **more)}}
    content = {**document(), "paths": paths, "components": {"examples": {"Ended": {"value": ENDED}}}}
    answers = made(capsys, tmp_path, content)
    assert answers["status"]["succeeded"] == {**ENDED, "id": "example"}
    assert answers["status"]["failed"]["done"] is False
    assert answers["result"] == {"sku": "red", "price": 2}
    marked = [one for one in answers["$comment"] if "succeeded" in one or "/result/" in one]
    assert marked == []


def test_examples_of_requests(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An example beside the schema of a start's body is what jobmock sends."""
    body = {"content": {"application/json": {"schema": {"type": "object"}, "example": {"topic": "owls"}}}}
    content = document(JOB)
    content["paths"]["/jobs"]["post"]["requestBody"] = body
    made(capsys, tmp_path, content)
    schema = json.loads((tmp_path / "new" / "jobmock_quill" / "schemas" / "start-request.json").read_text())
    assert schema["examples"] == [{"topic": "owls"}]


@pytest.mark.parametrize(
    ("item", "path", "gap"),
    [
        ({"properties": {"made": {"type": "string", "format": "date"}, "sku": {"type": "string"}}}, ("sku",),
         "so this member is what differs: sku."),
        ({"properties": {"price": {"type": "number"}}}, (), "so all results are the same."),
    ],
)  # fmt: skip
def test_results_without_an_id(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, item: Any, path: Any, gap: str
) -> None:
    """Results without an id differ by another member. That is marked, and also that none of them may differ."""
    rows = {"rows": {"type": "array", "items": {"type": "object", **item}}}
    called = new_api(capsys, tmp_path, document({**JOB, "properties": {**JOB["properties"], **rows}}))
    assert tables_of(tmp_path / "new")["RESULT_ID"] == path
    assert f"No id was found in a result, {gap}" in called.out


PROBLEM = {"type": "object", "required": ["type", "title", "status"], "properties": {
    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}}}  # fmt: skip
VALIDATION = {"type": "object", "properties": {"detail": {"type": "array", "items": {
    "type": "object", "required": ["loc", "msg"], "properties": {
        "loc": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        "msg": {"type": "string"}}}}}}  # fmt: skip
FAULT = {"type": "object", "required": ["fault"], "properties": {"fault": {"type": "object", "required": ["what"],
         "properties": {"what": {"type": "string"}, "code": {"type": "string"}}}}}  # fmt: skip


def refusing(schema: Any, **more: Any) -> dict[str, Any]:
    """Return a document whose start is refused with 422 and a body of this schema."""
    content = document(JOB)
    content["paths"]["/jobs"]["post"]["responses"] |= answer(schema, 422, **more)["responses"]
    return content


def test_problems_have_their_http_status(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A number called `status` in the body of an error is its HTTP status."""
    answers = made(capsys, tmp_path, refusing(PROBLEM))
    assert {name: body["status"] for name, body in answers["errors"].items()} == {
        "not_found": 404, "too_many_requests": 429, "server_error": 500, "unprocessable": 422,
    }  # fmt: skip
    assert tables_of(tmp_path / "new")["MESSAGE"] == ("title",)


def test_errors_without_a_text(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A list of what is wrong isn't empty, and no place of a text is named that no body has. Both are marked."""
    answers = made(capsys, tmp_path, refusing(VALIDATION))
    assert answers["errors"]["unprocessable"] == {"detail": [{"loc": ["an example"], "msg": "an example"}]}
    assert any("/detail/0/msg is" in one for one in answers["$comment"])
    assert tables_of(tmp_path / "new")["MESSAGE"] == ()


def test_a_text_with_another_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A text of an error that has no usual name is the text. The code and the text of an example are used."""
    example = {"fault": {"what": "The size is wrong.", "code": "E7"}}
    answers = made(capsys, tmp_path, refusing(FAULT, example=example))
    tables = tables_of(tmp_path / "new")
    assert tables["MESSAGE"] == ("fault", "what") and tables["ERROR_CODES"] == {"unprocessable": "E7"}
    assert tables["ERRORS"]["unprocessable"] == (422, "The size is wrong.")
    assert answers["errors"]["unprocessable"] == example


@pytest.mark.parametrize("schema", [PROBLEM, VALIDATION, FAULT])
def test_the_packages_work(tmp_path: Path, schema: Any) -> None:
    """The package passes its own tests, whatever its errors look like."""
    content = refusing(schema)
    content["paths"]["/jobs/{id}"]["get"] = answer(JOB, example=ENDED)
    file = tmp_path / "document.json"
    file.write_text(json.dumps(content))
    package, _ = write(tmp_path, "quill", "--openapi", file)
    check(package)
