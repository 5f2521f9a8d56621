"""Faults that are planted into a copy of toast's package, one for each thing that a check looks at."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

CODE, STATUS, ERROR, WORDS, START = (
    "__init__.py", "schemas/status.json", "schemas/error.json", "schemas/scenario.json", "schemas/start-response.json",
)  # fmt: skip
USUAL, TABLE = "scenarios/usual.yaml", "scenarios/coverage.tsv"
_LAST = '    results=("slices",),\n'
"""The last line of the table `API`, behind which members are planted."""


class PlantedFault(NamedTuple):
    """A fault: the file, what is written there, and the finding: the end of its place, and words of its message.

    `changes` are pairs of a text that the file has once, and the text that takes its place; or the file's whole text.
    """

    file: str
    changes: tuple[tuple[str, str], ...] | str
    place: str
    words: tuple[str, ...]

    def plant(self, package: Path) -> None:
        """Change the file in a copy of the package."""
        path = package / self.file
        if isinstance(self.changes, str):
            path.write_text(self.changes)
            return
        text = path.read_text("utf-8")
        for old, new in self.changes:
            assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {self.file}."
            text = text.replace(old, new)
        path.write_text(text)


def member(text: str, place: str, *words: str, first: tuple[tuple[str, str], ...] = ()) -> PlantedFault:
    """Return a fault that is another member of `API`."""
    return PlantedFault(CODE, (*first, (_LAST, f"{_LAST}    {text},\n")), place, words)


def code(old: str, new: str, place: str, *words: str) -> PlantedFault:
    """Return a fault in the code."""
    return PlantedFault(CODE, ((old, new),), place, words)


def operation(text: str, part: str, *words: str, path: str = "/toasts/{job}/x") -> PlantedFault:
    """Return a fault in another operation."""
    old = "                  replies={**REFUSALS, 200: \"status.json\", 202: \"status.json\"}),\n"
    new = f'{old}        Operation(path="{path}", {text}),\n'
    return code(old, new, f"#/API/operations/3/{part}", *words)


def file(name: str, old: str, new: str, place: str, *words: str) -> PlantedFault:
    """Return a fault in a file with data."""
    return PlantedFault(name, ((old, new),), place, words)


def words(old: str, new: str, place: str, *said: str) -> PlantedFault:
    """Return a fault in a file with the words of scenarios, which toast itself doesn't need."""
    assert _WORDS.count(old) == 1
    return PlantedFault(WORDS, _WORDS.replace(old, new), place, said)


_WORDS = """\
{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "definitions": {
    "status": {"enum": ["queued", "toasting", "toasted", "burnt", "not_found"]},
    "operation": {"enum": ["start", "status"]},
    "error": {"enum": ["unauthorized", "no_such_toast", "too_many_requests", "broken"]},
    "switches": {"properties": {"slots": {"type": "integer", "default": 2}}}
  }
}
"""
_SUCCESS, _ENDS = '"toasted": "all"', 'ENDS = frozenset({"toasted", "burnt"})'
_ALONE = '"toasted": frozenset(), "burnt": frozenset()}'
_STATUS_OPERATION = 'Operation(name="status", method="GET", path="/toasts/{job}"'
_STATUS_REPLIES = '{**REFUSALS, 200: "status.json", 202: "status.json"}'
_BODY = 'body: dict[str, Any] = {"id": view.job_id, "status": view.stage.status}'
_PAGING = 'paging=Paging(size="size", stated={{"{}": ("{}",)}}, document="{}")'
_CLIENT = "ReferenceClient(start=lambda shape: {{}}, more=None, collect=lambda client, job: {})"


def imported(name: str) -> tuple[tuple[str, str]]:
    """Return the change by which the code imports another name."""
    return (("import Answer, Api,", f"import Answer, Api, {name},"),)


_IMPORT_PAGING, _IMPORT_CLIENT = imported("Paging"), imported("ReferenceClient")

