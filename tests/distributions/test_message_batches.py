"""The two APIs of `message_batches` are played, judged, checked and recorded as their documents say.

Their distribution isn't installed here, so everything runs in other processes, which find it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.apis.distributions import run_python
from tests.distributions.installed import installed

CHECKS = Path(__file__).parent / "message_batches" / "checks"


@pytest.fixture
def places() -> list[Path]:
    """The folder in which another process finds the installed distribution."""
    return [installed("message_batches")]


@pytest.mark.parametrize("file", ["batches.py", "exports.py", "recordings.py"])
def test_checks(places: list[Path], tmp_path: Path, file: str) -> None:
    """The checks of this file pass: each of its tests has its own rule."""
    args = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(CHECKS / file))
    ran = run_python(*args, places=places)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_its_scenarios_are_played(places: list[Path]) -> None:
    """`jobmock demo` reads the results of each scenario, also where they are refused or lost at first."""
    code = (
        "from jobmock.catalogue import Catalogue; names = Catalogue.names\n"
        "Catalogue.names = lambda self: [one for one in names(self) if one.startswith(('message_b', 'cursor_e'))]\n"
        "from jobmock.cli import main; main(['demo'])"
    )
    ran = run_python("-c", code, places=places)
    assert "16 scenarios" in ran.stdout and "no wrong outcomes" in ran.stdout, ran.stdout + ran.stderr


def test_a_correct_client_is_run(places: list[Path], tmp_path: Path) -> None:
    """In virtual time a correct client of both breaks no rule, and a check of its traffic finds nothing."""
    run = ("run", "--scenario", "message_batches/quota-spent", "--artifacts", str(tmp_path / "traffic"))
    ran = run_python("-m", "jobmock", *run, "--", sys.executable, str(CHECKS / "clients.py"), places=places)
    assert (ran.returncode, ran.stdout) == (0, "3\n23\n"), ran.stderr
    assert ran.stderr.count("no findings in its requests") == 2
    (har,) = (tmp_path / "traffic").glob("*.har")
    checked = run_python("-m", "jobmock", "check", str(har), places=places)
    assert checked.stdout.endswith("0 breaking, 0 additive, 0 cosmetic.\n"), checked.stdout + checked.stderr


def test_cases_are_made_of_each_error_that_passes(places: list[Path]) -> None:
    """The conformance suite has cases of a status that no standard lists, which passes like others of servers."""
    listed = run_python("-m", "jobmock", "conform", "--api", "message_batches", "--list", places=places).stdout
    assert " retry-after/backend_overloaded " in listed and " retry-after/backend_broken " in listed


@pytest.mark.parametrize("api", ["message_batches", "cursor_exports"])
def test_it_is_described(places: list[Path], api: str) -> None:
    """Its tables and scenarios are fine, and the made OpenAPI document has all operations, also with 529."""
    code = (
        "from jobmock import apis; from jobmock.dialect.openapi_documents import bundled\n"
        f"api = apis.load({api!r}); made = bundled(api)['paths']\n"
        "print(all(one.method.lower() in made[one.path] for one in api.operations))"
    )
    assert run_python("-c", code, places=places).stdout == "True\n"
    linted = run_python("-m", "jobmock", "lint", "--api", api, places=places)
    assert linted.returncode == 0 and "no problems found" in linted.stderr, linted.stdout
