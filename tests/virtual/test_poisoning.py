"""What a test in virtual time leaves behind isn't noticed by the next; the campaign `poisoning` plays more of it."""

from __future__ import annotations

import sys

import pytest

if sys.platform != "linux":
    pytest.skip("The checks read the clocks of Linux.", allow_module_level=True)

from tests.campaigns.poisoning import KINDS
from tests.virtual.poisoning import project


@pytest.mark.parametrize(("kind", "pairs"), [("-n 0", 12)])
def test_the_next_test_does_not_notice(kind: str, pairs: int) -> None:
    """However a test ends, and whatever it leaves, a plain one after it finds clocks, loops and calls as ever."""
    pytest.importorskip("pytest_timeout")
    found = project.run(7, pairs, *KINDS[kind], seconds=240)
    assert found.wrong == []
    assert found.kinds["plain"] == pairs
