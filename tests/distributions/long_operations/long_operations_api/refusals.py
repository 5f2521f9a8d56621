"""The errors of the API, and the envelope that each of them has."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from jobmock.dialect import Answer, Credential, Operation, Refused, RequestContext

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


def envelope(call: RequestContext, code: str, message: str, **members: Any) -> dict[str, Any]:
    """Return the body of an error."""
    seen = f"{call.request.method} {call.request.path.decode('latin-1')} {call.now} {code}"
    request_id = sha256(seen.encode()).hexdigest()[:16]
    return {"fault": {"code": code, "message": message, "requestId": request_id, **members}}


def refusal(refused: Refused, call: RequestContext) -> Answer:
    """Answer a request that the API refuses."""
    status, text = ERRORS[refused.name]
    return Answer(status, envelope(call, refused.name, refused.text or text, **refused.members))


def other_error(status: int, text: str, call: RequestContext) -> Answer:
    """Answer with an error that no document lists."""
    return Answer(status, envelope(call, f"Http{status}", text))


def authorize(value: bytes | None, operation: Operation | None) -> str:
    """Return the key. A missing one is refused with 401, and a wrong one with 403."""
    if not value:
        raise Refused("KeyMissing")
    key = CREDENTIAL.key_in(value) or ""
    if CREDENTIAL.problem(value, PREFIX) or key in RESERVED:
        raise Refused("KeyRefused")
    return key
