"""A client as a user writes it. Its arguments: seconds between two polls, and how.

It prints how many seconds it took by its own clock.
"""

from __future__ import annotations

import os
import sys
import time

import httpx

JOBS = "/api/search/deep_research"
interval, how = float(sys.argv[1]), sys.argv[2]


def client(api: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {os.environ[f'{api}_API_KEY']}"}
    return httpx.Client(headers=headers, base_url=os.environ[f"{api}_BASE_URL"], trust_env=False)


def poll() -> None:
    with client("CLADO") as http:
        job = http.post(JOBS, json={"query": "chemists"}).json()["job_id"]
        while http.get(f"{JOBS}/{job}").json()["status"] != "completed":
            time.sleep(interval)


def poll_both() -> None:
    poll()
    with client("ORBIT") as http:
        while http.get(f"/v2/developer/deep-search/{os.environ['RUN']}").json()["status"] != "completed":
            time.sleep(interval)


def ask() -> None:
    """Make a request, with which a process begins to take part."""
    with client("CLADO") as http:
        http.get("/api/credits")


def say_and_sleep() -> None:
    ask()
    for _ in range(20):
        sys.stdout.write("tick\n")
        sys.stdout.flush()
        time.sleep(interval)


def die() -> None:
    ask()
    time.sleep(interval)
    os._exit(7)


def wait_without_end() -> None:
    with client("CLADO") as http:
        job = http.post(JOBS, json={"query": "chemists"}).json()["job_id"]
        http.get(f"{JOBS}/{job}", timeout=None)


began = time.time()
globals()[how]()
sys.stdout.write(f"{time.time() - began}\n")
