"""Coverage in pytest: counted in each test, merged under xdist, reported, and a reason to fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support import served

from ..conftest import Project

TESTS = """
import pytest
from polling import JOBS, client, polled

@pytest.mark.parametrize("scenario", ["usual", "two-pages", "job-error", "full-page", "rate-limited-once"])
def test_poll(clado_mock, scenario):
    polled(clado_mock, scenario)

def test_reset(clado_mock):
    polled(clado_mock, "cancelled-elsewhere")
    clado_mock.reset()
    with client(clado_mock) as http:
        http.get(f"{JOBS}/x", headers={"Authorization": ""})

def test_failing(clado_mock, orbit_mock):
    polled(orbit_mock, "usual")
    assert False
"""
USUAL = "from polling import polled\ndef test_it(clado_mock): polled(clado_mock, 'usual')\n"
MET = {
    "status": {"200 pending", "200 searching", "200 processing", "200 completed", "200 error", "200 cancelled",
               "401 unauthorized", "429 rate_limited"},
    "Retry-After": {"429 in seconds"},
    "endings": {"cancelled", "completed", "error"},
}  # fmt: skip


def met(path: Path, api: str = "clado") -> dict[str, set[str]]:
    """Return the cells that were met by the JSON report, by group."""
    groups: dict[str, Any] = json.loads(path.read_text())["apis"][api]["groups"]
    found = {name: {cell for cell, count in group["cells"].items() if count} for name, group in groups.items()}
    return {name: cells for name, cells in found.items() if cells}


def test_all_tests_count(project: Project) -> None:
    """The report has what the clients of all tests met: with and without a key, before a reset, of a failing test."""
    project.write("test_sample.py", TESTS)
    ran = project.run("--jobmock-coverage", "--jobmock-coverage-report=json:c.json")
    ran.assert_outcomes(passed=6, failed=1)
    assert met(project.path / "c.json") == MET
    assert set(met(project.path / "c.json", "orbit")["status"]) == {
        "200 running", "200 generating_sections", "200 completed",
    }  # fmt: skip


def test_workers_of_xdist_count_as_one_process(project: Project) -> None:
    """With xdist the reports are those of a run in one process, count by count."""
    project.ini(others=["xdist"])
    project.write("test_sample.py", TESTS)
    for name, flags in {"alone": (), "shared": ("-n", "2")}.items():
        project.run_apart("--jobmock-coverage", f"--jobmock-coverage-report=json:{name}", *flags)
    alone, shared = ((project.path / name).read_text() for name in ("alone", "shared"))
    assert met(project.path / "alone") == MET
    assert shared == alone


def test_table_in_the_terminal(project: Project) -> None:
    """By default the report is a table at the end of the run, and what is missing with scenarios."""
    project.write("test_sample.py", USUAL)
    ran = project.run("--jobmock-coverage")
    ran.stdout.fnmatch_lines([
        "=* jobmock: what clients met of the APIs =*",
        "API    Group          Met / all       %",
        "clado  status           4 /  15    26.6",
        "clado  in all           5 /  84     5.9",
        "Not met, with a scenario that brings it about:",
        "    200 error *clado/error-object",
    ])  # fmt: skip
    assert ran.ret == pytest.ExitCode.OK


@pytest.mark.parametrize(("least", "code"), [("5.9", 0), ("6", 1), ("0", 0)])
def test_too_little_fails_the_run(project: Project, least: str, code: int) -> None:
    """A run of tests that pass fails with 1 below `jobmock_coverage_fail_under`, and says so."""
    project.ini(f"jobmock_coverage_fail_under = {least}")
    project.write("test_sample.py", USUAL)
    ran = project.run("--jobmock-coverage")
    said = f"The coverage is 5.9 %, and jobmock_coverage_fail_under is {least}: the run fails."
    assert (ran.ret, said in ran.stdout.str()) == (code, code == 1)
    assert project.run().ret == 0


def test_run_without_the_option_counts_nothing(project: Project) -> None:
    """Without the option no mock has a counter, and the modules that count aren't imported."""
    project.write("test_sample.py", """
        import sys

        def test_it(clado_mock):
            clado_mock.play("usual")
            assert clado_mock.service.namespaces.room.leaving is None
            assert "jobmock.coverage" not in sys.modules
        """)  # fmt: skip
    ran = project.run_fresh()
    ran.assert_outcomes(passed=1)
    assert "what clients met" not in ran.stdout.str()


@pytest.mark.parametrize("counts", [True, False])
def test_running_server(project: Project, counts: bool) -> None:
    """On a running server its own counts are reported; one that doesn't count is an error that names the option."""
    project.write("test_sample.py", """
        import pytest
        from polling import client, fetch

        @pytest.mark.parametrize("scenario", ["at-once", "job-error"])
        def test_poll(clado_mock, scenario):
            with client(clado_mock, base_url=clado_mock.url) as http:
                fetch(http, clado_mock.play(scenario).id)
                clado_mock.reset()
        """)  # fmt: skip
    with served(*(["--coverage"] if counts else [])) as server:
        ran = project.run(f"--jobmock-url={server.url}", "--jobmock-coverage-report=json:c.json")
    if counts:
        assert met(project.path / "c.json")["endings"] == {"completed", "error"}
    else:
        ran.assert_outcomes(errors=2)
        ran.stdout.fnmatch_lines(["*This server doesn't count coverage. Start it with --coverage.*"])


def test_live_apis_have_no_coverage(project: Project) -> None:
    """With --jobmock-live there is no journal, and the run ends before its first test."""
    ran = project.run("--jobmock-live", "--jobmock-coverage")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --jobmock-coverage needs the journal of a mock" in ran.stderr.str()


def test_two_reports_in_one_place_are_refused(project: Project) -> None:
    """Two reports for the terminal end the run before its first test."""
    ran = project.run("--jobmock-coverage-report=text", "--jobmock-coverage-report=json")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "Two reports would go to the terminal: text and json. Expected: one." in ran.stderr.str()
