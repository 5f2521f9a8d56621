"""A correct client of toast as a callable that takes a task, and the bugs that can be planted into its text."""

from __future__ import annotations

from typing import NamedTuple

CLIENT = '''
import time
import httpx

ENDS = ("toasted", "burnt")


class Failed(Exception):
    """The call failed."""


def wait_of(answer, otherwise):
    value = answer.headers.get("retry-after", "")
    if value.isdigit():
        return int(value)
    if value:
        from email.utils import parsedate_to_datetime
        return max(1, parsedate_to_datetime(value).timestamp() - time.time())
    return otherwise


def poll(http, job, end):
    pause = 5
    while time.monotonic() < end:
        try:
            answer = http.get(f"/toasts/{job}", timeout=20)
            body = answer.json() if answer.status_code < 300 else {}
        except (httpx.TransportError, ValueError):
            answer = None
        if answer is None:
            wait = pause = pause * 2
        elif answer.status_code < 300:
            if body["status"] == "burnt":
                raise Failed("burnt")
            if body["status"] == "toasted":
                return body["slices"]
            wait, pause = wait_of(answer, 5), 5
        elif answer.status_code in (429, 500, 503):
            pause = pause * 2
            wait = wait_of(answer, pause)
        else:
            raise Failed(answer.status_code)
        time.sleep(wait)
    raise Failed("deadline")


def start(http):
    answer = http.post("/toasts")
    if answer.status_code != 202:
        raise Failed(answer.status_code)
    return answer.json()["id"]


def conform(task):
    end = time.monotonic() + task.deadline
    headers = {"Authorization": f"Bearer {task.api_key}"}
    with httpx.Client(base_url=task.url, headers=headers) as http:
        return poll(http, task.job_id or start(http), end)
'''


class PlantedBug(NamedTuple):
    """A text that the client has once, what takes its place, and a case that finds it."""

    old: str
    new: str
    case: str


BUGS = {
    "returns unfinished jobs": PlantedBug(
        'if body["status"] == "toasted"', 'if body["status"] != "burnt"', "at-work/queued"),
    "polls on after the end": PlantedBug('raise Failed("burnt")', "pass", "ended/burnt"),
    "returns a failed job": PlantedBug('raise Failed("burnt")', "return []", "ended/burnt"),
    "drops a result": PlantedBug('return body["slices"]', 'return body["slices"][1:]', "succeeded/toasted"),
    "takes nothing for a failure": PlantedBug(
        'return body["slices"]', 'return body["slices"] or start(None)', "nothing"),
    "does not wait": PlantedBug("wait, pause = wait_of(answer, 5), 5", "wait, pause = 0.2, 5", "interval"),
    "ignores Retry-After": PlantedBug("wait = wait_of(answer, pause)", "wait = 5", "retry-after/too_many_requests"),
    "ignores a rate limit": PlantedBug("wait = wait_of(answer, pause)", "wait = 2", "rate-limit"),
    "gives up at a 429": PlantedBug("(429, 500, 503)", "(500, 503)", "without-retry-after/too_many_requests"),
    "gives up at a 500": PlantedBug("(429, 500, 503)", "(429, 503)", "without-retry-after/broken"),
    "repeats what is refused": PlantedBug("(429, 500, 503)", "(401, 429, 500, 503)", "poll-refused/unauthorized"),
    "waits for a lost job": PlantedBug("(429, 500, 503)", "(404, 429, 500, 503)", "job-unknown"),
    "repeats a refused start": PlantedBug(
        "raise Failed(answer.status_code)\n    return answer.json()", "return start(http)\n    return answer.json()",
        "start-refused/unauthorized"),
    "starts anew after a 404": PlantedBug(
        "raise Failed(answer.status_code)\n        time", "return poll(http, start(http), end)\n        time",
        "not-there-yet"),
    "starts anew without an answer": PlantedBug(
        '    answer = http.post("/toasts")',
        '    try:\n        answer = http.post("/toasts")\n    except httpx.TransportError:\n        return start(http)',
        "lost-start"),
    "dies with the connection": PlantedBug("(httpx.TransportError, ValueError)", "ValueError", "disconnect/reset"),
    "dies of a cut body": PlantedBug("(httpx.TransportError, ValueError)", "ValueError", "disconnect/mid_body"),
    "dies of a broken body": PlantedBug(
        "(httpx.TransportError, ValueError)", "httpx.TransportError", "corrupt/truncated_json"),
    "has no timeout": PlantedBug("timeout=20", "timeout=None", "hanging"),
    "has a short timeout": PlantedBug("timeout=20", "timeout=2", "slow-answers"),
    "reads no date": PlantedBug("    if value:\n", "    if False:\n", "retry-after-date"),
    "starts twice": PlantedBug(
        'answer = http.post("/toasts")', 'answer = [http.post("/toasts") for _ in "12"][1]', "started"),
    "takes a quick end for a failure": PlantedBug(
        'if body["status"] == "burnt"', 'if body["status"] in ENDS and time.monotonic() < end - 3599', "at-once"),
    "has no deadline": PlantedBug("while time.monotonic() < end", "while True", "stuck"),
}  # fmt: skip
