"""The matrix of ways to wait: a sample of its cells, its verdicts and its runner, and the table in the documents."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.virtual.matrix.cells import PLACES, Construct, Exact, Expected, Impossible, Real, Refused
from tests.virtual.matrix.command import ROOT, run_command, wrong_cells
from tests.virtual.matrix.table import differences, page
from tests.virtual.matrix.verdicts import judge

from jobmock.clock import SECOND

CELLS, SEED = 18, 13
linux = pytest.mark.skipif(sys.platform != "linux", reason="The matrix has constructs that are Linux's.")


@linux
def test_a_part_of_the_matrix() -> None:
    """Each sampled cell has a result that its construct expects: exact, refused or real."""
    found = run_command("run", "--sample", CELLS, "--seed", SEED, seconds=240)["cells"]
    assert not wrong_cells(found), "\n".join(wrong_cells(found))
    assert len(found) == CELLS


def _verdict(report: dict[str, Any], *expected: Expected) -> tuple[str, bool]:
    default: dict[str, Any] = {"failed_checks": [], "processor_wait": 0.0, "errors": []}
    result = judge("a.construct", "main", {**default, **report}, expected)
    return result.verdict, result.fine


def _returned(virtual: float, real: float, final: float | None = None, **more: Any) -> dict[str, Any]:
    end = virtual if final is None else final
    return {"end": "returned", "virtual": round(virtual * SECOND), "final": round(end * SECOND), "real": real, **more}


@pytest.mark.parametrize(
    ("report", "expected", "verdict", "fine"),
    [
        (_returned(62, 0.1), Exact(62), "exact", True),
        (_returned(62.000000001, 0.1), Exact(62), "silent", False),
        (_returned(62.000000001, 0.1), Exact(62, more=0.001), "exact", True),
        (_returned(61.999999999, 0.1), Exact(62, more=0.001), "silent", False),
        (_returned(12, 0.1, 100), Exact(12, until=100), "exact", True),
        (_returned(12, 0.1, 312), Exact(12, until=100), "silent", False),
        (_returned(62, 0.1, failed_checks=["read 0 s instead of 62"]), Exact(62), "silent", False),
        (_returned(0, 1.5), Real("a process", 1.4), "real", True),
        (_returned(1.4, 1.5), Real("a process", 1.4), "real", True),
        (_returned(1.6, 1.5), Real("a process", 1.4), "silent", False),
        (_returned(0, 0.1), Real("a process", 1.4), "silent", False),
        (_returned(0, 9.0), Real("a process", 1.4), "silent", False),
        (_returned(0, 9.0, processor_wait=6.0), Real("a process", 1.4), "real", True),
        ({"end": "refused", "message": "it reads", "located": True, "real": 1.0}, Refused("read"), "refused", True),
        ({"end": "refused", "message": "it waits", "located": True, "real": 1.0}, Refused("read"), "refused", False),
        ({"end": "refused", "message": "it reads", "located": False, "real": 1.0}, Refused("read"), "refused", False),
        ({"end": "refused", "message": "it reads", "located": True, "real": 9.0}, Refused("read"), "refused", False),
        ({"end": "refused", "message": "it reads", "located": True, "real": 1.0}, Exact(62), "refused", False),
        ({"end": "raised", "errors": ["Oops"]}, Exact(62), "crashed", False),
        ({"end": "lost"}, Refused("read"), "silent", False),
        ({"end": "hanging", "message": "in read"}, Refused("read"), "hanging", False),
    ],
)
def test_verdicts(report: dict[str, Any], expected: Expected, verdict: str, fine: bool) -> None:
    """The report of a cell leads to the right verdict, and to whether that is expected."""
    assert _verdict(report, expected) == (verdict, fine)


def test_two_expected_results() -> None:
    """If two results are expected, either is fine, and no other."""
    either = (Exact(62), Refused("read"))
    assert _verdict(_returned(62, 0.1), *either) == ("exact", True)
    refused = {"end": "refused", "message": "it reads", "located": True, "real": 1.0}
    assert _verdict(refused, *either) == ("refused", True)
    assert _verdict(_returned(0, 62.0), *either) == ("silent", False)


PLANTED = """
import os, time
from tests.virtual.matrix import cells, runner
from tests.virtual.matrix.cells import Exact, Refused, construct

