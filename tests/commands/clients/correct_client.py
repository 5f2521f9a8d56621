"""A correct client of both APIs, as `correct_client.mjs` is one in Node: it does the same at the same times.

Its arguments are the API, and for Orbit the shape of the run. Its only line of output is JSON: each request as the
client saw it, in milliseconds of its own clock since its beginning, how the call ended, and the ids of the people.
"""

from __future__ import annotations

import json
import os
import sys
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

JOBS = {"clado": "/api/search/deep_research", "orbit": "/v2/developer/deep-search"}
PROFILES = "/v2/developer/profiles"
NAME = "chemists in Graz"
ENDED = ("completed", "error", "failed", "cancelled")
TEMPORARY = (408, 425, 429, 500, 502, 503, 504)
INTERVAL, DEADLINE, LIMIT, LONGEST, PAGE_SIZE = 5, 3600, 20, 60, 25


class Lost(Exception):
    """Raised when no answer arrives, or none that can be read."""


class Failed(Exception):
    """Raised when the job failed, was refused, or took too long."""


class Client:
    """Starts a job, unless one is given, waits for its end, and finds the ids of its people. `seen` has its requests.

    `shape` is that of Orbit's runs, `http` an httpx client whose base URL is the mock's.
    """

    def __init__(self, api: str, shape: str | None, http: httpx.Client) -> None:
        self.api, self.shape, self.http = api, shape, http
        self.began = time.monotonic()
        self.seen: list[dict[str, Any]] = []

    def run(self, job: str | None = None) -> dict[str, Any]:
        """Return what the client saw and found."""
        ended, people = "returned", []
        try:
            job = job or self.start()
            people = self.collect(job, self.wait(job))
        except Failed:
            ended = "raised"
        seen = [{**sent, "path": sent["path"].replace(str(job), "JOB")} for sent in self.seen]
        return {"seen": seen, "ended": ended, "people": people}

    def now(self) -> float:
        """Return the seconds since the client's beginning."""
        return time.monotonic() - self.began

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Return an answer; a success is JSON. Raises Lost."""
        sent: dict[str, Any] = {"method": method, "path": path, "at": self.now()}
        self.seen.append(sent)
        try:
            answer = self.http.request(method, path, json=body)
            if answer.is_success:
                _json(answer)
            sent["status"] = answer.status_code
            return answer
        except (httpx.TransportError, ValueError) as error:
            raise Lost(str(error)) from error
        finally:
            sent["received"] = self.now()

    def start(self) -> str:
        """Start a job, and return its id. Raises Failed."""
        attempt = 0
        while True:
            attempt += 1
            pause = back_off(attempt)
            try:
                answer = self.send("POST", JOBS[self.api], self.start_request())
            except Lost as lost:
                if self.api == "clado":
                    raise Failed("The answer was lost, and nothing protects another start.") from lost
            else:
                if answer.is_success:
                    return str(answer.json()["job_id" if self.api == "clado" else "request_id"])
                pause = pause_after(answer, attempt)
            self.sleep(pause)

    def start_request(self) -> dict[str, Any]:
        """Return the body of a start. Orbit's has an idempotency key."""
        if self.api == "clado":
            return {"query": NAME}
        shape = {"runShape": self.shape} if self.shape else {}
        return {"requestId": NAME, "structuredIntent": {"version": "v1", "names": [NAME]}, **shape}

    def wait(self, job: str) -> Any:
        """Poll a job to its end, and return its last answer. Raises Failed."""
        while (body := self.ask(f"{JOBS[self.api]}/{job}"))["status"] not in ENDED:
            self.sleep(INTERVAL)
        return body

    def ask(self, path: str) -> Any:
        """Return the body of a successful answer, and wait through temporary errors. Raises Failed."""
        errors = 0
        while True:
            errors += 1
            pause = back_off(errors)
            try:
                answer = self.send("GET", path)
            except Lost:
                pass
            else:
                if answer.is_success:
                    return answer.json()
                pause = pause_after(answer, errors)
            self.sleep(pause)

    def sleep(self, seconds: float) -> None:
        """Sleep, unless the deadline comes first. Raises Failed."""
        if self.now() + seconds > DEADLINE:
            raise Failed("The deadline has passed.")
        time.sleep(seconds)

    def collect(self, job: str, last: Any) -> list[str]:
        """Return the ids of the people whom a job found. Raises Failed."""
        if last["status"] != "completed":
            raise Failed(f"The job is {last['status']}.")
        if self.api == "clado":
            return [person["profile"]["id"] for person in self.read_pages(job)]
        result = last["result"] or {}
        if "id" not in result:
            return list(result.get("profile_ids", ()))
        self.ask(f"{PROFILES}/{result['id']}")
        return [result["id"]]

    def read_pages(self, job: str) -> list[Any]:
        """Return all people of a job of Clado. Raises Failed."""
        people: list[Any] = []
        page, more = 0, True
        while more:
            page += 1
            body = self.ask(f"{JOBS[self.api]}/{job}?page={page}&page_size={PAGE_SIZE}")
            people += body.get("results", [])
            more = body["pagination"]["has_next"]
        return people


def pause_after(answer: httpx.Response, errors: int) -> float:
    """Return how long to wait after an error: what Retry-After says, or longer each time. Raises Failed."""
    if answer.status_code not in TEMPORARY:
        raise Failed(f"The answer was {answer.status_code}.")
    value = answer.headers.get("retry-after")
    if value is None:
        return back_off(errors)
    if value.isdigit():
        return float(value)
    until = parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers["date"])
    return max(0.0, until.total_seconds())


def back_off(errors: int) -> float:
    """Return how long to wait after so many errors in a row."""
    return float(min(2**errors, LONGEST))


def _json(answer: httpx.Response) -> Any:
    if "json" not in answer.headers.get("content-type", ""):
        raise ValueError("The content type isn't JSON.")
    return answer.json()


def connected(url: str, key: str, transport: Any = None) -> httpx.Client:
    """Return an httpx client with a key, to a mock or through a transport."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=headers, timeout=LIMIT, transport=transport)


def main(api: str, shape: str | None = None) -> None:
    """Run the client with what is in the environment, and print what it saw."""
    place = api.upper()
    with connected(os.environ[f"{place}_BASE_URL"], os.environ[f"{place}_API_KEY"]) as http:
        found = Client(api, shape, http).run(os.environ.get(f"{place}_JOB_ID"))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
