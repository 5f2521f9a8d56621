"""Runs small Python programs under the preload, against a server in this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.support import EPOCH, HANGS, KEYS

from jobmock.preloads.python_path import with_python_preload

PROGRAMS = Path(__file__).with_name("python_programs")
KEY = KEYS["clado"]


class Ended(NamedTuple):
    """How a process has ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The JSON in its output."""
        assert (self.code, self.err) == (0, ""), self.err
        return json.loads(self.out)


def environment(url: str, **more: str) -> dict[str, str]:
    """Return the environment of a process that takes part in virtual time."""
    unwanted = ("PYTHON", "COVERAGE", "PYTEST", "JOBMOCK")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    mock = {
        "CLADO_BASE_URL": url, "CLADO_API_KEY": KEY, "JOBMOCK_TIME_URL": f"{url}/__jobmock/clock",
        "JOBMOCK_TIME_KEY": KEY, "JOBMOCK_TIME_PORTS": str(urlsplit(url).port), "JOBMOCK_TIME_START": str(EPOCH),
    }  # fmt: skip
    return {**clean, **mock, **with_python_preload(more), **{one: more[one] for one in more if one != "PYTHONPATH"}}


def command(*arguments: object) -> list[str]:
    """Return the command `python ARGUMENTS`, where a first argument `x.py` is one of the programs."""
    first, *rest = map(str, arguments)
    return [sys.executable, str(PROGRAMS / first) if first.endswith(".py") else first, *rest]


def start(*arguments: object, env: Mapping[str, str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """Start `python ARGUMENTS`."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command(*arguments), env=env, text=True, stdin=stdin, stdout=pipe, stderr=pipe)


def end(process: subprocess.Popen[str], text: str | None = None) -> Ended:
    """Wait for the end of a process, which gets a text on stdin."""
    try:
        out, err = process.communicate(text, timeout=HANGS)
    finally:
        process.kill()
    return Ended(process.returncode, out, err)


def run(*arguments: object, env: Mapping[str, str], stdin: int = subprocess.DEVNULL) -> Ended:
    """Run `python ARGUMENTS` to its end."""
    return end(start(*arguments, env=env, stdin=stdin))


def run_text(program: str, *arguments: object, env: Mapping[str, str]) -> Ended:
    """Run a program that is given as a text."""
    return run("-c", program, *arguments, env=env)
