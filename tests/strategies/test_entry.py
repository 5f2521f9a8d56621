"""Hypothesis learns of `Scenario` by itself, and importing it costs next to nothing."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest
from tests.support import HANGS

from jobmock import strategies
from jobmock.strategies import entry

ROOT = Path(__file__).parents[2]
DRAWS = "from hypothesis import find, strategies as st; print(find(st.from_type(Scenario), bool).api)"


def run(code: str) -> str:
    """Run code in a fresh interpreter and return what it prints."""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=HANGS, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_the_entry_point_is_declared() -> None:
    """The group `hypothesis` names the function that registers."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["hypothesis"]
    assert declared == {"jobmock": f"{entry.__name__}:{entry.register.__name__}"}
    assert [found.value for found in entry_points(group="hypothesis", name="jobmock")] == [*declared.values()]


@pytest.mark.parametrize(
    "code",
    [
        f"import hypothesis; from jobmock.models import Scenario; {DRAWS}",
        f"from jobmock.models import Scenario; import hypothesis; {DRAWS}",
    ],
)
def test_from_type_in_either_order(code: str) -> None:
    """Whichever is imported first, Hypothesis or the scenarios, the strategy is known."""
    assert run(code) == "clado"


def test_hypothesis_alone_imports_no_model() -> None:
    """Who uses Hypothesis for something else gets three small modules, and pays for no more."""
    code = "import hypothesis, sys; print(*sorted(name for name in sys.modules if name.startswith('jobmock')))"
    assert run(code) == "jobmock jobmock.lazy_names jobmock.strategies jobmock.strategies.entry"


def test_the_module_keeps_its_own_loader() -> None:
    """The models are loaded as any module is; nothing stays among the finders."""
    code = (
        "import hypothesis, sys, jobmock.models as m;"
        "print(type(m.__loader__).__name__, m.__loader__ is m.__spec__.loader,"
        "any('jobmock' in type(finder).__module__ for finder in sys.meta_path))"
    )
    assert run(code) == "SourceFileLoader True False"


def test_every_name_is_there() -> None:
    """What the package lists can be had from it; what it doesn't list can't."""
    assert all(hasattr(strategies, name) for name in strategies.__all__)
    assert {*strategies.__all__} <= {*dir(strategies)}
    assert strategies.__all__ == sorted(strategies.__all__)
    with pytest.raises(AttributeError, match="scenaros"):
        strategies.scenaros  # noqa: B018


def test_names_are_what_they_are_called() -> None:
    """No module of the package hides a name of it, whatever was imported before."""
    import jobmock.strategies
    from jobmock.strategies import __all__ as public
    from jobmock.strategies import machine, survival

    assert machine and survival  # which import most of the others
    assert [name for name in public if isinstance(getattr(jobmock.strategies, name), ModuleType)] == []
