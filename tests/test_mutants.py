"""The planted bugs stay plantable; `python -m tests.mutants` plants them and tells which the tests see."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mutants.planting import ROOT, SOURCES, Copy, Mutant, planted


def test_every_planted_bug_can_be_planted() -> None:
    """The text of each stands once in its file, its replacement is another text, and it is said what is wrong."""
    every = planted()
    assert len(every) == len({*every}) >= 60
    assert [bug for bug in every if (ROOT / SOURCES / bug.file).read_text("utf-8").count(bug.text) != 1] == []
    assert [bug for bug in every if bug.text == bug.instead or not bug.why.endswith(".")] == []


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of a checkout in which there is one function, and one test of it."""
    tree = tmp_path / "tree"
    for name in ("pytest_plugin", "schemas", "scenarios", ".ci", SOURCES, "tests"):
        (tree / name).mkdir(parents=True)
    for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", ".gitignore"):
        (tree / name).write_text("")
    (tree / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p no:jobmock -p no:schemathesis'\n")
    (tree / SOURCES / "sums.py").write_text("def add(one, two):\n    return one + two\n")
    test = f"import sys\nsys.path.insert(0, {SOURCES!r})\nfrom sums import add\ndef test_it(): assert add(2, 3) == 5\n"
    (tree / "tests" / "test_sums.py").write_text(test)
    return Copy(tree, tmp_path / "copy")


def test_a_bug_is_seen_and_taken_out_again(copy: Copy) -> None:
    """A planted bug turns its tests red; without it, they are green."""
    bug = Mutant("sums.py", "one + two", "one - two", "The sum is the difference.")
    assert copy.near(bug) == ["tests/test_sums.py"]
    path = copy.place / SOURCES / bug.file
    whole = path.read_text()
    with copy.planting(bug):
        assert path.read_text() == whole.replace("+", "-")
        assert not copy.passes(copy.near(bug))
    assert path.read_text() == whole
