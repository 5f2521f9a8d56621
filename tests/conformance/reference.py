"""The correct client of `tests/examples/conformance` as a callable that takes a task."""

from __future__ import annotations

from typing import Any

from tests.examples.conformance.client import Client

from jobmock.conformance.clients.task import Task

INTERVAL, TIMEOUT = 5.0, 20.0


def reference(task: Task) -> Any:
    """Do what a task asks for, and return the result."""
    return perform(task, Client)


def perform(task: Task, kind: type[Client]) -> Any:
    """Do what a task asks for with a class of clients."""
    client = kind(task.api, task.url, task.api_key, task.deadline, INTERVAL, TIMEOUT)
    job = task.job_id or ""
    limit = {} if task.limit is None else {"limit" if task.action == "start" else "additional_limit": task.limit}
    actions = {
        "poll": lambda: client.poll(job), "pages": lambda: client.pages(job),
        "start": lambda: client.start(task.query, **limit), "more": lambda: client.more(job, **limit),
        "cancel": lambda: client.send("POST", f"{client.jobs}/{job}/cancel"),
        "profile": lambda: client.profile(job),
        "credits": lambda: client.send("GET", "/api/credits"),
    }  # fmt: skip
    with client.http:
        return actions[task.action]()
