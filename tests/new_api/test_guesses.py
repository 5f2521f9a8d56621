"""What `new-api --openapi` guesses about operations, keys and results, and that it says so in true words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.new_api.openapi_documents import JOB, answer, answers_of, document, new_api, tables_of


def with_words(*words: str) -> dict[str, Any]:
    """Return the schema of a job whose status is one of these words."""
    return {**JOB, "properties": {**JOB["properties"], "status": {"enum": [*words]}}}


VOUCHER, RENDER = with_words("stored", "used", "discarded"), with_words("accepted", "in progress", "succeeded")
LINKED: dict[str, dict[str, Any]] = {
    "operationId": {"links": {"poll": {"operationId": "getTicket"}}},
    "operationRef": {"links": {"poll": {"operationRef": "#/paths/~1tickets~1{id}/get"}}},
    "component": {"links": {"poll": {"$ref": "#/components/links/Poll"}}},
    "Location": {"headers": {"Location": {"schema": {"type": "string", "example": "https://a.example/tickets/7"}}}},
    "template": {"headers": {"Operation-Location": {"example": "/tickets/{id}"}}},
}  # fmt: skip


def polled(
    capsys: pytest.CaptureFixture[str], place: Path, paths: dict[str, Any], *options: str, **more: Any
) -> tuple[str, str]:
    """Return the path that is polled, and what the command says about it."""
    called = new_api(capsys, place, {**document(), "paths": paths, **more}, *options)
    assert called.code == 0, called.err
    said = next(line for line in called.out.splitlines() if "starts a job" in line)
    return tables_of(place / "new")["OPERATIONS"][1][2], said


@pytest.mark.parametrize("how", LINKED)
@pytest.mark.parametrize("options", [("--start", "POST /renders"), ()])
def test_a_link_is_the_surest_sign(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, how: str, options: tuple[str, ...]
) -> None:
    """A GET to which the answer to the start leads is the poll, wherever it is and whatever its statuses are."""
    start = answer(RENDER, 202)
    start["responses"]["202"] |= LINKED[how]
    paths = {"/renders": {"post": start}, "/tickets/{id}": {"get": {**answer(VOUCHER), "operationId": "getTicket"}}}
    if options:
        paths["/renders/{id}"] = {"get": answer(RENDER)}
    components = {"links": {"Poll": {"operationId": "getTicket"}}}
    path, said = polled(capsys, tmp_path, paths, *options, components=components)
    assert path == "/tickets/{job}" and "The answer to the start leads to it." in said
    assert "But the words of its status aren't those of a job" in said


def test_the_path_before_the_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without a link, the start's path and a parameter is the poll, before one elsewhere with words of a job."""
    text = {**JOB, "properties": {"id": {"type": "string"}, "status": {"type": "string"}}}
    paths = {"/jobs/{id}": {"get": answer(RENDER)}, "/renders": {"post": answer(text)},
             "/renders/{id}": {"get": answer(text)}}  # fmt: skip
    path, said = polled(capsys, tmp_path, paths, "--start", "POST /renders")
    assert path == "/renders/{job}" and "Others would be POST /renders with GET /jobs/{id}." in said


