"""The content of `tables.py` for a document: each fact, and in words what is guessed about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from .document_operations import DocumentOperation, server_url
from .error_tables import Errors
from .job_messages import Poll, Results, Start
from .job_operations import JobOperations
from .made_answers import Answers
from .model import Fact
from .other_operations import Other
from .references import References
from .sent_keys import sent_key
from .statuses import Statuses

_ORDER = "The statuses are in a guessed order, and which are last ones is guessed by their words."
_RESULTS = "Only a success shows results. The statuses with `all` are guessed by their words."
_NO_RESULTS = (
    "No list of results was found, so no answer has any. `all` only says which status is the success, which is guessed "
    "by its word."
)
_NO_RESULT_ID = "No id was found in a result, so"
_NO_CANCELLED = "No status says that a job was cancelled, so this one is a guess."
_NO_MESSAGE = "No text was found in the body of an error, so errors say nothing."


def guessed_tables(
    name: str, references: References, jobs: JobOperations, start: Start, poll: Poll, answers: Answers, errors: Errors,
    others: Mapping[str, Other], left_out: Sequence[str], lists: Sequence[str],
) -> Mapping[str, Fact]:  # fmt: skip
    """Return each value of `tables.py`. `lists` are the places of all lists where the results may be."""
    key, results, statuses = sent_key(jobs.status), answers.results, poll.statuses
    codes = {key: word for key, (_, word) in errors.codes.items() if word != key}
    return {
        "HOST": _host(name, references),
        "CREDENTIAL": Fact((key.header, key.word), key.gap),
        "ERRORS": Fact(dict(errors.named), errors.gap),
        "BAD_REQUEST": Fact(_bad_request(jobs, errors)),
        "ERROR_CODES": Fact(codes, errors.code_gap),
        "OPERATIONS": _operations(jobs, start, poll, errors, others, left_out),
        "STARTED": Fact(start.code),
        "AT_WORK": Fact(answers.at_work),
        "OVER": Fact(answers.over),
        "TRANSITIONS": Fact(dict(statuses.transitions), " ".join(filter(None, (poll.gap, _ORDER)))),
        "CANCELLED": _cancelled(statuses) if "cancel" in others else Fact(""),
        "SHOWS": Fact(dict(statuses.shows), _RESULTS if results else _NO_RESULTS),
        "STARTED_ID": Fact(start.id),
        "JOB_ID": Fact(poll.id),
        "ID_HEADER": Fact(start.header or ""),
        "STATUS": Fact(poll.status),
        "RESULTS": Fact(results.path if results else (), _other_lists(lists, results)),
        "RESULT_ID": _result_id(results) if results else Fact(()),
        "MESSAGE": Fact(errors.message, None if errors.message else _NO_MESSAGE),
    }


def _bad_request(jobs: JobOperations, errors: Errors) -> str:
    """Return the error for a start with a wrong body, if the document has one for it."""
    statuses = [one for one in (400, 422) if one in errors.replies[jobs.start] and jobs.start.request]
    return next((name for name, (status, _) in errors.named.items() if status in statuses[:1]), "")


def _cancelled(statuses: Statuses) -> Fact:
    """Return the status of a job that was cancelled."""
    return Fact(statuses.cancelled or "", _NO_CANCELLED if statuses.is_cancelled_guessed else None)


def _other_lists(lists: Sequence[str], results: Results | None) -> str | None:
    """Return which lists may be the results as well, if there are any."""
    others = [one for one in lists if results is None or one != ".".join(results.path)]
    if results is None:
        return f"No list is called results or the like. Those there are: {', '.join(others)}." if others else None
    return f"Another list that may be the results: {', '.join(others)}." if others else None


def _result_id(results: Results) -> Fact:
    """Return where a result has its id, or else what makes it differ from others."""
    if results.has_id:
        return Fact(results.item_id)
    instead = f"this member is what differs: {results.item_id[0]}" if results.item_id else "all results are the same"
    return Fact(results.item_id, f"{_NO_RESULT_ID} {instead}.")


def _host(name: str, references: References) -> Fact:
    host = urlsplit(server_url(references)).hostname or ""
    if "." in host:
        return Fact(host)
    return Fact(f"{name.replace('_', '-')}.invalid", "The document names no host, so this one is invented.")


def _operations(
    jobs: JobOperations, start: Start, poll: Poll, errors: Errors, others: Mapping[str, Other], left_out: Sequence[str]
) -> Fact:
    rows: list[tuple[str, DocumentOperation, Mapping[int, str | None]]] = [
        ("start", jobs.start, {start.code: start.file}),
        ("status", jobs.status, dict(poll.files)),
        *((key, other.operation, {other.code: other.file}) for key, other in others.items()),
    ]
    value = tuple(
        (key, operation.method, _path(operation, jobs), {**files, **errors.replies[operation]})
        for key, operation, files in rows
    )
    fixed = [key for key in others if key not in ("cancel", "results")]
    gaps = [
        jobs.gap,
        f"These always answer the same, and change no job: {', '.join(fixed)}." if fixed else None,
        f"These aren't served, as their paths or answers don't fit: {', '.join(left_out)}." if left_out else None,
    ]
    return Fact(value, " ".join(filter(None, gaps)) or None)


def _path(operation: DocumentOperation, jobs: JobOperations) -> str:
    """Return the path of an operation, in which the job's id is `{job}`, and no other parameter is."""
    parts = [part.replace("{job}", "{job_of_path}") for part in operation.path.split("/")]
    if jobs.has_job(operation):
        parts[jobs.job_segment] = "{job}"
    return "/".join(parts)
