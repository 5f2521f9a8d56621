"""The list of mutants, and a temporary copy of a checkout in which they are planted and the tests are run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SOURCES = "mockserver/jobmock"
TIMEOUT = 1_800
"""Seconds after which tests count as hanging, which detects a mutant as well as a failure does."""
_FOLDERS = ("mockserver", "pytest_plugin", "schemas", "scenarios", "tests")
_FILES = ("LICENSE", "pyproject.toml", ".gitignore", ".ci")
_IGNORED_TESTS = ("tests/test_mutants.py", "tests/test_package.py", "tests/test_benchmarks.py", "tests/virtual")
"""Tests that check the text of the sources, or nothing that is planted."""
_OTHER_TESTS = {
    "scenario": ("tests/catalogue/test_scenario_validation.py",),
    "people": ("tests/apis/test_clado_records.py",),
    "engine/credits.py": ("tests/server/test_control_credits.py",),
    "engine/headers.py": ("tests/server/test_app.py", "tests/service"),
    "engine/body_patches.py": ("tests/catalogue/test_scenario_validation.py", "tests/apis"),
}
"""Tests of a file or folder that aren't named after it."""


class Mutant(NamedTuple):
    """A planted bug: `instead` replaces `text`, which is once in `file`; `why` says what is wrong then."""

    file: str
    text: str
    instead: str
    why: str


def load_mutants() -> list[Mutant]:
    """Return all mutants of `planted.toml`."""
    rows = tomllib.loads(Path(__file__).with_name("planted.toml").read_text("utf-8"))["mutant"]
    return [Mutant(**row) for row in rows]


class Copy:
    """A copy of a checkout, whose sources can be changed and whose tests can be run."""

    def __init__(self, tree: Path, place: Path) -> None:
        self.place = place
        for name in _FOLDERS:
            shutil.copytree(tree / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in (*_FILES, *(path.name for path in tree.glob("*.md"))):
            copy = shutil.copytree if (tree / name).is_dir() else shutil.copyfile
            copy(tree / name, place / name)
        self._moments = count(1_000_000_000, 10)

    @contextmanager
    def planting(self, mutant: Mutant) -> Iterator[None]:
        """Plant a mutant for the length of a `with` block."""
        path = self.place / SOURCES / mutant.file
        whole = path.read_text("utf-8")
        self._write(path, whole.replace(mutant.text, mutant.instead))
        try:
            yield
        finally:
            self._write(path, whole)
            shutil.rmtree(self.place / ".hypothesis" / "examples", ignore_errors=True)

    def _write(self, path: Path, text: str) -> None:
        """Write a file with a new modification time, so that Python doesn't use old bytecode."""
        path.write_text(text, "utf-8")
        moment = next(self._moments)
        os.utime(path, (moment, moment))

    def near(self, mutant: Mutant) -> list[str]:
        """Return the tests that are named after a file or its folder, and its other tests."""
        top, *inner = Path(mutant.file).with_suffix("").parts
        names = (f"tests/{top}", f"tests/test_{top}*.py", *(f"tests/{top}/test_{part}*.py" for part in inner[:1]))
        found = [sorted(self.place.glob(name)) for name in reversed(names)]
        named = [str(path.relative_to(self.place)) for paths in found for path in paths]
        also = (*_OTHER_TESTS.get(mutant.file, ()), *_OTHER_TESTS.get(top, ()))
        return list(dict.fromkeys([*named, *also]))

    def passes(self, tests: Sequence[str], *, but: Sequence[str] = ()) -> bool:
        """Run tests until one fails; return whether all passed."""
        off = [f"--ignore={name}" for name in (*_IGNORED_TESTS, *but)]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *off, *tests]
        paths = os.pathsep.join(str(self.place / name) for name in ("mockserver", "pytest_plugin"))
        with open(os.devnull, "w") as nowhere, subprocess.Popen(
            command, cwd=self.place, env={**os.environ, "PYTHONPATH": paths}, stdin=subprocess.DEVNULL, stdout=nowhere,
            stderr=nowhere,
        ) as process:  # fmt: skip
            try:
                code = process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                return False
        if code not in (0, 1, 2):
            raise RuntimeError(f"pytest ended with {code}.")
        return code == 0
