"""Jobs with random drift go through a HAR and a recording, and a check finds the same. The campaign has 200 of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from tests.campaigns.round_trips import differences

from jobmock.catalogue import Catalogue

SOME = {
    "clado/two-pages": 1, "clado/more-to-come": 2, "clado/growing": 29, "orbit/usual-discovery": 4,
    "orbit/no-credits": 5,
}  # fmt: skip


@pytest.mark.parametrize("name", SOME)
def test_drifting_job(name: str, catalogue: Catalogue, tmp_path: Path) -> None:
    """The checks of a HAR, of its recorded lines and of its scenario, polled again, have the same rows."""
    assert differences(catalogue, name, Random(SOME[name]), tmp_path) == []
