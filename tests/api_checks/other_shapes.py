"""Correct APIs whose bodies, keys and results have other shapes than toast's, as distributions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.apis.distributions import distribute

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCENARIO = "version: 1\napi: {}\nprogression: [{{status: running, after: {{polls: 2}}}}, {{status: done}}]\n"
_BAKERY = '''
from jobmock.dialect import *

ERRORS = {"no_key": (403, "No."), "bad": (400, "Bad."), "gone": (410, "Gone."), "early": (409, "Not yet."),
          "slow_down": (503, "Slow down.")}
REFUSALS = dict.fromkeys((400, 403, 410, 503), "error.json")
PAGING = Paging(page="after", size="limit", default_size=5, stated={CURSOR: ("next",)}, identity=("bread", "id"))

def start(call):
    job = start_job(call)
    return Answer(201, "", ((b"location", call.url(API.path_of("status", job.id)).encode()),))

def render(view):
    return Answer(200, {"job": {"state": view.stage.status}})

def results(call):
    view = current_view(call)
    if view.stage.status != "done":
        raise Refused("early")
    page = served_page(view, PAGING, "bad")
    items = [{"bread": {"id": number}} for number in page.numbers]
    return Answer(200, {"found": {"loaves": items}, "next": page.cursor}, page=page.info)

def cancel(call):
    if cancel_job(call, Step(status="stopped")).status in API.terminal:
        raise Refused("early")
    return Answer(204, "")

def operation(method, path, name, answer, replies, **more):
    return Operation(name=name, method=method, path=path, answer=answer, replies={**REFUSALS, **replies}, **more)

API = Api(
    name="bakery", credential=Credential(header=b"x-api-key", scheme=""), errors=ERRORS,
    operations=(
        operation("POST", "/loaves", "start", start, {201: None}),
        operation("GET", "/loaves/{job}", "status", status_operation(render), {200: "status.json"}),
        operation("GET", "/loaves/{job}/all", "results", results, {200: "loaves.json", 409: "error.json"},
                  parameters=("after", "limit")),
        operation("DELETE", "/loaves/{job}", "cancel", cancel, {204: None, 409: "error.json"}),
    ),
    transitions={"running": frozenset({"done", "stopped"}), "done": frozenset(), "stopped": frozenset()},
    shows={"running": "nobody", "done": "all", "stopped": "nobody"},
    status_path=("job", "state"), id_header="location", results=("found", "loaves"), paging=PAGING,
    switches={"oven": {"enum": ["hot", "cold"], "default": "hot"}},
    limits=lambda switch: {"status": Limit(requests=100, period=SECOND)},
)
'''
_MILL = '''
from jobmock.dialect import *

ERRORS = {"absent": (404, "Absent."), "busy": (429, "Busy.")}
REFUSALS = dict.fromkeys((404, 429), "error.json")

def start(call):
    return Answer(200, {"id": start_job(call).id})

def render(view):
    return Answer(200, {"status": view.stage.status})

def results(call):
    return json_lines({"id": number} for number in range(current_view(call).shown))

def operation(method, path, name, answer, document, **more):
    return Operation(name=name, method=method, path=path, answer=answer, replies={**REFUSALS, 200: document}, **more)

API = Api(
    name="mill", credential=NO_KEY, errors=ERRORS, unknown_key_error="absent",
    operations=(
        operation("POST", "/flour", "start", start, "start-response.json"),
        operation("GET", "/flour/{job}", "status", status_operation(render), "status.json"),
        operation("GET", "/flour/{job}/lines", "results", results, "lines.json", media_type=JSON_LINES),
    ),
    transitions={"running": frozenset({"done"}), "done": frozenset()}, shows={"running": "nobody", "done": "all"},
    results=(),
)
'''


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*members], "additionalProperties": False, "properties": members}


_TEXT, _ID = {"type": "string"}, {"type": "integer"}
_ERROR = _object(error=_object(code=_TEXT, message=_TEXT))
CODE = {"bakery": _BAKERY, "mill": _MILL}
SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "bakery": {
        "error": _ERROR, "status": _object(job=_object(state={"enum": ["running", "done", "stopped"]})),
        "loaves": _object(
            found=_object(loaves={"type": "array", "items": _object(bread=_object(id=_ID))}),
            next={"type": ["string", "null"]},
        ),
    },
    "mill": {
        "error": _ERROR, "status": _object(status=_TEXT), "start-response": _object(id=_TEXT),
        "lines": {"type": "array", "items": _object(id=_ID)},
    },
}  # fmt: skip


def install(folder: Path, api: str) -> None:
    """Write the distribution of one of these APIs into a folder."""
    distribute(folder, f"{api}-api", {api: f"{api}_api"}, CODE[api])
    package = folder / f"{api}_api"
    (package / "schemas").mkdir()
    for name, schema in SCHEMAS[api].items():
        (package / "schemas" / f"{name}.json").write_text(json.dumps({"$schema": _DIALECT, **schema}))
    (package / "scenarios").mkdir()
    (package / "scenarios" / "usual.yaml").write_text(_SCENARIO.format(api))
