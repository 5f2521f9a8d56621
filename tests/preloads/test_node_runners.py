"""Test runners of Node under the preload: their tests are in virtual time, and they themselves aren't."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.preloads.node_process import environment, needs_node, packages, project, run
from tests.support import KEYS, Mock

pytestmark = needs_node
KEY = KEYS["clado"]
COMMANDS = {
    "vitest in processes": ["vitest/vitest.mjs", "run", "--pool=forks", "--dir=runners", "vitest.test"],
    "vitest in threads": ["vitest/vitest.mjs", "run", "--pool=threads", "--dir=runners", "vitest.test"],
    "vitest in vm contexts": ["vitest/vitest.mjs", "run", "--pool=vmThreads", "--dir=runners", "vitest.test"],
    "jest": ["jest/bin/jest.js", "--rootDir=runners", "--testMatch=**/jest.test.cjs", "--no-watchman", "--no-cache"],
    "mocha": ["mocha/bin/mocha.js", "runners/mocha.test.cjs"],
}


@pytest.mark.parametrize("runner", COMMANDS)
def test_a_test_of_a_runner_is_in_virtual_time(mock: Mock, server: str, runner: str, tmp_path: Path) -> None:
    """A poller within a runner's test has 181 polls and 900 s by its Date, in a test limited to 60 real seconds."""
    program, *arguments = COMMANDS[runner]
    place = project(tmp_path, packages(program.split("/")[0]))
    env = environment(server, KEY, MOCK_JOB=mock.play("clado", "clado/slow"), CI="1", NO_COLOR="1")
    ended = run(place / "node_modules" / program, *arguments, env=env, cwd=place)
    assert ended.code == 0, ended.out + ended.err
    assert mock.namespace("clado").clock.elapsed == 900 * 10**9


@pytest.mark.parametrize("options", [["--test"], []], ids=["in a child", "in the process"])
def test_a_test_of_node_is_in_virtual_time(mock: Mock, server: str, options: list[str], tmp_path: Path) -> None:
    """The same holds for node:test. The duration that it prints is real."""
    place = project(tmp_path, tmp_path)
    env = environment(server, KEY, MOCK_JOB=mock.play("clado", "clado/slow"))
    ended = run(*options, place / "runners" / "node.test.mjs", env=env, cwd=place)
    assert ended.code == 0, ended.out + ended.err
    durations = [float(line.split()[-1]) for line in ended.out.splitlines() if "duration_ms" in line]
    assert durations and max(durations) < 60_000


def test_sinons_fake_timers_work_on_top(server: str, tmp_path: Path) -> None:
    """sinon's fake timers move its own time, and virtual time goes on after them."""
    place = project(tmp_path, packages("sinon"))
    seen = run(place / "runners" / "sinon.mjs", env=environment(server, KEY)).value
    assert seen == {"fired": 1, "passed": 60_000, "after restore": 5000}
