"""The marker: what it sets, which marker wins, and how a mistake is reported."""

from __future__ import annotations

import pytest

from .conftest import Project


def test_nearest_marker_wins_for_each_argument(project: Project) -> None:
    """For each argument, the marker of the function wins over that of the class, and that over the module's."""
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import JOBS, client

        pytestmark = pytest.mark.jobmock("clado/at-once", time="manual", seed=7, min_interval=3)

        def seen(mock):
            with client(mock) as http:
                job = http.post(JOBS, json={"query": "x"}).json()["job_id"]
                found = len(http.get(f"{JOBS}/{job}").json().get("results", ()))
            options = mock._session.options
            return found > 0, options.time, options.seed, options.min_interval, options.etiquette

        def test_module(clado_mock):
            assert seen(clado_mock) == (True, "manual", 7, 3.0, "warning")

        @pytest.mark.jobmock("clado/slow", seed=8, etiquette="off")
        class TestClass:
            def test_class(self, clado_mock):
                assert seen(clado_mock) == (False, "manual", 8, 3.0, "off")

            @pytest.mark.jobmock(time="virtual", min_interval=0)
            def test_function(self, clado_mock):
                assert seen(clado_mock) == (False, "virtual", 8, 0.0, "off")

            @pytest.mark.jobmock("clado/at-once")
            def test_scenario(self, clado_mock):
                assert seen(clado_mock) == (True, "manual", 8, 3.0, "off")
        """,
    )
    project.run_apart("--strict-markers", "-W", "error").assert_outcomes(passed=4)


def test_mistakes_are_reported_without_a_traceback(project: Project) -> None:
    """A wrong argument, value, rule, switch or name fails that test alone, and the message says what is allowed."""
    cases = {
        "tim='real'": "the marker jobmock has no 'tim'. Allowed: time, speed, start, deadline, seed, etiquette,"
        " rules, min_interval, key, switches, scenarios, conformance, live. Did you mean 'time'?",
        "time='vitual'": "the marker's 'time' is 'vitual'. Allowed: virtual, real, scaled, manual, skip-delays. Did you"
        " mean 'virtual'?",
        "etiquette='warn'": "the marker's 'etiquette' is 'warn'. Allowed: error, warning, off. Did you mean 'warning'?",
        "seed='x'": "the marker's 'seed' is 'x'. Allowed: a whole number.",
        "min_interval='x'": "the marker's 'min_interval' is 'x'. Allowed: a number, 0 or more.",
        "start='tomorrow'": "the marker's 'start' is 'tomorrow'. Allowed: a date, or a date and time, of 1971 to 2200",
        "deadline=0": "the marker's 'deadline' is 0. Allowed: a number of seconds above 0, or off.",
        "speed=0": "the marker's 'speed' is 0. Allowed: above 0, and at most 1000000.",
        "rules={'polled-to-fast': 'off'}": "Did you mean 'polled-too-fast'?",
        "rules={'no-deadline': 'of'}": "The severity of no-deadline is 'of'. Allowed: error, warning, off.",
        "switches={'tier': 'free'}": "Write API.NAME=VALUE, where API is clado or orbit.",
        "switches={'clado.teir': 'free'}": "Unknown key 'teir' in 'switches'.",
        "switches=5": "the marker's 'switches' is 5. Allowed: a mapping such as {'clado.tier': 'free'}.",
        "switches={'clado.tier': object}": "The values of switches are text, numbers and the like, not",
        "key=5": "the marker's 'key' is 5. Allowed: a text.",
        "live='yes'": "the marker's 'live' is 'yes'. Allowed: True or False.",
        "5": "A scenario is a name, a path, a mapping or a Scenario, not 5.",
        "[{'status': 'error'}]": "A scenario is a name, a path, a mapping or a Scenario, not [{'status': 'error'}].",
        "{'status': 'error'}": "The key 'version' is missing. Allowed: 1.",
        "'clado/two-pags'": "There is no scenario 'clado/two-pags'. Did you mean 'clado/two-pages'?",
    }
    tests = [f"@pytest.mark.jobmock({words})\ndef test_{n}(clado_mock): pass\n" for n, words in enumerate(cases)]
    project.write("test_sample.py", "import pytest\n" + "".join(tests) + "def test_fine(clado_mock): pass\n")
    ran = project.run()
    ran.assert_outcomes(passed=1, errors=len(cases))
    shown = ran.stdout.str()
    for message in cases.values():
        assert message in shown
    assert "fixtures.py" not in shown
    assert not [line for line in ran.outlines if line.startswith(("E  ", "/"))]


def test_pattern_runs_the_test_once_for_each_scenario(project: Project) -> None:
    """`scenarios=` takes one or several patterns of either API. The test ids are the names of the scenarios."""
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import JOBS, RUNS, client

        @pytest.mark.jobmock(scenarios="clado/*-page*")
        def test_one(clado_mock, jobmock_scenario):
            with client(clado_mock) as http:
                http.post(JOBS, json={"query": "x"})
            assert list(clado_mock.played()) == [jobmock_scenario]

        @pytest.mark.jobmock(scenarios=["clado/slow", "orbit/slo?"])
        class TestSeveral:
            def test_both(self, clado_mock, orbit_mock, jobmock_scenario):
                api = jobmock_scenario.partition("/")[0]
                mock = {"clado": clado_mock, "orbit": orbit_mock}[api]
                with client(mock) as http:
                    started = http.post(JOBS, json={"query": "x"}) if api == "clado" else http.post(
                        RUNS, json={"email": "someone@mail.invalid"})
                assert started.status_code in (200, 202)
                assert list(mock.played()) == [jobmock_scenario]

            @pytest.mark.jobmock(scenarios="clado/at-once")
            def test_nearest(self, clado_mock): pass

            @pytest.mark.parametrize("limit", [1, 2])
            def test_product(self, clado_mock, limit): pass
        """,
    )
    ran = project.run("-v", "--strict-markers")
    ran.assert_outcomes(passed=3 + 2 + 1 + 4)
    for name in ("full-page", "hostile-pages", "two-pages"):
        ran.stdout.fnmatch_lines([f"test_sample.py::test_one?clado/{name}? PASSED*"])
    ids = {line.split(" ")[0].removeprefix("test_sample.py::") for line in ran.outlines if "PASSED" in line}
    assert {"TestSeveral::test_both[clado/slow]", "TestSeveral::test_both[orbit/slow]"} <= ids
    assert {"TestSeveral::test_nearest[clado/at-once]", "TestSeveral::test_product[orbit/slow-2]"} <= ids


