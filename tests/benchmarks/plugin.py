"""What the plugin adds to `pytest --collect-only` with one empty test, and which modules it imports.

Runs with the plugin alternate with runs under `-p no:jobmock`; all other third-party plugins are off. All use compiled
bytecode, as an installed package does. On a busy machine, single runs differ by more than the plugin adds, so the best
of three counts in each round.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from tests.benchmarks.processes import Elapsed

LIMIT = 15
"""Milliseconds."""
HEAVY = ("starlette", "uvicorn", "hypothesis", "jsonschema", "httpx", "httpx2")
_OWN = "jobmock"
_TRIES = 3
_LOOK = """
import json, sys, pytest
code = pytest.main(sys.argv[1:])
print(json.dumps(sorted(name for name in sys.modules if name.partition(".")[0] in %r)))
sys.exit(code)
"""


def _flags(*, without: bool) -> list[str]:
    """Return the flags of a run that turn off all third-party plugins, or all but jobmock."""
    names = sorted({point.name for point in entry_points(group="pytest11")})
    off = [name for name in names if without or name != _OWN]
    return ["--collect-only", "-q", "-p", "no:cacheprovider", *(word for name in off for word in ("-p", f"no:{name}"))]


def prepare(folder: Path) -> None:
    """Write the test that is collected."""
    (folder / "tests").mkdir()
    (folder / "tests" / "test_empty.py").write_text("def test_empty():\n    pass\n", encoding="utf-8")


def collect(
    folder: Path, *, without: bool, python: str = sys.executable, env: Mapping[str, str] = os.environ
) -> Elapsed:
    """Collect the test in another process, and return the time."""
    env = {**env, "PYTHONPYCACHEPREFIX": str(folder / "pyc"), "PYTHONDONTWRITEBYTECODE": ""}
    command = [python, "-m", "pytest", *_flags(without=without)]
    before, began = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    ran = subprocess.run(command, cwd=folder / "tests", env=env, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - began, getrusage(RUSAGE_CHILDREN)
    if ran.returncode or "1 test collected" not in ran.stdout:
        raise SystemExit(ran.stdout + ran.stderr)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Elapsed(wall * 1000, cpu * 1000)


def heavy_modules(folder: Path, names: tuple[str, ...] = HEAVY) -> list[str]:
    """Return which modules of heavy libraries are loaded after a collection with the plugin."""
    command = [sys.executable, "-c", _LOOK % (set(names),), *_flags(without=False)]
    ran = subprocess.run(command, cwd=folder / "tests", capture_output=True, text=True, check=True)
    found: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _row(what: str, times: dict[bool, list[Elapsed]]) -> float:
    """Print what the plugin adds to wall or processor time; return the difference of the medians."""
    with_it, without_it = ([float(getattr(took, what)) for took in times[without]] for without in (False, True))
    median, base = statistics.median(with_it), statistics.median(without_it)
    pairs = statistics.median(own - other for own, other in zip(with_it, without_it, strict=True))
    print(f"{what:<5} with {median:.1f} ms (best {min(with_it):.1f}), without {base:.1f} (best {min(without_it):.1f}):"
          f" adds {median - base:.1f} between medians, {min(with_it) - min(without_it):.1f} between bests,"
          f" {pairs:.1f} in the median pair")  # fmt: skip
    return median - base


def run(rounds: int = 15) -> dict[str, float]:
    """Print both medians and their difference; return it as a share of the limit. Raises SystemExit above it."""
    times: dict[bool, list[Elapsed]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        for turn in range(rounds + 1):
            tries: dict[bool, list[Elapsed]] = {False: [], True: []}
            for number in range(2 * _TRIES):
                without = (turn + number) % 2 == 0
                tries[without].append(collect(folder, without=without))
            if turn:  # the first one compiles
                for without, taken in tries.items():
                    times[without].append(Elapsed(*map(min, zip(*taken, strict=True))))
        loaded, own = heavy_modules(folder), heavy_modules(folder, ("pytest_jobmock",))
    assert "pytest_jobmock.plugin" in own
    added = {what: _row(what, times) for what in ("wall", "cpu")}
    print(f"limit {LIMIT} ms: {'ok' if added['wall'] < LIMIT else 'OVER'}")
    print(f"heavy modules: {', '.join(loaded) or 'none'}: {'OVER' if loaded else 'ok'}")
    if loaded or min(added.values()) >= LIMIT:
        raise SystemExit(f"The plugin adds {LIMIT} ms or more, or imports what it mustn't.")
    return {"of what is allowed": added["wall"] / LIMIT}
