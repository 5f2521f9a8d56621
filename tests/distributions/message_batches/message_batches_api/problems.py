"""The errors of the API, in an envelope of its own."""

from __future__ import annotations

from jobmock.dialect import Answer, Refused, RequestContext, retry_headers

ERRORS = {
    "entries_invalid": (400, "A batch has 1 to 100 entries, each with a custom_ref and a prompt."),
    "cursor_invalid": (400, "This is no cursor of a listing."),
    "key_absent": (401, "This needs a key."),
    "batch_absent": (404, "There is no such batch."),
    "outcome_absent": (404, "This batch isn't over yet."),
    "batch_over": (409, "This batch is over."),
    "batch_too_large": (413, "All prompts together have at most 100,000 characters."),
    "quota_spent": (429, "There are too many requests."),
    "backend_broken": (500, "The backend is broken."),
    "backend_overloaded": (529, "The backend has too much to do."),
}


def refusal(refused: Refused, call: RequestContext) -> Answer:
    """Return an error in the envelope of this API."""
    status, text = ERRORS[refused.name]
    problem = {"label": refused.name, "explanation": refused.text or text}
    return Answer(status, {"problem": problem}, retry_headers(refused.retry, call.now))


def other_error(status: int, text: str, call: RequestContext) -> Answer:
    """Return an error that no document lists."""
    return Answer(status, {"problem": {"label": f"http_{status}", "explanation": text}})
