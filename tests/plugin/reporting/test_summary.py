"""The summary of what clients did wrong, at the end of a run."""

from __future__ import annotations

from ..conftest import Project


def test_rules_are_counted_with_the_first_place(project: Project) -> None:
    """Each rule and severity has a line: how often, the first test, its evidence. The most frequent is first."""
    project.write(
        "test_sample.py",
        """
        import pytest
        from polling import JOBS, client, polled

        @pytest.mark.parametrize("n", range(3))
        def test_fast(clado_mock, n):
            polled(clado_mock, "two-pages", pause=0.5)

        def test_key(clado_mock):
            with client(clado_mock) as http:
                http.get("/api/credits?api_key=lk_jobmock")

        def test_correct(clado_mock):
            polled(clado_mock, "two-pages")
        """,
    )
    ran = project.run()
    ran.assert_outcomes(passed=5)
    ran.stdout.fnmatch_lines([
        "=* jobmock: what clients did wrong =*",
        "    3 polled-too-fast (error), first in test_sample.py::test_fast[[]0]: requests 1 to 41 poll *",
        "    1 key-in-url (error), first in test_sample.py::test_key: request 1 has an API key in its query*",
    ])  # fmt: skip
    assert "lk_jobmock" not in ran.stdout.str()


def test_run_without_findings_prints_nothing(project: Project) -> None:
    """If all clients behaved well, or no test had one, there is no summary."""
    project.write("test_sample.py", "from polling import polled\ndef test_it(clado_mock): polled(clado_mock, 'slow')\n")
    assert "jobmock:" not in project.run().stdout.str()
    assert "jobmock:" not in project.run("-k", "nothing").stdout.str()
