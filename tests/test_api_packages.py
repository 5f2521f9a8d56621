"""The packages of APIs are found by their distributions' entry points, and none of them is imported for that."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
from tests.apis.distributions import TOAST, distribute

from jobmock import api_packages, resources
from jobmock.api_packages import ApiPackage, found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of `sys.path` in which packages are looked for anew."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(api_packages, "found", found.__wrapped__)
    return tmp_path


def packages() -> dict[str, ApiPackage]:
    """Return the packages that aren't jobmock's own."""
    return {package.name: package for package in api_packages.others()}


def test_its_own_apis_need_no_entry_point() -> None:
    """The packages in `apis/` are APIs of jobmock, with data at the place of all data."""
    assert {"clado", "orbit"} <= set(api_packages.names())
    assert list(api_packages.names()) == sorted(api_packages.names())
    own = found().usable["orbit"]
    assert (own.module, own.distribution, own.is_own) == ("jobmock.apis.orbit", "jobmock", True)
    assert own.data("scenarios") == resources.folder("scenarios") / "orbit"
    assert api_packages.data_of("orbit", "scenarios") == own.data("scenarios")


def test_an_entry_point_names_a_package(place: Path) -> None:
    """A package is found with its distribution. Its code isn't run, and its data is looked for in the package."""
    distribute(place, "Corner_Bakery", {"bread": "bakery", "rolls": "bakery_rolls"}, "raise AssertionError", "2.1.0")
    assert packages() == {
        "bread": ApiPackage("bread", "bakery", "corner-bakery 2.1.0"),
        "rolls": ApiPackage("rolls", "bakery_rolls", "corner-bakery 2.1.0"),
    }
    assert packages()["bread"].data("schemas") == place / "bakery" / "schemas"
    assert api_packages.data_of("bread", "scenarios") == place / "bakery" / "scenarios"
    assert "bakery" not in sys.modules


def test_a_package_that_is_not_there_has_no_data(place: Path) -> None:
    """The name of a package may be wrong. That is found when it is imported; here it has no folders."""
    distribute(place, "bakery", {"bread": "bakery"})
    (place / "bakery" / "__init__.py").unlink()
    (place / "bakery").rmdir()
    assert not packages()["bread"].data("schemas").exists()


def test_the_first_distribution_of_a_name_counts(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A distribution that is installed twice is that of the first folder, as for Python's imports."""
    other = tmp_path_factory.mktemp("other")
    distribute(place, "bakery", {"bread": "bakery"}, version="2")
    distribute(other, "bakery", {"bread": "bakery", "rolls": "rolls"}, version="1")
    sys.path.append(str(other))
    try:
        assert {name: package.distribution for name, package in packages().items()} == {"bread": "bakery 2"}
    finally:
        sys.path.remove(str(other))


@pytest.mark.parametrize(
    ("apis", "refused"),
    [
        ({"Bread": "bakery"}, "bakery 1.0 has an API 'Bread'. A name may have lower-case letters, digits and"),
        ({"rye-bread": "bakery"}, "bakery 1.0 has an API 'rye-bread'. A name may have lower-case letters"),
        ({"clado": "bakery"}, "Two distributions have an API 'clado': jobmock and bakery 1.0."),
    ],
)
def test_a_name_that_is_refused(place: Path, apis: dict[str, str], refused: str) -> None:
    """A package with a wrong name, or with that of one of jobmock's, is left out. The reason names its distribution."""
    distribute(place, "bakery", apis)
    assert packages() == {}
    assert {"clado", "orbit"} <= set(api_packages.names())
    ((name, reason),) = api_packages.found().refused.items()
    assert name in apis and reason.startswith(refused)


def test_two_packages_of_one_name(place: Path) -> None:
    """If two distributions have an API of the same name, neither is used, and both are named."""
    distribute(place, "bakery", {"bread": "bakery"})
    distribute(place, "mill", {"bread": "mill", "flour": "flour"})
    assert list(packages()) == ["flour"]
    assert api_packages.found().refused == {"bread": "Two distributions have an API 'bread': bakery 1.0 and mill 1.0."}


@pytest.mark.parametrize(
    "text", ["[jobmock.apis]\n", "[jobmock.apis]\nbread\n", "jobmock.apis = x\n", "\xff[jobmock.apis", ""]
)
def test_a_file_without_an_entry_point(place: Path, text: str) -> None:
    """What isn't an entry point of the group names no package, and raises nothing."""
    distribute(place, "bakery", {})
    (place / "bakery-1.0.dist-info" / "entry_points.txt").write_bytes(text.encode("latin-1"))
    assert packages() == {}


def test_folders_that_are_no_folders(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive and a missing folder in `sys.path` have no packages; an empty entry is the current folder."""
    monkeypatch.setattr(sys, "path", ["", str(place / "none"), str(place / "a.zip"), *sys.path])
    monkeypatch.chdir(TOAST)
    assert list(packages()) == ["toast"]


def test_it_finds_what_the_library_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a group of which many are installed, the result is that of `importlib.metadata`."""
    monkeypatch.setattr(api_packages, "GROUP", "console_scripts")
    ours = {(one.name, one.module) for one in api_packages._of_other_distributions()}
    installed = [point for one in distributions() for point in one.entry_points]
    theirs = {(one.name, one.value) for one in installed if one.group == "console_scripts"}
    assert ours == theirs and len(ours) > 10


def test_it_imports_little() -> None:
    """Names are found without `importlib.metadata`, which is slow to import, and without any API."""
    slow = "('importlib.metadata', 'jobmock.dialect', 'jobmock.engine', 'jobmock.apis.')"
    code = f"print(apis.names(), *[one for one in sys.modules if one.startswith({slow})])"
    code = f"import sys; from jobmock import apis; {code}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{api_packages.names()}\n"
