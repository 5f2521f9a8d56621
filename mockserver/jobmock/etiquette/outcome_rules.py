"""Rules about the outcome of the client's call: whether it fits the last answer."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Exchange
from .history import Evidence, History, seconds_text


def gave_up_early(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client gave up a job that it knew, and that may still have been running."""
    first = history.rounds[-1][0]
    passed, patience = history.now - first.at, history.answers.api.longest_job
    if passed >= patience or not history.complete or not _knew_job(history):
        return
    last = history.exchanges[-1]
    find_reason = _reason_to_wait_after_raise if history.outcome == "raised" else _reason_to_wait_after_return
    if early := find_reason(history, last):
        waited = f"{seconds_text(passed)} after request {first.number}; a job may take {seconds_text(patience)}"
        yield Evidence((last.number,), f"the call {history.outcome} after request {last.number} {early}, {waited}")


def unknown_status_as_result(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned although the last status is undocumented."""
    last = _last_with_status(history)
    if history.outcome != "returned" or last is None or not _is_good_answer(history, history.exchanges[-1]):
        return
    if history.answers.is_unknown_status(last):
        text = f"the call returned after request {last.number} had shown {last.state!r}, which no document has"
        yield Evidence((last.number,), text)


def error_as_result(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client returned although its last answer was an error."""
    requests = [exchange for exchange in history.exchanges if exchange.operation in ("start", "status")]
    if history.outcome == "returned" and requests and history.answers.is_error(requests[-1]):
        number, status = requests[-1].number, requests[-1].status
        yield Evidence((number,), f"the call returned after request {number} was answered {status}")


def result_as_failure(history: History) -> Iterator[Evidence]:
    """Yield evidence if the client raised although its last answer held the result."""
    last = history.exchanges[-1]
    if history.outcome != "raised" or history.aborted or not history.answers.is_success(last):
        return
    # A client that read the end twice didn't notice it: that is for another rule.
    if not any(read.query == last.query and history.answers.is_end(read) for read in history.reads_after_ends[-1][:-1]):
        yield Evidence((last.number,), f"the call raised after request {last.number} had shown {last.state!r}")


def _knew_job(history: History) -> bool:
    """Return whether the client can have known the job: it received its id, or sent requests about it."""
    answers = history.answers
    started = any(exchange.operation == "start" and answers.is_delivered(exchange) for exchange in history.exchanges)
    return history.job is not None and (started or bool(history.status_requests))


def _reason_to_wait_after_raise(history: History, last: Exchange) -> str:
    """Return a description of the last answer if it gave no reason to raise, or else an empty text."""
    answers = history.answers
    over = answers.is_end(last) or answers.is_refusal(last) or last.operation == "cancel"
    if over or answers.is_unknown_status(last) or answers.is_doubtful(last) or history.aborted:
        return ""
    if not answers.is_delivered(last):
        return "got no answer that can be read"
    if answers.is_error(last):
        return f"was answered {last.status}"
    if _saw_end(history):
        return ""
    return f"had shown {last.state!r}" if last.state else "was accepted"


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
