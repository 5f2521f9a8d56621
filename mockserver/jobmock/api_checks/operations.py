"""Checks the operations of an API, and the names by which other tables refer to operations and errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..dialect.routing import covers
from ..dialect.settings import switch_default
from ..errors import Problem, short_repr
from .checked_api import CheckedApi, described, hint, in_text

NEEDED = ("start", "status")
"""The operations that each API has."""
_OF_A_JOB = ("status", "results", "cancel", "more")
"""The operations that are about the job in their path."""
_ERROR_MEMBERS = ("unknown_key_error", "foreign_job_error", "not_found_error", "rate_limit_error")
"""The members of an API that name an error."""


def check_operations(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the operations that are missing, or whose path or replies can't be used."""
    names = [operation.name for operation in subject.api.operations]
    for name in NEEDED:
        if name not in names:
            near = hint(name, names)
            yield subject.at("operations", message=f"There is no operation {name!r}. There are: {_all(names)}.{near}")
    for number, operation in subject.numbered():
        if operation.name in _OF_A_JOB and "{job}" not in operation.path:
            text = f"{described(operation)} has no {{job}} in its path, so it can't tell which job is meant."
            yield subject.at("operations", number, "path", message=text)
        if not any(status < 400 for status in operation.replies) and operation.name in NEEDED:
            text = f"{described(operation)} lists no answer but refusals: {_all(operation.replies)}."
            yield subject.at("operations", number, "replies", message=text)
    yield from _unreached(subject)
    yield from _limits(subject, names)


def _unreached(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the operations whose requests all go to one before it."""
    for number, operation in subject.numbered():
        for before in subject.api.operations[:number]:
            if before.method == operation.method and covers(before.path, operation.path):
                text = f"No request gets to the {in_text(operation)}: the {in_text(before)} before it takes them all."
                yield subject.at("operations", number, "path", message=text)
                break


def _limits(subject: CheckedApi, names: list[str]) -> Iterator[Problem]:
    try:
        limited = subject.api.limits(lambda switch: switch_default(subject.api.name, switch))
    except Exception as error:
        yield subject.failure("limits", error=error, doing="`limits` fails for the defaults of the switches")
        return
    for name in limited:
        if name not in names:
            text = f"`limits` has {name!r}, which is no operation. Allowed: {_all(dict.fromkeys(names))}."
            yield subject.at("limits", name, message=text + hint(name, names))


def check_error_names(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the errors that are named and don't exist, and those whose HTTP status is no refusal."""
    api = subject.api
    for name, (status, _) in api.errors.items():
        if not 400 <= status < 600:
            text = f"The error {name!r} has the HTTP status {short_repr(status)}. Allowed: 400 to 599."
            yield subject.at("errors", name, message=text)
    named: list[tuple[tuple[object, ...], str]] = [((member,), getattr(api, member)) for member in _ERROR_MEMBERS]
    named += [(("by_status", status), name) for status, name in api.by_status.items()]
    named += [(("error_codes", name), name) for name in api.error_codes]
    named += [
        (("operations", number, "not_found_error"), operation.not_found_error)
        for number, operation in subject.numbered() if operation.not_found_error is not None
    ]  # fmt: skip
    named += [(("operations", number, "errors"), name) for number, one in subject.numbered() for name in one.errors]
    for path, name in named:
        if name not in api.errors:
            text = f"{_member(path)} names the error {short_repr(name)}, which isn't in `errors`."
            yield subject.at(*path, message=f"{text} Allowed: {_all(api.errors)}.{hint(name, api.errors)}")
    for number, operation in subject.numbered():
        for name in operation.errors:
            code, _ = api.errors.get(name, (None, ""))
            if code is not None and code not in operation.replies:
                text = f"{described(operation)} has the error {name!r}, and its `replies` don't list {code}."
                yield subject.at("operations", number, "errors", message=text)
    for answered, name in api.by_status.items():
        if name in api.errors and api.errors[name][0] != answered:
            text = f"`by_status` has {name!r} for {answered}, and that error has {api.errors[name][0]}."
            yield subject.at("by_status", answered, message=text)


def _member(path: tuple[object, ...]) -> str:
    """Return the member that a path leads to, in words."""
    return f"`{path[-1] if path[0] == 'operations' else path[0]}`"


def _all(names: Iterable[object]) -> str:
    return ", ".join(map(str, names)) or "none"
