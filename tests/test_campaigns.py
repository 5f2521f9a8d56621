"""A small part of each campaign runs without failures. `python -m tests.campaigns` runs them in full."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from tests.campaigns.__main__ import campaigns, main

FRACTION = 0.002
FRACTIONS = {"hostile": 0.01, "hunt": 0.001}
"""Campaigns of which another part is run."""
SEED = 1
TESTED_ELSEWHERE = {
    "accusations", "balancers", "contract-by-schemathesis", "image", "matrix", "poisoning", "properties", "races",
    "readers", "shrinking", "workers",
}  # fmt: skip
"""Campaigns of which other tests run a small part, or a part that needs no image."""
TIMED = {"clients-in-real-time", "realtime", "sigterm", "week"}
"""Campaigns that check times, or that take minutes of real time."""


@pytest.mark.parametrize("name", sorted(campaigns().keys() - TESTED_ELSEWHERE - TIMED))
def test_a_small_part_of_each_campaign(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A seeded part of each campaign has no failures, and prints one line with its figures."""
    failures = campaigns()[name](FRACTIONS.get(name, FRACTION), SEED)
    out, err = capsys.readouterr()
    assert failures == 0, err
    assert out.startswith(f"{name}: ")
    assert out.count("\n") == 1
    assert err == ""


def test_which_modules_are_campaigns() -> None:
    """A module of the folder with a function `run` is a campaign; its name has dashes."""
    assert {"requests", "engine", "isolation", "bucket", "sigterm", "soak", "files", "hostile"} <= campaigns().keys()
    assert not campaigns().keys() & {"reporting", "http_connection", "__main__"}
    assert all("_" not in name for name in campaigns())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["engin"], "Unknown campaign 'engin'. Allowed: "),
        (["--fraction", "0"], "0"),
        (["--fraction", "1.5"], "1.5"),
        (["--seed", "x"], "'x'"),
    ],
)
def test_wrong_arguments(args: list[str], message: str) -> None:
    """An unknown campaign, or an invalid fraction or seed, exits with 2 and names the wrong value."""
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize(("failures", "code"), [([0, 0], 0), ([0, 3], 1)])
def test_exit_code(failures: list[int], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command exits with 1 if any campaign has a failure."""
    played = {f"c{number}": lambda fraction, seed, found=found: found for number, found in enumerate(failures)}
    monkeypatch.setattr("tests.campaigns.__main__.campaigns", lambda: played)
    assert CliRunner().invoke(main, []).exit_code == code
