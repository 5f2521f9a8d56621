"""A client's history: the exchanges of each job, and the answers that the client can have read.

An answer is *delivered* unless it was lost. An answer with the content type of a web page is *doubtful*: some clients
read it and some don't, so rules neither blame the client for it nor assume that the client knows its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from ..clock import SECOND
from ..dialect.api import Api
from ..engine.journal import Journal
from ..engine.lost_jobs import why_lost
from ..models import Exchange
from .rule_settings import RuleSettings

_DOUBTFUL_FAULT = "corrupt wrong_content_type"
_TEMPORARY_REFUSALS = frozenset({408, 425, 429})
"""Statuses of refusals that are temporary; every other 4xx is final."""


class Evidence(NamedTuple):
    """The evidence of a broken rule: the numbers of the exchanges, and a sentence without its full stop."""

    exchanges: tuple[int, ...]
    text: str
    job: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedAnswers:
    """Reads what the client learned from an API's answers; `lost` are the numbers of the exchanges without one."""

    api: Api
    lost: AbstractSet[int]

    def is_delivered(self, exchange: Exchange) -> bool:
        """Return whether the client received the answer."""
        return exchange.number not in self.lost

    def is_doubtful(self, exchange: Exchange) -> bool:
        """Return whether the client may have read the answer, or may have rejected it."""
        return exchange.fault == _DOUBTFUL_FAULT and exchange.number in self.lost

    def job_status(self, exchange: Exchange) -> str | None:
        """Return the job's status in a received answer; None for errors, and for a job that can't be found."""
        return exchange.state if self.is_delivered(exchange) and exchange.status < 300 else None

    def is_end(self, exchange: Exchange) -> bool:
        """Return whether the client received a terminal status."""
        return self.job_status(exchange) in self.api.terminal

    def is_success(self, exchange: Exchange) -> bool:
        """Return whether the client received the success: the terminal status that shows everybody."""
        state = self.job_status(exchange)
        return state in self.api.terminal and self.api.shows.get(state or "") == "all"

    def is_running(self, exchange: Exchange) -> bool:
        """Return whether the client received a documented status that isn't terminal."""
        return bool(self.api.transitions.get(self.job_status(exchange) or ""))

    def is_unknown_status(self, exchange: Exchange) -> bool:
        """Return whether the client received an undocumented status."""
        state = self.job_status(exchange)
        return state is not None and state not in self.api.transitions

    def is_refusal(self, exchange: Exchange) -> bool:
        """Return whether the client received a final refusal."""
        final = 400 <= exchange.status < 500 and exchange.status not in _TEMPORARY_REFUSALS
        return final and self.is_delivered(exchange)

    def is_error(self, exchange: Exchange) -> bool:
        """Return whether the client received an error of any kind."""
        return self.is_delivered(exchange) and exchange.status >= 400


@dataclass(frozen=True, kw_only=True)
class History:
    """The exchanges of one job, oldest first; `job` is None for starts that created none.

    It is `complete` unless the journal may have dropped its beginning. It is `aborted` if a request that belongs to
    no job failed after its last exchange. `outcome` and `now` are how and when the client's call ended.
    """

    job: str | None
    exchanges: Sequence[Exchange]
    answers: ReceivedAnswers
    settings: RuleSettings
    complete: bool = True
    aborted: bool = False
    outcome: str | None = None
    now: int = 0

    @cached_property
    def status_requests(self) -> list[Exchange]:
        """The status requests, those for pages included."""
        return [exchange for exchange in self.exchanges if exchange.operation == "status"]

    @cached_property
    def is_lost_by_server(self) -> bool:
        """Whether the server itself lost the job, to make room: no rule blames the client for that."""
        return any(why_lost(exchange.note) for exchange in self.exchanges)

    @cached_property
    def rounds(self) -> list[list[Exchange]]:
        """The exchanges, cut where the job was reopened."""
        rounds: list[list[Exchange]] = [[]]
        for exchange in self.exchanges:
            if is_reopening(exchange):
                rounds.append([])
            rounds[-1].append(exchange)
        return rounds

    @cached_property
    def reads_after_ends(self) -> list[list[Exchange]]:
        """The status requests from each end that the client saw until the job ran again, the end itself included.

        The last list is empty if the job hasn't ended, or runs again.
        """
        ends: list[list[Exchange]] = [[]]
        for exchange in self.exchanges:
            again = self.answers.job_status(exchange) is not None and not self.answers.is_end(exchange)
            if ends[-1] and (again or is_reopening(exchange)):
                ends.append([])
            elif exchange.operation == "status" and (ends[-1] or self.answers.is_end(exchange)):
                ends[-1].append(exchange)
        return ends

    def repeated_polls(self, reads: Sequence[Exchange]) -> set[int]:
        """Return the numbers of the reads since an end that repeat its request, and so are polls and no page walk.

        The first such read may begin a page walk.
        """
        polls, walking = set[int](), False
        for read in takewhile(lambda read: read.query == reads[0].query, reads[1:]):
            if walking:
                polls.add(read.number)
            walking = walking or self.answers.is_end(read)
        return polls

    def with_outcome(self, outcome: str, whole: History, now: int | None) -> History:
        """Return the history with how and when the client's call ended; by default, at the last exchange of `whole`."""
        answers, last = self.answers, self.exchanges[-1].number if self.exchanges else 0
        later = [one for one in whole.exchanges if one.number > last and job_of(one, answers.api) is None]
        aborted = any(answers.is_error(one) or not answers.is_delivered(one) for one in later)
        now = now if now is not None else max((one.at for one in whole.exchanges), default=0)
        return replace(self, outcome=outcome, aborted=aborted, now=now)


