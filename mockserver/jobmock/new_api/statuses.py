"""Guesses the meaning of statuses from their words: which are last ones, and what may follow which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .words import parts_of

USUAL = ("queued", "running", "completed", "failed")
"""The statuses of an API whose document names none."""
_SUCCESS = frozenset({
    "succeeded", "success", "successful", "completed", "complete", "done", "finished", "ended", "ready", "processed",
    "resolved", "ok",
})  # fmt: skip
_FAILURE = frozenset({
    "failed", "failure", "error", "errored", "cancelled", "canceled", "expired", "rejected", "aborted", "timedout",
    "timeout", "terminated", "stopped", "killed", "incomplete", "dead", "deleted", "crashed", "invalid",
})  # fmt: skip
_FIRST = frozenset({
    "new", "created", "pending", "queued", "submitted", "scheduled", "waiting", "accepted", "received", "validating",
    "initialized",
})  # fmt: skip
_AT_WORK = frozenset({
    "running", "progress", "processing", "started", "working", "executing", "ongoing", "inprogress", "building",
})  # fmt: skip
_LATE = frozenset({"finalizing", "finishing", "completing", "ending"})
_ASIDE = frozenset({
    "cancelling", "canceling", "stopping", "pausing", "paused", "failing", "retrying", "deleting", "expiring",
})  # fmt: skip
_CANCELLED = frozenset({"cancelled", "canceled", "aborted", "stopped", "terminated", "killed"})
_IN_ORDER = (_FIRST, frozenset[str](), _LATE, _ASIDE)
_UNFINISHED = re.compile(r"(not|un|in)[_ -]?(?=started|finished|ready|complete)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statuses:
    """The statuses of an API: which may follow each one, how many results each shows, and the usual way of a job."""

    transitions: Mapping[str, Sequence[str]]
    shows: Mapping[str, str]
    usual: Sequence[str]
    cancelled: str | None
    """The status of a job that was cancelled: without such a word, that of a failure."""
    is_cancelled_guessed: bool
    """Whether it is that of a failure."""


def are_of_a_job(words: Sequence[str]) -> bool:
    """Return whether some of these words are of a job that waits or runs, and some of one that is over."""
    at_work = _FIRST | _AT_WORK | _LATE | _ASIDE
    ends = _SUCCESS | _FAILURE
    return any(_is(word, at_work) for word in words) and any(_is(word, ends) for word in words)


def guessed(words: Sequence[str]) -> Statuses:
    """Return what the statuses probably mean, in order: those of a job at work, then the last ones."""
    ends = [word for word in words if _is(word, _SUCCESS) or _is(word, _FAILURE)]
    successes = [word for word in ends if not _is(word, _FAILURE)]
    if not successes:
        others = [word for word in words if word not in ends]
        successes = [others[-1] if others else words[-1]]
        ends = [*dict.fromkeys([*ends, *successes])]
    at_work = sorted((word for word in words if word not in ends), key=_place)
    ends = [*successes, *(word for word in ends if word not in successes)]
    cancelled = next((word for word in ends if _is(word, _CANCELLED)), None)
    transitions = {word: (*at_work[number + 1 :], *ends) for number, word in enumerate(at_work)}
    return Statuses(
        {**transitions, **dict.fromkeys(ends, ())},
        {word: "all" if word in successes else "nobody" for word in [*at_work, *ends]},
        [*(word for word in at_work if not _is(word, _ASIDE)), successes[0]],
        cancelled or next((word for word in ends if word not in successes), None),
        cancelled is None,
    )


def _is(word: str, meaning: frozenset[str]) -> bool:
    return bool(meaning & _parts(word))


def _parts(word: str) -> set[str]:
    """Return the parts of a word in lower case. `not_started` and `NotReady` have none of the meaning of the rest."""
    if _UNFINISHED.search(word):
        return {"incomplete"} if word.lower() == "incomplete" else {"pending"}
    parts = parts_of(word)
    return {*parts, "".join(parts)}


def _place(word: str) -> int:
    """Return where a status of a job at work probably is: at the beginning, in the middle or near the end."""
    return next((number for number, known in enumerate(_IN_ORDER) if _is(word, known)), 1)