@construct(Exact(62))
def good(cell):
    time.sleep(62)

@construct(Exact(62))
def silent(cell):
    time.sleep(61)

@construct(Exact(62))
def wrong_reading(cell):
    before = time.monotonic()
    time.sleep(62)
    cell.expect_seconds(time.monotonic() - before, 61)

@construct(Exact(62))
def crashed(cell):
    raise ValueError("planted")

@construct(Exact(62))
def dead(cell):
    os._exit(3)

@construct(Exact(62))
def hanging(cell):
    while True:
        sum(range(1000))

runner.LIMIT = 1.0
chosen = runner.cells(cells._known.values(), ["main"])
for result in sorted(runner.run(chosen, again=False), key=lambda one: one.construct):
    print(result.construct.rpartition(".")[2], result.verdict, result.fine)
"""


@linux
def test_planted_mistakes_are_seen(tmp_path: Path) -> None:
    """Each kind of planted mistake gets its own verdict instead of the expected one."""
    script = tmp_path / "of_planted.py"
    script.write_text(PLANTED)
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, env={"PYTHONPATH": ".", "PATH": "/bin:/usr/bin"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    verdicts = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert verdicts == {
        "good": "exact True", "silent": "silent False", "wrong_reading": "silent False", "crashed": "crashed False",
        "dead": "crashed False", "hanging": "hanging False",
    }, done.stderr  # fmt: skip


@linux
def test_the_documents_have_the_table() -> None:
    """The page in the documents has a row for each construct, and each cell has an expected result."""
    line = [sys.executable, "-m", "tests.virtual.matrix", "table", "--check"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


def _construct(*expected: Expected, **by_place: Expected) -> Construct:
    places = {place: (one,) for place, one in by_place.items()}
    return Construct(name="time.nap", title="`nap`", group="time", function=int, expected=expected, by_place=places)


def _found(python: str, **verdicts: str) -> dict[str, Any]:
    cells = [{"construct": "time.nap", "place": place, "verdict": verdicts.get(place, "exact"), "detail": ""}
             for place in PLACES]  # fmt: skip
    return {"python": python, "cells": cells}


def test_the_differences_of_a_page() -> None:
    """A page shows what was measured, version by version; results that aren't expected are differences."""
    found = [_found("3.11.7"), _found("3.14.10", pool="refused")]
    either = _construct(Exact(62), Refused("nap"))
    text = page([either], found)
    assert "| `nap` | exact | exact | exact (3.11), refused (3.14) | exact |" in text
    assert differences([either], text) == []
    only = differences([_construct(Exact(62))], text)
    assert only == ["time.nap @ pool: the table says 'exact (3.11), refused (3.14)', its data 'exact'"]
    assert differences([_construct(Exact(62), Refused("nap"), task=Impossible("no"))], text) == [
        "time.nap @ task: the table says 'exact', its data '–'"
    ]


def test_each_kind_of_refusal_is_quoted_once() -> None:
    """Refusals that differ only in their places, and in the other threads that wait, are quoted once."""
    messages = {
        "main": "It waits in the thread 'a' at one.py:5 (x = f(g(h(1)))), called from two.py:6 (f()), so time stands.",
        "task": "It waits in the thread 'b' at three.py:7, the thread 'c' at one.py:5 (f()), so time stands.",
    }
    found = _found("3.11.7", main="refused", task="refused")
    for cell in found["cells"]:
        cell["detail"] = messages.get(cell["place"], "")
    quoted = [line for line in page([_construct(Exact(62))], [found]).splitlines() if re.match("- [^[]", line)]
    assert quoted == ["- It waits in the thread '…' at FILE.py:LINE (…), so time stands."]


def test_rows_too_many_and_too_few() -> None:
    """A row without a construct is a difference, and so is a construct without a row."""
    text = page([_construct(Exact(62))], [])
    assert differences([], text) == ["time: `nap`: not a construct"]
    assert differences([_construct(Exact(62))], "") == ["time.nap: not in the table"]
