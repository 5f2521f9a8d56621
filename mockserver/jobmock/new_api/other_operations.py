"""The operations about jobs beside the start and the poll: their names, and the files of their answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .document_operations import DocumentOperation
from .job_bodies import Messages
from .job_operations import JobOperations, meaning
from .statuses import Statuses
from .words import snake_case

_LONGEST = 60
"""A name of an operation is a part of the name of a file."""
_WITH_A_MEANING = ("start", "status", "cancel", "more", "results")
"""Names of operations that mean something to jobmock."""


class Other(NamedTuple):
    """An operation, the HTTP status of its answer, and the file of that; None without a body."""

    operation: DocumentOperation
    code: int
    file: str | None


def other_operations(
    messages: Messages, operations: Iterable[DocumentOperation], jobs: JobOperations, statuses: Statuses, lists: bool
) -> dict[str, Other]:
    """Return the operations that can be served, by name. `lists` says that a poll has the results itself."""
    found: dict[str, Other] = {}
    meant = {"cancel": statuses.cancelled is not None, "results": not lists}
    for operation in operations:
        if operation.is_servable and operation.answers:
            name = meaning(operation, jobs)
            if name is None or name in found or not meant[name]:
                name = _free_name(operation, found)
            code, pointer = next(iter(operation.answers.items()))
            named, examples = f"{name.replace('_', '-')}-response.json", operation.replies[code].examples
            file = messages.add(named, pointer, examples) if pointer else None
            found[name] = Other(operation, code, file)
    return found


def _free_name(operation: DocumentOperation, taken: Iterable[str]) -> str:
    name = snake_case(str(operation.node.get("operationId") or operation.title))[:_LONGEST].strip("_") or "other"
    while name in taken or name in _WITH_A_MEANING:
        name += "_job"
    return name
