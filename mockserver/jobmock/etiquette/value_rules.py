"""Rules about the value that the client's call returned, compared with the job itself."""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.progression import Stage
from ..models import Exchange
from .evidence import Evidence
from .history import History
from .returned_value import ReturnedValue


def failure_as_nothing(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned nothing for a job that failed, was cancelled, or was refused."""
    value, last = _value(history), _last_read(history)
    if value is None or not value.empty or last is None or history.job is None or _was_cancelled(history):
        return
    answers = history.answers
    if answers.is_end(last) and not answers.is_success(last):
        yield Evidence((last.number,), f"the call returned nothing; request {last.number} had shown {last.state!r}")
    elif answers.is_refusal(last):
        yield Evidence((last.number,), f"the call returned nothing; request {last.number} was answered {last.status}")


def result_as_nothing(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned nothing for a job whose success showed it a result."""
    value, last, stage = _value(history), _last_read(history), _only_success(history)
    if value is None or not value.empty or last is None or stage is None or not history.answers.is_success(last):
        return
    assert history.outcome is not None
    if history.outcome.truth is not None and history.outcome.truth.shows(stage) and not history.outcome.aborted:
        yield Evidence((last.number,), f"the call returned nothing; request {last.number} had shown {last.state!r}")


def wrong_status(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned another status than that of the job's end."""
    value, last = _value(history), _last_read(history)
    if value is None or last is None or value.status not in history.answers.api.transitions:
        return
    end = next((one for one in reversed(history.status_requests) if history.answers.is_end(one)), None)
    if end is not None and value.status != end.state and not history.answers.is_running(last):
        text = f"the call returned {value.status!r}, and request {end.number} had shown {end.state!r}"
        yield Evidence((end.number,), text)


def wrong_count(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned another number of people than the job's success shows."""
    counts = _counts(history)
    if counts is not None and (value := counts[0]).count != counts[1]:
        end, noun = counts[2], counts[3][value.count != 1]
        yield Evidence((end.number,), f"the call returned {value.count} {noun}, and the job had {counts[1]}")


def twice(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned somebody twice, and the number is right."""
    counts = _counts(history)
    if counts is not None and (value := counts[0]).count == counts[1] and value.repeated:
        noun = counts[3][value.repeated > 1]
        yield Evidence((counts[2].number,), f"the call returned {value.repeated} {noun} twice")


def partial_as_whole(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned a result whose answer says that parts are missing, and doesn't say so."""
    value, last = _value(history), _last_success(history)
    if value is None or value.empty or last is None or last.partial is None or last.partial in value.members:
        return
    text = f"the call returned a result without {last.partial!r}, and request {last.number} had it"
    yield Evidence((last.number,), text)


def _value(history: History) -> ReturnedValue | None:
    outcome = history.outcome
    return outcome.value if outcome is not None and outcome.ended == "returned" else None


def _last_read(history: History) -> Exchange | None:
    return history.status_requests[-1] if history.status_requests else None


def _last_success(history: History) -> Exchange | None:
    return next((one for one in reversed(history.status_requests) if history.answers.is_success(one)), None)


def _was_cancelled(history: History) -> bool:
    """Return whether the client itself cancelled the job."""
    return any(one.operation == "cancel" and one.status < 300 for one in history.exchanges)


def _counts(history: History) -> tuple[ReturnedValue, int, Exchange, tuple[str, str]] | None:
    """Return the value, the number of people that the job shows, the answer that showed it, and their noun.

    None where the value has no records, or where numbers mean nothing for this job.
    """
    value, end = _value(history), _last_success(history)
    if value is None or value.count is None or end is None or history.outcome is None:
        return None
    job, stage = history.outcome.truth, _only_success(history)
    if job is None or stage is None:
        return None
    api = history.answers.api
    nouns = api.result_nouns[api.kind(job.plan.scenario.run_shape)]
    return (value, job.shows(stage), end, nouns) if nouns[1] else None


def _only_success(history: History) -> Stage | None:
    """Return the one step that showed the client success, unless it changes its pages or its body on purpose.

    If results are read elsewhere, that step must be the last one: another one may hold when they are read.
    """
    if history.outcome is None:
        return None
    job, terminal = history.outcome.truth, history.answers.api.terminal
    ends = {one.step for one in history.rounds[-1] if one.operation == "status" and one.state in terminal}
    if len(ends) != 1 or job is None:
        return None
    number = (ends.pop() or 1) - 1
    if number >= len(job.plan.stages):
        return None
    stage = job.plan.stages[number]
    step = stage.step
    if step.after is not None and history.answers.api.results_operation != "status":
        return None
    honest = history.answers.api.is_success(step.status) and not (step.pages or step.body or step.omit or step.violates)
    return stage if honest else None
