"""Make an environment for an interpreter, run the tests in it, and read the outcome."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tests.pythons.finding import ROOT, Interpreter

FOLDER = ROOT / ".pythons"
_COUNTS = re.compile(r"^=*\s*(\d+ \w+(?:, \d+ \w+)*|no tests ran) in [\d.]+s", re.MULTILINE)
_SUMMARY = " short test summary info ="
_FAILURES = ("FAILED ", "ERROR ")
_REMOVED_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYENV_VERSION", "PYTEST_ADDOPTS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of the tests on one interpreter; `failures` are the lines that name failed tests."""

    version: str
    summary: str
    seconds: float
    failed: bool
    failures: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the lines that are printed: a summary, and a line for each failure."""
        return [f"{self.version:<8} {self.summary} in {self.seconds:.0f} s", *(f"  {line}" for line in self.failures)]


def run_tests(interpreter: Interpreter, arguments: Sequence[str], folder: Path = FOLDER) -> Outcome:
    """Run pytest with these arguments, and write the whole output to a file beside the environment."""
    began = time.monotonic()
    output = folder / f"{interpreter.version}.txt"
    folder.mkdir(parents=True, exist_ok=True)
    with output.open("w", encoding="utf-8") as log:
        for command in _environment_commands(interpreter, folder / interpreter.version):
            if _run(interpreter, command, log):
                summary, seconds = f"has no environment (see {output})", time.monotonic() - began
                return Outcome(version=interpreter.version, summary=summary, seconds=seconds, failed=True)
        began = time.monotonic()
        tests = (_python(folder / interpreter.version), "-m", "pytest", "-p", "no:cacheprovider", *arguments)
        code = _run(interpreter, tests, log)
    return read_outcome(interpreter.version, code, output.read_text(encoding="utf-8"), time.monotonic() - began)


def read_outcome(version: str, code: int, output: str, seconds: float) -> Outcome:
    """Return the outcome in pytest's output. A run without tests has failed too."""
    counts = _COUNTS.findall(output)
    summary = output.rpartition(_SUMMARY)[2]  # the output of tests may contain a summary too
    failures = tuple(line for line in summary.splitlines() if line.startswith(_FAILURES))
    summary_line = counts[-1] if counts else f"ended with {code} and no counts"
    return Outcome(version=version, summary=summary_line, seconds=seconds, failed=code != 0, failures=failures)


def _environment_commands(interpreter: Interpreter, place: Path) -> list[tuple[str, ...]]:
    """Return the commands that make an environment, or update that of an earlier run."""
    install = (_python(place), "-m", "pip", "install", "-q", "-e", f"{ROOT}[dev]")
    return [install] if os.path.lexists(_python(place)) else [(interpreter.path, "-m", "venv", str(place)), install]


def _python(place: Path) -> str:
    return str(place / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def _run(interpreter: Interpreter, command: Sequence[str], log: TextIO) -> int:
    """Run a command, in the chroot if the interpreter is there; return its exit code."""
    environment = {name: value for name, value in os.environ.items() if name not in _REMOVED_VARIABLES}
    whole = (*interpreter.enter, *command)
    return subprocess.run(whole, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False).returncode
