"""`assert_client_survives` with a command: smallest counterexamples, saved and replayed, and wrong arguments."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.strategies.clado_clients import patient
from tests.support import HANGS, part

from jobmock.errors import UsageError, VirtualTimeError
from jobmock.scenario import from_text
from jobmock.strategies import assert_client_survives, behaviours

HERE = Path(__file__).parent / "command_clients"
PYTHON, NODE = (sys.executable, str(HERE / "client.py")), ("node", str(HERE / "client.mjs"))
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no virtual time.")
LANGUAGES = [pytest.param(PYTHON, id="python"), pytest.param(NODE, id="node", marks=needs_node)]
survives = partial(assert_client_survives, api="clado", seed=1, shrink=10)
ends = partial(behaviours, "clado", absent=False, stuck=False, unknown=False, hostile=False)
"""Behaviours in which each job ends: otherwise a client polls 700 times until its own deadline."""


@pytest.mark.parametrize("command", part(LANGUAGES, 2))
def test_counterexample_of_a_command(command: tuple[str, ...], tmp_path: Path) -> None:
    """The scenario that a command fails is made as small as that of a function, saved, and played first later."""
    given: dict[str, Any] = {"command": [*command, "persistent", "quitter"], "persistent": True, "folder": tmp_path}
    given["scenarios"] = ends()
    with pytest.raises(AssertionError, match=r"gave-up-early \(error\): the call raised") as error:
        survives(**given, timeout=HANGS, max_examples=40)
    saved = (tmp_path / "regressions" / "clado").glob("*.yaml")
    found = [path for path in saved if "# gave-up-early" in path.read_text("utf-8")]
    assert len(found) == 1, str(error.value)
    (path,) = found
    name = f"{Path(command[0]).name}-{command[1].rpartition('/')[2]}-persistent-quitter".replace(".", "-")
    assert path.name.startswith(f"{name}-")
    scenario = from_text(path.read_text("utf-8"))
    assert len(scenario.faults) == 1 and len(scenario.progression) <= 2, str(error.value)
    with pytest.raises(AssertionError, match="It is saved as"):
        survives(**given, timeout=HANGS, max_examples=1)


@pytest.mark.parametrize("command", LANGUAGES)
def test_correct_command(command: tuple[str, ...], tmp_path: Path, clado_mock: Any) -> None:
    """A correct client passes in both ways, also in a test whose thread is in virtual time itself."""
    for persistent in (False, True):
        how = "persistent" if persistent else "once"
        given: dict[str, Any] = {"command": [*command, how], "persistent": persistent, "folder": tmp_path}
        survives(**given, timeout=HANGS, max_examples=8 if persistent else 2, scenarios=ends(max_faults=0))


@pytest.mark.usefixtures("quick_limits")
@pytest.mark.skipif(not shutil.which("curl"), reason="curl isn't installed")
def test_command_outside_virtual_time(tmp_path: Path) -> None:
    """The error says how to ask for scaled time here."""
    url = '$CLADO_BASE_URL/api/search/deep_research/x -H "Authorization: Bearer $CLADO_API_KEY"'
    with pytest.raises(VirtualTimeError, match=r"curl.* sends requests, but .* Or use time=\"scaled\"\."):
        survives(command=["sh", "-c", f"curl -s {url}; sleep 60"], folder=tmp_path)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "Give the client either as 'run_client', which is a function, or as 'command'."),
        ({"run_client": patient, "command": ["true"]}, "Give the client either as 'run_client', which is a function"),
        ({"run_client": patient, "persistent": True}, "'persistent' is for a client that is a command"),
        ({"run_client": patient, "timeout": 5}, "'timeout' is for a client that is a command"),
        ({"command": "node client.mjs"}, "'command' is a list of the program and its arguments, such as ['no"),
        ({"command": []}, "'command' is a list of the program and its arguments"),
        ({"command": ["true", 7]}, "'command' is a list of the program and its arguments"),
        ({"command": ["true"], "time": "real"}, "Unknown time 'real'. Allowed: virtual, scaled."),
        ({"command": ["true"], "time": "virtual", "speed": 5}, "'speed' is for time='scaled' alone, and 'ti"),
        ({"command": ["true"], "speed": 0}, "'speed' is a number above 0, not 0."),
        ({"command": ["true"], "timeout": "5"}, "'timeout' is a number above 0, not '5'."),
        ({"command": ["true"], "persistent": 1}, "'persistent' is True or False, not 1."),
        ({"command": ["no-such-command"]}, "The command 'no-such-command' can't be found."),
        ({"command": ["true"], "persistent": True}, "doesn't speak the protocol of a persistent command"),
    ],
)
def test_wrong_arguments(given: dict[str, Any], text: str, tmp_path: Path) -> None:
    """A mistake of the set-up is a UsageError that says what is allowed."""
    with pytest.raises(UsageError) as error:
        survives(**given, folder=tmp_path)
    assert text in str(error.value)
