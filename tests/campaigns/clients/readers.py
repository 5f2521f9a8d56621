"""Correct clients that poll, read the people, continue and cancel in other ways than the reference client does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from tests.campaigns.clients.reference import Client
from tests.campaigns.clients.variants import Variant
from tests.campaigns.clients.wire import Answer, Failed, Lost


class CacheBuster(Variant):
    """Has another number in each query, so that no proxy answers from its store."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.numbers = count(1_700_000_000)

    def poll_query(self) -> str:
        return "&".join(filter(None, [super().poll_query(), f"_={next(self.numbers)}"]))


class ParallelPages(Variant):
    """Reads the first page, and then all others at the same time."""

    async def walk(self, job: str) -> list[Any]:
        first = await self.read_page(job, 1)
        pages: list[Callable[[], Any]] = [
            partial(self.read_page, job, page) for page in range(2, first["pagination"]["total_pages"] + 1)
        ]
        others = await self.wire.together(*pages)
        return [person for body in (first, *others) for person in body["results"]]


class WalksDown(Variant):
    """Reads the first page, and then the others from the last one down."""

    async def walk(self, job: str) -> list[Any]:
        pages = {1: await self.read_page(job, 1)}
        for page in range(pages[1]["pagination"]["total_pages"], 1, -1):
            pages[page] = await self.read_page(job, page)
        return [person for page in sorted(pages) for person in pages[page]["results"]]


class PollsPages(Variant):
    """Polls the first page, and reads the rest when the job has ended."""

    def poll_query(self) -> str:
        return f"page=1&page_size={self.settings.page_size}" if self.api == "clado" else ""

    async def collect(self, job: str, body: Any) -> Any:
        if self.api == "orbit":
            return await super().collect(job, body)
        people, page = list(body["results"]), 1
        while body["pagination"]["has_next"]:
            page += 1
            body = await self.read_page(job, page)
            people += body.get("results", [])
        return people


class CountsPages(PollsPages):
    """Polls the first page, and then reads as many pages as the last answer says there are."""

    pages = 0

    async def ask(self, path: str, query: str, missing: int = 0) -> Any:
        body = await super().ask(path, query, missing)
        self.pages = body["pagination"]["total_pages"]
        return body

    async def collect(self, job: str, body: Any) -> Any:
        others = [await self.read_page(job, page) for page in range(2, self.pages + 1)]
        return [person for page in (body, *others) for person in page["results"]]


class CutsToTheTotal(PollsPages):
    """Polls the first page, reads the rest at the end, and returns as many people as the last answer says there are."""

    total = 0

    async def ask(self, path: str, query: str, missing: int = 0) -> Any:
        body = await super().ask(path, query, missing)
        self.total = body["pagination"]["total_results"]
        return body

    async def collect(self, job: str, body: Any) -> Any:
        people = await super().collect(job, body)
        return people[: self.total]


class PollsOnePerson(Variant):
    """Polls a page of one person, which is small, and walks the pages at the end."""

    def poll_query(self) -> str:
        return "page=1&page_size=1" if self.api == "clado" else ""


class ReadsTheWhole(PollsOnePerson):
    """Polls a page of one person, and reads everybody in one answer at the end."""

    async def walk(self, job: str) -> list[Any]:
        body = await self.ask(self.job_path(job), "")
        return list(body["results"])


class ReadsOnceMore(Variant):
    """Waits in one function, and reads the results by one more plain request in another."""

    async def collect(self, job: str, body: Any) -> Any:
        return await super().collect(job, await self.ask(self.job_path(job), ""))


class Streams(Variant):
    """Shows the people as they are found: polls the page that is still filling, and keeps the full ones."""

    page = 1

    def poll_query(self) -> str:
        return f"page={self.page}&page_size={self.settings.page_size}" if self.api == "clado" else ""

    async def wait(self, job: str) -> Any:
        self.people: list[Any] = []
        while True:
            body = await self.ask(self.job_path(job), self.poll_query())
            if self.api == "clado" and (page := body["pagination"])["has_next"] and page["page"] == self.page:
                self.people += body["results"]
                self.page += 1
                continue
            if body["status"] in ("completed", "error", "failed", "cancelled"):
                return body
            await self.sleep(self.settings.interval)

    async def collect(self, job: str, body: Any) -> Any:
        return await super().collect(job, body) if self.api == "orbit" else self.people + body["results"]


class StreamsAndWalks(PollsPages):
    """Shows the first page as it fills, and walks all pages anew at the end."""

    async def collect(self, job: str, body: Any) -> Any:
        return await Client.collect(self, job, body)


class Continues(Variant):
    """Asks for more people once the job has completed, and waits again."""

    async def finish(self, job: str) -> Any:
        found = await super().finish(job)
        try:
            answer = await self.more(job)
        except Lost:
            return await super().finish(job)
        return await super().finish(job) if answer.status < 300 else found

    async def more(self, job: str) -> Answer:
        """Continue a job."""
        return await self.wire.send("POST", f"{self.job_path(job)}/more", body={"additional_limit": 30})


class Cancels(Variant):
    """Cancels a job that isn't done after some polls, and waits until it is cancelled."""

    polls = 0

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self.polls += 1
        if self.polls == 3:
            await self.wire.send("POST", f"{self.job_path(self.job)}/cancel")

    async def wait(self, job: str) -> Any:
        self.job = job
        return await super().wait(job)


class CancelsAtTheDeadline(Variant):
    """Cancels a job that isn't done at the deadline, so that it costs no more, and raises."""

    async def wait(self, job: str) -> Any:
        try:
            return await super().wait(job)
        except Failed:
            await self.wire.send("POST", f"{self.job_path(job)}/cancel")
            raise


class CountsCredits(Variant):
    """Reads the balance before and after."""

    async def run(self) -> Any:
        before = await self.ask("/api/credits", "")
        found = await super().run()
        after = await self.ask("/api/credits", "")
        assert after["credits"] <= before["credits"]
        return found


class WholeAnswer(Variant):
    """Returns the answer that showed the end."""

    async def collect(self, job: str, body: Any) -> Any:
        return dict(body)
