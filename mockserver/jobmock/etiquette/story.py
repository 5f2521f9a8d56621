"""What a journal tells of a client: one story for each job, and what of it the client can have read.

An answer is *delivered* unless it was lost. One that was merely called a web page is *doubtful*: some clients read it
and some don't, so it is neither held against a client nor taken for something it was told.
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
from ..models import Exchange
from .manners import Manners

_DOUBTFUL = "corrupt wrong_content_type"
_PASSING = frozenset({408, 425, 429})
"""Refusals that may pass; asking again doesn't change any other."""


class Evidence(NamedTuple):
    """What a rule saw: the exchanges, by their numbers, and a sentence about them without its full stop."""

    exchanges: tuple[int, ...]
    text: str
    job: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What arrived of an API's answers."""

    api: Api
    lost: AbstractSet[int]

    def delivered(self, exchange: Exchange) -> bool:
        """Say whether the client has the answer."""
        return exchange.number not in self.lost

    def doubtful(self, exchange: Exchange) -> bool:
        """Say whether the client may have the answer, or may have refused to read it."""
        return exchange.fault == _DOUBTFUL and exchange.number in self.lost

    def state(self, exchange: Exchange) -> str | None:
        """Return the job's status if the client was told it; a job that can't be found has none."""
        return exchange.state if self.delivered(exchange) and exchange.status < 300 else None

    def ends(self, exchange: Exchange) -> bool:
        """Say whether the client was told that the job is at its end."""
        return self.state(exchange) in self.api.terminal

    def succeeds(self, exchange: Exchange) -> bool:
        """Say whether the client was told of success: the end that shows everything."""
        state = self.state(exchange)
        return state in self.api.terminal and self.api.shows.get(state or "") == "all"

    def runs(self, exchange: Exchange) -> bool:
        """Say whether the client was told a documented status that others follow."""
        return bool(self.api.transitions.get(self.state(exchange) or ""))

    def puzzles(self, exchange: Exchange) -> bool:
        """Say whether the client was told a status that no document has."""
        state = self.state(exchange)
        return state is not None and state not in self.api.transitions

    def refused(self, exchange: Exchange) -> bool:
        """Say whether the client was refused for good."""
        return self.delivered(exchange) and 400 <= exchange.status < 500 and exchange.status not in _PASSING

    def failed(self, exchange: Exchange) -> bool:
        """Say whether the client was answered with an error of any kind."""
        return self.delivered(exchange) and exchange.status >= 400


@dataclass(frozen=True, kw_only=True)
class Story:
    """What a client did with one job (`job` is None for starts that made none), oldest first.

    It is `whole` unless the journal may have dropped its beginning; it is `aborted` if something that belongs to no job
    failed after its last exchange. `outcome` and `now` are how and when the client's call ended.
    """

    job: str | None
    exchanges: Sequence[Exchange]
    answers: Answers
    manners: Manners
    whole: bool = True
    aborted: bool = False
    outcome: str | None = None
    now: int = 0

    @cached_property
    def reads(self) -> list[Exchange]:
        """The status requests, those for pages included."""
        return [exchange for exchange in self.exchanges if exchange.operation == "status"]

    @cached_property
    def rounds(self) -> list[list[Exchange]]:
        """The exchanges, cut where the job was reopened."""
        rounds: list[list[Exchange]] = [[]]
        for exchange in self.exchanges:
            if reopens(exchange):
                rounds.append([])
            rounds[-1].append(exchange)
        return rounds

    @cached_property
    def ends(self) -> list[list[Exchange]]:
        """For each end that the client was told of: that answer, and what it read from then on until the job ran again.

        The last list is empty if the job hasn't ended, or runs again.
        """
        ends: list[list[Exchange]] = [[]]
        for exchange in self.exchanges:
            again = self.answers.state(exchange) is not None and not self.answers.ends(exchange)
            if ends[-1] and (again or reopens(exchange)):
                ends.append([])
            elif exchange.operation == "status" and (ends[-1] or self.answers.ends(exchange)):
                ends[-1].append(exchange)
        return ends

    def polls_on(self, reads: Sequence[Exchange]) -> set[int]:
        """Return which of the reads since an end are polls, though of a page: they only repeat what told the end.

        The first such read may begin a page walk.
        """
        polls, walking = set[int](), False
        for read in takewhile(lambda read: read.query == reads[0].query, reads[1:]):
            if walking:
                polls.add(read.number)
            walking = walking or self.answers.ends(read)
        return polls

    def ended(self, outcome: str, whole: Story, now: int | None) -> Story:
        """Return the same story, with how and when the client's call ended: by default, at the last exchange of all."""
        answers, last = self.answers, self.exchanges[-1].number if self.exchanges else 0
        later = [one for one in whole.exchanges if one.number > last and job_of(one, answers.api) is None]
        aborted = any(answers.failed(one) or not answers.delivered(one) for one in later)
        now = now if now is not None else max((one.at for one in whole.exchanges), default=0)
        return replace(self, outcome=outcome, aborted=aborted, now=now)


