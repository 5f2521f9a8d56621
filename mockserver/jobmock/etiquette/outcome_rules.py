"""Rules about the outcome of the client's call: whether it fits the last answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..models import Exchange
from .client_time import longest_pauses
from .evidence import Evidence, compared_texts
from .history import History, Outcome
from .polling_rules import polled_after_end
from .reads_after_end import failing_pages
from .start_rules import started_twice
from .subjects import is_reopening
from .thresholds import THRESHOLDS

_END_OF_CALL: Mapping[str, float] = THRESHOLDS["end_of_call"].value
_UNSEEN_POLLS: int = THRESHOLDS["unseen_polls"].value


def gave_up_early(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client gave up a job that it knew, and that may still have been running."""
    round_, outcome = history.rounds[-1], history.outcome
    if outcome is None or not history.complete or not _knew_job(history) or hides_waits(history):
        return
    passed = history.time.most_elapsed(round_[0], round_[-1])
    patience = history.patience
    if patience is None or passed + _time_after(history, round_, outcome) >= patience:
        return
    last = history.exchanges[-1]
    nothing = outcome.value is not None and outcome.value.empty and history.answers.is_error(last)
    raised = outcome.ended == "raised" or nothing
    if early := (_reason_to_wait_after_raise if raised else _reason_to_wait_after_return)(history, last):
        waited, longest = compared_texts(passed, patience)
        text = f"the call {outcome.ended} after request {last.number} {early}, {waited} after request "
        yield Evidence((last.number,), f"{text}{round_[0].number}; a job may take {longest}")


def hides_waits(history: History) -> bool:
    """Return whether a client may have waited for long without a trace, beside a manual clock."""
    polls = sum(one.operation == "status" for one in history.rounds[-1])
    return history.time.lives == "unseen" and polls >= _UNSEEN_POLLS


def _time_after(history: History, exchanges: Sequence[Exchange], outcome: Outcome) -> float:
    """Return how long the call may have gone on after the last of some exchanges, or would have if it did as told."""
    last = exchanges[-1]
    least = history.settings.scaled(_END_OF_CALL["least"])
    *_, (_, pause) = longest_pauses(exchanges, history.time)
    later = max(least, _END_OF_CALL["times"] * pause) * history.time.speed(exchanges[0], last)
    if history.time.strict or history.time.mode != "manual" or history.time.lives == "clock":
        later = min(later, 0 if outcome.now is None else max(0, outcome.now - last.at))
    told = 0 if last.retry is None else (last.retry - last.at) * history.time.speed(exchanges[0], last)
    return max(later, told)


def unknown_status_as_result(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned although the last status is undocumented."""
    last = _last_with_status(history)
    if not _returned(history) or last is None or not _is_good_answer(history, history.exchanges[-1]):
        return
    if history.answers.is_unknown_status(last):
        text = f"the call returned after request {last.number} had shown {last.state!r}, which no document has"
        yield Evidence((last.number,), text)


def error_as_result(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned something although its last answer was an error.

    A refused start may have been returned as nothing, so it is only a warning where the value isn't known.
    """
    known = ("start", *history.answers.api.reads)
    requests = [exchange for exchange in history.exchanges if exchange.operation in known]
    outcome = history.outcome
    if outcome is None or not _returned(history) or not requests or not history.answers.is_error(requests[-1]):
        return
    if outcome.value is not None and outcome.value.empty:
        return
    last = requests[-1]
    severity = "warning" if outcome.value is None and last.operation == "start" else None
    text = f"the call returned after request {last.number} was answered {last.status}"
    yield Evidence((last.number,), text, severity=severity)


def result_raised_as_error(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client raised although its last answer held the result, and no page failed."""
    last, outcome = history.exchanges[-1], history.outcome
    if outcome is None or outcome.ended != "raised" or outcome.aborted or not history.answers.is_success(last):
        return
    if failing_pages(history):
        return
    # A client that read the end over and over didn't notice it: that is for another rule.
    if not any(evidence.severity is None for evidence in polled_after_end(history)):
        yield Evidence((last.number,), f"the call raised after request {last.number} had shown {last.state!r}")


def result_unread(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned after a success whose results it never asked for."""
    api, last = history.answers.api, history.status_requests[-1] if history.status_requests else None
    if not _returned(history) or last is None or not history.answers.is_success(last) or _has_no_results(history):
        return
    reads = [one for one in history.rounds[-1] if one.operation == api.results_operation]
    if not reads:
        text = f"the call returned after request {last.number} had shown {last.state!r}, and never read the results"
        yield Evidence((last.number,), f"{text} ({api.operation_named(api.results_operation).path})")


def _has_no_results(history: History) -> bool:
    """Return whether it is known that the job has no results in its present step."""
    truth = None if history.outcome is None else history.outcome.truth
    return truth is not None and not truth.shows(truth.plan.stages[truth.state.step])


def _returned(history: History) -> bool:
    return history.outcome is not None and history.outcome.ended == "returned"


def _knew_job(history: History) -> bool:
    """Return whether the client can have known the job: it received its id, or sent requests about it."""
    answers = history.answers
    started = any(exchange.operation == "start" and answers.is_delivered(exchange) for exchange in history.exchanges)
    return history.job is not None and (started or bool(history.status_requests))


def _reason_to_wait_after_raise(history: History, last: Exchange) -> str:
    """Return a description of the last answer if it gave no reason to raise, or else an empty text."""
    answers = history.answers
    if _is_refused_more(history, last):
        return f"was answered {last.status}, while the job that it had reopened was running"
    over = answers.is_end(last) or answers.is_refusal(last) or last.operation == "cancel"
    aborted = history.outcome is not None and history.outcome.aborted
    if over or answers.is_unknown_status(last) or answers.is_doubtful(last) or aborted:
        return ""
    if not answers.is_delivered(last):
        return "got no answer that can be read"
    if answers.is_error(last):
        return f"was answered {last.status}"
    if _saw_end(history):
        return ""
    return f"had shown {last.state!r}" if last.state else "was accepted"


def _is_refused_more(history: History, last: Exchange) -> bool:
    """Return whether a `more` was refused because one before it had reopened the job, which still runs."""
    reopened = is_reopening(history.rounds[-1][0]) and not _saw_end(history)
    refused = last.operation == "more" and history.answers.is_refusal(last)
    return refused and reopened and not any(started_twice(history))


def _reason_to_wait_after_return(history: History, last: Exchange) -> str:
    """Return a description of the last status if the job was still running, or else an empty text."""
    state = _last_with_status(history)
    if state is None or not history.answers.is_running(state) or not _is_good_answer(history, last):
        return ""
    if last.operation == "cancel" or _saw_end(history):
        return ""
    return f"({state.state!r} was the last status that it received)"


def _last_with_status(history: History) -> Exchange | None:
    """Return the last answer with a status since the job was started or reopened."""
    return next((read for read in reversed(history.rounds[-1]) if history.answers.job_status(read) is not None), None)


def _saw_end(history: History) -> bool:
    """Return whether the client received a terminal status: an API that then takes it back excuses the client."""
    return any(map(history.answers.is_end, history.rounds[-1]))


def _is_good_answer(history: History, last: Exchange) -> bool:
    """Return whether the last answer is neither an error nor doubtful; either would outweigh earlier answers."""
    return not history.answers.is_error(last) and not history.answers.is_doubtful(last)
