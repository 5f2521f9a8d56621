"""Finds the operation that starts a job and the one that polls it, by what the user says or by their paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ..errors import UsageError, hint, short_repr
from .body_places import RESULT_NAMES
from .document_operations import DocumentOperation, segments_of
from .words import parts_of

_STARTS = (202, 201, 200)
_MOST_NAMED = 12
_OPERATION = re.compile(r"([A-Za-z]+)\s+(/\S*)")
_LINK, _PATH, _WORDS = range(3)
"""What two operations belong together by, the surest first."""
_REASONS = {_LINK: "The answer to the start leads to it.", _WORDS: "The words of its status are those of a job."}
_LIKE_A_JOB = 3
_OTHER_WORDS = "But the words of its status aren't those of a job that runs and then is over."
HOW = "Name them: --start 'POST /path' --status 'GET /path/{id}'."


class JobOperations(NamedTuple):
    """The two operations, and what is guessed about them; None where the user named both."""

    start: DocumentOperation
    status: DocumentOperation
    gap: str | None

    @property
    def job_segment(self) -> int:
        """The number of the segment of the status path that has the job's id."""
        return max(number for number, part in enumerate(self.status.segments) if part == "{}")

    def has_job(self, operation: DocumentOperation) -> bool:
        """Return whether the path of an operation has the job's id."""
        begin = self.status.segments[: self.job_segment + 1]
        return operation.segments[: len(begin)] == begin


def named_operation(operations: Sequence[DocumentOperation], option: str, wanted: str) -> DocumentOperation:
    """Return the operation that the user names. Names of parameters don't matter. Raises UsageError."""
    found = _OPERATION.fullmatch(wanted.strip())
    if not found:
        raise UsageError(f"{option} is {short_repr(wanted)}. Write a method and a path: 'GET /v1/jobs/{{id}}'.")
    method, path = found[1].upper(), segments_of(found[2])
    for one in operations:
        if one.method == method and path in (one.segments, segments_of(one.written_path)):
            if not one.is_servable:
                raise UsageError(f"{option}: {one.title} can't be served. Each parameter of a path is a whole segment.")
            return one
    titles = [one.title for one in operations]
    raise UsageError(
        f"{option}: the document has no operation {short_repr(wanted)}.{hint(wanted, titles)} {_listing(titles)}"
    )


def job_operations(
    operations: Sequence[DocumentOperation], has_status: Callable[[DocumentOperation], int],
    start: DocumentOperation | None, status: DocumentOperation | None,
) -> JobOperations:  # fmt: skip
    """Return the two operations. `has_status` says how much the body of one looks like that of a poll.

    Raises UsageError if none fit. Operations whose schemas can't be read don't.
    """
    if start and status:
        return JobOperations(start, status, None)
    starts = [start] if start else [one for one in operations if _may_start(one)]
    polls = [status] if status else [one for one in operations if _may_poll(one)]
    signs = {(one, other): _sign(one, other, bool(start or status)) for one in starts for other in polls}
    looks, unreadable = _looks([other for (_, other), sign in signs.items() if sign is not None], has_status)
    least = {_LINK: 1, _PATH: 1, _WORDS: _LIKE_A_JOB if start else 1}
    pairs = [pair for pair, sign in signs.items() if sign is not None and looks.get(pair[1], 0) >= least[sign]]

    def rank(pair: tuple[DocumentOperation, DocumentOperation]) -> tuple[int, ...]:
        sign, look = signs[pair] or 0, -looks[pair[1]]
        first = (sign, look) if start or status else (look, sign)
        return (*first, _distance(*pair), _place_of_success(pair[0]))

    ranked = sorted(pairs, key=rank)
    if not ranked:
        raise unreadable[0] if unreadable else UsageError(_none_found(operations, start, status))
    best, others = ranked[0], ranked[1:]
    rivals = [f"{one.title} with {other.title}" for one, other in others][:3]
    gaps = [
        f"{best[0].title} starts a job, and {best[1].title} polls it.",
        _REASONS.get(signs[best] or 0),
        _OTHER_WORDS if looks[best[1]] == _LIKE_A_JOB - 1 else None,
        f"Others would be {', and '.join(rivals)}." if rivals else None,
    ]
    return JobOperations(*best, " ".join(filter(None, gaps)))


