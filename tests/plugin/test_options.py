"""Options: their sources, their allowed values, and how a mistake is reported."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from jobmock.clock import DEFAULT_SPEED, MODES
from jobmock.reports.requested import RequestedReport
from pytest_jobmock.options import OPTIONS, TIME_MODES, Options, resolve

from .conftest import Project

VALUES: dict[str, tuple[tuple[str, Any], ...]] = {
    "scenarios": (("a", Path("a")), ("b", Path("b")), ("c", Path("c"))),
    "seed": (("7", 7), ("-3", -3), ("12", 12)),
    "time": (("manual", "manual"), ("real", "real"), ("skip-delays", "skip-delays")),
    "speed": (("10", 10.0), ("0.5", 0.5), ("1000000", 1e6)),
    "start": (("2026-03-29", 1_774_742_400 * 10**9), ("2026-03-29T02:30:00+01:00", 1_774_747_800 * 10**9),
              ("2026-03-29 01:30:00.5Z", 1_774_747_800_500_000_000)),
    "deadline": (("7200", 7200.0), ("0.5", 0.5), ("off", float("inf"))),
    "etiquette": (("error", "error"), ("off", "off"), ("warning", "warning")),
    "rules": (
        ("page-repeated=off", {"page-repeated": "off"}),
        ("no-deadline=warning, key-in-url=off", {"no-deadline": "warning", "key-in-url": "off"}),
        ("page-past-end=error", {"page-past-end": "error"}),
    ),
    "min_interval": (("0", 0.0), ("2.5", 2.5), ("30", 30.0)),
    "url": (("http://one:1/", "http://one:1"), ("https://two", "https://two"), ("http://three", "http://three")),
    "control": (("http://one:2/", "http://one:2"), ("https://two", "https://two"), ("http://three", "http://three")),
    "token": (("x", "x"), ("y", "y"), ("z", "z")),
    "artifacts": (("a", Path("a")), ("b", Path("b")), ("new/one", Path("new/one"))),
    "save": (("auto", "auto"), ("always", "always"), ("never", "never")),
    "shrink": (("5", 5.0), ("0.5", 0.5), ("off", float("inf"))),
    "live": (("", True), ("no", False), ("1", True)),
    "coverage": (("", True), ("no", False), ("1", True)),
    "coverage_report": (
        ("json:a/c", (RequestedReport("json", Path("a/c")),)),
        ("markdown", (RequestedReport("markdown"),)),
        ("text:-", (RequestedReport("text"),)),
    ),
    "coverage_fail_under": (("80", 80.0), ("0.5", 0.5), ("100", 100.0)),
}
"""For each option the texts of a flag, the environment and the ini file, each with its value."""

WRONG = (
    ("time", "vitual", "Allowed: virtual, real, scaled, manual, skip-delays. Did you mean 'virtual'?"),
    ("etiquette", "warn", "Allowed: error, warning, off. Did you mean 'warning'?"),
    ("seed", "x", "Allowed: a whole number."),
    ("seed", "1.5", "Allowed: a whole number."),
    ("speed", "0", "Allowed: above 0, and at most 1000000."),
    ("speed", "fast", "Allowed: a number, 0 or more."),
    ("start", "29.3.2026", "Allowed: a date, or a date and time, of 1971 to 2200 in ISO 8601, such as 2026-03-29 or"),
    ("start", "2026-02-30", "Allowed: a date"),
    ("start", "now", "Allowed: a date"),
    ("start", "1969-07-20", "Allowed: a date"),
    ("start", "9999-12-31T23:59:59-12:00", "Allowed: a date"),
    ("start", "1767225600", "Allowed: a date"),
    ("deadline", "0", "Allowed: a number of seconds above 0, or off."),
    ("deadline", "-1", "Allowed: a number of seconds above 0, or off."),
    ("deadline", "inf", "Allowed: a number of seconds above 0, or off."),
    ("deadline", "1h", "Allowed: a number of seconds above 0, or off."),
    ("min_interval", "-1", "Allowed: a number, 0 or more."),
    ("min_interval", "nan", "Allowed: a number, 0 or more."),
    ("min_interval", "inf", "Allowed: a number, 0 or more."),
    ("rules", "no-deadline", "Write RULE=error, RULE=warning or RULE=off, with commas between."),
    ("rules", "polled-to-fast=off", "Did you mean 'polled-too-fast'?"),
    ("rules", "no-deadline=of", "The severity of no-deadline is 'of'. Allowed: error, warning, off."),
    ("url", "127.0.0.1:8000", "Allowed: the URL of a running `jobmock serve`."),
    ("scenarios", "nowhere", "There is no such folder."),
    ("scenarios", "long" * 100, "There is no such folder."),
    ("save", "allways", "Allowed: auto, always, never. Did you mean 'always'?"),
    ("coverage_report", "jsn:c", "There is no report 'jsn'. Formats: text, json, markdown. Did you mean 'json'?"),
    ("coverage_report", "json:", "The report 'json:' names no file. Expected: json:FILE, or json alone."),
    ("coverage_report", "json:no/folder/c", "The report no/folder/c can't be written: No such file or directory."),
    ("coverage_fail_under", "101", "Allowed: a number from 0 to 100."),
    ("coverage_fail_under", "-1", "Allowed: a number from 0 to 100."),
    ("coverage_fail_under", "most", "Allowed: a number from 0 to 100."),
)


def _flag(name: str) -> str:
    return f"--jobmock-{name.replace('_', '-')}"


def test_values_are_for_every_option() -> None:
    """Each option has a flag, and the tests here have values for each."""
    assert [option.name for option in OPTIONS] == list(VALUES) == [field.name for field in fields(Options)]


@pytest.mark.parametrize("name", VALUES)
def test_flag_wins_over_environment_over_ini(
    name: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each option is a flag, an environment variable and a line of the ini file; the first one given wins."""
    for folder in "abc":
        (project.path / folder).mkdir()
    (flag, by_flag), (env, by_env), (ini, by_ini) = VALUES[name]

    def read(*args: str) -> Any:
        value = getattr(resolve(project.pytester.parseconfig(*args)), name)
        return value.relative_to(project.path) if isinstance(value, Path) else value

    assert read() == getattr(Options(), name)
    project.ini(f"jobmock_{name} = {ini}")
    assert read() == by_ini
    monkeypatch.setenv(f"JOBMOCK_{name.upper()}", env)
    assert read() == by_env
    assert read(f"{_flag(name)}={flag}".rstrip("=")) == by_flag


