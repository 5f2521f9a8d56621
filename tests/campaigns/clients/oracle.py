"""An oracle: says of one run of a client whether it did wrong, and how, without the journal and without any rule.

It was written before any mutant ran; only *routes* came later. It knows only what a client's user and a server's owner
care about:

- the *result*: what the call returned or raised, beside what was true on the server when it ended
- *Retry-After*: whether a request came before the time that an answer had given
- *limits*: the load on a server that works, that fails, or that has refused for good
- the job's *end*: requests that go on after it
- *credits*: jobs and reads that were paid twice
- *routes*: whether any request reached the API
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from tests.campaigns.clients.recorder import Sent

ENDS = ("completed", "error", "failed", "cancelled")
RUNNING = ("pending", "searching", "processing", "running", "generating_sections")
LONGEST = {"clado": 900.0, "orbit": 1500.0}
"""How long a job may take, in seconds: the documented duration. A client may give up after that."""

LEAST_PAUSE, HURRIED = 0.95, 3
"""So many polls in a row of a job at work, each sooner after the one before, are too much load."""
FAILING = ((3, 1.0), (9, 20.0))
"""(n, seconds): n requests in a row that fail, all within so many seconds, are too much load on a failing server."""
REFUSED = 3
"""So many requests in a row that are refused for good in the same way are too many."""
REPEATED = 3
"""So many requests, after the job's end was received, for what had been read since then are too many."""
EARLY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What was true on the server when the call ended.

    `results` are the values that are right to return for a completed job; it is None where the scenario's pages lie.
    """

    status: str | None
    results: Sequence[Any] | None
    jobs: int
    spent: int
    needed: int | None
    """What a correct client that gets the result spends in the same scenario, in credits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a client: its requests, and how and when it ended; `outcome` is None if it was stopped."""

    api: str
    log: Sequence[Sent]
    outcome: str | None
    returned: Any
    ended: float


def wrongs(call: Call, truth: Truth) -> list[str]:
    """Return everything that the client did wrong, in words; an empty list if it did nothing wrong."""
    every = (_result, _retry_after, _hurry, _failing, _refused, _after_end, _credits, _routes)
    return [said for judge in every for said in judge(call, truth)]


def _result(call: Call, truth: Truth) -> Iterator[str]:
    """The result: a call ends; it returns what is true, and raises only with a reason."""
    if call.outcome is None:
        yield "result: the call doesn't end"
    elif call.outcome == "returned":
        yield from _returned(call, truth)
    elif not call.log:
        yield "result: the call raised before it sent anything"
    elif not _reason_to_raise(call):
        last = call.log[-1]
        yield f"result: the call raised, and its last answer was {last.status} {last.state or ''}".rstrip()


def _returned(call: Call, truth: Truth) -> Iterator[str]:
    if not _started(call):
        yield "result: the call returned, and no job was started"
    elif truth.status not in ENDS:
        yield f"result: the call returned while the job was {truth.status}"
    elif truth.status == "completed":
        if truth.results is not None and call.returned not in truth.results:
            yield "result: the call returned something else than the job's result"
    elif not (isinstance(call.returned, dict) and call.returned.get("status") == truth.status):
        yield f"result: the call returned, and not that the job was {truth.status}"


def _started(call: Call) -> list[Sent]:
    """Return the starts whose acceptance the client received."""
    return [sent for sent in call.log if sent.method == "POST" and sent.status is not None and sent.status < 300]


def _reason_to_raise(call: Call) -> bool:
    """Return whether a call may raise: the job wasn't started, failed, was refused, took too long, or nobody knows."""
    last, started = call.log[-1], _started(call)
    if not started:
        return last.fails or last.is_refused
    over = last.state is not None and last.state != "completed" and last.state not in RUNNING
    late = call.ended - started[0].at >= LONGEST[call.api]
    return over or last.is_refused or late


def _retry_after(call: Call, truth: Truth) -> Iterator[str]:
    """Retry-After: no request for the same before its time."""
    for _, sents in _by_subject(call.log):
        for before, after in pairwise(sents):
            if before.due is not None and after.at < before.due - EARLY:
                yield f"Retry-After: a request came {before.due - after.at:.3g} s too soon"
                return


def _by_subject(log: Sequence[Sent]) -> Iterator[tuple[tuple[str, str], list[Sent]]]:
    for subject, sents in groupby(sorted(log, key=lambda sent: sent.subject), key=lambda sent: sent.subject):
        yield subject, sorted(sents, key=lambda sent: sent.at)


def _hurry(call: Call, truth: Truth) -> Iterator[str]:
    """Limits: polls of a job at work don't come one upon the other."""
    for _, sents in _by_subject(call.log):
        hurried = 0
        for before, after in pairwise(sents):
            soon = before.state is not None and before.state not in ENDS and after.at - before.at < LEAST_PAUSE
            hurried = hurried + 1 if soon else 0
            if hurried == HURRIED:
                yield f"limits: {HURRIED} polls in a row came each within a second"
                return


def _failing(call: Call, truth: Truth) -> Iterator[str]:
    """Limits: a failing server gets few requests."""
    for _, sents in _by_subject(call.log):
        for fails, group in groupby(sents, key=lambda sent: sent.fails):
            row = list(group) if fails else []
            for number, seconds in FAILING:
                for first, last in zip(row, row[number - 1 :], strict=False):
                    if last.at - first.at < seconds:
                        yield f"limits: {number} requests failed within {seconds:g} s"
                        return


def _refused(call: Call, truth: Truth) -> Iterator[str]:
    """Limits: what is refused for good isn't sent on and on."""
    for _, sents in _by_subject(call.log):
        for refused, group in groupby(sents, key=lambda sent: sent.status if sent.is_refused else None):
            if refused is not None and len(list(group)) >= REFUSED:
                yield f"limits: {REFUSED} requests in a row were answered {refused}"
                return


def _after_end(call: Call, truth: Truth) -> Iterator[str]:
    """The job's end: what was read since isn't read on and on."""
    seen: set[tuple[str, str]] = set()
    ended, repeated = False, 0
    for sent in call.log:
        if sent.state is not None:
            ended = sent.state in ENDS
            seen = seen if ended else set()
        repeated = repeated + (sent.subject in seen) if ended else 0
        if repeated == REPEATED:
            yield f"end: {REPEATED} requests after the job's end brought nothing new"
            return
        if ended and not sent.fails:
            seen.add(sent.subject)


def _credits(call: Call, truth: Truth) -> Iterator[str]:
    """Credits: nothing is paid twice."""
    if truth.jobs > 1:
        yield f"credits: {truth.jobs} jobs were made"
    elif truth.needed is not None and truth.spent > truth.needed:
        yield f"credits: {truth.spent} were spent, and {truth.needed} are needed"


def _routes(call: Call, truth: Truth) -> Iterator[str]:
    """Routes: at least one request reaches the API."""
    if call.log and all(sent.status in (404, 405) for sent in call.log):
        yield "routes: every request was answered 404 or 405"
