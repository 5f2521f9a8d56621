"""The content of `answers.json`: a body for each message, which obeys its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import UsageError
from .body_places import Path, members_of
from .error_tables import Errors
from .job_bodies import Messages, with_values
from .job_messages import REQUEST, Poll, Results, Start

_ID = "example"
_SHOWN = 3
"""How many results a job usually has."""


class Answers(NamedTuple):
    """The bodies, and what is found out while they are made."""

    content: Mapping[str, Any]
    request: Any
    at_work: int
    over: int
    """The HTTP statuses of polls of a job at work, and of one that is over."""
    results: Results | None
    """None if no list of results is valid."""
    left_out: list[str]
    """The other operations for which no valid body was found."""


def made_answers(
    messages: Messages, start: Start, poll: Poll, results: Results | None, errors: Errors,
    others: Mapping[str, tuple[int, str | None]],
) -> Answers:  # fmt: skip
    """Return a valid body for each message. `others` is operation → HTTP status and file. Raises UsageError."""
    at_work, over = _codes(poll)
    status = {
        word: _needed(messages, poll.files[at_work if following else over], [(poll.id, _ID), (poll.status, word)])
        for word, following in poll.statuses.transitions.items()
    }
    bodies = {name: "" if file is None else messages.valid_body(file) for name, (_, file) in others.items()}
    file = others["results"][1] if "results" in others else poll.files[over]
    success = poll.statuses.usual[-1]
    listed = results and file and _listed(messages, results, file, bodies.get("results", status[success]))
    if not listed:
        bodies |= dict.fromkeys({"results"} & bodies.keys())
    content = {
        "start": _started(messages, start, poll),
        "status": status,
        "result": listed.item if listed else {},
        "errors": dict(_errors(messages, errors)),
        "others": {name: [others[name][0], body] for name, body in bodies.items() if body is not None},
    }
    left_out = [name for name, body in bodies.items() if body is None]
    return Answers(content, messages.valid_body(REQUEST), at_work, over, listed or None, left_out)


def _codes(poll: Poll) -> tuple[int, int]:
    """Return the HTTP status of a poll of a job at work, and of one that is over: 202 means that it isn't."""
    over = next((one for one in (200, *poll.files) if one in poll.files and one != 202), 202)
    return (202 if 202 in poll.files else over), over


def _listed(messages: Messages, results: Results, file: str, body: Any) -> Results | None:
    """Return the results with a valid one in place of its schema, if a body may list some of them and none."""
    for item in messages.sampler.bodies(results.item):
        named = results.item_id if isinstance(item, dict) and _is_id(item.get("".join(results.item_id), "")) else ()
        sample = {**item, named[0]: item.get(named[0], "")} if named else item
        lists = [[_numbered(sample, named, number) for number in range(count)] for count in (0, _SHOWN)]
        bodies = [with_values(body, [(results.path, one)]) if results.path else one for one in lists]
        if all(messages.is_valid(file, one) for one in bodies):
            return Results(path=results.path, item=sample, item_id=named)
    return None


def _numbered(item: Any, path: Path, number: int) -> Any:
    """Return a result with an id, as the package makes it."""
    if not path:
        return item
    return {**item, path[0]: f"result-{number}" if isinstance(item[path[0]], str) else number + 1}


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _started(messages: Messages, start: Start, poll: Poll) -> Any:
    if start.file is None:
        return ""
    first = next((word for word in poll.statuses.transitions if word in start.words), None)
    return _needed(messages, start.file, [(start.id, _ID), *([(start.status, first)] if first else [])])


def _errors(messages: Messages, errors: Errors) -> Iterator[tuple[str, Any]]:
    """Yield the body of each error, with its code and its text if its schema allows them."""
    for name, (status, text) in errors.named.items():
        file = next(own[status] for own in errors.replies.values() if status in own)
        code = [errors.codes[name]] if name in errors.codes else []
        listed = (member.path for member in members_of(messages.flattener, messages.schemas[file]))
        message = [(errors.message, text)] if errors.message in listed else []
        tried = (messages.valid_body(file, changes) for changes in ([*code, *message], code))
        yield name, next((body for body in tried if body is not None), None) or _needed(messages, file, [])


def _needed(messages: Messages, file: str, changes: list[tuple[Path, Any]]) -> Any:
    body = messages.valid_body(file, changes)
    if body is None:
        values = ", ".join(f"{'.'.join(path)} {value!r}" for path, value in changes if path)
        raise UsageError(
            f"No body{values and f' with {values}'} was found that obeys the schema of {file}. "
            "Add an example of such a body to the document."
        )
    return body
