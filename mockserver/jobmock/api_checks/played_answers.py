"""Checks the answers that an API makes: to requests about a job of each status, and to a start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..contract import body_validation
from ..dialect.api import Operation
from ..engine.progression import ABSENT
from ..errors import Problem, short_repr
from .checked_api import CheckedApi, described, hint
from .kinds_of_jobs import run_shapes, statuses_of_kinds
from .samples import Sample, check_reply, content, headers_of, of_a_job

_JOB = "own-id"
"""The id in the path of a start whose client chooses it."""


def check_answers_about_jobs(subject: CheckedApi) -> Iterator[Problem]:
    """Yield what is wrong with the answers of each operation about a job, for each status, kind and sample query."""
    shapes, kinds = run_shapes(subject.api), statuses_of_kinds(subject.api)
    for number, operation in subject.numbered():
        if operation.path.count("{") == 1 and "{job}" in operation.path and not operation.creates:
            yield from _once(
                problem
                for kind, statuses in kinds.items() for status in statuses for query in operation.sample_queries
                for problem in _ask(subject, number, operation, Sample(subject.api, status, shapes[kind]), query)
            )  # fmt: skip


def _once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield each problem once."""
    seen = set[str]()
    for problem in problems:
        if problem.message not in seen:
            seen.add(problem.message)
            yield problem


def _ask(
    subject: CheckedApi, number: int, operation: Operation, sample: Sample, query: bytes
) -> Iterator[Problem]:  # fmt: skip
    """Yield what is wrong with one answer about a job."""
    api, doing = subject.api, of_a_job(operation, sample.status)
    try:
        reply = sample.send(operation, sample.place(), query)
    except Exception as error:
        yield subject.failure("operations", number, "answer", error=error, doing=f"{doing} fails")
        return
    problems = [*check_reply(subject, number, operation, reply, doing)]
    yield from problems
    for status in sample.unknown_statuses():
        what = f"leaves the job with the status {status!r}, which is no status of `transitions`."
        text = f"{doing} {what} Allowed: {', '.join(api.transitions)}.{hint(status, api.transitions)}"
        yield subject.at("operations", number, "answer", message=text, same=what)
    if operation.name not in api.reads:
        return
    if sample.status == ABSENT:
        wanted = api.errors[api.not_found_error][0]
        if reply.status != wanted:
            what = f"answers {reply.status}, and {api.not_found_error!r} has {wanted}."
            yield subject.at("operations", number, "answer", message=f"{doing} {what}", same=what)
    elif operation.name == "status" and not problems:
        found = api.status_in(content(operation, reply)) if reply.body else None
        if found != sample.status:
            place = ".".join(api.status_path)
            what = f"has the `{place}` {short_repr(found)} in its body. It is the job's own."
            yield subject.at("operations", number, "answer", message=f"{doing} {what}", same=what)


def check_starts(subject: CheckedApi) -> Iterator[Problem]:
    """Yield what is wrong with the reference client's start, and with the answer to it, for each kind of job."""
    first = next(iter(subject.api.transitions))
    for number, operation in subject.numbered("start"):
        yield from _once(
            problem
            for kind, shape in run_shapes(subject.api).items()
            for problem in _start(subject, number, operation, kind, Sample(subject.api, first, shape))
        )


def _start(subject: CheckedApi, number: int, operation: Operation, kind: str, sample: Sample) -> Iterator[Problem]:
    doing = f"{described(operation)} with the body of `reference_client`"
    try:
        body = subject.api.reference_client().start(sample.plan.scenario.run_shape)
        request = subject.document(f"{operation.name}-request.json")
        if request in subject.documents():
            for violation in body_validation.violations(request, body):
                text = f"The body with which `reference_client` starts a {kind!r} breaks {request} at {violation}"
                yield subject.at("reference_client", message=text)
        reply = sample.send(operation, _JOB, body=body)
    except Exception as error:
        yield subject.failure("operations", number, "answer", error=error, doing=f"{doing} fails")
        return
    problems = [*check_reply(subject, number, operation, reply, doing)]
    yield from problems
    if reply.status >= 400:
        what = f"is refused with {reply.status}: {short_repr(reply.body.decode('utf-8', 'replace'))}"
        yield subject.at("operations", number, "answer", message=f"{doing} {what}", same=what)
    elif not problems:
        answered = content(operation, reply) if reply.body else None
        if subject.api.job_id_in(answered, headers_of(reply)) not in sample.namespace.jobs:
            what = f"has no job's id where `{_place_of_id(subject)}` says: {short_repr(answered)}"
            yield subject.at("operations", number, "answer", message=f"{doing} {what}", same="no id")


def _place_of_id(subject: CheckedApi) -> str:
    return f"id_header={subject.api.id_header!r}" if subject.api.id_header else f"id_path={subject.api.id_path!r}"