TABLES = {
    "unknown-follower": code(
        '"toasting": ENDS,', '"toasting": ENDS | {"burn"},', "#/API/transitions/toasting",
        "After 'toasting' comes 'burn'", "Allowed: queued, toasting, toasted, burnt. Did you mean 'burnt'?"),
    "unreachable-end": code(
        _ALONE, f'{_ALONE[:-1]}, "lost": frozenset()}}', "#/API/transitions/lost",
        "No job reaches the status 'lost'", "begins with 'queued'"),
    "unreachable-circle": code(
        _ALONE, f'{_ALONE[:-1]}, "on": {{"off"}}, "off": {{"on"}}}}', "#/API/transitions/off",
        "No job reaches the status 'off'"),
    "endless": code(
        '"toasting": ENDS,', '"toasting": frozenset({"toasting"}),', "#/API/transitions/toasting",
        "A job never ends after 'toasting'", "Last ones: 'burnt', 'toasted'."),
    "no-success": code(_SUCCESS, '"toasted": "kept"', "#/API/shows", "There is no success"),
    "wrong-word": code(
        '"burnt": "nobody"', '"burnt": "nobdy"', "#/API/shows/burnt", "'burnt' shows 'nobdy'",
        "Allowed: nobody, none, kept, kept or none, all. Did you mean 'nobody'?"),
    "no-word": code(', "burnt": "nobody"', "", "#/API/shows", "`shows` doesn't say how many results 'burnt' shows"),
    "word-of-no-status": code(
        '"burnt": "nobody"', '"burnt": "nobody", "cold": "none"', "#/API/shows/cold",
        "`shows` has 'cold', which is no status of `transitions`"),
    "taken-name": code(
        _ALONE, f'{_ALONE[:-1]}, "not_found": frozenset()}}', "#/API/transitions/not_found",
        "'not_found' is the step in which a job can't be found"),
    "status-of-a-continuation": member(
        "continuation=(Step(status='queud'), Step(status='toasted'))", "#/API/continuation/0/status",
        "`continuation` has the status 'queud'. Allowed: queued", "Did you mean 'queued'?", first=imported("Step")),
    "order-of-a-continuation": member(
        "continuation=(Step(status='toasting'), Step(status='queued'))", "#/API/continuation/1/status",
        "In `continuation` comes 'queued' after 'toasting', and `transitions` don't allow that.",
        first=imported("Step")),
    "end-of-a-continuation": member(
        "continuation=(Step(status='toasting'),)", "#/API/continuation/0/status",
        "`continuation` ends with 'toasting', which is no last status. Allowed: ", first=imported("Step")),
    "no-continuation": operation(
        'name="more", method="POST", answer=start, replies={**REFUSALS, 202: "start-response.json"}', "",
        "There is an operation 'more', and `continuation` has no steps")._replace(place="#/API/continuation"),
    "no-status-operation": code(
        _STATUS_OPERATION, _STATUS_OPERATION.replace('"status"', '"state"'), "#/API/operations",
        "There is no operation 'status'. There are: start, start, state."),
    "no-job-in-the-path": code(
        _STATUS_OPERATION, _STATUS_OPERATION.replace("{job}", "{toast}"), "#/API/operations/2/path",
        "The operation 'status' (GET /toasts/{toast}) has no {job} in its path"),
    "refusals-alone": code(
        _STATUS_REPLIES, "REFUSALS", "#/API/operations/2/replies", "lists no answer but refusals: 401, 404, 429, 500"),
    "same-route": operation(
        'name="read", method="GET", answer=start, replies=REFUSALS', "path",
        "No request gets to the operation 'read' (GET /toasts/{it}): the operation 'status' (GET /toasts/{job}) before "
        "it takes them all.", path="/toasts/{it}"),
    "hidden-route": operation(
        'name="read", method="GET", answer=start, replies=REFUSALS', "path",
        "No request gets to the operation 'read' (GET /toasts/all): the operation 'status' (GET /toasts/{job}) before "
        "it takes them all.", path="/toasts/all"),
    "limit-of-no-operation": member(
        "limits=lambda switch: {'stat': Limit(requests=1, period=1)}", "#/API/limits/stat",
        "`limits` has 'stat', which is no operation. Allowed: start, status. Did you mean",
        first=imported("Limit")),
    "limits-raise": member(
        "limits=lambda switch: switch('tier')", ":54:1", "`limits` fails for the defaults of the switches: ",
        "The API 'toast' has no switch 'tier'. Allowed: none."),
    "not-found-error": member(
        "not_found_error='no_such_tost'", "#/API/not_found_error",
        "`not_found_error` names the error 'no_such_tost', which isn't in `errors`. Allowed: unauthorized, ",
        "Did you mean 'no_such_toast'?"),
    "by-status": member("by_status={500: 'broke'}", "#/API/by_status/500", "names the error 'broke'"),
    "by-other-status": member(
        "by_status={503: 'broken'}", "#/API/by_status/503",
        "`by_status` has 'broken' for 503, and that error has 500."),
    "error-codes": member("error_codes={'brocken': 'x'}", "#/API/error_codes/brocken", "`error_codes` names the error"),
    "error-of-an-operation": code(
        _STATUS_OPERATION, f'{_STATUS_OPERATION}, not_found_error="gone"', "#/API/operations/2/not_found_error",
        "`not_found_error` names the error 'gone'"),
    "chosen-error": code(
        _STATUS_OPERATION, f'{_STATUS_OPERATION}, errors=("gone",)', "#/API/operations/2/errors",
        "`errors` names the error 'gone', which isn't in `errors`"),
    "chosen-error-with-another-status": PlantedFault(
        CODE, (('    "broken": (500,', '    "over": (409, "It is over."),\n    "broken": (500,'),
               (_STATUS_OPERATION, f'{_STATUS_OPERATION}, errors=("over",)')),
        "#/API/operations/2/errors", ("has the error 'over', and its `replies` don't list 409.",)),
    "error-without-a-refusal": code(
        '"broken": (500, "The toaster is broken."),', '"broken": (500, "It is broken."), "odd": (202, "Odd."),',
        "#/API/errors/odd", "The error 'odd' has the HTTP status 202. Allowed: 400 to 599."),
}  # fmt: skip
"""Faults in the tables alone."""

