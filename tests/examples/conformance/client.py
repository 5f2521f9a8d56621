"""A client of Clado's deep research and Orbit's Deep Search: it does one action, and prints the result as JSON."""

import json
import os
import time
import uuid
from contextlib import suppress
from email.utils import parsedate_to_datetime
from itertools import count, takewhile
from typing import Any

import httpx

JOBS = {"clado": "/api/search/deep_research", "orbit": "/v2/developer/deep-search"}
ENDED = ("completed", "error", "failed", "cancelled")
TEMPORARY = (408, 425, 429, *range(500, 600))


class Failed(Exception):
    """Raised when the call has no result."""


class Client:
    """A client of one API. `deadline` is for the whole call, `timeout` for one request, both in seconds."""

    def __init__(self, api: str, url: str, key: str, deadline: float, interval: float, timeout: float) -> None:
        self.api, self.jobs, self.interval, self.timeout = api, JOBS[api], interval, timeout
        self.http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"})
        self.end = time.monotonic() + deadline

    def poll(self, job: str) -> Any:
        while (body := self.send("GET", f"{self.jobs}/{job}")).get("status") not in ENDED:
            self.wait(self.interval)
        if body["status"] != "completed":
            raise Failed(f"The job ended as {body['status']}: {body.get('error') or body.get('failure')}")
        return body

    def start(self, query: str, **limit: int) -> Any:
        if self.api == "clado":
            return self.poll(self.send("POST", self.jobs, {"query": query, **limit}, again=False)["job_id"])
        request = {"requestId": str(uuid.uuid4()), "email": query}  # The same requestId finds the same run.
        return self.poll(self.send("POST", self.jobs, request)["request_id"])

    def pages(self, job: str) -> Any:
        last, people, totals = self.poll(job), [], set()
        for page in count(1):
            body = self.send("GET", f"{self.jobs}/{job}?page={page}&page_size=25")
            people += body["results"]
            totals.add(body["pagination"]["total_results"])
            if not body["pagination"]["has_next"] or page >= body["pagination"]["total_pages"]:
                break
        if len(totals) > 1 or len({json.dumps(person) for person in people}) < len(people):
            raise Failed("The list of people has changed while its pages were read.")
        return {**last, "results": people}

    def more(self, job: str, **limit: int) -> Any:
        self.send("POST", f"{self.jobs}/{job}/more", limit, again=False)
        return self.poll(job)

    def profile(self, run: str) -> Any:
        if "id" not in (result := self.poll(run)["result"]):
            raise Failed("The run has found several people.")
        return self.send("GET", f"/v2/developer/profiles/{result['id']}")

    def send(self, method: str, path: str, body: Any = None, again: bool = True) -> Any:
        """Send a request until it is answered. Without `again`, not if it may have started a job already."""
        for errors in count():
            seconds, started = 0.0, True
            try:
                answer, text = self.request(method, path, body)
                said = f"{method} was answered with {answer.status_code}: {text[:500]!r}"
                if answer.status_code in TEMPORARY:
                    seconds, started = retry_after(answer.headers), answer.status_code not in (429, 503)
                elif not answer.is_success:
                    raise Failed(said)
                elif "json" in answer.headers["content-type"] and isinstance(read := json.loads(text), dict):
                    return read
            except (httpx.RequestError, KeyError, ValueError) as error:
                said = repr(error)
            if started and not again:
                raise Failed(f"Nobody knows whether a job was started. {said}")
            self.wait(max(self.interval * min(2**errors, 12), seconds), said)

    def request(self, method: str, path: str, body: Any) -> tuple[httpx.Response, bytes]:
        limit = min(time.monotonic() + self.timeout, self.end)
        with self.http.stream(method, path, json=body, timeout=limit - time.monotonic()) as answer:
            # An answer that takes too long is cut, so it can't be read.
            return answer, b"".join(takewhile(lambda _: time.monotonic() < limit, answer.iter_bytes()))

    def wait(self, seconds: float, reason: str = "") -> None:
        if time.monotonic() + seconds >= self.end:
            raise Failed(f"The deadline has passed. {reason}")
        time.sleep(seconds)


def retry_after(headers: httpx.Headers) -> float:
    """Return the seconds of Retry-After. It may be a date, which counts from the answer's own date."""
    given = headers.get("retry-after", "0")
    with suppress(KeyError, TypeError, ValueError):
        if given.isdecimal():
            return float(given)
        return (parsedate_to_datetime(given) - parsedate_to_datetime(headers["date"])).total_seconds()
    return 0


if __name__ == "__main__":
    api = os.environ.get("JOBMOCK_API") or ("clado" if "CLADO_BASE_URL" in os.environ else "orbit")
    url, key, job = (os.environ.get(f"{api.upper()}_{name}", "") for name in ("BASE_URL", "API_KEY", "JOB_ID"))
    defaults = {"DEADLINE": 3600, "INTERVAL": 5, "TIMEOUT": 20}
    client = Client(api, url, key, *(float(os.environ.get(f"JOBMOCK_{name}", defaults[name])) for name in defaults))
    query, limit = os.environ.get("JOBMOCK_QUERY", ""), int(os.environ.get("JOBMOCK_LIMIT", 0))
    actions = {
        "poll": lambda: client.poll(job), "pages": lambda: client.pages(job),
        "start": lambda: client.start(query, **({"limit": limit} if limit else {})),
        "more": lambda: client.more(job, **({"additional_limit": limit} if limit else {})),
        "cancel": lambda: client.send("POST", f"{client.jobs}/{job}/cancel"),
        "profile": lambda: client.profile(job), "credits": lambda: client.send("GET", "/api/credits"),
    }  # fmt: skip
    print(json.dumps(actions[os.environ["JOBMOCK_ACTION"]]()))