@pytest.mark.parametrize(("name", "text", "message"), WRONG)
def test_wrong_value_ends_the_run_at_once(name: str, text: str, message: str, project: Project) -> None:
    """A wrong value is a usage error with exit code 4: one line with the option, the value and the allowed ones."""
    project.write("test_sample.py", "def test_nothing(): pass")
    ran = project.run(f"{_flag(name)}={text}")
    shown = ran.stdout.str() + ran.stderr.str()
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {_flag(name)} is '{text}'. " in shown
    assert message in shown
    assert "Traceback" not in shown


def test_wrong_value_is_reported_with_its_source(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the environment variable, or the line of the ini file, that is wrong."""
    project.ini("jobmock_time = vitual")
    ran = project.run()
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "ini jobmock_time is 'vitual'. " in ran.stderr.str()
    monkeypatch.setenv("JOBMOCK_TIME", "reel")
    assert "JOBMOCK_TIME is 'reel'. " in project.run().stderr.str()


def test_paths_of_the_ini_file_are_relative_to_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path in the ini file is relative to that file's folder, a path in a flag to the current folder."""
    (project.path / "mine").mkdir()
    (project.path / "deep" / "mine").mkdir(parents=True)
    report = "jobmock_coverage_report =\n    json:left\n    text"
    project.ini("jobmock_scenarios = mine", "jobmock_artifacts = left", report)
    monkeypatch.chdir(project.path / "deep")
    options = resolve(project.pytester.parseconfig())
    assert (options.scenarios, options.artifacts) == (project.path / "mine", project.path / "left")
    assert options.coverage_report == (RequestedReport("json", project.path / "left"), RequestedReport("text"))
    options = resolve(project.pytester.parseconfig("--jobmock-scenarios=mine", "--jobmock-artifacts=left"))
    assert (options.scenarios, options.artifacts) == (project.path / "deep" / "mine", project.path / "deep" / "left")


def test_help_has_a_group(project: Project) -> None:
    """`pytest --help` shows a group with every flag, its variable and its ini line."""
    shown = " ".join(project.run("--help").stdout.str().split())
    assert "jobmock: mocks of clado, orbit:" in shown
    for name in VALUES:
        assert f"{_flag(name)}{'=' * (name not in ('live', 'coverage'))}" in shown
        assert f"also JOBMOCK_{name.upper()}, ini jobmock_{name}" in shown
        assert f"jobmock_{name} (string):" in shown


def test_options_can_be_chosen_for_a_folder_and_a_module(project: Project) -> None:
    """A `jobmock_options` of a conftest wins over flags, one of a module over that, and a marker over all."""
    options = """
        import pytest
        from pytest_jobmock.options import Options

        @pytest.fixture(scope="session")
        def jobmock_options():
            return Options(time={time!r}, seed={seed})
    """
    test = """
        def test_time(clado_mock, jobmock_options):
            clado_mock.play("usual")
            import time
            time.sleep(0.002)
            assert jobmock_options.time == {time!r}
            assert clado_mock.clock.elapsed == {elapsed}

    """
    project.write("conftest.py", options.format(time="manual", seed=1))
    project.write("test_folder.py", test.format(time="manual", elapsed=0))
    project.write("test_module.py", options.format(time="virtual", seed=2) + test.format(time="virtual", elapsed=0.002))
    marked = "import pytest\npytestmark = pytest.mark.jobmock(time='virtual')\n"
    project.write("test_marked.py", marked + "def test_m(clado_mock):\n    import time\n    time.sleep(3600)\n")
    project.run("--jobmock-time=real", "--import-mode=importlib").assert_outcomes(passed=3)


def test_seed_decides_ids(project: Project) -> None:
    """The same seed gives the same ids of jobs in every run; another seed gives other ids."""
    project.write("test_sample.py", "def test_id(clado_mock): print('id', clado_mock.play('usual').id)")

    def made(seed: int) -> str:
        return next(line for line in project.run("-s", f"--jobmock-seed={seed}").outlines if "id " in line)

    assert made(1) == made(1) != made(2)


def test_scenarios_of_a_folder_are_played(project: Project) -> None:
    """A user's own scenarios have the names of their files; a wrong one is reported with its mistake."""
    project.write("mine/clado/brief.yaml", "version: 1\napi: clado\nprogression:\n  - status: completed\n")
    project.write("mine/clado/broken.yaml", "version: 1\napi: clado\nprogression:\n  - status: compleet\n")
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import polled

        def test_own(clado_mock):
            assert polled(clado_mock, "brief")["status"] == "completed"
            assert clado_mock.clock.elapsed == 0

        @pytest.mark.jobmock(scenarios="clado/brie*")
        def test_pattern(clado_mock, jobmock_scenario):
            assert jobmock_scenario == "clado/brief"

        def test_broken(clado_mock):
            clado_mock.play("broken")
        """,
    )
    ran = project.run("--jobmock-scenarios=mine")
    ran.assert_outcomes(passed=2, failed=1)
    ran.stdout.fnmatch_lines(["E *broken.yaml:4:*compleet*"])


def test_time_has_the_same_words_as_the_server() -> None:
    """A mode of time has one name, in `--jobmock-time` and in `serve --time`; only tests have `virtual` time too."""
    assert ("virtual", *MODES) == TIME_MODES
    assert Options().speed == DEFAULT_SPEED
