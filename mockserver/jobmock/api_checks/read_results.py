"""Checks that the API's own readers, the observation and the reference client, find the results of a finished job."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from ..engine.pagination import Paging
from ..errors import Problem
from ..transport import in_process
from .checked_api import CheckedApi, described
from .kinds_of_jobs import run_shapes
from .samples import Sample, content

_FEW = 2


def check_results(subject: CheckedApi) -> Iterator[Problem]:
    """Yield where readers miss results of a success: of a few, and of one more than a page has."""
    api = subject.api
    success = next(status for status in api.transitions if api.is_success(status))
    for kind, shape in run_shapes(api).items():
        if kind not in api.result_nouns:
            text = f"`result_nouns` has no noun for the kind of job {kind!r}. It has: {', '.join(api.result_nouns)}."
            yield subject.at("result_nouns", message=text)
        elif api.result_nouns[kind][0]:
            few = min(_FEW, api.paging.default_size) if api.paging else _FEW
            yield from _observed(subject, Sample(api, success, shape, few))
            yield from _collected(subject, Sample(api, success, shape, few), "results")
            if api.paging is not None:
                yield from _described_page(subject, Sample(api, success, shape, few), api.paging)
                yield from _collected(subject, Sample(api, success, shape, api.paging.default_size + 1), "paging")


def _observed(subject: CheckedApi, sample: Sample) -> Iterator[Problem]:
    """Yield a problem if the observation finds other results in a body than there are."""
    operation = subject.api.operation_named(subject.api.results_operation)
    try:
        body = content(operation, sample.send(operation, sample.place()))
        found = subject.api.observation().people(body).visible
    except Exception as error:
        yield subject.failure("observation", error=error, doing="`observation` fails for the body of a success")
        return
    if found != sample.people:
        text = f"`observation` finds {_number(found)} in the body of a success with {sample.people}."
        yield subject.at("results", message=text + _where(subject, body))


def _described_page(subject: CheckedApi, sample: Sample, paging: Paging) -> Iterator[Problem]:
    """Yield a problem if the Answer to a request for a page says nothing about that page: rules are judged by it."""
    first = paging.first()
    if not paging.is_page(first):
        return
    for number, operation in subject.numbered(subject.api.results_operation):
        reply = sample.send(operation, sample.place(), urlencode(first).encode())
        if reply.status < 300 and next(sample.namespace.journal.newest(1)).page is None:
            text = f"{described(operation)} answers a request for a page, and its Answer has no `page`."
            how = "It is the `info` of `served_page`: Answer(200, body, page=page.info)."
            yield subject.at("operations", number, "answer", message=f"{text} {how}")


def _collected(subject: CheckedApi, sample: Sample, member: str) -> Iterator[Problem]:
    """Yield a problem at a member of `API` if the reference client reads other results than there are."""
    import httpx

    headers = [*subject.api.credential.headers(sample.key)]
    try:
        with httpx.Client(transport=in_process(sample.service), base_url="http://mock", headers=headers) as client:
            pages, found = subject.api.reference_client().collect(client, sample.place())
    except Exception as error:
        text = f"`reference_client` fails while it reads {_number(sample.people)}"
        yield subject.failure("reference_client", error=error, doing=text)
        return
    if found != sample.people:
        text = f"`reference_client` reads {_number(found)} on {pages} pages of a success with {sample.people}."
        yield subject.at(member, message=text)


def _where(subject: CheckedApi, body: object) -> str:
    """Return where results are looked for, and what is there, as sentences."""
    members = ", ".join(body) if isinstance(body, dict) else "none"
    return f" `results` is {'.'.join(subject.api.results)!r}, and the body has the members: {members}."


def _number(found: int | None) -> str:
    return "no results" if not found else f"{found} result{'s' * (found != 1)}"
