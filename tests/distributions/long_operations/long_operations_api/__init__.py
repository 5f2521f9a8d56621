"""An API of long-running operations, in the style that public guidelines of cloud providers describe.

A start answers 202 without a body, and says in `Operation-Location` where the operation can be polled. The result is at
a URL of its own.
"""

from __future__ import annotations

from jobmock.dialect import SECOND, Api, Limit, Operation, status_operation

from .answers import ENDS, cancel, read_result, render_status, start
from .refusals import CREDENTIAL, ERRORS, PREFIX, RESERVED, authorize, envelope

ANY = dict.fromkeys((401, 403, 429, 500, 503), "refusal.json")
OF_JOB = {**ANY, 404: "refusal.json"}

API = Api(
    name="long_operations",
    prefix=PREFIX,
    credential=CREDENTIAL,
    authorize=authorize,
    reserved=RESERVED,
    operations=(
        Operation(name="start", method="POST", path="/long-operations", answer=start,
                  replies={**ANY, 202: None, 422: "refusal.json"}),
        Operation(name="status", method="GET", path="/long-operations/{job}", answer=status_operation(render_status),
                  replies={**OF_JOB, 200: "operation.json"}),
        Operation(name="results", method="GET", path="/long-operations/{job}/rendering", answer=read_result,
                  replies={**OF_JOB, 200: "result.json", 409: "refusal.json", 410: "refusal.json"},
                  errors=("ResultNotReady",)),
        Operation(name="cancel", method="DELETE", path="/long-operations/{job}", answer=cancel,
                  replies={**OF_JOB, 202: None, 409: "refusal.json"}, errors=("OperationOver",)),
    ),
    transitions={"Unbegun": ENDS | {"Working"}, "Working": ENDS, **dict.fromkeys(ENDS, frozenset())},
    shows={"Unbegun": "nobody", "Working": "nobody", "Succeeded": "all", "Defeated": "nobody", "Revoked": "nobody"},
    counters=(("percentDone",),),
    errors=ERRORS,
    envelope=envelope,
    unknown_key_error="KeyRefused",
    id_header="operation-location",
    results=("renderedItems",),
    result_nouns={"job": ("rendering", "renderings")},
    limits=lambda switch: {"status": Limit(10, SECOND)},
    longest_job=3600 * SECOND,
    switches={
        "result_expired": {
            "description": "Whether the result was deleted before it was read.",
            "type": "boolean",
            "default": False,
        },
    },
)  # fmt: skip
