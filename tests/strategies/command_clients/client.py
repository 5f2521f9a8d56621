"""A client of Clado as a function, as a command that runs once, and as a persistent one.

Arguments: `once` or `persistent`, and the bug that is planted, if any.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

ENDED = ("completed", "error", "cancelled")
Answer = tuple[int, dict[str, str], Any]


def ask(url: str, key: str, job: str, bug: str) -> Answer | None:
    """Return status, headers and body of one poll; None if the answer was lost."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=None if bug == "no-timeout" else 30
    )
    try:
        connection.request("GET", f"/api/search/deep_research/{job}", headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        body = json.loads(answer.read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def pause(answer: Answer | None, errors: int, bug: str) -> float:
    """Return the seconds until the next poll."""
    if bug == "hasty":
        return 0.25
    if answer is None or answer[0] != 200:
        value = None if answer is None or bug == "deaf" else answer[1].get("retry-after")
        if value is None:
            return float(min(5 * 2**errors, 300))
        if value.isdigit():
            return float(value)
        date = answer[1]["date"] if answer else ""
        return (parsedate_to_datetime(value) - parsedate_to_datetime(date)).total_seconds()
    return 5.0


def poll(url: str, key: str, job: str, bug: str = "") -> Any:
    """Poll a job to its end, and return the last answer."""
    errors, deadline = 0, time.monotonic() + (float("inf") if bug == "endless" else 3_600)
    while time.monotonic() < deadline:
        answer = ask(url, key, job, bug)
        if answer is not None and answer[0] == 200:
            errors = 0
            if answer[2]["status"] in ENDED[: 1 if bug == "endless" else 3]:
                if bug == "greedy":
                    ask(url, key, job, bug)
                return answer[2]
        elif answer is not None and answer[0] == 503 and bug == "quitter":
            raise RuntimeError("503")
        else:
            errors += 1
            if bug == "careless" and answer is not None:
                return answer[2]
        time.sleep(pause(answer, errors, bug))
    raise RuntimeError("The job takes too long.")


def job_in(variables: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the URL, the key and the job that variables name."""
    return variables["CLADO_BASE_URL"], variables["CLADO_API_KEY"], variables["CLADO_JOB_ID"]


def persistent(bug: str) -> None:
    """Answer each line with how the call for its job ended."""
    for line in sys.stdin:
        given = json.loads(line)
        job = job_in(given)
        if bug == "crash":
            ask(*job, "")
            sys.exit("It can't go on.")
        try:
            ended = {"returned": poll(*job, bug)}
        except RuntimeError as error:
            ended = {"raised": str(error)}
        if bug == "late":
            threading.Thread(target=ask_late, args=job, daemon=True).start()
        if bug == "chatty":
            say("It has ended.")
        say(json.dumps(ended))


def ask_late(url: str, key: str, job: str) -> None:
    """Poll a job once more, when it has been answered for."""
    time.sleep(1)
    ask(url, key, job, "")


def say(line: str) -> None:
    """Write a line to stdout at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    how, planted = sys.argv[1], "".join(sys.argv[2:])
    if how == "persistent":
        persistent(planted)
    else:
        say(json.dumps(poll(*job_in(os.environ), planted)))