def _looks(
    polls: Iterable[DocumentOperation], has_status: Callable[[DocumentOperation], int]
) -> tuple[dict[DocumentOperation, int], list[UsageError]]:
    """Return how much each of these looks like a poll, and why the schemas of others can't be read."""
    looks, unreadable = dict[DocumentOperation, int](), list[UsageError]()
    for one in polls:
        try:
            looks[one] = has_status(one)
        except UsageError as error:
            unreadable.append(error)
    return looks, unreadable


def _may_start(operation: DocumentOperation) -> bool:
    return operation.method == "POST" and operation.is_servable and any(one in operation.replies for one in _STARTS)


def _may_poll(operation: DocumentOperation) -> bool:
    has_job = operation.is_servable and "{}" in operation.segments
    return operation.method == "GET" and has_job and bool(operation.successes)


def _sign(start: DocumentOperation, status: DocumentOperation, is_named: bool) -> int | None:
    """Return by what two operations belong together, if they do.

    The answer to the start leads to the poll; or the poll's path is the start's and one parameter, perhaps with one
    more word around it; or the user named one of them.
    """
    ours, theirs = start.segments, status.segments
    rest = theirs[len(ours) :] if theirs[: len(ours)] == ours else []
    if start.leads_to(status):
        return _LINK
    return _PATH if rest.count("{}") == 1 and len(rest) <= 2 else _WORDS if is_named else None


def _distance(start: DocumentOperation, status: DocumentOperation) -> int:
    """Return how many segments the two paths don't have in common."""
    same = 0
    for one, other in zip(start.segments, status.segments, strict=False):
        if one != other:
            break
        same += 1
    return len(start.segments) + len(status.segments) - 2 * same


def _place_of_success(start: DocumentOperation) -> int:
    return next(number for number, status in enumerate((*_STARTS, 0)) if status in start.replies or not status)


def _none_found(
    operations: Sequence[DocumentOperation], start: DocumentOperation | None, status: DocumentOperation | None
) -> str:
    wanted = {
        (True, False): f"No operation that polls the jobs of {start and start.title} was found",
        (False, True): f"No operation that starts the jobs of {status and status.title} was found",
    }.get((bool(start), bool(status)), "No operations that start and poll a job were found")
    if start:
        looked = (
            "Looked for: a GET to which the answer to the start leads, by a link or by an example of its header; one "
            "whose path is that of the start and one parameter; one with a status whose words are those of a job, such "
            "as running and completed"
        )
        return f"{wanted}. {looked}. {HOW} {_listing(one.title for one in operations)}"
    looked = (
        "Looked for: a POST that answers 200, 201 or 202, and a GET whose path is that path and one parameter, and "
        "whose JSON has a member such as status or state"
    )
    return f"{wanted}. {looked}. {HOW} {_listing(one.title for one in operations)}"


def _listing(titles: Iterable[str]) -> str:
    listed = [*titles]
    more = f", and {len(listed) - _MOST_NAMED} more" if len(listed) > _MOST_NAMED else ""
    return f"The document has {', '.join(listed[:_MOST_NAMED]) or 'no operation'}{more}."


def related(operations: Iterable[DocumentOperation], jobs: JobOperations) -> list[DocumentOperation]:
    """Return the other operations of jobs: their paths begin like that of the start or of the status."""
    starts = [jobs.start.segments, jobs.status.segments[: jobs.job_segment + 1]]
    return [
        one for one in operations
        if one not in (jobs.start, jobs.status) and any(one.segments[: len(begin)] == begin for begin in starts)
    ]  # fmt: skip


def meaning(operation: DocumentOperation, jobs: JobOperations) -> str | None:
    """Return what an operation about a job means to jobmock, by what is after the job: `cancel`, `results` or None."""
    rest = operation.segments[jobs.job_segment + 1 :] if jobs.has_job(operation) else []
    if operation.method in ("POST", "PUT") and "{}" not in rest:
        return "cancel" if any({*parts_of(part)} & _CANCELLING for part in rest) else None
    return "results" if operation.method == "GET" and len(rest) == 1 and rest[0].lower() in RESULT_NAMES else None


_CANCELLING = {"cancel", "abort", "stop", "terminate"}
"""Words in a path that cancel a job."""
