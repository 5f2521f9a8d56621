"""Correct APIs of other shapes are clean: cursors, JSON Lines, answers without a body, other keys or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.api_checks.other_shapes import CODE, install
from tests.apis.distributions import run_python

CLIENT = '''
import time
import httpx


class Failed(Exception):
    """The call failed."""


def send(http, method, path, end, **more):
    pause = 2
    while time.monotonic() < end:
        try:
            answer = http.request(method, path, timeout=20, **more)
            if answer.status_code != 503:
                if answer.status_code >= 400:
                    raise Failed(answer.status_code)
                return answer.json() if answer.content or method == "GET" else answer
        except (httpx.TransportError, ValueError):
            if method == "POST":
                raise
            answer = None
        pause *= 2
        value = answer.headers.get("retry-after", "") if answer else ""
        time.sleep(int(value) if value.isdigit() else 60 if value else pause)
    raise Failed("deadline")


def conform(task):
    end = time.monotonic() + task.deadline
    with httpx.Client(base_url=task.url, headers={"x-api-key": task.api_key}) as http:
        place = f"/loaves/{task.job_id}" if task.job_id else send(http, "POST", "/loaves", end).headers["location"]
        if task.action == "cancel":
            send(http, "DELETE", place, end)
            return None
        while (state := send(http, "GET", place, end)["job"]["state"]) == "running":
            time.sleep(5)
        if state != "done":
            raise Failed(state)
        found, wanted = [], {}
        while wanted is not None:
            page = send(http, "GET", f"{place}/all", end, params=wanted)
            found += page["found"]["loaves"]
            wanted = {"after": page["next"]} if page["next"] else None
        return [one["bread"] for one in found]
'''


@pytest.mark.parametrize("api", CODE)
def test_it_is_clean(api: str, tmp_path: Path) -> None:
    """An API whose bodies have other paths, or results in an operation of their own, has no finding."""
    install(tmp_path, api)
    ran = run_python("-m", "jobmock", "lint", "--api", api, "--strict", places=[tmp_path])
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "1 API checked, no problems found.\n")


def test_a_correct_client_passes_its_cases(tmp_path: Path) -> None:
    """The generic cases fit an API with cursors, a cancel, and results in an operation of their own."""
    install(tmp_path, "bakery")
    (tmp_path / "bakery_client.py").write_text(CLIENT)
    client = ("--client", "bakery_client:conform", "--report", "json", "--fail-on", "should")
    ran = run_python("-m", "jobmock", "conform", "--api", "bakery", *client, places=[tmp_path])
    results = {case["id"]: case["result"] for case in json.loads(ran.stdout)["cases"]}
    assert {name: result for name, result in results.items() if result != "passed"} == {}, ran.stdout
    assert {"cancel", "many-pages", "no-page", "nothing"} <= {*results}


WRONG = {
    ", page=page.info": ("", "#/API/operations/2/answer", "answers a request for a page, and its Answer has no `page`"),
    'status="stopped"': (
        'status="stoped"', "#/API/operations/3/answer",
        "of a job at 'running' leaves the job with the status 'stoped', which is no status of `transitions`. "
        "Allowed: running, done, stopped. Did you mean 'stopped'?"),
}  # fmt: skip


@pytest.mark.parametrize("right", WRONG)
def test_what_an_answer_leaves_unsaid_is_named(right: str, tmp_path: Path) -> None:
    """A page that isn't described, and a cancellation that ends with an unknown status, are found by playing them."""
    install(tmp_path, "bakery")
    code, (wrong, place, words) = tmp_path / "bakery_api" / "__init__.py", WRONG[right]
    assert code.read_text().count(right) == 1
    code.write_text(code.read_text().replace(right, wrong))
    ran = run_python("-m", "jobmock", "lint", "--api", "bakery", places=[tmp_path])
    line, *more = ran.stdout.splitlines()
    assert ran.returncode == 2 and f"{place}: error: " in line and words in line, ran.stdout + ran.stderr
    assert all(": note: " in one for one in more)
