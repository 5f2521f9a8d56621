"""A client that polls a job every five seconds, and reads its pages. With `patient` it heeds Retry-After, too."""

from __future__ import annotations

import json
import os
import sys
import time
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

JOBS = os.environ["CLADO_BASE_URL"] + "/api/search/deep_research"
HEADERS = {"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}", "Content-Type": "application/json"}
ENDS = ("completed", "error", "cancelled")


def read(url: str, body: bytes | None = None) -> Any:
    """Send a request, and return the JSON of its answer."""
    with urlopen(Request(url, body, HEADERS), timeout=20) as answer:
        return json.load(answer)


def main(is_patient: bool) -> None:
    """Start a job, poll it to its end, and read its pages."""
    job = read(JOBS, b'{"query": "chemists in Graz"}')["job_id"]
    status = ""
    while status not in ENDS:
        pause = 5.0
        try:
            status = read(f"{JOBS}/{job}")["status"]
        except HTTPError as refusal:
            if is_patient:
                pause = float(refusal.headers.get("Retry-After", pause))
        except (OSError, HTTPException, ValueError):
            pass  # the answer was broken, so the next poll asks again
        if status not in ENDS:
            time.sleep(pause)
    page, has_next = 0, True
    while has_next:
        page += 1
        has_next = read(f"{JOBS}/{job}?page={page}&page_size=20")["pagination"]["has_next"]
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1:] == ["patient"])
