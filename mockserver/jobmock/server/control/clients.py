"""The clients of a server, one for each namespace: the verdict on each, and its story as text."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ... import apis
from ...client_reports.activity import ClientActivity, titles_of
from ...client_reports.story import MOST_LINES, story
from ...clock import SECOND, Clock
from ...engine.journal import Journal
from ...engine.namespace import Namespace, Namespaces
from ...etiquette import Verdict, judge
from ...models import Exchange
from .fields import Body, fields
from .long_calls import LongCall, page_of
from .selection import OF_PAGES, Selection, selection

PAGE = 2_000
"""A page ends with the namespace that completes so many exchanges, where a namespace counts as one too."""
_ALL_FINDINGS = "GET findings as JSON has all of them"


class Client(NamedTuple):
    """The client of one API with one key. Without a namespace, its requests had no key that opens one."""

    api: str
    namespace: Namespace | None
    journal: Journal
    clock: Clock

    @property
    def name(self) -> str | None:
        """The public name of the namespace."""
        return None if self.namespace is None else self.namespace.name

    def verdict(self) -> Verdict:
        """Judge the client by its requests alone."""
        return judge(self.journal, apis.load(self.api), time=self.clock.time_mode)

    def exchanges(self, chosen: Selection | None = None) -> Iterator[Exchange]:
        """Yield the selected exchanges; of those without a key only the API's own."""
        for one in self.journal:
            if (self.namespace is not None or one.api == self.api) and (chosen is None or chosen.takes(one)):
                yield one

    def story(self, verdict: Verdict, chosen: Selection | None = None, most: int = MOST_LINES) -> str:
        """Return the story of the selected exchanges, and of the findings about them, in at most so many lines."""
        journal = list(self.exchanges(chosen))
        if chosen is not None and not chosen.takes_all:
            numbers = {exchange.number for exchange in journal}
            about = tuple(finding for finding in verdict.findings if not numbers.isdisjoint(finding.exchanges))
            verdict = Verdict(findings=about, not_judged={})
        activity = ClientActivity(
            api=self.api, name=self.name or f"{self.api}, without a key", journal=journal,
            dropped=self.journal.dropped, titles=titles_of([self.namespace] if self.namespace else []),
            verdict=verdict, started_at=self.clock.started, elapsed=self.clock.elapsed / SECOND,
        )  # fmt: skip
        return story([activity], all_findings=_ALL_FINDINGS, most=most)


def client_of(namespace: Namespace) -> Client:
    """Return the client of a namespace."""
    return Client(namespace.api, namespace, namespace.journal, namespace.clock)


def page_of_clients(
    targets: Iterable[Namespace], without_key: Namespaces | None, after: str
) -> tuple[list[Client], str | None]:
    """Return the clients of a page of namespaces, and the cursor of the next page or None. Raises Problem.

    After the last page come the requests without a key of a server, for each API.
    """
    page, following = page_of(targets, after, lambda one: 1 + len(one.journal), PAGE)
    clients = [client_of(namespace) for namespace in page]
    if following is None and without_key is not None:
        clients += [Client(api.name, None, without_key.outside, without_key.clock) for api in apis.all_apis()]
    return clients, following


def size_of(clients: Sequence[Client]) -> int:
    """Return how many exchanges and clients must be read."""
    return sum(1 + len(client.journal) for client in clients)


def stories_of(clients: Iterable[Client], following: str | None) -> str:
    """Return the stories of the clients that have sent requests, and where the next page begins."""
    return _joined((one.story(one.verdict()) for one in clients if any(one.exchanges())), following)


def stories_of_journals(targets: Sequence[Namespace], without_key: Namespaces | None, body: Body) -> LongCall:
    """Return the stories of a page of clients with every selected exchange. Raises Problem."""
    given = fields(body, {}, OF_PAGES)
    chosen = selection(given)
    clients, following = page_of_clients(targets, without_key, given.get("after", "0"))

    def make() -> str:
        told = [client for client in clients if any(client.exchanges(chosen))]
        if not told:
            chosen.check_job(list(targets), [client.journal for client in clients])
        return _joined((one.story(one.verdict(), chosen, sys.maxsize) for one in told), following)

    return LongCall(make, size=size_of(clients))


def _joined(stories: Iterable[str], following: str | None) -> str:
    return "\n\n".join(_with_end(stories, following)) or "No requests."


def _with_end(stories: Iterable[str], following: str | None) -> Iterator[str]:
    yield from stories
    if following is not None:
        yield f"There are more: send after={following}."
