"""A correct polling client of both APIs, written as real client code: it knows a way to send and a way to sleep.

What such clients may well do differently is a habit. Bugs are planted by overriding one method (see `planted`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from tests.campaigns.clients.wire import Answer, Failed, Lost, Stopped
from tests.support import JOBS, KEYS, Mock

from jobmock.clock import SECOND

TERMINAL = {"completed", "error", "cancelled", "failed"}
DOCUMENTED = TERMINAL | {"pending", "searching", "processing", "running", "generating_sections"}
INTENT = {"version": "v1", "names": ["Someone"]}


class Wire(Protocol):
    """What a client is given. Times are in seconds."""

    def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer: ...
    def sleep(self, seconds: float) -> None: ...
    def now(self) -> float: ...


class MockWire:
    """Sends to a mock whose manual clock goes forward when the client sleeps, or waits for an answer."""

    def __init__(self, mock: Mock, api: str, *, timeout: float = 20, most: int = 5_000, strict: bool = True) -> None:
        self._mock, self._api, self._timeout, self._left, self._strict = mock, api, timeout, most, strict

    def send(self, method: str, path: str, query: str = "", body: Any = None) -> Answer:
        self._left -= 1
        if self._left < 0:
            raise Stopped
        reply = self._mock.send(method, path, key=KEYS[self._api], query=query, body=body)
        held, fault = (reply.due - reply.clock.now()) / SECOND if reply.due else 0.0, reply.fault
        if held > self._timeout or (fault and fault.hang):
            self.sleep(self._timeout)
            reply.lost()
            raise Lost("timeout")
        self.sleep(max(0.0, held))
        if fault and fault.drip:
            self.sleep(len(reply.body) / fault.drip.size * fault.drip.every / SECOND)
        elif fault:
            raise Lost(fault.label)
        headers = {name.decode().lower(): value.decode() for name, value in reply.headers}
        if self._strict and "json" not in headers["content-type"]:
            raise Lost("not JSON")
        try:
            return Answer(status=reply.status, headers=headers, body=json.loads(reply.body))
        except ValueError:
            raise Lost("half a JSON") from None

    def sleep(self, seconds: float) -> None:
        self._mock.advance(seconds, self._api)

    def now(self) -> float:
        return self._mock.namespace(self._api).clock.now() / SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What correct clients do differently. Times are in seconds."""

    interval: float = 5
    growth: float = 1.0
    longest: float = 60
    first_wait: float = 1
    wait_growth: float = 2.0
    deadline: float = 3_600
    poll: str = ""
    """The query of each poll."""
    walk: str = "pages"
    """How people are collected where there are pages: `pages` from 1, `rest` from 2 on, `full`, or `nothing` more."""
    size: int = 25
    patient: int = 0
    """How many 404s in a row it takes for a job that is not there yet."""
    unknown: str = "poll"
    """At a status that it doesn't know: `poll` on, or `raise`."""
    profile: bool = True


