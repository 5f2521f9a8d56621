"""The fixture `contract`: it checks the answers that pass through it, and fails the test at its end."""

from __future__ import annotations

from .conftest import Project

SAMPLE = """
    import pytest
    from polling import JOBS, client

    SCENARIOS = {"clean": "clado/at-once", "broken": "clado/unknown-status"}

    def ask(mock, contract, scenario, **more):
        job = mock.play(scenario)
        with client(mock, transport=contract.transport(mock.transport), base_url="http://mock") as http:
            for _ in range(4):
                http.get(f"{JOBS}/{job.id}")

    def test_clean(clado_mock, contract):
        ask(clado_mock, contract, "clado/at-once")
        assert contract.report().judged == {"clado status": 4}

    def test_broken(clado_mock, contract):
        ask(clado_mock, contract, "clado/unknown-status")

    def test_broken_on_purpose(clado_mock, contract):
        ask(clado_mock, contract, "clado/unknown-status")
        with pytest.raises(AssertionError, match="status-unknown"):
            contract.verify()
"""


def test_test_fails_at_its_end_with_every_violation(project: Project) -> None:
    """A test passes if all answers obey the contract; otherwise its end is an error that lists each violation once."""
    project.write("test_sample.py", SAMPLE)
    ran = project.run()
    ran.assert_outcomes(passed=3, errors=2)
    ran.stdout.fnmatch_lines(
        ["The API's answers break the contract in 1 place:", "  breaking status-unknown: clado status 200 /status: *"]
    )
    assert ran.stdout.str().count("  breaking status-unknown") == 2


def test_fixture_can_be_replaced(project: Project) -> None:
    """A project with a fixture of this name keeps its own."""
    project.write("conftest.py", "import pytest\n\n@pytest.fixture\ndef contract():\n    return 'mine'\n")
    project.write("test_sample.py", "def test_it(contract):\n    assert contract == 'mine'\n")
    project.run().assert_outcomes(passed=1)