DOCUMENTS = {
    "missing-document": code(
        '200: "status.json"', '200: "statu.json"', "#/API/operations/2/replies/200",
        "answers 200 with 'statu.json', which isn't in schemas/. Allowed: error.json", "Did you mean 'status.json'?"),
    "no-json": PlantedFault(ERROR, "{", "schemas/error.json:1:1", ("This is no JSON. JSONDecodeError",)),
    "no-dialect": file(
        ERROR, "https://json-schema.org/draft/2020-12/schema", "https://schema.invalid/", "schemas/error.json:1:1",
        "needs a `$schema` that is known"),
    "no-schema": file(
        ERROR, '"additionalProperties": false', '"additionalProperties": 3',
        "schemas/error.json#/additionalProperties", "This is no JSON Schema: 3 is not of type"),
    "lost-reference": file(
        ERROR, '{"type": "string"}, "message"', '{"$ref": "#/$defs/code"}, "message"',
        "schemas/error.json#/properties/error/properties/code/$ref", "`$ref` is '#/$defs/code', and nothing is there."),
    "example": file(
        STATUS, '{"type": "string"}', '{"type": "string", "examples": ["a", 2]}',
        "schemas/status.json#/properties/id/examples/1", "This example breaks its own schema: 2 is not of type"),
    "default": file(
        STATUS, '{"type": "integer"}', '{"type": "integer", "default": "x"}',
        "schemas/status.json#/properties/slices/items/properties/id/default", "This default breaks its own schema"),
    "word-is-missing": words(
        '"toasting", ', "", "schemas/scenario.json#/definitions/status/enum",
        "The status 'toasting' of `transitions` isn't in the list."),
    "word-too-much": words(
        '"start", ', '"start", "stat", ', "schemas/scenario.json#/definitions/operation/enum",
        "The operation 'stat' isn't in `operations`. Allowed: start, status.", "Did you mean"),
    "error-is-missing": words(
        ', "broken"', "", "schemas/scenario.json#/definitions/error/enum", "The error 'broken' of `errors`"),
    "list-is-missing": words(
        '"operation": {"enum"', '"operation": {"examples"', "schemas/scenario.json:1:1",
        "It has no list definitions/operation/enum."),
    "switch-in-a-file": words(
        ', "default": 2', "", "schemas/scenario.json#/definitions/switches/properties/slots",
        "The switch 'slots' has no `default`."),
    "default-in-a-file": words(
        '"default": 2', '"default": "2"', "schemas/scenario.json#/definitions/switches/properties/slots/default",
        "This default breaks its own schema: '2' is not of type 'integer'."),
    "switch-without-a-default": member(
        "switches={'slots': {'type': 'integer'}}", "#/API/switches/slots", "The switch 'slots' has no `default`."),
    "switch-with-a-wrong-default": member(
        "switches={'slots': {'type': 'integer', 'default': 'x'}}", "#/API/switches/slots",
        "The switch 'slots' has a `default` that breaks its own schema: 'x' is not of type 'integer'."),
    "switch-without-a-schema": member(
        "switches={'slots': {'type': 'int', 'default': 2}}", "#/API/switches/slots",
        "The switch 'slots' has no JSON Schema: 'int' is not"),
    "status-is-missing": file(
        STATUS, ', "burnt"', "", "schemas/status.json#/properties/status",
        "No schema of a status body lists the status 'burnt' of `transitions`."),
    "status-too-much": file(
        STATUS, '"queued", ', '"queued", "toastin", ', "schemas/status.json#/properties/status",
        "The schema lists the status 'toastin', which isn't in `transitions`", "Did you mean 'toasting'?"),
    "path-of-the-status": member(
        "status_path=('state', 'now')", "#/API/status_path",
        "`status_path` is 'state.now', and no schema of a status body lists it: toast/status.json."),
    "counter": member(
        "counters=(('done', 'slices'),)", "#/API/counters",
        "`counters` has 'done.slices', and no schema of a status body lists it: toast/status.json."),
    "document-of-pages": member(
        _PAGING.format("page", "id", "page.json"), "#/API/paging/document",
        "`paging` names the document 'page.json', which isn't in schemas/.", first=_IMPORT_PAGING),
    "member-of-pages": member(
        _PAGING.format("page", "number", "status.json"), "#/API/paging/stated/page",
        "`paging` has 'number' in `stated`, and no schema of a page lists it: toast/status.json.",
        first=_IMPORT_PAGING),
    "name-of-a-page": member(
        _PAGING.format("next", "id", "status.json"), "#/API/paging/stated/next",
        "`paging` has 'next' in `stated`. Allowed: has_next, has_previous, next_cursor, page", first=_IMPORT_PAGING),
    "parameter-of-pages": member(
        _PAGING.format("page", "id", "status.json"), "#/API/operations/2/parameters",
        "doesn't have the parameter 'size' of `paging` in its `parameters`.", first=_IMPORT_PAGING),
}  # fmt: skip
"""Faults in schemas, and where they and the tables differ."""

