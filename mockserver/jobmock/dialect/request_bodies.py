"""Checks the body of a request against its schema, for an API that refuses what its documents don't allow."""

from __future__ import annotations

from typing import Any

import orjson

from ..contract import body_validation
from ..errors import NoSuchDocument
from .answers import Refused
from .request_context import RequestContext


def checked_body(call: RequestContext, error: str) -> Any:
    """Return the body of a request as data: one that `NAME-request.json` allows, where NAME is the operation's.

    Without such a schema, any JSON is allowed. Raises Refused with this error and the first thing that is wrong.
    """
    try:
        body = call.json_body()
    except orjson.JSONDecodeError:
        raise Refused(error, "The body isn't JSON.") from None
    operation = call.operation
    assert operation is not None
    try:
        found = body_validation.violations(f"{call.api.name}/{operation.name}-request.json", body)
    except NoSuchDocument:
        return body
    for violation in found:
        if violation.kind == "breaking":
            raise Refused(error, f"The body is wrong at {violation.pointer or 'its root'}: {violation.message}")
    return body
