"""Projects of a user of the plugin: a folder with a client, its tests, and a run of pytest there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from textwrap import dedent

import pytest
from tests.forking import PARENT
from tests.support import HANGS

from pytest_jobmock.options import OPTIONS

for loaded in (
    "aiohttp", "harfile", "httpcore", "httpx2", "httpcore2", "hypothesis.core", "jobmock.scenario",
    "jobmock.server.app", "jobmock.strategies.regressions", "jobmock.transport", "pytest_jobmock.session",
    "pytest_jobmock.mocks.intercept", "requests", "time_machine", "trio", "uvicorn.protocols.http.httptools_impl",
):  # fmt: skip
    import_module(loaded)  # a run inside this one unloads each module that it was the first to import

CLIENT = """
import time

import httpx

JOBS = "/api/search/deep_research"
RUNS = "/v2/developer/deep-search"
ENDS = ("completed", "error", "cancelled", "failed")


def client(mock, **more):
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    if not more:
        more = {"transport": mock.transport, "base_url": "http://mock"}
    return httpx.Client(headers=headers, **more)


def fetch(client, job, pause=5.0, jobs=JOBS):
    while True:
        answer = client.get(f"{jobs}/{job}")
        if answer.status_code in (429, 503):
            time.sleep(int(answer.headers["retry-after"]))
            continue
        body = answer.json()
        if body["status"] in ENDS:
            return body
        time.sleep(pause)


def polled(mock, scenario, pause=5.0):
    job = mock.play(scenario)
    with client(mock) as http:
        return fetch(http, job.id, pause, JOBS if mock.api == "clado" else RUNS)
"""
LOADED_BEFORE = "ignore::pytest.PytestAssertRewriteWarning"
"""Here the plugin and others are loaded before pytest could change their assertions."""
APIS, OF_API = ("CLADO", "ORBIT"), ("API_KEY", "BASE_URL")


class Project:
    """One project. Its tests may use `polling`, a client of either API that behaves well by default."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester, self.path = pytester, pytester.path
        self.write("polling.py", CLIENT)
        self.ini()

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")

    def ini(self, *lines: str, others: Sequence[str] = ()) -> None:
        """Write the ini file; only this plugin and those in `others` are loaded."""
        on = "".join(f" -p {name}" for name in ("jobmock", *others))
        off = f"-p no:cacheprovider -W {LOADED_BEFORE}"
        self.write("pytest.ini", "\n".join(["[pytest]", f"addopts = {off}{on}", "pythonpath = .", *lines]))

    def run(self, *args: str) -> pytest.RunResult:
        """Run pytest in this process, with short tracebacks."""
        return self.pytester.runpytest_inprocess("--tb=short", *args)

    def run_apart(self, *args: str) -> pytest.RunResult:
        """Run pytest in a process of its own, which has loaded most modules already."""
        line = ("--tb=short", "--basetemp=temporary", *args, "-W", LOADED_BEFORE)
        ran = PARENT.run("pytest", line, self.path, HANGS)
        sys.stdout.write(ran.out)
        sys.stderr.write(ran.err)
        return pytest.RunResult(ran.code, ran.out.splitlines(), ran.err.splitlines(), 0.0)

    def run_fresh(self, *args: str) -> pytest.RunResult:
        """Run pytest in a process that begins with nothing, for what depends on which modules are loaded when."""
        return self.pytester.runpytest_subprocess("--tb=short", *args, timeout=HANGS)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project whose tests don't see this run's settings."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # finding all plugins takes longer than most tests
    monkeypatch.delenv("CI", raising=False)  # with it pytest shows its summary at full length
    own = (f"JOBMOCK_{option.name.upper()}" for option in OPTIONS)
    for name in (*own, *(f"{api}_{word}" for api in APIS for word in OF_API)):
        monkeypatch.delenv(name, raising=False)
    return Project(pytester)
