"""Each kind of fault in the package of an API is found by a real command, at its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.api_checks.copies import copy_of_toast, lint
from tests.api_checks.planted_faults import FAULTS


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name: str, tmp_path: Path) -> None:
    """A fault is a line with its place, and words that say what is wrong. An error ends with 2, a warning with 0."""
    fault, package = FAULTS[name], copy_of_toast(tmp_path)
    fault.plant(package)
    ran = lint(package)
    lines = ran.stdout.splitlines()
    found = [line for line in lines if re.match(rf".*{re.escape(fault.place)}: (error|warning|note): ", line)]
    assert any(all(words in line for words in fault.words) for line in found), ran.stdout + ran.stderr
    assert ran.returncode == (2 if any(": error: " in line for line in lines) else 0)
    assert "Traceback" not in ran.stdout + ran.stderr and ran.stderr.endswith(" found.\n")
