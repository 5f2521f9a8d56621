"""An environment for an interpreter, the tests in it, and what became of them."""

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
_NAMED = ("FAILED ", "ERROR ")
_OWN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYENV_VERSION", "PYTEST_ADDOPTS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the tests on one interpreter; `named` are the lines that name what failed."""

    version: str
    told: str
    seconds: float
    failed: bool
    named: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return what is printed: one line, and one more for each failure."""
        return [f"{self.version:<8} {self.told} in {self.seconds:.0f} s", *(f"  {line}" for line in self.named)]


def outcome(interpreter: Interpreter, arguments: Sequence[str], folder: Path = FOLDER) -> Outcome:
    """Run pytest with these arguments. The whole output is kept beside the environment, in a file of its name."""
    began = time.monotonic()
    kept = folder / f"{interpreter.version}.txt"
    folder.mkdir(parents=True, exist_ok=True)
    with kept.open("w", encoding="utf-8") as log:
        for command in _made(interpreter, folder / interpreter.version):
            if _run(interpreter, command, log):
                told = f"has no environment (see {kept})"
                return Outcome(version=interpreter.version, told=told, seconds=time.monotonic() - began, failed=True)
        began = time.monotonic()
        tests = (_python(folder / interpreter.version), "-m", "pytest", "-p", "no:cacheprovider", *arguments)
        code = _run(interpreter, tests, log)
    return judged(interpreter.version, code, kept.read_text(encoding="utf-8"), time.monotonic() - began)


def judged(version: str, code: int, output: str, seconds: float) -> Outcome:
    """Read what pytest printed. That no test was chosen is a failure too: nothing was shown."""
    counts = _COUNTS.findall(output)
    summary = output.rpartition(_SUMMARY)[2]  # what tests printed may have a summary of its own
    named = tuple(line for line in summary.splitlines() if line.startswith(_NAMED))
    told = counts[-1] if counts else f"ended with {code} and no counts"
    return Outcome(version=version, told=told, seconds=seconds, failed=code != 0, named=named)


def _made(interpreter: Interpreter, place: Path) -> list[tuple[str, ...]]:
    """Return the commands that make an environment, or bring one of an earlier run up to date."""
    install = (_python(place), "-m", "pip", "install", "-q", "-e", f"{ROOT}[dev]")
    return [install] if os.path.lexists(_python(place)) else [(interpreter.path, "-m", "venv", str(place)), install]


def _python(place: Path) -> str:
    return str(place / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def _run(interpreter: Interpreter, command: Sequence[str], log: TextIO) -> int:
    """Run a command where the interpreter lives; return its exit code."""
    environment = {name: value for name, value in os.environ.items() if name not in _OWN}
    whole = (*interpreter.enter, *command)
    return subprocess.run(whole, cwd=ROOT, env=environment, stdout=log, stderr=log, check=False).returncode
