"""Hypothesis tests: a fresh mock for each example, and counterexamples that are saved and run first."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from jobmock.strategies import regressions

from .conftest import Project

IMPORTS = """
from hypothesis import Phase, given, settings, strategies as st
from jobmock import strategies as server
from polling import JOBS, client, fetch

"""
WAITS = (
    IMPORTS
    + """
STUCK = server.scenarios("clado", max_steps=1, max_faults=0, switches=False, limits=False) | server.scenarios(
    "clado", max_steps=1, max_faults=0, switches=False, limits=False, ends=["pending"]
)

@settings(
    max_examples=10, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate, Phase.shrink]
)
@given(scenario=STUCK)
def test_waits(clado_example, scenario):
    with clado_example() as mock:
        job = mock.play(scenario)
        with client(mock) as http:
            assert http.get(f"{JOBS}/{job.id}").json()["status"] != "pending"
"""
)


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "JOBMOCK_SAVE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mine(project: Project) -> Project:
    """A project with Hypothesis and its own scenarios."""
    project.ini(others=("hypothesispytest",))
    (project.path / "mine").mkdir()
    return project


def saved(project: Project, folder: str = "mine") -> list[Path]:
    return sorted((project.path / folder).glob("regressions/clado/*.yaml"))


def test_each_example_has_a_fresh_mock(mine: Project) -> None:
    """Each example has the same ids, the same time and an empty journal, and Hypothesis accepts the fixture."""
    mine.write(
        "test_sample.py",
        IMPORTS
        + """
seen = set()

@settings(max_examples=20, database=None)
@given(number=st.integers(1, 5))
def test_fresh(clado_example, number):
    with clado_example() as mock:
        assert (mock.clock.elapsed, list(mock.journal)) == (0, [])
        with client(mock) as http:
            for _ in range(number):
                seen.add(http.post(JOBS, json={"query": "x"}).json()["job_id"])
        mock.clock.advance(number)

def test_seen():
    assert len(seen) == 5
""",
    )
    mine.run().assert_outcomes(passed=2)


def test_a_counterexample_is_saved_and_run_first(mine: Project) -> None:
    """A counterexample is saved in the scenarios' folder, the report names it, and the next run fails on it first."""
    mine.write("test_sample.py", WAITS)
    result = mine.run("--jobmock-scenarios", "mine")
    result.assert_outcomes(failed=1)
    (path,) = found = saved(mine)
    result.stdout.fnmatch_lines([f"*regressions/clado/{path.name} plays it again."])
    assert path.name.startswith("test_waits-")
    again = mine.run("--jobmock-scenarios", "mine")
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*Failing explicit example: test_waits(*"])
    assert saved(mine) == found
    mine.write("test_sample.py", WAITS.replace('!= "pending"', 'in ("pending", "completed", "error", "cancelled")'))
    mine.run("--jobmock-scenarios", "mine").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("args", "ci", "folder"),
    [
        ((), None, "scenarios"),
        ((), "true", None),
        (("--jobmock-save", "always"), "true", "scenarios"),
        (("--jobmock-save", "never"), None, None),
    ],
)
def test_when_and_where_it_is_saved(
    mine: Project, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], ci: str | None, folder: str | None
) -> None:
    """It is saved below `scenarios` in the current folder, and not in CI, unless an option says otherwise."""
    if ci:
        monkeypatch.setenv("CI", ci)
    mine.write("test_sample.py", WAITS)
    mine.run(*args).assert_outcomes(failed=1)
    assert bool(saved(mine, "scenarios")) is (folder is not None)


def test_options_apply_to_assert_client_survives(mine: Project) -> None:
    """A call that doesn't get the options as arguments saves in the folder that they name."""
    mine.write(
        "test_sample.py",
        IMPORTS
        + """
def gives_up(url, api_key, job_id):
    raise RuntimeError("no")

def test_survives():
    server.assert_client_survives(gives_up, api="clado", max_examples=3)
""",
    )
    mine.run("--jobmock-scenarios", "mine").assert_outcomes(failed=1)
    assert [path.name.startswith("gives_up-") for path in saved(mine)] == [True]


def test_a_state_machine_saves_its_scenario_under_its_own_name(mine: Project) -> None:
    """The tests of all state machines are called `runTest`, so the class gives the name."""
    mine.write(
        "test_sample.py",
        IMPORTS
        + """
class Machine(server.ClientMachine):
    api = "clado"
    def connect(self, mock): pass
    def start_job(self): return "nobody's"

TestShop = Machine.TestCase
TestShop.settings = settings(max_examples=50, database=None, stateful_step_count=3, phases=[Phase.generate])
""",
    )
    mine.run("--jobmock-scenarios", "mine").assert_outcomes(failed=1)
    assert [path.name.startswith("TestShop-") for path in saved(mine)] == [True]


def test_outside_of_a_test(mine: Project) -> None:
    """The fixture has session scope, but its mocks belong to a test: another session fixture can't have one."""
    mine.write(
        "test_sample.py",
        """
        import pytest
        from jobmock.errors import UsageError

        @pytest.fixture(scope="session")
        def early(clado_example):
            with pytest.raises(UsageError, match="no test that takes it is running"):
                with clado_example():
                    pass

        def test_it(early):
            pass
        """,
    )
    mine.run().assert_outcomes(passed=1)


def test_a_broken_counterexample_is_named(mine: Project) -> None:
    """A saved file with a mistake fails the collection of its test, with line and column."""
    mine.write("test_sample.py", WAITS)
    mine.run("--jobmock-scenarios", "mine")
    path = saved(mine)[0]
    path.write_text(path.read_text().replace("status: pending", "status: pendign"))
    result = mine.run("--jobmock-scenarios", "mine")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{path.name}:*Did you mean 'pending'*"])


def test_a_full_disk_doesnt_hide_the_failure(mine: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a counterexample can't be saved, the test's own failure is reported, and the reason in a section."""

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(regressions, "write_file", full)
    mine.write("test_waits.py", WAITS)
    ran = mine.run()
    ran.assert_outcomes(failed=1)
    text = ran.stdout.str()
    assert "AssertionError" in text and ".yaml can't be written: No space left on device." in text
    assert "INTERNALERROR" not in text
