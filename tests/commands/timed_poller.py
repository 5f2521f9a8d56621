"""Starts a job of Clado, polls it every five seconds until it has ended, and says how often and how long."""

import json
import os
import sys
import time
from typing import Any
from urllib.request import Request, urlopen

URL = f"{os.environ['CLADO_BASE_URL']}/api/search/deep_research"
HEADERS = {"Authorization": f"Bearer {os.environ['CLADO_API_KEY']}", "Content-Type": "application/json"}


def call(path: str, body: bytes | None = None) -> Any:
    """Send a request, and return its answer."""
    with urlopen(Request(URL + path, body, HEADERS), timeout=30) as response:
        return json.load(response)


began, polls = time.time(), 1
job = call("", b'{"query": "chemists in Graz"}')["job_id"]
while call(f"/{job}")["status"] not in ("completed", "failed", "cancelled"):
    time.sleep(5)
    polls += 1
sys.stdout.write(f"{polls} polls in {time.time() - began:g} s\n")