ANSWERS = {
    "unlisted-error": code(
        '"broken": (500,', '"busy": (503, "Busy."), "broken": (500,', "#/API/errors/busy",
        "No operation lists 503 in its `replies`, the HTTP status of the error 'busy'."),
    "unlisted-refusal": code(
        _STATUS_REPLIES, '{401: "error.json", 500: "error.json", 200: "status.json", 202: "status.json"}',
        "#/API/operations/2/replies", "answers 404 (no_such_toast) for an unknown job", "Listed: 401, 500, 200, 202."),
    "body-of-an-error": file(
        ERROR, '["code", "message"]', '["code", "message", "hint"]', "#/API/errors/unauthorized",
        "The body of 'unauthorized' for the operation 'start' (POST /toasts) breaks toast/error.json at /error: ",
        "'hint' is a required property. It shows at 12 other places too."),
    "refusal-raises": member(
        "refusal=lambda refused, call: 1 / 0", ":54:1",
        "`refusal` fails for the error 'unauthorized'",
        "ZeroDivisionError: division by zero."),
    "other-error-raises": member(
        "other_error=lambda status, text, call: call.nothing", ":54:1",
        "`other_error` fails for 405: AttributeError"),
    "other-error-with-another-status": member(
        "other_error=lambda status, text, call: Answer(400, {})", "#/API/other_error",
        "`other_error` answers 400 for 405."),
    "refusal-with-another-status": member(
        "refusal=lambda refused, call: Answer(400, {})", "#/API/refusal",
        "`refusal` answers 400 for 'unauthorized', and `errors` has 401."),
    "key-is-refused": member(
        "authorize=lambda value, operation: refuse('unauthorized')", "#/API/authorize",
        "`authorize` gets the key of `key('x')` for the operation 'start' (POST /toasts)",
        "refuses it as 'unauthorized'",
        first=(("def start(call", "def refuse(name):\n    raise Refused(name)\n\n\ndef start(call"),
               *imported("Refused"))),
    "each-key-is-accepted": member(
        "authorize=lambda value, operation: 'sk_toast_x'", "#/API/authorize",
        "`authorize` gets no key", "accepts it. Allowed: unauthorized"),
    "key-raises": member(
        "authorize=lambda value, operation: value.decode()[7:]", ":54:1",
        "`authorize` fails for no key: AttributeError"),
    "reserved-key": member(
        "reserved={'sk_toast_old': '401'}, authorize=known", "#/API/reserved",
        "`reserved` has a key with 'old' behind the prefix, and `authorize` accepts it everywhere.",
        first=(*imported("Refused"),
               ("def start(call",
                "def known(value, operation):\n    key = (value or b'').decode()[7:]\n    if key[:9] != 'sk_toast_':\n"
                "        raise Refused('unauthorized')\n    return key\n\n\ndef start(call"))),
    "status-body": code(
        _BODY, 'body: dict[str, Any] = {"status": view.stage.status}', "#/API/operations/2/answer",
        "of a job at 'queued' breaks toast/status.json at /: 'id' is a required property"),
    "unlisted-member": PlantedFault(
        STATUS, '{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"status": {}, "id": {}}}',
        "#/API/operations/2/answer", ("of a job at 'toasted' breaks toast/status.json at /slices: No document lists",)),
    "another-status": code(
        _BODY, 'body: dict[str, Any] = {"id": view.job_id, "status": "queued"}', "#/API/operations/2/answer",
        "of a job at 'toasting' has the `status` 'queued' in its body"),
    "answer-raises": code(
        _BODY, f"{_BODY}\n    body = body[view.stage.status]", "__init__.py:33:1",
        "of a job at 'queued' fails: KeyError: 'queued'. It shows at 5 other places too."),
    "unlisted-answer": code(
        "200 if ended else 202", "200 if ended else 203", "#/API/operations/2/replies",
        "of a job at 'queued' answers 203, and its `replies` don't list that. Listed: 401, 404, 429, 500, 200, 202."),
    "start-body": file(
        START, '"const": "queued"', '"const": "begun"', "#/API/operations/0/answer",
        "The operation 'start' (POST /toasts) with the body of `reference_client` breaks toast/start-response.json"),
    "start-without-an-id": code(
        '{"id": job.id, "status": "queued"}', '{"id": "job", "status": "queued"}', "#/API/operations/0/answer",
        "has no job's id where `id_path=('id',)` says"),
    "start-without-a-header": member(
        "id_path=('job',), id_header='location'", "#/API/operations/0/answer",
        "has no job's id where `id_header='location'` says"),
    "body-where-there-is-none": code(
        "answer=start, creates=True,\n                  replies={**REFUSALS, 202: \"start-response.json\"}",
        "answer=start, creates=True,\n                  replies={**REFUSALS, 202: None}", "#/API/operations/1/answer",
        "answers 202 with a body, and `replies` says that it has none."),
    "unlisted-cancel": operation(
        'name="cancel", method="DELETE", answer=lambda call: Answer(205, {}), replies={**REFUSALS, 204: None}',
        "replies",
        "The operation 'cancel' (DELETE /toasts/{job}/x) of a job at 'queued' answers 205"),
    "no-lines": operation(
        'name="results", method="GET", answer=lambda call: Answer(200, "[\\n"), media_type="application/jsonl",'
        ' replies={**REFUSALS, 200: "status.json"}', "answer", "with a body that is no application/jsonl."),
    "results-for-a-lost-job": operation(
        'name="results", method="GET", answer=lambda call: Answer(200, {"id": "", "status": "burnt"}),'
        ' replies={**REFUSALS, 200: "status.json"}', "answer",
        "of a job at 'not_found' answers 200, and 'no_such_toast' has 404."),
    "start-raises": code(
        "def start(call: RequestContext) -> Answer:", "def start(call: RequestContext) -> Answer:\n    call.nothing",
        "__init__.py:24:1",
        "The operation 'start' (POST /toasts) with the body of `reference_client` fails: AttributeError",
        "It shows at 1 other place too."),
    "results": code(
        'results=("slices",)', 'results=("slice",)', "#/API/results",
        "`observation` finds no results in the body of a success with 2. `results` is 'slice'", "id, status, slices"),
    "reader-raises": member(
        "observation=lambda: None", "#/API/observation", "`observation` fails for the body of a success: Attr"),
    "too-few-are-read": member(
        f"reference_client=lambda: {_CLIENT.format('(0, 1)')}", "#/API/results",
        "`reference_client` reads 1 result on 0 pages of a success with 2.", first=_IMPORT_CLIENT),
    "start-of-the-client": member(
        "reference_client=lambda: 3", "#/API/operations/0/answer", "of `reference_client` fails: AttributeError"),
    "no-noun": member(
        "kind=lambda shape: 'run'", "#/API/result_nouns", "`result_nouns` has no noun for the kind of job 'run'"),
}  # fmt: skip
"""Faults in the answers that the API makes, and in its readers."""

