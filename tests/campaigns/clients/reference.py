"""The reference client: one correct program for both APIs, which other campaigns change in one place."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from tests.campaigns.clients.wire import Answer, Failed, Lost, Wire

JOBS = {"clado": "/api/search/deep_research", "orbit": "/v2/developer/deep-search"}
PROFILES = "/v2/developer/profiles"
RUNNING = ("pending", "searching", "processing", "running", "generating_sections")
ENDED = ("completed", "error", "failed", "cancelled")
TEMPORARY = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What correct clients choose. Times are in seconds."""

    interval: float = 5
    growth: float = 1
    longest: float = 60
    deadline: float = 3600
    first_wait: float = 2
    wait_growth: float = 2
    longest_wait: float = 60
    attempts: int = 8
    missing: int = 0
    """How many 404s it takes for a job that isn't visible yet."""
    poll: str = ""
    page_size: int = 25
    walk: bool = True
    profile: bool = True
    unknown: str = "poll"
    """What it does at a status that it doesn't know: `poll` or `raise`."""
    failures: str = "raise"
    """What it does with a failed job: `raise`, or `return` its last answer."""


class Client:
    """Starts a job, waits for its end, and returns what it found."""

    def __init__(self, api: str, wire: Wire, settings: Settings | None = None, shape: str | None = None) -> None:
        self.api, self.wire, self.settings, self.shape = api, wire, settings or Settings(), shape
        self.deadline = wire.now() + self.settings.deadline
        self.name = "chemists in Graz"
        """The name of the job: what is searched for, and an idempotency key."""

    async def run(self) -> Any:
        """Return the people or the profile that the job found. Raises Failed."""
        job = await self.start()
        return await self.finish(job)

    async def finish(self, job: str) -> Any:
        """Wait for the end of a job, and return what it found. Raises Failed."""
        last = await self.wait(job)
        if last["status"] == "completed":
            return await self.collect(job, last)
        if self.settings.failures == "raise":
            raise Failed(f"The job is {last['status']}.")
        return last

    async def start(self) -> str:
        """Start a job and return its id. Raises Failed."""
        request = self.start_request()
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = await self.wire.send("POST", JOBS[self.api], body=request)
            except Lost as lost:
                if self.api == "clado":
                    raise Failed("The answer to the start was lost, and nothing protects another start.") from lost
                pause = self.back_off(attempt)
            else:
                if answer.status in (200, 202):
                    return str(answer.body["job_id" if self.api == "clado" else "request_id"])
                if answer.status not in TEMPORARY:
                    raise Failed(f"The start was answered {answer.status}.")
                pause = self.pause_after(answer, attempt)
            if attempt == self.settings.attempts:
                raise Failed("The start failed too often.")
            await self.wire.sleep(pause)

    def start_request(self) -> dict[str, Any]:
        """Return the body of a start. Orbit's has an idempotency key, which stays the same for each attempt."""
        if self.api == "orbit":
            shape = {"runShape": self.shape} if self.shape else {}
            return {"requestId": self.name, "structuredIntent": {"version": "v1", "names": [self.name]}, **shape}
        return {"query": self.name}

    async def wait(self, job: str) -> Any:
        """Poll a job until its end, and return its last answer. Raises Failed."""
        polls = 0
        while True:
            body = await self.ask(self.job_path(job), self.poll_query(), missing=0 if polls else self.settings.missing)
            polls += 1
            if body["status"] in ENDED:
                return body
            if body["status"] not in RUNNING and self.settings.unknown == "raise":
                raise Failed(f"The status {body['status']} isn't known.")
            await self.sleep(self.interval(polls))

    async def ask(self, path: str, query: str, missing: int = 0) -> Any:
        """Return the body of a successful answer; wait through temporary errors, and some 404s. Raises Failed."""
        errors = 0
        while True:
            errors += 1
            try:
                answer = await self.wire.send("GET", path, query)
            except Lost:
                pause = self.back_off(errors)
            else:
                if answer.status < 300:
                    return answer.body
                missing -= answer.status == 404
                if answer.status not in TEMPORARY and (answer.status != 404 or missing < 0):
                    raise Failed(f"The request was answered {answer.status}.")
                pause = self.pause_after(answer, errors)
            await self.sleep(pause)

    async def sleep(self, seconds: float) -> None:
        """Sleep, unless the deadline comes first. Raises Failed."""
        if self.wire.now() + seconds > self.deadline:
            raise Failed("The deadline has passed.")
        await self.wire.sleep(seconds)

    def job_path(self, job: str) -> str:
        """Return the path of a job."""
        return f"{JOBS[self.api]}/{job}"

    def poll_query(self) -> str:
        """Return the query of a poll."""
        return self.settings.poll

    def interval(self, polls: int) -> float:
        """Return the time between two polls."""
        return min(self.settings.interval * self.settings.growth ** (polls - 1), self.settings.longest)

    def pause_after(self, answer: Answer, errors: int) -> float:
        """Return how long to wait after an error: what Retry-After says, or longer each time."""
        value = answer.headers.get("retry-after")
        if value is None:
            return self.back_off(errors)
        if value.isdigit():
            return float(value)
        until = parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers["date"])
        return max(0.0, until.total_seconds())

    def back_off(self, errors: int) -> float:
        """Return how long to wait after so many errors in a row."""
        return min(self.settings.first_wait * self.settings.wait_growth ** (errors - 1), self.settings.longest_wait)

    async def collect(self, job: str, body: Any) -> Any:
        """Return what a completed job found. Raises Failed."""
        if self.api == "orbit":
            return await self.collect_profile(body["result"] or {})
        if not self.settings.walk:
            return body["results"]
        return await self.walk(job)

    async def collect_profile(self, result: Any) -> Any:
        """Return the profile, or the candidates."""
        if "id" not in result or not self.settings.profile:
            return result
        return await self.ask(f"{PROFILES}/{result['id']}", "")

    async def walk(self, job: str) -> list[Any]:
        """Read all pages, and return the people."""
        people: list[Any] = []
        page = 1
        while True:
            body = await self.read_page(job, page)
            people += body.get("results", [])
            if not body["pagination"]["has_next"]:
                return people
            page += 1

    async def read_page(self, job: str, page: int) -> Any:
        """Read one page."""
        return await self.ask(self.job_path(job), f"page={page}&page_size={self.settings.page_size}")
