"""Rules about how the client's call ended: what it made of the last answer."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Exchange
from .story import Evidence, Story, seconds


def gave_up_early(story: Story) -> Iterator[Evidence]:
    """Yield if the client left a job that it knew of while it may well have been at work."""
    first = story.rounds[-1][0]
    passed, patience = story.now - first.at, story.answers.api.patience
    if passed >= patience or not story.whole or not _known(story):
        return
    last = story.exchanges[-1]
    early = _raised_early(story, last) if story.outcome == "raised" else _returned_early(story, last)
    if early:
        waited = f"{seconds(passed)} after request {first.number}; a job may take {seconds(patience)}"
        yield Evidence((last.number,), f"the call {story.outcome} after request {last.number} {early}, {waited}")


def unknown_status_as_result(story: Story) -> Iterator[Evidence]:
    """Yield if the client returned when it was told a status that no document has."""
    told = _last_told(story)
    if story.outcome == "returned" and told and story.answers.puzzles(told) and _clear(story, story.exchanges[-1]):
        text = f"the call returned after request {told.number} had told {told.state!r}, which no document has"
        yield Evidence((told.number,), text)


def error_as_result(story: Story) -> Iterator[Evidence]:
    """Yield if the client returned on an answer that was an error."""
    asked = [exchange for exchange in story.exchanges if exchange.operation in ("start", "status")]
    if story.outcome == "returned" and asked and story.answers.failed(asked[-1]):
        number, status = asked[-1].number, asked[-1].status
        yield Evidence((number,), f"the call returned after request {number} was answered {status}")


def result_as_failure(story: Story) -> Iterator[Evidence]:
    """Yield if the client raised on the answer that brought the result."""
    last = story.exchanges[-1]
    if story.outcome != "raised" or story.aborted or not story.answers.succeeds(last):
        return
    # who read it twice didn't see the end in it, which is another rule's matter
    if not any(read.query == last.query and story.answers.ends(read) for read in story.ends[-1][:-1]):
        yield Evidence((last.number,), f"the call raised after request {last.number} had told {last.state!r}")


def _known(story: Story) -> bool:
    """Say whether the client can have known the job: it was told of it, or asked for it."""
    answers = story.answers
    started = any(exchange.operation == "start" and answers.delivered(exchange) for exchange in story.exchanges)
    return story.job is not None and (started or bool(story.reads))


def _raised_early(story: Story, last: Exchange) -> str:
    """Return what the last answer was, if it gave no reason to raise."""
    answers = story.answers
    over = answers.ends(last) or answers.refused(last) or answers.puzzles(last) or last.operation == "cancel"
    if over or answers.doubtful(last) or story.aborted:
        return ""
    if not answers.delivered(last):
        return "got no answer that can be read"
    if answers.failed(last):
        return f"was answered {last.status}"
    if _ended_before(story):
        return ""
    return f"had told {last.state!r}" if last.state else "was accepted"


def _returned_early(story: Story, last: Exchange) -> str:
    """Return what the client was told last, if that was a job at work."""
    state = _last_told(story)
    if state is None or not story.answers.runs(state) or not _clear(story, last):
        return ""
    if last.operation == "cancel" or _ended_before(story):
        return ""
    return f"({state.state!r} was what it had been told last)"


def _last_told(story: Story) -> Exchange | None:
    """Return the last answer that told a status since the job began, or was reopened."""
    return next((read for read in reversed(story.rounds[-1]) if story.answers.state(read) is not None), None)


def _ended_before(story: Story) -> bool:
    """Say whether the client was told of an end already: an API that goes back on that excuses it."""
    return any(map(story.answers.ends, story.rounds[-1]))


def _clear(story: Story, last: Exchange) -> bool:
    """Say whether the last answer is no error and no doubtful one: those say more than what was told before."""
    return not story.answers.failed(last) and not story.answers.doubtful(last)
