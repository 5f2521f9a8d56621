"""Correct clients that differ from the reference client: in their waits, their polls, and how they read the people."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain, count, repeat
from random import Random
from typing import Any

from tests.campaigns.clients.reference import Client, Settings
from tests.campaigns.clients.wire import Answer, Failed, Wire


class Variant(Client):
    """A client with random numbers of its own."""

    def __init__(
        self, api: str, wire: Wire, settings: Settings | None = None, shape: str | None = None,
        rng: Random | None = None,
    ) -> None:  # fmt: skip
        super().__init__(api, wire, settings, shape)
        self.rng = rng or Random(0)


class FullJitter(Variant):
    """Waits a random part of the usual time, at least a second between two polls."""

    def interval(self, polls: int) -> float:
        return self.rng.uniform(1, max(1, super().interval(polls)))

    def back_off(self, errors: int) -> float:
        return self.rng.uniform(0, super().back_off(errors))


class EqualJitter(Variant):
    """Waits half the usual time, and a random part of the other half."""

    def interval(self, polls: int) -> float:
        usual = super().interval(polls)
        return max(1, self.rng.uniform(usual / 2, usual))

    def back_off(self, errors: int) -> float:
        usual = super().back_off(errors)
        return self.rng.uniform(usual / 2, usual)


class DecorrelatedJitter(Variant):
    """Waits a random time between the least and three times the last wait."""

    last = 1.0

    def interval(self, polls: int) -> float:
        self.last = min(self.settings.longest, self.rng.uniform(1, self.last * 3))
        return max(1, self.last)

    def back_off(self, errors: int) -> float:
        self.last = min(self.settings.longest_wait, self.rng.uniform(1, (self.last if errors > 1 else 1) * 3))
        return self.last


class JitterAfterRetryAfter(Variant):
    """Adds a random time to each wait after an error, so that not all clients come back at once."""

    def pause_after(self, answer: Answer, errors: int) -> float:
        return super().pause_after(answer, errors) + self.rng.uniform(0, 5)


class Linear(Variant):
    """Waits longer by the same time after each poll and each error."""

    def interval(self, polls: int) -> float:
        return min(self.settings.interval + 2 * polls, self.settings.longest)

    def back_off(self, errors: int) -> float:
        return min(2 * errors, self.settings.longest_wait)


class Fibonacci(Variant):
    """Waits as long as the last two waits together."""

    def interval(self, polls: int) -> float:
        first, second = 1.0, 2.0
        for _ in range(min(polls, 30)):
            first, second = second, first + second
        return min(first, self.settings.longest)


class FastThenSlow(Variant):
    """Polls every second or two at first, for jobs that end soon, and then seldom."""

    def interval(self, polls: int) -> float:
        return next(wait for number, wait in enumerate(chain((1, 1, 1, 2, 2, 5, 10), repeat(30)), 1) if number == polls)


class ConstantErrorWaits(Variant):
    """Waits half a minute after each error: long enough for any server."""

    def back_off(self, errors: int) -> float:
        return 30


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
        answer = await self.wire.send("POST", f"{self.job_path(job)}/more", body={"additional_limit": 30})
        return await super().finish(job) if answer.status < 300 else found


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