class Client:
    """A client that does everything right."""

    def __init__(self, api: str, wire: Wire, habits: Habits | None = None, run_shape: str | None = None) -> None:
        self.api, self.wire, self.habits, self.run_shape = api, wire, habits or Habits(), run_shape
        self.began = 0.0
        self._ids = 0

    def run(self) -> Any:
        """Start a job, wait for its end, and return what it found. Raises Failed."""
        job = self.start()
        body = self.wait(job)
        return self.report(body, self.collect(job, body))

    def report(self, body: Any, found: Any) -> Any:
        """Return what was found, with the counters of the job's last answer."""
        return {"found": found, **{name: value for name, value in body.items() if name not in ("results", "status")}}

    # --- start

    def start(self) -> str:
        """Start a job and return its id; an idempotency key stays the same from try to try."""
        body, tries = self.start_body(), 0
        while True:
            tries += 1
            try:
                answer = self.wire.send("POST", JOBS[self.api], body=body)
            except Lost as lost:
                self.start_lost(lost)
                self.wire.sleep(self.wait_after(tries))
            else:
                if answer.status < 300:
                    self.began = self.wire.now()
                    return str(answer.body["job_id" if self.api == "clado" else "request_id"])
                self.start_failed(answer, tries)
            body = self.start_again(body)

    def start_body(self) -> dict[str, Any]:
        """Return what is asked for."""
        if self.api == "clado":
            return {"query": "chemists in Graz"}
        shape = {"runShape": self.run_shape} if self.run_shape else {}
        return {"requestId": self.new_id(), "structuredIntent": INTENT, **shape}

    def new_id(self) -> str:
        """Return an id that wasn't used before."""
        self._ids += 1
        return f"run-{self._ids}"

    def start_again(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body for another try."""
        return body

    def start_lost(self, lost: Lost) -> None:
        """Raise where a lost start can't be sent again without harm."""
        if self.api == "clado":
            raise Failed("the start's answer was lost") from lost

    def start_failed(self, answer: Answer, tries: int) -> None:
        """Wait where that helps. Raises Failed."""
        if not self.passing(answer) or tries > 8:
            raise Failed(f"the start was answered {answer.status}")
        self.wire.sleep(self.pause(answer, tries))

    # --- wait

    def wait(self, job: str) -> Any:
        """Poll until the job's end and return its last answer. Raises Failed."""
        interval, errors, missing = self.habits.interval, 0, 0
        while True:
            try:
                answer = self.poll(job)
            except Lost:
                errors += 1
                self.in_time(self.lost_wait(errors))
                continue
            if self.passing(answer):
                errors += 1
                self.in_time(self.pause(answer, errors))
                continue
            missing = missing + 1 if answer.status == 404 else 0
            if answer.status >= 400 and not 0 < missing <= self.habits.patient:
                return self.refused(answer)
            errors = 0
            if answer.status < 400 and self.over(answer):
                return self.judged(answer)
            self.in_time(interval)
            interval = min(interval * self.habits.growth, max(self.habits.longest, self.habits.interval))

    def poll(self, job: str) -> Answer:
        """Send one poll."""
        return self.wire.send("GET", f"{JOBS[self.api]}/{job}", self.habits.poll)

    def in_time(self, seconds: float) -> None:
        """Wait; raises Failed where the deadline has passed."""
        if self.wire.now() - self.began >= self.habits.deadline:
            raise Failed("the deadline has passed")
        self.wire.sleep(seconds)

    def refused(self, answer: Answer) -> Any:
        """Raise what a refusal means."""
        raise Failed(f"the poll was answered {answer.status}")

    def over(self, answer: Answer) -> bool:
        """Say whether the job has come to its end. Raises Failed at a status that isn't known, if that is the habit."""
        if answer.body["status"] not in DOCUMENTED and self.habits.unknown == "raise":
            raise Failed(f"the status {answer.body['status']} isn't known")
        return answer.body["status"] in TERMINAL

    def judged(self, answer: Answer) -> Any:
        """Return the answer of a job that has completed. Raises Failed for any other."""
        if answer.body["status"] != "completed":
            raise Failed(f"the job is {answer.body['status']}")
        return answer.body

    # --- waiting after errors

    def passing(self, answer: Answer) -> bool:
        """Say whether it may help to ask again."""
        return answer.status in (408, 429) or answer.status >= 500

    def pause(self, answer: Answer, errors: int) -> float:
        """Return how long to wait: what Retry-After says, as seconds or as a date of the server's clock."""
        value = answer.headers.get("retry-after")
        if value is None:
            return self.wait_after(errors)
        return self.seconds(value) if value.isdigit() else self.until(value, answer.headers["date"])

    def seconds(self, value: str) -> float:
        """Read a Retry-After that is a number."""
        return float(value)

    def until(self, value: str, date: str) -> float:
        """Read a Retry-After that is a date."""
        return (parsedate_to_datetime(value) - parsedate_to_datetime(date)).total_seconds()

    def wait_after(self, errors: int) -> float:
        """Return how long to wait after so many errors in a row."""
        return float(min(self.habits.first_wait * self.habits.wait_growth ** (errors - 1), 120))

    def lost_wait(self, errors: int) -> float:
        """Return how long to wait after a lost answer."""
        return self.wait_after(errors)

    # --- collect

    def collect(self, job: str, body: Any) -> Any:
        """Return what was found. Raises Failed."""
        if self.api == "orbit":
            return self.collect_profile(body)
        if self.habits.walk == "nothing":
            return body.get("results")
        if self.habits.walk == "full":
            return self.read(job, "")["results"]
        begun = self.habits.walk == "rest"
        return self.walk(job, 2 if begun else 1, body["results"] if begun else [], body)

    def collect_profile(self, body: Any) -> Any:
        """Read the profile that a run ended with."""
        result = body.get("result") or {}
        if "id" not in result or not self.habits.profile:
            return result
        return self.ask(f"/v2/developer/profiles/{result['id']}", "")

    def walk(self, job: str, page: int, people: list[Any], body: Any) -> list[Any]:
        """Read pages until one says that none follows."""
        more = page == 1 or body["pagination"]["has_next"]
        while more:
            body = self.read(job, f"page={page}&page_size={self.habits.size}")
            people, more, page = people + body.get("results", []), body["pagination"]["has_next"], page + 1
        return people

    def read(self, job: str, query: str) -> Any:
        """Read the job once more."""
        return self.ask(f"{JOBS[self.api]}/{job}", query)

    def ask(self, path: str, query: str) -> Any:
        """Read something, through errors that pass. Raises Failed."""
        errors = 0
        while True:
            errors += 1
            try:
                answer = self.wire.send("GET", path, query)
            except Lost:
                self.in_time(self.lost_wait(errors))
                continue
            if answer.status < 300:
                return answer.body
            if not self.passing(answer):
                return self.refused(answer)
            self.in_time(self.pause(answer, errors))
