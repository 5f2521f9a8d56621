"""Makes a new API of an OpenAPI document. What the document can't say is guessed, and marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..contract import documents
from ..errors import UsageError
from . import body_places
from .document_operations import operations_of
from .error_tables import errors_of
from .guessed_tables import guessed_tables
from .job_bodies import Messages
from .job_messages import REQUEST, looks_polled, poll_of, results_of, start_of
from .job_operations import job_operations, named_operation, related
from .made_answers import made_answers
from .model import MARK, NewApi
from .openapi_file import read_document
from .other_operations import other_operations
from .references import References
from .schema_files import SchemaFiles
from .sent_keys import sent_key

_NO_OBJECT = "The document's schema allows no JSON object that was found, so this one allows any."
_SECONDS = (5, 20)
"""How long a job has its first status, and each later one."""


def api_of(name: str, path: Path, start: str | None, status: str | None) -> NewApi:
    """Return the API that a document describes. `start` and `status` name its operations. Raises UsageError."""
    references = References(read_document(path))
    try:
        return _api(name, references, start, status)
    except UsageError as error:
        error.add_note(f"The OpenAPI document is {str(path)!r}.")
        raise
    except RecursionError:
        raise UsageError(f"The OpenAPI document {str(path)!r} has schemas that are nested too deeply.") from None


def _api(name: str, references: References, start: str | None, status: str | None) -> NewApi:
    operations = operations_of(references)
    first, polled = (
        wanted and named_operation(operations, option, wanted)
        for option, wanted in (("--start", start), ("--status", status))
    )
    jobs = job_operations(operations, lambda one: looks_polled(references, one), first or None, polled or None)
    files = SchemaFiles(references)
    messages = Messages(name, files)
    started, poll = start_of(messages, jobs), poll_of(messages, jobs)
    listed = {"anyOf": [messages.schemas[file] for file in poll.files.values()]}
    results = results_of(messages, listed, may_be_body=False)
    about_jobs = related(operations, jobs)
    others = other_operations(messages, about_jobs, jobs, poll.statuses, results is not None)
    if results is None and "results" in others and others["results"].file:
        results = results_of(messages, messages.schemas[others["results"].file], may_be_body=True)
    shown = messages.schemas[others["results"].file or ""] if results and "results" in others else listed
    lists = body_places.lists_in(messages.flattener, shown)
    served = {one: jobs.has_job(one) for one in (jobs.start, jobs.status, *(one.operation for one in others.values()))}
    errors = errors_of(messages, served, sent_key(jobs.status).header is not None)
    schemas = files.files(messages.schemas)
    with documents.replaced({f"{name}/{file}": schema for file, schema in schemas.items()}):
        rows = {key: (other.code, other.file) for key, other in others.items()}
        answers = made_answers(messages, started, poll, results, errors, rows)
    left = [one.title for one in about_jobs if one not in served]
    left += [others.pop(key).operation.title for key in answers.left_out]
    return NewApi(
        tables=guessed_tables(name, references, jobs, started, poll, answers, errors, others, left, lists),
        answers=answers.content,
        schemas={**schemas, REQUEST: _request(schemas[REQUEST], answers.request)},
        progression=[*_progression(poll.statuses.usual)],
    )


def _request(schema: Mapping[str, Any], body: Any) -> dict[str, Any]:
    """Return the schema of a start's body with an example. jobmock starts jobs with objects alone."""
    if isinstance(body, dict):
        return {**schema, "examples": [body]}
    return {"$schema": schema["$schema"], "$comment": f"{MARK} {_NO_OBJECT}", "type": "object"}


def _progression(usual: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the steps of the usual scenario."""
    for number, status in enumerate(usual[:-1]):
        yield {"status": status, "after": {"seconds": _SECONDS[min(number, 1)]}}
    yield {"status": usual[-1]}
