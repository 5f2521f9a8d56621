"""`jobmock explain`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import call
from tests.timelines.pages import checked

from jobmock.catalogue import Catalogue
from jobmock.catalogue.explain_scenario import explain
from jobmock.timelines.scenario_svg import scenario_svg

TWO_PAGES = """\
clado/two-pages (clado): 47 people on two pages, found over forty seconds.

From the moment the job is made:
  1.  pending     until 2 polls are answered  no results
  2.  searching   for 30 s                    0 people    body: search_chunk_done
  3.  processing  for 10 s                    20 people
  4.  completed   for ever                    47 people

Requests that meet a fault:
  status  request 3  respond rate_limited, Retry-After: 2 s
"""
OWN = "version: 1\napi: orbit\nsummary: Mine.\nprogression: [{status: running, after: {polls: 1}}, {status: failed}]\n"


def test_timeline_of_a_bundled_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    """Every step with its end and its results, then every fault with its requests, and nothing on stderr."""
    assert call(capsys, "explain", "clado/two-pages") == (0, TWO_PAGES, "")


def test_timeline_as_a_picture(capsys: pytest.CaptureFixture[str], catalogue: Catalogue, tmp_path: Path) -> None:
    """`--format svg` and `--format html` draw the timeline, and `--output` writes it into a file."""
    plan, file = catalogue.plan("clado/two-pages"), tmp_path / "out"
    assert call(capsys, "explain", "clado/two-pages", "--format", "svg") == (0, scenario_svg(plan), "")
    assert call(capsys, "explain", "clado/two-pages", "--format", "html", "--output", file) == (0, "", "")
    page = checked(file.read_text("utf-8"))
    assert TWO_PAGES in page.text and "svg" in page.tags
    assert call(capsys, "explain", "clado/two-pages", "--output", file) == (0, "", "")
    assert file.read_text("utf-8") == TWO_PAGES


def test_file_of_a_timeline_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A file that can't be written is named in one line."""
    ran = call(capsys, "explain", "clado/usual", "--output", tmp_path / "no" / "where")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "can't be written" in ran.err


def test_every_bundled_scenario_can_be_explained(capsys: pytest.CaptureFixture[str], catalogue: Catalogue) -> None:
    """The command prints the text of `catalogue.explain_scenario` for each bundled scenario."""
    for name in catalogue.names():
        called = call(capsys, "explain", name)
        assert called == (0, explain(catalogue.plan(name)), "")
        assert called.out.startswith(f"{name} (")


def test_file_is_explained_under_its_stem(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An argument with a scenario file's suffix is a path, from the present folder if it is relative."""
    (tmp_path / "mine.yaml").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    called = call(capsys, "explain", "mine.yaml")
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith("mine (orbit): Mine.\n\nFrom the moment the job is made:\n  1.  running  until 1 poll")
    assert call(capsys, "explain", tmp_path / "mine.yaml") == called


def test_scenarios_of_ones_own_have_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With `--scenarios DIR` a file there is explained by its name."""
    (tmp_path / "mine.yaml").write_text(OWN)
    called = call(capsys, "explain", "orbit/mine", "--scenarios", tmp_path)
    assert (called.code, called.out.splitlines()[0]) == (0, "orbit/mine (orbit): Mine.")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("clado/two-page", " Did you mean 'clado/two-pages'?"),
        ("two-pages", " Did you mean 'clado/two-pages'?"),
        ("usual", " Did you mean 'clado/usual' or 'orbit/usual'?"),
        ("zzz", ""),
    ],
)
def test_unknown_name_ends_with_2_and_the_nearest(capsys: pytest.CaptureFixture[str], name: str, near: str) -> None:
    """The error for an unknown name has the name, the nearest ones, and the command that lists all."""
    text = f"jobmock: There is no scenario {name!r}.{near} `jobmock list` shows them all.\n"
    assert call(capsys, "explain", name) == (2, "", text)


def test_file_that_is_missing_or_broken_is_placed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Both end with 2 and `file:line:column` on stderr, and nothing on stdout."""
    missing, broken = tmp_path / "missing.yaml", tmp_path / "broken.yaml"
    broken.write_text(OWN + "bogus: 1\n")
    assert call(capsys, "explain", missing) == (2, "", f"{missing}:1:1: error: There is no such file.\n")
    called = call(capsys, "explain", broken)
    assert (called.code, called.out) == (2, "")
    assert called.err.startswith(f"{broken}:5:1: error: Unknown key 'bogus'.")
