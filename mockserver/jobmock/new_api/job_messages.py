"""The messages of a start, of a poll and of results: their files, and where they have id, status and results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from . import body_places
from .body_places import Path
from .document_operations import JOB_HEADERS, DocumentOperation
from .flat_schemas import Flattener
from .job_bodies import Messages
from .job_operations import HOW, JobOperations
from .references import References
from .schema_files import DIALECT, SchemaFiles
from .statuses import USUAL, Statuses, are_of_a_job, guessed

REQUEST = "start-request.json"
_STARTED, _POLLED = "start-response.json", "status.json"
_ABSENT = "not_found"
"""The word of scenarios for a job that can't be found. It is no status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The answer to a start: its HTTP status, its file (None without a body), and where it has the job's id."""

    code: int
    file: str | None
    id: Path
    header: str | None
    status: Path
    words: list[str]
    """Where it has a status, and the words that this may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """The answers to a poll: HTTP status → file, and where they have the id and the status."""

    files: Mapping[int, str]
    id: Path
    status: Path
    statuses: Statuses
    gap: str | None
    """What is guessed about the statuses, but for their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Where results are: the path of their list, empty if the body is the list, and the schema of one of them."""

    path: Path
    item: Any
    item_id: Path
    """Where a result has its id; empty without one."""
    has_id: bool
    """Whether that is an id, and not only some member that may differ."""


def looks_polled(references: References, operation: DocumentOperation) -> int:
    """Return how much the JSON of an operation looks like that of a poll.

    3: with words of a job that runs and of one that is over; 2: with other words of a status; 1: with a text.

    Raises UsageError for a schema that can't be read.
    """
    found = 0
    for pointer in operation.successes.values():
        files = SchemaFiles(references)
        body, flattener = files.message(pointer), Flattener(files.shared)
        status = body_places.status_of(flattener, body)
        words = body_places.words_of(flattener, status) if status else []
        found = max(found, 0 if status is None else 3 if are_of_a_job(words) else 2 if words else 1)
    return found


def start_of(messages: Messages, jobs: JobOperations) -> Start:
    """Add the messages of a start. Raises UsageError if nothing in the answer names the job."""
    operation, flattener = jobs.start, messages.flattener
    if operation.request:
        messages.add(REQUEST, operation.request, operation.request_examples)
    else:
        messages.schemas[REQUEST] = {"$schema": DIALECT, "type": "object"}
    code = next((one for one in (202, 201, 200, *operation.answers) if one in operation.answers), None)
    if code is None:
        raise UsageError(f"{operation.title} answers neither JSON nor nothing, so it can't be served. {HOW}")
    pointer = operation.answers[code]
    file = messages.add(_STARTED, pointer, operation.replies[code].examples) if pointer else None
    body = messages.schemas[file] if file else False
    parameter = jobs.status.path.split("/")[jobs.job_segment].strip("{}").lower()
    named, status = body_places.id_of(flattener, body, parameter), body_places.status_of(flattener, body)
    header = operation.replies[code].job_header
    if named is None and header is None:
        looked = f"{', '.join(dict.fromkeys((parameter, *body_places.ID_NAMES)))}, or a header {', '.join(JOB_HEADERS)}"
        raise UsageError(
            f"The answer of {operation.title} has nothing that looks like the id of a job. Looked for: {looked}. {HOW}"
        )
    if named:
        messages.free(named)
    return Start(
        code=code, file=file, id=named.path if named else (), header=None if named else header,
        status=status.path if status else (), words=body_places.words_of(flattener, status) if status else [],
    )  # fmt: skip


def poll_of(messages: Messages, jobs: JobOperations) -> Poll:
    """Add the messages of a poll. Raises UsageError if they have no status."""
    operation, flattener = jobs.status, messages.flattener
    files = {
        code: messages.add(_POLLED, pointer, operation.replies[code].examples)
        for code, pointer in sorted(operation.successes.items())
    }
    if not files:
        raise UsageError(f"{operation.title} answers no JSON, so nothing says the status of a job. {HOW}")
    body = {"anyOf": [messages.schemas[file] for file in files.values()]}
    status = body_places.status_of(flattener, body)
    if status is None:
        looked = f"Looked for: {', '.join(body_places.STATUS_NAMES)}."
        raise UsageError(f"The JSON of {operation.title} has no member that looks like a status. {looked} {HOW}")
    named = body_places.id_of(flattener, body, operation.path.split("/")[jobs.job_segment].strip("{}").lower())
    if named:
        messages.free(named)
    words = [word for word in body_places.words_of(flattener, status) if word != _ABSENT]
    gap = None if words else "The document lists no statuses, so these are examples."
    return Poll(
        files=files, id=named.path if named else (), status=status.path, statuses=guessed(words or USUAL), gap=gap
    )


def results_of(messages: Messages, schema: Any, *, may_be_body: bool) -> Results | None:
    """Return where the results are in a body, or that the body itself is their list; None if it has none."""
    flattener = messages.flattener
    member = body_places.results_of(flattener, schema)
    whole = body_places.Member((), [schema])
    if member is None and may_be_body and body_places.kinds(flattener, whole) == ["array"]:
        member = whole
    if member is None:
        return None
    messages.free_length(member)
    item = body_places.item_of(flattener, member)
    named = body_places.id_of(flattener, item)
    has_id = named is not None and len(named.path) == 1
    differing = named if has_id else body_places.free_member(flattener, item)
    if differing is None:
        return Results(path=member.path, item=item, item_id=(), has_id=False)
    messages.free(differing, text=False)
    return Results(path=member.path, item=item, item_id=differing.path, has_id=has_id)
