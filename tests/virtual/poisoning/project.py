"""A project of pairs, a poison and a plain test after it, which pytest runs in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from inspect import iscoroutinefunction
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from tests.virtual.poisoning import failing, leftover_waits, leftovers, loops, plain, poisons  # noqa: F401  imported to fill the table

ROOT = Path(__file__).parents[3]
PAIRS_IN_A_FILE = 10
_ENDS = {"failure": "failed", "error": "error", "skipped": "skipped"}
_PLUGINS = "schemathesis randomly socket hypothesispytest anyio pytest_httpserver pytest_httpx respx cacheprovider"
_INI = """[pytest]
addopts = --tb=short -W error::pytest.PytestUnhandledThreadExceptionWarning {off}
asyncio_default_fixture_loop_scope = session
faulthandler_timeout = 60
"""
_HEAD = """import asyncio
from random import Random

import pytest

from tests.virtual.poisoning.loops import check_real_time_in_loop
from tests.virtual.poisoning.plain import check_real_time
from tests.virtual.poisoning.poisons import POISONS
"""
_CONFTEST = """import pytest

pytest.register_assert_rewrite("tests.virtual.poisoning.plain")
from tests.virtual.poisoning.hooks import *
"""


@dataclass
class Outcome:
    """The result of a run: pairs, the tests with an unexpected outcome, and how many tests of each kind there were."""

    pairs: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


def pairs(rng: Random, count: int, allowed: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield a poison's name and the text of its pair of tests."""
    kinds = {name: one for name, one in poisons.POISONS.items() if name in allowed or not (allowed or _is_missing(one))}
    names = list(kinds)
    weights = [kinds[name].weight for name in names]
    drawn = rng.choices(names, weights, k=count) if count > len(names) else rng.sample(names, count)
    for number, name in enumerate(drawn):
        yield name, _pair(rng, number, name)


def run(seed: int, count: int, *args: str, allowed: Sequence[str] = (), seconds: float = 3_000) -> Outcome:
    """Run so many pairs, with further arguments for pytest."""
    rng, found = Random(seed), Outcome()
    with TemporaryDirectory() as place:
        folder = Path(place)
        outcomes = write(folder, list(pairs(rng, count, allowed)))
        done = pytest(folder, "--junitxml=found.xml", *args, seconds=seconds)
        output = (done.stdout[-3_000:] + done.stderr[-3_000:]).strip()
        if not (folder / "found.xml").exists():
            found.wrong.append(("no report", f"pytest ended with {done.returncode}: {output}"))
            return found
        _judge(ElementTree.parse(folder / "found.xml").getroot(), outcomes, found)
        if missing := len(outcomes) - found.kinds.total():
            found.wrong.append(
                ("tests are missing", f"{missing} of {len(outcomes)}, pytest ended with {done.returncode}: {output}")
            )
    found.pairs = count
    return found


def write(folder: Path, drawn: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Write the project; return each test's kind and expected outcome by its name."""
    off = " ".join(f"-p no:{name}" for name in _PLUGINS.split())
    (folder / "pytest.ini").write_text(_INI.format(off=off))
    (folder / "conftest.py").write_text(_CONFTEST)
    outcomes: dict[str, tuple[str, str]] = {}
    for first in range(0, len(drawn), PAIRS_IN_A_FILE):
        part = drawn[first : first + PAIRS_IN_A_FILE]
        (folder / f"test_{first:04}.py").write_text(_HEAD + "".join(text for _, text in part))
    for number, (name, _) in enumerate(drawn):
        outcomes[f"test_{number:03}_{name}"] = name, poisons.POISONS[name].outcome
        outcomes[f"test_{number:03}_then_plain"] = "plain", "passed"
    return outcomes


def pytest(folder: Path, *args: str, seconds: float) -> subprocess.CompletedProcess[str]:
    """Run pytest in the project's folder."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("JOBMOCK", "PYTEST"))}
    env["PYTHONPATH"] = str(ROOT)
    line = [sys.executable, "-m", "pytest", *args]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=seconds, check=False)


def _judge(report: ElementTree.Element, outcomes: dict[str, tuple[str, str]], found: Outcome) -> None:
    """Compare the outcomes with the expected ones. A failed test may be reported again, as an error of its teardown.

    A case without a name is a test that began and never ended, because the whole run was ended: it counts as missing.
    """
    cases: dict[str, list[tuple[str, str]]] = {}
    for case in report.iterfind(".//testcase[@name]"):
        reports = [one for one in case if one.tag in _ENDS]
        seen = [(_ENDS[one.tag], f"{one.get('message')}: {(one.text or '')[-1_500:]}") for one in reports]
        cases.setdefault(case.attrib["name"], []).extend(seen)
    for name, seen in cases.items():
        kind, expected = outcomes[name]
        found.kinds[kind] += 1
        end = seen[0][0] if seen else "passed"
        if end not in expected.split(" or "):
            found.wrong.append((f"{kind}: {end}", f"{name} must be {expected}: {' / '.join(text for _, text in seen)}"))


def _pair(rng: Random, number: int, name: str) -> str:
    one, mock = poisons.POISONS[name], rng.choice(("clado_mock", "orbit_mock"))
    if name.endswith("clado"):
        mock = "clado_mock"
    marks, fixtures = "".join(f"{mark}\n" for mark in one.marks), ", ".join((*one.fixtures, mock))
    begin, call = ("async def", "await ") if iscoroutinefunction(one.function) else ("def", "")
    checks = rng.sample(sorted(plain.CHECKS), 5)
    return f"""

{marks}{begin} test_{number:03}_{name}({fixtures}):
    {call}POISONS[{name!r}].function({mock}, Random({rng.randrange(10**6)}))


{_plain(rng, number, checks, in_loop=name != "leaves_an_alarm")}
"""


def _plain(rng: Random, number: int, checks: list[str], *, in_loop: bool) -> str:
    """Return the text of a plain test; in one of five cases pytest-asyncio runs it on the session's loop."""
    name = f"test_{number:03}_then_plain"
    if not in_loop or find_spec("pytest_asyncio") is None or rng.random() < 0.8:
        return f"def {name}():\n    check_real_time({checks!r})"
    mark = '@pytest.mark.asyncio(loop_scope="session")'
    return f"{mark}\nasync def {name}():\n    await check_real_time_in_loop()"


def _is_missing(one: poisons.Poison) -> bool:
    """Say whether a poison needs a package that isn't installed."""
    needs = {"frozen": "freezegun", "freeze_time": "pytest_freezer", "asyncio": "pytest_asyncio"}
    used = (*one.fixtures, *one.marks)
    return any(word in text and find_spec(module) is None for word, module in needs.items() for text in used)