def client_history(journal: Journal, api: Api, settings: RuleSettings) -> History:
    """Return all exchanges of one API in a journal."""
    exchanges = [exchange for exchange in journal if exchange.api == api.name]
    answers = ReceivedAnswers(api=api, lost=journal.lost)
    return History(job=None, exchanges=exchanges, answers=answers, settings=settings, complete=journal.dropped == 0)


def job_histories(whole: History) -> list[History]:
    """Return the history of each job; one that begins with the start is complete, whatever the journal dropped."""
    jobs: dict[str, list[Exchange]] = {}
    for exchange in whole.exchanges:
        if (job := job_of(exchange, whole.answers.api)) is not None:
            jobs.setdefault(job, []).append(exchange)
    return [
        replace(whole, job=job, exchanges=exchanges, complete=whole.complete or exchanges[0].operation == "start")
        for job, exchanges in jobs.items()
    ]


def is_reopening(exchange: Exchange) -> bool:
    """Return whether an exchange made a finished job run again, even if the client doesn't know."""
    return exchange.operation == "more" and exchange.status < 300


@lru_cache(maxsize=256)
def requested_page(query: str) -> str | None:
    """Return the page in a query, or None."""
    return dict(parse_qsl(query)).get("page")


def is_page_request(exchange: Exchange) -> bool:
    """Return whether an exchange requests a page of an API with pages."""
    return exchange.page is not None or (exchange.status >= 400 and requested_page(exchange.query) is not None)


def subject(exchange: Exchange) -> tuple[str | None, ...]:
    """Return the subject of a request. Each page is its own subject, because a client may read several at once."""
    page = requested_page(exchange.query) or "1"
    return exchange.operation, exchange.intent or exchange.path, page if exchange.operation == "status" else None


def group_by_subject(exchanges: Sequence[Exchange]) -> list[list[Exchange]]:
    """Return the exchanges, grouped by their subject."""
    groups: dict[tuple[str | None, ...], list[Exchange]] = {}
    for exchange in exchanges:
        groups.setdefault(subject(exchange), []).append(exchange)
    return list(groups.values())


def streaks(exchanges: Sequence[Exchange], holds: Callable[[Exchange], bool]) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of each longest sequence of neighbours that fulfil a condition."""
    start = None
    for index, exchange in enumerate(exchanges):
        if holds(exchange):
            start = index if start is None else start
        elif start is not None:
            yield start, index
            start = None
    if start is not None:
        yield start, len(exchanges)


def job_of(exchange: Exchange, api: Api) -> str | None:
    """Return the job that a request is about, even if no such job exists."""
    if exchange.job is not None:
        return exchange.job
    for operation in api.operations:
        if operation.name == exchange.operation and "{job}" in operation.path:
            segments, place = exchange.path.split("/"), operation.path.split("/").index("{job}")
            return unquote(segments[place]) if place < len(segments) else None
    return None


def seconds_text(nanoseconds: int) -> str:
    """Return a duration as text for evidence."""
    return f"{round(nanoseconds / SECOND, 3):.12g} s"
