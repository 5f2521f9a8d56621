"""Interpreters under the preload for Python: the user's own sitecustomize, and those that can't take part."""

from __future__ import annotations

import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.preloads.python_process import Ended, environment, run, run_text
from tests.support import HANGS, Mock

from jobmock.server.app import create_app
from jobmock.server.serving import running
from jobmock.server.shared_time.owner import Owner


def test_the_users_own_sitecustomize_runs(server: str, tmp_path: Path) -> None:
    """It is the module that an import gets, it may fail as always, and virtual time begins after it."""
    own = tmp_path / "sitecustomize.py"
    own.write_text("import builtins; builtins.own = __file__")
    env = environment(server, PYTHONPATH=str(tmp_path))
    program = "import sitecustomize, time; t = time.time(); print(own, sitecustomize.__file__, time.time() - t)"
    assert run_text(program, env=env).out == f"{own} {own} 0.0\n"
    own.write_text("1 / 0")
    failed = run_text("import time; t = time.time(); print(time.time() - t)", env=env)
    assert failed.out == "0.0\n" and "Error in sitecustomize" in failed.err and "ZeroDivisionError" in failed.err


def test_without_a_clock_nothing_changes(server: str) -> None:
    """Without JOBMOCK_TIME_URL nothing of jobmock is imported."""
    env = {name: value for name, value in environment(server).items() if name != "JOBMOCK_TIME_URL"}
    assert run_text("import sys; print('jobmock' in sys.modules)", env=env).out == "False\n"


ASK = (
    "import os, urllib.request as r, time\n"
    "headers = {'Authorization': 'Bearer ' + os.environ['CLADO_API_KEY']}\n"
    "for _ in '12': r.urlopen(r.Request(os.environ['CLADO_BASE_URL'] + '/api/credits', headers=headers))\n"
)


@pytest.fixture(scope="module")
def without_jobmock(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment without jobmock."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False)
    return str(place / "bin" / "python")


def run_elsewhere(python: str, *arguments: str, env: dict[str, str]) -> Ended:
    ran = subprocess.run([python, *arguments], env=env, capture_output=True, text=True, timeout=HANGS, check=False)
    return Ended(ran.returncode, ran.stdout, ran.stderr)


def test_a_python_without_jobmock_is_named(server: str, without_jobmock: str) -> None:
    """It runs as always, and says once, when it connects to the mock, what is missing."""
    env = environment(server)
    assert run_elsewhere(without_jobmock, "-c", "print(1)", env=env) == Ended(0, "1\n", "")
    ended = run_elsewhere(without_jobmock, "-c", ASK, env=env)
    assert (ended.code, ended.out, ended.err.count("\n")) == (0, "", 1)
    assert f"isn't in virtual time: {without_jobmock} has no jobmock. Install it there, or use" in ended.err


def test_another_version_of_jobmock_is_named(server: str) -> None:
    """A Python with another version than that of the run is named in the same way."""
    ended = run_text(ASK, env=environment(server) | {"JOBMOCK_VERSION": "99.1"})
    assert ended.err.count("\n") == 1 and ", not 99.1. Install that one there, or use --time scaled." in ended.err


def test_a_python_that_cant_have_virtual_time_is_named(server: str, tmp_path: Path) -> None:
    """Another implementation than CPython is named in the same way, with that reason."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.implementation.name = 'other'")
    ended = run_text(ASK, env=environment(server, PYTHONPATH=str(tmp_path)))
    assert (ended.code, ended.out, ended.err.count("\n")) == (0, "", 1)
    assert "isn't in virtual time: Virtual time needs CPython on a system with poll" in ended.err


@pytest.fixture
def strangers(mock: Mock) -> Iterator[tuple[str, list[Any]]]:
    """A server, and the User-Agents of its clients that aren't in virtual time."""
    app, seen = create_app(mock.service), list[Any]()
    owner = Owner(lambda port, agent: seen.append(agent), lambda: None)
    app.shared_time.group(mock.namespace("clado").clock).owner = owner
    with running(app) as url:
        yield url, seen


@pytest.mark.parametrize("option", ["-I", "-E", "-S", None])
def test_an_isolated_python_is_a_stranger(
    strangers: tuple[str, list[Any]], option: str | None, request: pytest.FixtureRequest
) -> None:
    """Under -I, -E or -S the preload doesn't run, so the server reports the client. Else it doesn't."""
    url, seen = strangers
    if option:
        request.getfixturevalue("quick_limits")
    program = ASK + "time.sleep(1)"
    assert run(*filter(None, [option]), "-c", program, env=environment(url)) == Ended(0, "", "")
    assert bool(seen) == (option is not None)
