"""The campaigns run, a little of each; `python -m tests.campaigns` runs them in full."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from tests.campaigns.__main__ import campaigns, main

FRACTION = 0.002
SEED = 1
ELSEWHERE = {
    "accusations", "contract-by-schemathesis", "matrix", "poisoning", "properties", "races", "shrinking",
    "workers",
}  # fmt: skip
"""What they run in full is run in little by tests of their own."""
TIMED = {"realtime", "sigterm"}
"""What they judge are times, which are right on a quiet machine only."""


@pytest.mark.parametrize("name", sorted(campaigns().keys() - ELSEWHERE - TIMED))
def test_a_little_of_it_finds_nothing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A seeded part of each campaign has no failure, and its figures are one line, without a bar."""
    failures = campaigns()[name](FRACTION, SEED)
    out, err = capsys.readouterr()
    assert failures == 0, err
    assert out.startswith(f"{name}: ")
    assert out.count("\n") == 1
    assert err == ""


def test_campaigns_are_found_by_looking() -> None:
    """A module of the folder that has a `run` is a campaign; its name is written with dashes."""
    assert {"requests", "engine", "isolation", "bucket", "sigterm", "soak", "files"} <= campaigns().keys()
    assert not campaigns().keys() & {"reporting", "sockets", "__main__"}
    assert all("_" not in name for name in campaigns())


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["engin"], "Unknown campaign 'engin'. Allowed: "),
        (["--fraction", "0"], "0"),
        (["--fraction", "1.5"], "1.5"),
        (["--seed", "x"], "'x'"),
    ],
)
def test_wrong_words_end_with_2(args: list[str], told: str) -> None:
    """An unknown campaign, or a fraction or seed that can't be, ends with 2 and says what is allowed."""
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 2
    assert told in result.output


@pytest.mark.parametrize(("failures", "code"), [([0, 0], 0), ([0, 3], 1)])
def test_exit_code(failures: list[int], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any failure of any campaign makes it 1."""
    played = {f"c{number}": lambda fraction, seed, found=found: found for number, found in enumerate(failures)}
    monkeypatch.setattr("tests.campaigns.__main__.campaigns", lambda: played)
    assert CliRunner().invoke(main, []).exit_code == code
