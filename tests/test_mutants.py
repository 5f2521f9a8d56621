"""The list of mutants and the tool that plants them. `python -m tests.mutants` shows which ones the tests detect."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mutants.planting import ROOT, SOURCES, Copy, Mutant, load_mutants


def test_every_mutant_can_be_planted() -> None:
    """The text of each mutant is once in its file, its replacement is different, and it has a reason."""
    every = load_mutants()
    assert len(every) == len({*every}) >= 60
    sources = {mutant.file: (ROOT / SOURCES / mutant.file).read_text("utf-8") for mutant in every}
    assert [mutant for mutant in every if sources[mutant.file].count(mutant.text) != 1] == []
    assert [mutant for mutant in every if mutant.text == mutant.instead or not mutant.why.endswith(".")] == []


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of a checkout with one function and one test."""
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


def test_a_mutant_is_detected_and_removed(copy: Copy) -> None:
    """A planted mutant makes its tests fail, and is removed after the block."""
    mutant = Mutant("sums.py", "one + two", "one - two", "The sum is the difference.")
    assert copy.near(mutant) == ["tests/test_sums.py"]
    path = copy.place / SOURCES / mutant.file
    whole = path.read_text()
    with copy.planting(mutant):
        assert path.read_text() == whole.replace("+", "-")
        assert not copy.passes(copy.near(mutant))
    assert path.read_text() == whole
