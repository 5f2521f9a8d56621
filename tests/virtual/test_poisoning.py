"""What a test in virtual time leaves behind doesn't affect the next test. The campaign `poisoning` tries more pairs."""

from __future__ import annotations

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("The checks read the clocks of Linux.", allow_module_level=True)

from tests.campaigns.poisoning import KINDS
from tests.virtual.poisoning import project


@pytest.mark.parametrize(("kind", "pairs"), [("-n 0", 6)])
def test_the_next_test_is_not_affected(kind: str, pairs: int) -> None:
    """A plain test finds real clocks, loops and calls after a test that failed, was interrupted or left threads."""
    pytest.importorskip("pytest_timeout")
    found = project.run(7, pairs, *KINDS[kind], seconds=240)
    assert found.wrong == []
    assert found.kinds["plain"] == pairs
