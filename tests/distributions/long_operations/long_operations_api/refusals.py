"""The errors of the API, the envelope that each of them has, and who gets one for its key."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from jobmock.dialect import Credential, Operation, Refused, RequestContext

PREFIX = "lro-"
CREDENTIAL = Credential(header=b"api-key", scheme="")
RESERVED = {"lro-revoked": "refused with 403, because it was revoked"}

ERRORS = {
    "KeyMissing": (401, "The header api-key is missing."),
    "KeyRefused": (403, "The key isn't valid."),
    "OperationUnknown": (404, "There is no such operation."),
    "ResultNotReady": (409, "The operation hasn't succeeded, so it has no result."),
    "OperationOver": (409, "The operation has ended already."),
    "ResultExpired": (410, "The result was deleted."),
    "InputRefused": (422, "The body is an object with a text in kind."),
    "QuotaSpent": (429, "There are too many requests."),
    "EngineBroken": (500, "The engine is broken."),
    "EngineBusy": (503, "The engine is busy."),
}


def envelope(code: str, text: str, members: Mapping[str, Any], call: RequestContext) -> dict[str, Any]:
    """Return the body of an error."""
    request_id = sha256(f"{call.request.method} {call.now} {code}".encode()).hexdigest()[:16]
    return {"fault": {"code": code, "message": text, "requestId": request_id, **members}}


def authorize(value: bytes | None, operation: Operation | None) -> str:
    """Return the key. A missing one is refused with 401, and a wrong one with 403."""
    if not value:
        raise Refused("KeyMissing")
    key = CREDENTIAL.key_in(value) or ""
    if CREDENTIAL.problem(value, PREFIX) or key in RESERVED:
        raise Refused("KeyRefused")
    return key
