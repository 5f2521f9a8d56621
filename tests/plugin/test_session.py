"""The end of a test: the verdict at three levels, and errors of the mock itself."""

from __future__ import annotations

import pytest

from .conftest import Project

MISBEHAVING = """
    import pytest
    from polling import client, fetch, polled

    def test_fast(clado_mock):
        polled(clado_mock, "two-pages", pause=0.25)

    def test_correct(clado_mock):
        polled(clado_mock, "two-pages")
"""
BROKEN = "polled-too-fast (error): requests 1 to 21 poll the running job in 6.75 s"


@pytest.mark.parametrize(
    ("level", "outcomes", "reported", "summed"),
    [
        ("error", {"passed": 2, "errors": 1}, True, True),
        ("warning", {"passed": 2}, False, True),
        ("off", {"passed": 2}, False, False),
    ],
)
def test_level_decides_what_findings_do(
    level: str, outcomes: dict[str, int], reported: bool, summed: bool, project: Project
) -> None:
    """At `error` a finding fails the test at its end; at `warning` only the summary has it; at `off` it is ignored."""
    project.write("test_sample.py", MISBEHAVING)
    ran = project.run(f"--jobmock-etiquette={level}")
    ran.assert_outcomes(**outcomes)
    shown = ran.stdout.str()
    assert (BROKEN in shown) is reported
    assert ("what clients did wrong" in shown) is summed
    assert ("ERROR at teardown of test_fast" in shown) is reported
    assert "session.py" not in shown


def test_single_rules_have_the_chosen_severity(project: Project) -> None:
    """An option and a marker set the severity of single rules, and the shortest interval."""
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import polled

        def fast(mock):
            polled(mock, "two-pages", pause=0.25)

        def test_by_option(clado_mock):
            fast(clado_mock)

        @pytest.mark.jobmock(rules={"polled-too-fast": "error"})
        def test_marker_goes_before(clado_mock):
            fast(clado_mock)

        @pytest.mark.jobmock(rules={"polled-too-fast": "error"}, min_interval=0.25)
        def test_min_interval(clado_mock):
            fast(clado_mock)

        @pytest.mark.jobmock(rules={}, min_interval=600)
        def test_longer_min_interval(clado_mock):
            polled(clado_mock, "two-pages")
        """,
    )
    ran = project.run("--jobmock-etiquette=error", "--jobmock-rules=polled-too-fast=warning")
    ran.assert_outcomes(passed=4, errors=2)
    assert "polled-too-fast (warning), first in test_sample.py::test_by_option" in ran.stdout.str()
    for name in ("test_marker_goes_before", "test_longer_min_interval"):
        ran.stdout.fnmatch_lines([f"*ERROR at teardown of {name}*"])
    project.run("--jobmock-min-interval=0.25", "-k", "by_option", "--jobmock-etiquette=error").assert_outcomes(
        passed=1, deselected=3
    )


def test_failed_test_is_reported_once(project: Project) -> None:
    """A failed test gets no second error for its client, and a finding that `verify` raised isn't raised again."""
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import JOBS, client, polled

        def test_failed_anyway(clado_mock):
            polled(clado_mock, "two-pages", pause=0.25)
            assert False

        def test_verified(clado_mock):
            polled(clado_mock, "two-pages", pause=0.25)
            clado_mock.verify()

        def test_expected(clado_mock):
            polled(clado_mock, "two-pages", pause=0.25)
            with pytest.raises(AssertionError, match="polled-too-fast"):
                clado_mock.verify()

        def test_later(clado_mock):
            polled(clado_mock, "two-pages", pause=0.25)
            with pytest.raises(AssertionError, match="polled-too-fast"):
                clado_mock.verify()
            with client(clado_mock) as http:
                http.get(f"{JOBS}/x?key=lk_jobmock")
        """,
    )
    ran = project.run("--jobmock-etiquette=error")
    ran.assert_outcomes(passed=2, failed=2, errors=1)
    ran.stdout.fnmatch_lines(["*ERROR at teardown of test_later*", "*key-in-url (error)*"])
    assert "4 polled-too-fast (error), first in" in " ".join(ran.stdout.str().split())


def test_error_in_the_servers_thread_fails_its_test_alone(project: Project) -> None:
    """If the mock itself breaks, the test that uses it fails with the cause, and no other test does."""
    project.write(
        "test_sample.py",
        """
        import httpx, pytest
        from polling import JOBS, client

        def broken(request):
            raise LookupError("nobody thought of that")

        def test_before(clado_mock):
            assert httpx.get(clado_mock.url + JOBS).status_code == 405

        def test_broken(clado_mock, orbit_mock):
            clado_mock.service.begin = broken
            assert httpx.get(clado_mock.url + JOBS).status_code == 500
            assert httpx.get(orbit_mock.url + JOBS).status_code == 405

        def test_in_process(clado_mock):
            clado_mock.service.begin = broken
            with client(clado_mock) as http, pytest.raises(LookupError):
                http.get(JOBS)

        def test_after(clado_mock):
            assert httpx.get(clado_mock.url + JOBS).status_code == 405
        """,
    )
    ran = project.run()
    ran.assert_outcomes(passed=4, errors=1)
    ran.stdout.fnmatch_lines(["*ERROR at teardown of test_broken*", "*LookupError: nobody thought of that"])
    assert "The mock itself failed: LookupError: nobody thought of that" in ran.stdout.str()


def test_expected_failure_leaves_nothing(project: Project) -> None:
    """An xfail test is not a failed one: it has no story and no artifacts, and its client isn't judged again."""
    sample = "import pytest\n@pytest.mark.xfail\ndef test_it(clado_mock):\n    clado_mock.play('slow')\n    assert 0\n"
    project.write("test_sample.py", sample)
    ran = project.run("--jobmock-artifacts=left")
    ran.assert_outcomes(xfailed=1)
    assert "requests in" not in ran.stdout.str()
    assert not (project.path / "left").exists()