def test_the_words_of_a_status(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With `--start`, a GET elsewhere is the poll if its words are those of a job; the mark says so."""
    paths = {"/renders": {"post": answer(RENDER)}, "/vouchers/{id}": {"get": answer(VOUCHER)},
             "/operations/{id}": {"get": answer(RENDER)}}  # fmt: skip
    path, said = polled(capsys, tmp_path, paths, "--start", "POST /renders")
    assert path == "/operations/{job}" and "The words of its status are those of a job." in said


def test_other_words_are_no_poll(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With `--start`, a GET elsewhere whose words are none of a job isn't taken. The error says what was wanted."""
    paths = {"/renders": {"post": answer(RENDER)}, "/vouchers/{id}": {"get": answer(VOUCHER)}}
    called = new_api(capsys, tmp_path, {**document(), "paths": paths}, "--start", "POST /renders")
    assert called.code == 2
    assert "No operation that polls the jobs of POST /renders was found. Looked for: a GET to which" in called.err


def test_other_words_are_marked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Where the paths fit and the words don't, the mark says so."""
    paths = {"/vouchers": {"post": answer(VOUCHER)}, "/vouchers/{id}": {"get": answer(VOUCHER)}}
    assert "But the words of its status aren't those of a job" in polled(capsys, tmp_path, paths)[1]


@pytest.mark.parametrize("path", ["cancel", "actions/cancel", "requestCancel"])
def test_cancelling_without_such_a_status(capsys: pytest.CaptureFixture[str], tmp_path: Path, path: str) -> None:
    """A POST about a job with `cancel` in its path cancels, also if no status says so. Then the status is marked."""
    content = document(with_words("queued", "done", "failed"))
    content["paths"][f"/jobs/{{id}}/{path}"] = {"post": answer(with_words("queued", "done", "failed"))}
    called = new_api(capsys, tmp_path, content)
    assert called.code == 0, called.err
    tables = tables_of(tmp_path / "new")
    assert tables["OPERATIONS"][2][0] == "cancel" and tables["CANCELLED"] == "failed"
    assert answers_of(tmp_path / "new")["others"]["cancel"][1]["status"] == "failed"
    assert "No status says that a job was cancelled, so this one is a guess." in called.out


SCHEMES: dict[str, tuple[dict[str, Any], Any, str | None]] = {
    "basic": ({"type": "http", "scheme": "basic"}, ("authorization", "Basic"), "in base64 (HTTP Basic). jobmock takes"),
    "query": ({"type": "apiKey", "in": "query", "name": "key"}, (None, ""), "has the key in the query (key)."),
    "cookie": ({"type": "apiKey", "in": "cookie", "name": "sid"}, (None, ""), "has the key in the cookie (sid)."),
    "certificate": ({"type": "mutualTLS"}, (None, ""), "The document has certificates of clients."),
    "bearer": ({"type": "http", "scheme": "bearer"}, ("authorization", "Bearer"), None),
    "header": ({"type": "apiKey", "in": "header", "name": "X-Key"}, ("x-key", ""), None),
}


@pytest.mark.parametrize("name", SCHEMES)
def test_keys(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    """A way to send keys that jobmock can't play is marked by its name, and one that it can play isn't marked."""
    scheme, expected, gap = SCHEMES[name]
    called = new_api(capsys, tmp_path, document(security=[{"a": []}], components={"securitySchemes": {"a": scheme}}))
    assert tables_of(tmp_path / "new")["CREDENTIAL"] == expected
    above = (tmp_path / "new" / "jobmock_quill" / "tables.py").read_text().partition("\nCREDENTIAL")[0].splitlines()[-1]
    assert above.startswith("# GAP:") == (gap is not None) and (gap or "") in above
    assert "doesn't say in which header" not in called.out


def test_the_scheme_that_can_be_played(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Of several schemes, one that can be played is taken, also if it is the last."""
    schemes = {name: scheme for name, (scheme, _, _) in SCHEMES.items()}
    security: list[dict[str, list[str]]] = [{"query": []}, {"basic": []}, {"bearer": []}]
    new_api(capsys, tmp_path, document(security=security, components={"securitySchemes": schemes}))
    assert tables_of(tmp_path / "new")["CREDENTIAL"] == ("authorization", "Bearer")


@pytest.mark.parametrize(("name", "gap"), [
    ("frames", "No list is called results or the like. Those there are: frames, tags."),
    ("results", "Another list that may be the results: tags."),
])  # fmt: skip
def test_lists_that_may_be_the_results(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, gap: str
) -> None:
    """The mark names each other list, and says of `all` what it means where there are no results."""
    lists = {one: {"type": "array", "items": {"type": "string"}} for one in (name, "tags")}
    called = new_api(capsys, tmp_path, document({**JOB, "properties": {**JOB["properties"], **lists}}))
    assert gap in called.out
    assert "no status shows any" not in called.out
    assert ("`all` only says which status is the success" in called.out) == (name == "frames")
