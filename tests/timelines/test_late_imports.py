"""What draws pictures is imported when a picture is drawn."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.support import HANGS


@pytest.mark.parametrize(
    "module",
    ["commands.runner", "commands.reports.text", "conformance.playing", "conformance.reports.text", "checking.check",
     "cli.run", "cli.explain", "client_reports.artifacts"],
)  # fmt: skip
def test_no_picture_is_paid_for_before(module: str) -> None:
    """Runs, checks and reports in another format import nothing that draws."""
    code = f"import sys, jobmock.{module}; sys.exit('jobmock.timelines.elements' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=HANGS, check=False).returncode == 0
