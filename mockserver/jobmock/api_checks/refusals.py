"""Checks the errors of an API: an operation lists each of them, and the body that is really made obeys its document."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from ..contract import body_validation
from ..coverage.cells import errors_of
from ..dialect.answers import Answer, Refused
from ..dialect.api import Operation
from ..dialect.sample_answers import isolated_request
from ..dialect.settings import switch_default
from ..errors import Problem
from ..models import RetryAfter
from .checked_api import CheckedApi, described, in_text

_WRONG_KEY = "wrong"
_WAITS = (None, RetryAfter(seconds=5))
_NO_ROUTE = 405
"""The HTTP status of an error that no document lists: the route has another method."""


def check_key(subject: CheckedApi) -> Iterator[Problem]:
    """Yield where `authorize` accepts a wrong key, refuses a right one, or refuses with an error that isn't there."""
    api = subject.api
    if api.credential.header is None:
        return
    key = api.key("x")
    for operation in api.operations:
        try:
            accepted = api.authorize(api.credential.value(key), operation)
        except Refused as refused:
            accepted, how = "", f"refuses it as {refused.name!r}"
        except Exception as error:
            yield subject.failure("authorize", error=error, doing="`authorize` fails for the key of `key('x')`")
            return
        else:
            how = f"returns {accepted!r}"
        if accepted != key:
            text = f"`authorize` gets the key of `key('x')` for the {in_text(operation)}, and {how}."
            yield subject.at("authorize", message=f"{text} It returns that key.")
            return
    for value, what in ((None, "no key"), (api.credential.value(_WRONG_KEY), f"the key {_WRONG_KEY!r}")):
        yield from _refused_key(subject, value, what)
    for reserved in api.reserved:
        if all(_refusal_of_key(subject, api.credential.value(reserved), one) is None for one in api.operations):
            end = reserved.removeprefix(api.prefix)
            text = f"`reserved` has a key with {end!r} behind the prefix, and `authorize` accepts it everywhere."
            yield subject.at("reserved", message=text)


def _refused_key(subject: CheckedApi, value: bytes | None, what: str) -> Iterator[Problem]:
    api = subject.api
    for operation in api.operations:
        try:
            name = _refusal_of_key(subject, value, operation)
        except Exception as error:
            yield subject.failure("authorize", error=error, doing=f"`authorize` fails for {what}")
            return
        if name not in api.errors:
            how = "accepts it" if name is None else f"refuses it as {name!r}, which isn't in `errors`"
            text = f"`authorize` gets {what} for the {in_text(operation)}, and {how}."
            yield subject.at("authorize", message=f"{text} Allowed: {', '.join(api.errors)}.")
            return


def _refusal_of_key(subject: CheckedApi, value: bytes | None, operation: Operation) -> str | None:
    """Return the error with which a value of the header with the key is refused; None if it is accepted."""
    try:
        subject.api.authorize(value, operation)
    except Refused as refused:
        return refused.name
    return None


def check_refusals(subject: CheckedApi) -> Iterator[Problem]:
    """Yield the errors that no document describes, and the bodies of errors that break their document."""
    api = subject.api
    yield from _other_error(subject)
    for name, (status, _) in api.errors.items():
        if not any(status in operation.replies for operation in api.operations):
            text = f"No operation lists {status} in its `replies`, the HTTP status of the error {name!r}."
            yield subject.at("errors", name, message=text)
    for number, operation in subject.numbered():
        for name, why in _certain(subject, operation).items():
            status = api.errors[name][0]
            if status not in operation.replies:
                text = f"{described(operation)} answers {status} ({name}) {why}, and its `replies` don't list that."
                message, same = f"{text} Listed: {_listed(operation)}.", ("unlisted", name)
                yield subject.at("operations", number, "replies", message=message, same=same)
        for status in operation.replies:
            for name in errors_of(api, operation, status):
                yield from _body(subject, operation, name)


def _other_error(subject: CheckedApi) -> Iterator[Problem]:
    """Yield a problem if the error that no document lists can't be made, or has another HTTP status."""
    api = subject.api
    try:
        answer = api.other_error(_NO_ROUTE, "Nothing is here.", isolated_request(api, api.operations[0]))
        orjson.dumps(answer.body)
    except Exception as error:
        yield subject.failure("other_error", error=error, doing=f"`other_error` fails for {_NO_ROUTE}")
        return
    if answer.status != _NO_ROUTE:
        text = f"`other_error` answers {answer.status} for {_NO_ROUTE}."
        yield subject.at("other_error", message=text)


def _certain(subject: CheckedApi, operation: Operation) -> dict[str, str]:
    """Return the errors that an operation answers whatever its own code does, each with the reason."""
    api = subject.api
    found = dict[str, str]()
    if api.credential.header is not None:
        found |= {
            name: "for a wrong key" for value in (None, api.credential.value(_WRONG_KEY))
            if (name := _refusal_of_key(subject, value, operation)) is not None
        }  # fmt: skip
    if "{job}" in operation.path and not operation.creates:
        found |= {api.foreign_job_error: "for a job of another key", api.not_found_error: "for an unknown job"}
    if operation.name in api.limits(lambda switch: switch_default(api.name, switch)):
        found[api.rate_limit_error] = "above its limit"
    return found


def _body(subject: CheckedApi, operation: Operation, name: str) -> Iterator[Problem]:
    """Yield how the body of an error breaks its document, with and without a Retry-After."""
    api, seen = subject.api, set[str]()
    for wait in _WAITS:
        try:
            answer: Answer = api.refusal(Refused(name, retry=wait), isolated_request(api, operation))
            body = orjson.loads(orjson.dumps(answer.body))
        except Exception as error:
            text = f"`refusal` fails for the error {name!r} of the {in_text(operation)}"
            yield subject.failure("refusal", error=error, doing=text)
            return
        if answer.status != api.errors[name][0]:
            text = f"`refusal` answers {answer.status} for {name!r}, and `errors` has {api.errors[name][0]}."
            yield subject.at("refusal", message=text, same=("refusal", answer.status))
            return
        if (name_of_document := operation.replies[answer.status]) is None:
            continue
        document = subject.document(name_of_document)
        for violation in body_validation.violations(document, body):
            text = f"The body of {name!r} for the {in_text(operation)} breaks {document} at {violation}"
            if text not in seen:
                seen.add(text)
                severity = "error" if violation.kind == "breaking" else "warning"
                same = document, str(violation)
                yield subject.at("errors", name, message=text, severity=severity, same=same)


def _listed(operation: Operation) -> str:
    return ", ".join(map(str, operation.replies))
