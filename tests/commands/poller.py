"""A client of Clado, without any library: it polls its job to the end, and prints the last status.

Its arguments are the pause between two polls, in seconds, and how many polls it sends after the end.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any
from urllib.request import Request, urlopen

JOBS = os.environ["CLADO_BASE_URL"] + "/api/search/deep_research"
HEADERS = {"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}", "Content-Type": "application/json"}


def call(path: str = "", data: bytes | None = None) -> Any:
    """Send a request, and return the answer's JSON."""
    with urlopen(Request(JOBS + path, data, HEADERS)) as answer:
        return json.load(answer)


def main(pause: float, more: int) -> None:
    """Start a job, unless one is given, and poll it to its end."""
    job = os.environ.get("CLADO_JOB_ID") or call(data=b'{"query": "chemists"}')["job_id"]
    while (status := call(f"/{job}")["status"]) not in ("completed", "error", "cancelled"):
        time.sleep(pause)
    for _ in range(more):
        time.sleep(pause)
        call(f"/{job}")
    sys.stdout.write(f"{status}\n")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
