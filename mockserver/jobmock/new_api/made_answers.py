"""The content of `answers.json`: a body for each message, which obeys its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from .. import json_pointer
from ..errors import UsageError
from .answer_marks import MadeBody, marks
from .body_places import Path, http_statuses_in, members_of
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
    polled = {
        word: _polled(messages, poll, poll.files[at_work if following else over], word, results)
        for word, following in poll.statuses.transitions.items()
    }
    replies = {name: _other(messages, poll, name, file) for name, (_, file) in others.items()}
    file = others["results"][1] if "results" in others else poll.files[over]
    whole = replies.get("results", polled[poll.statuses.usual[-1]])
    found = _listed(messages, results, file, whole.value) if results and file and whole else None
    if not found:
        replies |= dict.fromkeys({"results"} & replies.keys())
    listed, item = found or (None, None)
    refusals = {name: _refusal(messages, errors, name, file) for name, file in _files(errors)}
    started = _started(messages, start, poll)
    served = {name: body for name, body in replies.items() if body is not None}
    made = chain([started], polled.values(), [item] if item else [], refusals.values(), served.values())
    content = {
        "start": started.value,
        "status": {word: body.value for word, body in polled.items()},
        "result": item.value if item else {},
        "errors": {name: body.value for name, body in refusals.items()},
        "others": {name: [others[name][0], body.value] for name, body in served.items()},
    }
    gaps = [*marks(messages.flattener, made)]
    left_out = [name for name in replies if name not in served]
    marked, request = {"$comment": gaps, **content} if gaps else content, messages.valid_body(REQUEST)
    return Answers(marked, request, at_work, over, listed, left_out)


def _codes(poll: Poll) -> tuple[int, int]:
    """Return the HTTP status of a poll of a job at work, and of one that is over: 202 means that it isn't."""
    over = next((one for one in (200, *poll.files) if one in poll.files and one != 202), 202)
    return (202 if 202 in poll.files else over), over


def _started(messages: Messages, start: Start, poll: Poll) -> MadeBody:
    if start.file is None:
        return MadeBody(("start",), "", {}, [""], ())
    first = next((word for word in poll.statuses.transitions if word in start.words), None)
    value = _needed(messages, start.file, [(start.id, _ID), *([(start.status, first)] if first else [])])
    known = {start.id, *([start.status] if first else [])}
    return MadeBody(("start",), value, messages.schemas[start.file], messages.stated[start.file], known)


def _polled(messages: Messages, poll: Poll, file: str, word: str, results: Results | None) -> MadeBody:
    """Return the body of a poll: an example with the status, if there is one. Only a success keeps its results."""
    def fits(example: Any) -> bool:
        return json_pointer.value_at(example, poll.status) in (None, word)

    changes, examples = [(poll.id, _ID), (poll.status, word)], messages.stated[file]
    if results and results.path and word != poll.statuses.usual[-1]:
        shorter = [json_pointer.without(one, results.path) for one in examples if isinstance(one, dict)]
        examples = [*shorter, *examples]
    value = _needed(messages, file, changes, examples=examples, fits=fits)
    return MadeBody(("status", word), value, messages.schemas[file], examples, (poll.id, poll.status))


def _other(messages: Messages, poll: Poll, name: str, file: str | None) -> MadeBody | None:
    """Return the body of another operation; None if no valid one was found."""
    place = ("others", name, "1")
    if file is None:
        return MadeBody(place, "", {}, [""], ())
    value, known = messages.valid_body(file), set[Path]()
    if name == "cancel" and json_pointer.has(value, poll.status):
        value = messages.valid_body(file, [(poll.status, poll.statuses.cancelled)])
        known = {poll.id, poll.status}
    return None if value is None else MadeBody(place, value, messages.schemas[file], messages.stated[file], known)


def _listed(messages: Messages, results: Results, file: str, body: Any) -> tuple[Results, MadeBody] | None:
    """Return the results and one of them, if a body may list some of them and none."""
    lists = [json_pointer.value_at(one, results.path) for one in (body, *messages.stated[file])]
    examples = [item for one in lists if isinstance(one, list) for item in one]
    for item in chain(examples, messages.sampler.bodies(results.item)):
        named = results.item_id if isinstance(item, dict) and _is_id(item.get("".join(results.item_id), "")) else ()
        sample = {**item, named[0]: item.get(named[0], "")} if named else item
        shown = [[_numbered(sample, named, number) for number in range(count)] for count in (0, _SHOWN)]
        bodies = [with_values(body, [(results.path, one)]) if results.path else one for one in shown]
        if all(messages.is_valid(file, one) for one in bodies):
            made = MadeBody(("result",), sample, results.item, examples, (named,) if named else ())
            return Results(path=results.path, item=results.item, item_id=named, has_id=results.has_id), made
    return None


def _numbered(item: Any, path: Path, number: int) -> Any:
    """Return a result with an id, as the package makes it."""
    if not path:
        return item
    return {**item, path[0]: f"result-{number}" if isinstance(item[path[0]], str) else number + 1}


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _files(errors: Errors) -> Iterator[tuple[str, str]]:
    """Yield the name and the file of each error."""
    for name, (status, _) in errors.named.items():
        yield name, next(own[status] for own in errors.replies.values() if status in own)


def _refusal(messages: Messages, errors: Errors, name: str, file: str) -> MadeBody:
    """Return the body of an error, with its code, its HTTP status and its text if its schema allows them."""
    (status, text), schema, examples = errors.named[name], messages.schemas[file], errors.examples[name]
    code = [errors.codes[name]] if name in errors.codes else []
    numbers = [(path, status) for path in http_statuses_in(messages.flattener, schema)]
    listed = [member.path for member in members_of(messages.flattener, schema)]
    message = [(errors.message, text)] if errors.message in listed else []
    stated = [one for one in examples if messages.is_valid(file, one)]
    tried = ([*code, *numbers, *message], [*code, *numbers], code, numbers)
    bodies = (messages.valid_body(file, changes, examples=()) for changes in tried)
    value = stated[0] if stated else next((body for body in bodies if body is not None), None)
    if value is None:
        value = _needed(messages, file, [])
    if value == {}:
        value = messages.valid_body(file, is_full=True) or value
    return MadeBody(("errors", name), value, schema, examples, {errors.message, *(path for path, _ in numbers)})


def _needed(messages: Messages, file: str, changes: list[tuple[Path, Any]], **how: Any) -> Any:
    body = messages.valid_body(file, changes, **how)
    if body is None:
        values = ", ".join(f"{'.'.join(path)} {value!r}" for path, value in changes if path)
        raise UsageError(
            f"No body{values and f' with {values}'} was found that obeys the schema of {file}. "
            "Add an example of such a body to the document."
        )
    return body
