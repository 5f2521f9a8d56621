"""The reference clients do what they say in bundled scenarios, and break no rule."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.conformance.planted_bugs import CLIENTS, reference
from tests.documents.reading import tables
from tests.forking import PARENT
from tests.support import HANGS, part

SPEED = 100
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
LANGUAGES = ("python", "typescript", "java", "bash")
MOST_LINES = 119


class Call(NamedTuple):
    """A call of a client: what it does in which scenario, and what it prints: how many people, or a member.

    `None` is a call that fails.
    """

    action: str
    scenario: str
    printed: Any

    def __str__(self) -> str:
        return f"{self.action}-{self.scenario.replace('/', '-')}"


CALLS = (
    Call("poll", "clado/two-pages", 47),
    Call("poll", "clado/unknown-status", 3),
    Call("poll", "clado/job-error", None),
    Call("poll", "clado/cancelled-elsewhere", None),
    Call("pages", "clado/garbled-answers", 12),
    Call("pages", "clado/thousand", 1000),
    Call("pages", "clado/nobody", 0),
    Call("pages", "clado/hostile-pages", None),
    Call("start", "clado/rate-limited-once", 3),
    Call("start", "clado/lost-start", None),
    Call("more", "clado/cancel-says-no", 5),
    Call("cancel", "clado/stuck", {"success": True}),
    Call("cancel", "clado/at-once", None),
    Call("credits", "clado/usual", {"last_topup_at": None}),
    Call("poll", "orbit/garbled-answers", {"status": "completed"}),
    Call("poll", "orbit/not-found", None),
    Call("start", "orbit/lost-start", {"status": "completed"}),
    Call("profile", "orbit/usual", {"status": "success"}),
    Call("profile", "orbit/usual-discovery", None),
)
CALLS_OF_CLIENTS = [
    (call, language) for call, language in product(CALLS, LANGUAGES)
    if call.scenario.startswith("clado/") or language in ("python", "typescript")
]  # fmt: skip
"""Calls of each client; those in Java and bash are clients of Clado alone."""


def command(language: str, folder: Path) -> list[str]:
    """Return the command of a client. Skips the test if a tool is missing."""
    for tool in {"java": ("java", "javac"), "bash": ("bash", "curl", "awk")}.get(language, ()):
        if not shutil.which(tool):
            pytest.skip(f"There is no {tool} here.")
    if language == "java":
        return ["java", *QUICK_START, str(CLIENTS / "Client.java")]
    if language == "bash":
        return ["bash", str(CLIENTS / "client.sh")]
    return [sys.executable if language == "python" else "node", str(reference(language, folder))]


def called(call: Call, language: str, folder: Path) -> tuple[Any, list[str]]:
    """Return what a client printed, or None if it failed, and the rules that its requests broke."""
    api, report = call.scenario.partition("/")[0], folder / "report.json"
    limit = {"more": "2"}.get(call.action, "")
    environment = {
        "API": api, "ACTION": call.action, "QUERY": 'people of "Graz"' if api == "clado" else "a@mail.invalid",
        "DEADLINE": "3600", **({"LIMIT": limit} if limit else {}),
    }  # fmt: skip
    time = []
    if language in ("java", "bash"):
        time = ["--speed", str(SPEED)]
        environment |= {"DEADLINE": "60", "INTERVAL": "0.05", "TIMEOUT": "2"}
    variables = [f"--env=JOBMOCK_{name}={value}" for name, value in environment.items()]
    line = ["run", "--with-job", f"--scenario={call.scenario}", *time, *variables, f"--report=json={report}", "--"]
    ran = PARENT.run("jobmock", [*line, *command(language, folder)], folder, HANGS)
    (run,) = json.loads(report.read_text("utf-8"))["runs"]
    rules = [finding["rule"] for finding in run["findings"]]
    return (json.loads(ran.out) if ran.code == 0 else None), rules


def summary(printed: Any, expected: Any) -> Any:
    """Return of what was printed the part that is expected: the number of people, or members."""
    if isinstance(expected, dict) and isinstance(printed, dict):
        return {name: printed.get(name) for name in expected}
    if isinstance(expected, int) and printed is not None:
        return len(printed if isinstance(printed, list) else printed["results"])
    return printed


@pytest.mark.parametrize(("call", "language"), part(CALLS_OF_CLIENTS, 5), ids=str)
def test_reference_client(call: Call, language: str, tmp_path: Path) -> None:
    """A client prints what it found, or fails, and its requests break no rule."""
    printed, rules = called(call, language, tmp_path)
    assert (summary(printed, call.printed), rules) == (call.printed, [])


@pytest.mark.parametrize("name", ["client.py", "client.ts", "Client.java", "client.sh"])
def test_short(name: str) -> None:
    """A client is so short that it can be read and copied, and the page names it."""
    assert len((CLIENTS / name).read_text("utf-8").splitlines()) <= MOST_LINES
    assert name in [row[0].strip("`") for row in tables("tests/examples/conformance/README.md")[0][1:]]


def test_types_of_reference_client() -> None:
    """The client in TypeScript has no error of types."""
    if not shutil.which("npx") or not (CLIENTS / "node_modules" / "typescript").exists():
        pytest.skip("There is no TypeScript here (npm install in tests/examples/conformance).")
    ran = subprocess.run(["npx", "tsc"], cwd=CLIENTS, capture_output=True, text=True, timeout=HANGS, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
