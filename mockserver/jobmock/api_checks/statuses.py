"""Checks the statuses of an API: each can be reached, each job can end, and one end is the success."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..engine.progression import ABSENT, SHOWS
from ..engine.transitions import illegal_steps
from ..errors import Problem, short_repr
from .checked_api import CheckedApi, hint


def check_statuses(subject: CheckedApi) -> Iterator[Problem]:
    """Yield what is wrong with `transitions` and `shows`."""
    transitions = {status: frozenset(following) for status, following in subject.api.transitions.items()}
    if not transitions:
        yield subject.at("transitions", message="`transitions` has no status. It needs one with which a job begins.")
        return
    yield from _unknown(subject, transitions)
    known = {status: following & transitions.keys() for status, following in transitions.items()}
    yield from _unreachable(subject, known)
    yield from _endless(subject, known)
    yield from _shows(subject)
    yield from _continuation(subject, known)


def _unknown(subject: CheckedApi, transitions: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    for status, following in transitions.items():
        for name in sorted(following - transitions.keys()):
            text = f"After {status!r} comes {name!r}, which is no status of `transitions`."
            yield subject.at("transitions", status, message=f"{text} {_allowed(name, transitions)}")
    if ABSENT in transitions:
        text = f"{ABSENT!r} is the step in which a job can't be found, so no status may have that name."
        yield subject.at("transitions", ABSENT, message=text)


def _unreachable(subject: CheckedApi, transitions: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    """Yield the statuses that no job reaches. A job begins with the first one, or with one that follows no other."""
    followers = frozenset[str]().union(*transitions.values())
    first = next(iter(transitions))
    begins = {first, *(status for status, following in transitions.items() if following and status not in followers)}
    reached = _closure(begins, transitions)
    for status in transitions:
        if status not in reached:
            text = f"No job reaches the status {status!r}: one begins with {_listed(begins)}, and none leads to it."
            yield subject.at("transitions", status, message=text)


def _endless(subject: CheckedApi, transitions: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    for status, following in transitions.items():
        if following and not _closure({status}, transitions) & subject.api.terminal:
            ends = f"Last ones: {_listed(subject.api.terminal) or 'none'}."
            text = f"A job never ends after {status!r}: no way leads to a last status. {ends}"
            yield subject.at("transitions", status, message=text)


def _shows(subject: CheckedApi) -> Iterator[Problem]:
    api = subject.api
    for status in api.transitions:
        if status not in api.shows:
            text = f"`shows` doesn't say how many results {status!r} shows. Allowed: {', '.join(SHOWS)}."
            yield subject.at("shows", message=text)
    for status, word in api.shows.items():
        if status not in api.transitions:
            text = f"`shows` has {status!r}, which is no status of `transitions`. {_allowed(status, api.transitions)}"
            yield subject.at("shows", status, message=text)
        if word not in SHOWS:
            text = f"{status!r} shows {short_repr(word)}. Allowed: {', '.join(SHOWS)}.{hint(word, SHOWS)}"
            yield subject.at("shows", status, message=text)
    if not any(api.is_success(status) for status in api.transitions):
        text = "There is no success: a status without a following one, which shows 'all' results."
        yield subject.at("shows", message=text)


def _continuation(subject: CheckedApi, transitions: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    """Yield what is wrong with the steps of a job that runs again."""
    api, steps = subject.api, subject.api.continuation
    if not steps and any(operation.name == "more" for operation in api.operations):
        text = "There is an operation 'more', and `continuation` has no steps for the job that runs again."
        yield subject.at("continuation", message=text)
    for number, step in enumerate(steps):
        if step.status not in api.transitions:
            text = f"`continuation` has the status {step.status!r}. {_allowed(step.status, api.transitions)}"
            yield subject.at("continuation", number, "status", message=text)
    for number, before, status in illegal_steps(steps, transitions):
        text = f"In `continuation` comes {status!r} after {before!r}, and `transitions` don't allow that."
        yield subject.at("continuation", number, "status", message=text)
    if steps and steps[-1].status in transitions and steps[-1].status not in api.terminal:
        text = f"`continuation` ends with {steps[-1].status!r}, which is no last status. {_allowed('', api.terminal)}"
        yield subject.at("continuation", len(steps) - 1, "status", message=text)


def _closure(begins: Iterable[str], transitions: Mapping[str, frozenset[str]]) -> set[str]:
    """Return these statuses, and all to which a way leads from them."""
    reached, waiting = set[str](), list(begins)
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting += transitions[status]
    return reached


def _allowed(name: str, known: Iterable[str]) -> str:
    return f"Allowed: {', '.join(known)}.{hint(name, known)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, sorted(names)))