def whole_story(journal: Journal, api: Api, manners: Manners) -> Story:
    """Return all that a client of the API did; what a journal has of other APIs is left out."""
    exchanges = [exchange for exchange in journal if exchange.api == api.name]
    answers = Answers(api=api, lost=journal.lost)
    return Story(job=None, exchanges=exchanges, answers=answers, manners=manners, whole=journal.dropped == 0)


def stories_of_jobs(whole: Story) -> list[Story]:
    """Return what was done with each job. A job whose start is there has its beginning, whatever was dropped."""
    jobs: dict[str, list[Exchange]] = {}
    for exchange in whole.exchanges:
        if (job := job_of(exchange, whole.answers.api)) is not None:
            jobs.setdefault(job, []).append(exchange)
    return [
        replace(whole, job=job, exchanges=exchanges, whole=whole.whole or exchanges[0].operation == "start")
        for job, exchanges in jobs.items()
    ]


def reopens(exchange: Exchange) -> bool:
    """Say whether it made a finished job run again, whether or not the client knows."""
    return exchange.operation == "more" and exchange.status < 300


@lru_cache(maxsize=256)
def page_asked(query: str) -> str | None:
    """Return the page that a query names, or None."""
    return dict(parse_qsl(query)).get("page")


def reads_page(exchange: Exchange) -> bool:
    """Say whether it asks for a page, of an API that has pages as far as the answer shows."""
    return exchange.page is not None or (exchange.status >= 400 and page_asked(exchange.query) is not None)


def subject(exchange: Exchange) -> tuple[str | None, ...]:
    """Return what a request is about. Pages are told apart, because a client may read several at once."""
    page = page_asked(exchange.query) or "1"
    return exchange.operation, exchange.intent or exchange.path, page if exchange.operation == "status" else None


def by_subject(exchanges: Sequence[Exchange]) -> list[list[Exchange]]:
    """Return the exchanges, grouped by what they are about."""
    groups: dict[tuple[str | None, ...], list[Exchange]] = {}
    for exchange in exchanges:
        groups.setdefault(subject(exchange), []).append(exchange)
    return list(groups.values())


def runs(exchanges: Sequence[Exchange], holds: Callable[[Exchange], bool]) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of each longest row of neighbours for which it holds."""
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
    """Return the job that a request is about, also where nobody has such a job."""
    if exchange.job is not None:
        return exchange.job
    for operation in api.operations:
        if operation.name == exchange.operation and "{job}" in operation.path:
            return unquote(exchange.path.split("/")[operation.path.split("/").index("{job}")])
    return None


def seconds(nanoseconds: int) -> str:
    """Return a length of time as it is said in evidence."""
    return f"{round(nanoseconds / SECOND, 3):.12g} s"
