"""The start of a test's clock: the real date or a pinned one; for properties, a fixed date."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support import Served, served

from jobmock.clock import EPOCH, SECOND

from .conftest import Project

SEES = """
    import time
    from datetime import UTC, datetime

    import pytest
    from polling import JOBS, client

    def seen(mock):
        with client(mock, transport=None, base_url=mock.url, trust_env=False) as http:
            created = http.get(f"{JOBS}/{mock.play('at-once').id}").json()["created_at"]
        assert created == time.time() == datetime.now(UTC).timestamp() == mock.clock.now()
        return datetime.now(UTC).isoformat()
"""
PINNED = (
    SEES
    + """
    def test_pinned(clado_mock):
        assert seen(clado_mock) == "2031-12-31T23:59:59+00:00"

    @pytest.mark.jobmock(start=datetime(2028, 2, 29, tzinfo=UTC))
    def test_marker_goes_before(clado_mock):
        assert seen(clado_mock) == "2028-02-29T00:00:00+00:00"
        time.sleep(86_400)
        clado_mock.reset()
        assert seen(clado_mock) == "2028-02-29T00:00:00+00:00"
    """
)


@pytest.fixture(scope="module")
def there() -> Iterator[Served]:
    """A running server."""
    with served() as server:
        yield server


@pytest.mark.parametrize("mode", ["virtual", "manual"])
def test_today_on_a_whole_second(mode: str, project: Project) -> None:
    """Unless it is pinned, a test's clock starts at the real date, on a whole second, in every mode of time."""
    project.write(
        "test_sample.py",
        """
        from pathlib import Path

        def test_now(clado_mock):
            Path("began").write_text(str(clado_mock.started_at))
            assert clado_mock.clock.elapsed == 0
        """,
    )
    before = time.time_ns() // SECOND * SECOND
    project.run(f"--jobmock-time={mode}").assert_outcomes(passed=1)
    began = int((project.path / "began").read_text())
    assert before <= began <= time.time_ns() and began % SECOND == 0


def test_pinned(project: Project) -> None:
    """Server and client read the date that the marker or else the option names, also after a reset."""
    project.write("test_sample.py", PINNED)
    project.run("--jobmock-start=2031-12-31T23:59:59").assert_outcomes(passed=2)


def test_a_running_server_starts_there_too(project: Project, there: Served) -> None:
    """With `--jobmock-url` the namespace of the test's key starts at the same date, pinned or not."""
    project.write("test_sample.py", PINNED)
    project.run("--jobmock-start=2032-01-01T00:59:59+01:00", f"--jobmock-url={there.url}").assert_outcomes(passed=2)
    project.write(
        "test_sample.py",
        SEES
        + """
    def test_today(clado_mock, orbit_mock):
        began = datetime.fromisoformat(seen(clado_mock))
        assert began.microsecond == 0 and clado_mock.clock.now() == orbit_mock.clock.now()
        """,
    )
    project.run(f"--jobmock-url={there.url}").assert_outcomes(passed=1)


def test_records_of_logging_have_the_date_of_their_thread(project: Project) -> None:
    """Records of `logging` that the test's own thread writes have the date of the test's clock."""
    project.write(
        "test_sample.py",
        """
        import logging
        from pathlib import Path

        def test_record(clado_mock, caplog):
            logging.getLogger("client").warning("polled")
            Path("created").write_text(str(caplog.records[-1].created))
        """,
    )
    project.run("--jobmock-start=2031-12-31").assert_outcomes(passed=1)
    written = datetime.fromtimestamp(float((project.path / "created").read_text()), UTC)
    assert written == datetime(2031, 12, 31, tzinfo=UTC)


PROPERTY = """
from pathlib import Path

from hypothesis import Phase, given, settings, strategies as st
from jobmock.scenario import from_mapping
from polling import JOBS, client

ENDED = st.just(from_mapping({"version": 1, "api": "clado", "progression": [{"status": "completed"}]}))

@settings(max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(scenario=ENDED)
def test_dated(clado_example, scenario):
    with clado_example() as mock:
        job = mock.play(scenario)
        with client(mock, transport=None, base_url=mock.url, trust_env=False) as http:
            created = http.get(f"{JOBS}/{job.id}").json()["created_at"]
        assert created == mock.clock.now() == mock.started_at / 10**9
        with Path("dates").open("a") as file:
            file.write(f"{created}\\n")
        assert LATEST > created
"""


def dates(project: Project) -> list[int]:
    """Return the dates that the examples saw, each once, in the order of their first use; then forget them."""
    path = project.path / "dates"
    seen = list(dict.fromkeys(map(int, path.read_text().split())))
    path.unlink()
    return seen


def property_at(project: Project, latest: int) -> Path:
    """Write the property, which fails on later dates, and return the folder of its counterexamples."""
    project.ini(others=("hypothesispytest",))
    (project.path / "mine").mkdir(exist_ok=True)
    project.write("test_sample.py", f"{PROPERTY}\nLATEST = {latest}\n")
    return project.path / "mine" / "regressions" / "clado"


def test_properties_start_at_a_fixed_date(project: Project) -> None:
    """A Hypothesis test sees the same date in every run, unless it is pinned."""
    property_at(project, 2**40)
    project.run().assert_outcomes(passed=1)
    assert dates(project) == [EPOCH // SECOND]
    project.run("--jobmock-start=2030-06-01").assert_outcomes(passed=1)
    assert dates(project) == [1_906_502_400]


@pytest.mark.parametrize("there_too", [False, True], ids=["here", "running server"])
def test_a_counterexample_keeps_its_start(
    project: Project, there: Served, there_too: bool
) -> None:
    """A counterexample of a pinned date fails again in a run that pins none; other examples start at their own date."""
    more = ("--jobmock-scenarios=mine", *([f"--jobmock-url={there.url}"] if there_too else []))
    folder = property_at(project, 1_900_000_000)
    project.run("--jobmock-start=2030-06-01", *more).assert_outcomes(failed=1)
    saved = list(folder.iterdir())
    assert saved and all("\n# The clock began at 2030-06-01T00:00:00Z.\n" in path.read_text() for path in saved)
    dates(project)
    project.run(*more).assert_outcomes(failed=1)
    assert dates(project) == [1_906_502_400]
    property_at(project, 2**40)
    project.run(*more).assert_outcomes(passed=1)
    assert dates(project) == [1_906_502_400, EPOCH // SECOND]


def test_a_wrong_start_is_reported(project: Project) -> None:
    """A wrong date in a counterexample is reported with the file, like any other mistake in it."""
    folder = property_at(project, 0)
    project.run("--jobmock-scenarios=mine").assert_outcomes(failed=1)
    path = next(folder.iterdir())
    path.write_text(re.sub("began at 2026-01-01", "began at 2026-13-01", path.read_text()))
    ran = project.run("--jobmock-scenarios=mine")
    ran.assert_outcomes(errors=1)
    assert f"{path.name}: the clock can't begin at '2026-13-01T00:00:00Z'. Allowed: a date" in ran.stdout.str()
