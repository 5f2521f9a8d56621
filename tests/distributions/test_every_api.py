"""The tests of every API pass for the APIs of other distributions too, in processes that find them installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.apis.distributions import run_python
from tests.distributions.installed import apis_of, distributions, installed

FILES = sorted((Path(__file__).parents[1] / "every_api").glob("test_*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("distribution", distributions())
def test_file(distribution: str, file: Path, tmp_path: Path) -> None:
    """Each test of a file passes for each API of an installed distribution, and there is at least one."""
    chosen = " or ".join(f"[{api}{end}" for api in apis_of(distribution) for end in ("]", "-"))
    args = ("-q", "-n", "0", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "child"), "-k", chosen, str(file))
    ran = run_python("-m", "pytest", *args, places=[installed(distribution)])
    assert ran.returncode == 0, ran.stdout + ran.stderr
