"""`jobmock run` finds the bugs that public clients shipped, in a client in Node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.commands.clients.planted_bugs import CORRECT, PLANTED_BUGS, PlantedBug
from tests.preloads.node_process import needs_node
from tests.support import part

from jobmock import cli

pytestmark = needs_node


class Result(NamedTuple):
    """What was found in a client: its run's exit code, whether it came to its end, and the rules that it broke.

    `rules` has the severity of each. `by_outcome` are those that the control API found.
    """

    code: int
    ended: bool
    rules: dict[str, str]
    by_outcome: list[str]


def result(bug: PlantedBug, program: Path, folder: Path, capfd: pytest.CaptureFixture[str]) -> Result:
    """Run a program in the scenario of a bug, and return what was found."""
    played = bug.played
    if isinstance(played, dict):
        (folder / "played.yaml").write_text(json.dumps(played), "utf-8")
        played = folder / "played.yaml"
    settings = "CLIENT_SETTINGS=" + json.dumps(dict(bug.settings)).replace("{", "{{").replace("}", "}}")
    variables = ["--env", settings, *(["--env", "CLIENT_ASKS=1"] if bug.needs_outcome else [])]
    report = folder / "report.json"
    line: list[Any] = ["run", "--scenario", played, *variables, "--report", f"json={report}", "--"]
    capfd.readouterr()
    code = cli.execute([*map(str, line), "node", str(program), bug.api])
    printed = capfd.readouterr().out
    (run,) = json.loads(report.read_text("utf-8"))["runs"]
    by_outcome = json.loads(printed)["rules"] if printed else []
    broken = {one["rule"]: one["severity"] for one in run["findings"]}
    return Result(code, printed.startswith("{"), broken, by_outcome)


@pytest.mark.parametrize("bug", part(PLANTED_BUGS, 3), ids=lambda bug: bug.bug)
def test_bug_of_a_client_in_node(bug: PlantedBug, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The rule finds the bug, and nothing is found in the correct client."""
    wrong = tmp_path / "wrong_client.mjs"
    wrong.write_text(bug.source(), "utf-8")
    assert result(bug, CORRECT, tmp_path, capfd) == (0, True, {}, [])
    found = result(bug, wrong, tmp_path, capfd)
    assert bug.rule in (found.by_outcome if bug.needs_outcome else found.rules)
    assert found.code == ("error" in found.rules.values())