SCENARIOS = {
    "scenario": file(
        USUAL, "status: toasted", "status: tosted", "scenarios/usual.yaml:7:14", "'tosted'", "Did you mean 'toasted'?"),
    "scenario-of-another-api": PlantedFault(
        USUAL, "version: 1\napi: clado\nprogression: [{status: completed}]\n", "scenarios/usual.yaml:2:6",
        ("A scenario in the folder 'toast' has `api: toast`, not clado.",)),
    "default-scenario": member(
        "default_scenarios={'job': 'toast/usal'}", "#/API/default_scenarios/job",
        "The default scenario of 'job' is 'toast/usal', which there isn't. Allowed: toast/usual. Did you mean"),
    "no-default-scenario": member(
        "default_scenarios={'run': 'toast/usual'}", "#/API/default_scenarios",
        "A job without a run shape is 'job', and `default_scenarios` has no scenario for that."),
    "table-with-blanks": PlantedFault(
        TABLE, "status 200 toasted toast/usual\n", "scenarios/coverage.tsv:1:1", ("this one has 1 columns",)),
    "table-with-another-group": PlantedFault(
        TABLE, "statu\t200 toasted\ttoast/usual\n", "scenarios/coverage.tsv:1:1",
        ("There is no group 'statu'. Allowed: start, status, faults", "Did you mean 'status'?")),
    "table-with-another-cell": PlantedFault(
        TABLE, "status\t200 toasted\ttoast/usual\nstatus\t200 tosted\ttoast/usual\n", "scenarios/coverage.tsv:2:1",
        ("The group 'status' has no cell '200 tosted'",)),
    "table-with-another-scenario": PlantedFault(
        TABLE, "status\t200 toasted\ttoast/usal\n", "scenarios/coverage.tsv:1:1",
        ("There is no scenario 'toast/usal'. Did you mean 'toast/usual'?",)),
}  # fmt: skip
"""Faults in scenarios and in the table of what they show."""

FAULTS = {**TABLES, **DOCUMENTS, **ANSWERS, **SCENARIOS}
