"""The errors of an API: those of its document, and the usual ones that jobmock needs, where the document has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from .. import json_pointer
from . import body_places
from .body_places import Path
from .document_operations import DocumentOperation
from .job_bodies import Messages
from .model import MARK
from .schema_files import DIALECT
from .words import parts_of, snake_case

USUAL_FILE = "usual-error.json"
_USUAL: dict[str, Any] = {
    "$schema": DIALECT,
    "$comment": f"{MARK} The document has no JSON for these errors. Write what the body of an error is.",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
_NAMES = {500: "server_error", 422: "unprocessable", 503: "unavailable"}
_SYNONYMS = {
    400: {"invalid", "validation", "malformed"}, 401: {"authentication", "unauthenticated", "auth", "key", "token"},
    403: {"permission", "denied"}, 404: {"missing", "unknown"}, 429: {"rate", "limit", "quota"}, 500: {"internal"},
}  # fmt: skip
"""HTTP status → other words for it in codes."""
_KEYS, _JOBS, _ALWAYS = (401,), (404,), (429, 500)


class Errors(NamedTuple):
    """Error name → status and text, operation → status → file, what was added, and where the text is in a body."""

    named: Mapping[str, tuple[int, str]]
    replies: Mapping[DocumentOperation, Mapping[int, str]]
    gap: str | None
    message: Path
    codes: Mapping[str, tuple[Path, str]]
    """Error name → the place and the word of its code, if its body has one."""
    code_gap: str | None
    examples: Mapping[str, Sequence[Any]]
    """Error name → the bodies that the document has as examples."""


def errors_of(
    messages: Messages, operations: Mapping[DocumentOperation, bool], has_keys: bool
) -> Errors:
    """Return the errors of these operations. Each says whether the job is in its path, so that it may be unknown."""
    own = {operation: dict(_listed(messages, operation)) for operation in operations}
    documented = [file for files in own.values() for file in files.values()]
    replies = {
        operation: sorted({
            *(status for status in operation.replies if status >= 400), *_ALWAYS, *(_KEYS if has_keys else ()),
            *(_JOBS if has_job else ()),
        })
        for operation, has_job in operations.items()
    }  # fmt: skip
    statuses = sorted({status for listed in replies.values() for status in listed})
    files = {
        status: next((files[status] for files in own.values() if status in files), None)
        or next((files[0] for files in own.values() if 0 in files), None) or _first(messages, documented)
        for status in statuses
    }  # fmt: skip
    examples, message = {status: [*_examples(operations, status)] for status in statuses}, _message(messages, files)
    codes = [*_codes(messages, files, examples)]
    guessed = [name for name, _, word, is_guess in codes if is_guess and word != name]
    return Errors(
        {_name(status): (status, _text(operations, status, examples[status], message)) for status in statuses},
        {operation: {status: files[status] for status in listed} for operation, listed in replies.items()},
        " ".join(_gaps(own, files)) or None,
        message,
        {name: (path, word) for name, path, word, _ in codes},
        f"Of the listed codes, these errors have the one that is most like them: {', '.join(guessed)}."
        if guessed else None,
        {_name(status): bodies for status, bodies in examples.items()},
    )  # fmt: skip


def _listed(messages: Messages, operation: DocumentOperation) -> Iterator[tuple[int, str]]:
    """Yield each HTTP status of an error for which the document has a JSON object, with its file. 0 is all others."""
    for status, reply in operation.replies.items():
        if (status >= 400 or not status) and reply.pointer is not None:
            file = messages.add("error.json", reply.pointer)
            if any(isinstance(body, dict) for body in messages.sampler.bodies(messages.schemas[file])):
                yield status, file


def _first(messages: Messages, documented: Sequence[str]) -> str:
    """Return the file for an error that the document doesn't have: that of another error, else the usual one."""
    if documented:
        return documented[0]
    messages.schemas[USUAL_FILE] = _USUAL
    return USUAL_FILE


def _gaps(own: Mapping[DocumentOperation, Mapping[int, str]], files: Mapping[int, str]) -> Iterator[str]:
    """Yield what isn't in the document, or isn't served as it says."""
    listed = {status for listed in own.values() for status in listed}
    if added := [str(status) for status in files if status not in listed]:
        yield f"The document has no JSON for {', '.join(added)}, so it is that of another error or of all errors."
    for operation, its in own.items():
        for status, file in its.items():
            if file != files.get(status, file):
                yield f"{operation.title} has another body for {status}, which isn't used."


def _message(messages: Messages, files: Mapping[int, str]) -> Path:
    """Return where the text of most errors is; an empty path if none has one."""
    found = (body_places.text_of(messages.flattener, messages.schemas[file]) for file in files.values())
    return next((path for path, _ in Counter(member.path for member in found if member).most_common(1)), ())


def _examples(operations: Mapping[DocumentOperation, bool], status: int) -> Iterator[Any]:
    """Yield the objects that the document has as examples of errors with an HTTP status."""
    for operation in operations:
        if status in operation.replies:
            yield from (one for one in operation.replies[status].examples if isinstance(one, dict))


def _text(
    operations: Mapping[DocumentOperation, bool], status: int, examples: Sequence[Any], message: Path
) -> str:
    """Return the text of an error: that of an example, else what the document says about it, else the usual phrase."""
    stated = (json_pointer.value_at(one, message) for one in examples if message)
    described = (one.replies[status].text for one in operations if status in one.replies)
    return next((text for text in (*stated, *described) if isinstance(text, str) and text), _phrase(status))


def _codes(
    messages: Messages, files: Mapping[int, str], examples: Mapping[int, Sequence[Any]]
) -> Iterator[tuple[str, Path, str, bool]]:
    """Yield each error that has a code: its name, the place and the code, and whether that is a guess.

    It is the code of an example, else the listed one that fits best, else the name.
    """
    for status, file in files.items():
        member = body_places.code_of(messages.flattener, messages.schemas[file])
        if member is not None:
            ours = {*parts_of(_name(status)), *parts_of(_phrase(status)), *_SYNONYMS.get(status, ())}
            words = body_places.words_of(messages.flattener, member)
            values = (json_pointer.value_at(one, member.path) for one in examples[status])
            stated = next((one for one in values if isinstance(one, str) and (not words or one in words)), None)
            fitting = max(words or [_name(status)], key=lambda word: len(ours & {*parts_of(word)}))
            yield _name(status), member.path, stated or fitting, stated is None


def _name(status: int) -> str:
    return _NAMES.get(status) or snake_case(_phrase(status)) or f"http_{status}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"HTTP {status}"