def test_pattern_without_a_match_fails_with_the_nearest_name(project: Project) -> None:
    """A pattern that no scenario matches is one collection error, without a traceback, with the nearest name."""
    sample = "import pytest\n@pytest.mark.jobmock(scenarios='clado/two-pags')\ndef test_it(clado_mock): pass\n"
    project.write("test_sample.py", sample)
    ran = project.run()
    ran.assert_outcomes(errors=1)
    message = "test_sample.py::test_it: no scenario matches 'clado/two-pags'. Did you mean 'clado/two-pages'?"
    assert message in ran.stdout.str()
    assert not [line for line in ran.outlines if line.startswith(("E  ", "/"))]


@pytest.mark.parametrize("pattern", ["5", "None", "True", "{'clado/*': 1}", "[None]", "[]", "''"])
def test_pattern_of_another_type_is_refused(pattern: str, project: Project) -> None:
    """A pattern is a text or a list of texts; what is neither, or matches nothing, fails without a traceback."""
    marked = f"@pytest.mark.jobmock(scenarios={pattern})\ndef test_it(clado_mock): pass\n"
    project.write("test_sample.py", f"import pytest\n{marked}")
    ran = project.run()
    ran.assert_outcomes(errors=1)
    refused = f"the marker's 'scenarios' is {pattern}. Allowed: a pattern such as 'clado/*', or a list of patterns."
    shown = ran.stdout.str()
    assert refused in shown or f"no scenario matches {pattern}." in shown
    assert "Traceback" not in shown and "marker.py" not in shown


def test_one_scenario_for_each_api(project: Project) -> None:
    """A marker names one scenario for each API. Its key is used for the API whose form it has."""
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import JOBS, RUNS, client

        @pytest.mark.jobmock("clado/slow", "orbit/slow", key="lk_mine", switches={"clado.tier": "free"})
        def test_both(clado_mock, orbit_mock):
            assert (clado_mock.api_key, orbit_mock.api_key) == ("lk_mine", "sk_orb_jobmock")
            with client(clado_mock) as clado, client(orbit_mock) as orbit:
                codes = [clado.post(JOBS, json={"query": "x"}).status_code for _ in range(12)]
                assert orbit.post(RUNS, json={"email": "a@mail.invalid"}).status_code == 202
            assert 429 in codes
            assert (*clado_mock.played(), *orbit_mock.played()) == ("clado/slow", "orbit/slow")
        """,
    )
    project.run().assert_outcomes(passed=1)


def test_a_scenario_that_no_mock_would_play_is_refused(project: Project) -> None:
    """A scenario of an API whose mock the test doesn't take is refused, and so is a second scenario of one API."""
    project.write(
        "test_sample.py",
        """
        import pytest

        @pytest.mark.jobmock("orbit/slow")
        def test_other(clado_mock): pass

        @pytest.mark.jobmock("clado/slow", "clado/usual")
        def test_two(clado_mock): pass

        @pytest.mark.jobmock("clado/slow", "orbit/slow")
        def test_right(clado_mock, orbit_mock): pass
        """,
    )
    ran = project.run()
    ran.assert_outcomes(passed=1, errors=2)
    ran.stdout.fnmatch_lines(["*names a scenario of orbit, but the test takes no orbit_mock.*"])
    ran.stdout.fnmatch_lines(["*names 2 scenarios of clado; a mock plays one.*"])


def test_options_of_another_kind(project: Project) -> None:
    """An override of jobmock_options that returns another type is an error that says what to return."""
    project.write(
        "test_sample.py",
        """
        import pytest

        @pytest.fixture
        def jobmock_options():
            return {"time": "manual"}

        def test_it(clado_mock): pass
        """,
    )
    ran = project.run()
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*jobmock_options returns dict.*dataclasses.replace*"])
