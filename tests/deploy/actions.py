"""Runs the steps of `action.yml` as bash, as a runner of GitHub Actions does."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.support import HANGS

ROOT = Path(__file__).parents[2]
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_CONDITION = re.compile(r"inputs\.(\w+) == '(\w+)'")


class Job:
    """A job on a runner: its folder, and what its steps have written."""

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
        self.folder = folder
        self.summary, self._outputs = folder / "summary.md", folder / "outputs"
        self._env = {
            **os.environ, **(env or {}), "RUNNER_TEMP": str(folder), "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self._outputs),
        }  # fmt: skip

    def use(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run the action with inputs, until a step fails. Return what the steps printed, and the last exit code."""
        given = {name: inputs.pop(name, one["default"]) for name, one in self.action["inputs"].items()}
        assert inputs == {}, "The action has no such input."
        printed, code = ["", ""], 0
        for step in self.action["runs"]["steps"]:
            if "run" in step and code == 0 and self._is_chosen(step, given):
                done = self._run(step, given)
                printed = [printed[0] + done.stdout, printed[1] + done.stderr]
                code = done.returncode
        return subprocess.CompletedProcess([], code, *printed)

    def step(self, name: str) -> dict[str, Any]:
        """Return a step of the action."""
        (found,) = [step for step in self.action["runs"]["steps"] if step["name"] == name]
        return found  # type: ignore[no-any-return]

    def output(self, name: str) -> str:
        """Return an output of the action."""
        found = re.fullmatch(r"\$\{\{ steps\.\w+\.outputs\.(\w+) \}\}", self.action["outputs"][name]["value"])
        assert found
        return dict(line.split("=", 1) for line in self._outputs.read_text().splitlines())[found[1]]

    def _is_chosen(self, step: dict[str, Any], given: Mapping[str, str]) -> bool:
        if "if" not in step:
            return True
        condition = _CONDITION.fullmatch(step["if"])
        assert condition, f"The condition of {step['name']!r} isn't understood here."
        return given[condition[1]] == condition[2]

    def _run(self, step: dict[str, Any], given: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        assert step["shell"] == "bash"
        assert not _EXPRESSION.search(step["run"]), "An input in a script is code that a stranger may write."
        values = {"github.action_path": str(ROOT), **{f"inputs.{name}": value for name, value in given.items()}}
        env = {
            name: _EXPRESSION.sub(lambda match: values[match[1]], text) for name, text in step.get("env", {}).items()
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.folder, timeout=HANGS,
            env={**self._env, **env}, capture_output=True, text=True, check=False,
        )  # fmt: skip
