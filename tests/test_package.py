"""The wheel and the sdist: their contents, and the installed package without the source tree."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.support import HANGS

import jobmock
from jobmock.catalogue import Catalogue

ROOT = Path(__file__).parents[1]
BUILD = "import sys; from hatchling import build; getattr(build, sys.argv[1])(sys.argv[2])"


def run(command: Sequence[object], cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command without environment variables that lead to the source tree; return its stdout."""
    ours = ("PYTHON", "VIRTUAL_ENV", "SSL_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    ran = subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**clean, **(env or {})}, capture_output=True, text=True,
        timeout=HANGS, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables with which hatchling can be imported; it is downloaded if it isn't installed."""
    if importlib.util.find_spec("hatchling"):
        return {}
    place = tmp_path_factory.mktemp("backend")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", place]
    run([*pip, "hatchling>=1.26"], place)
    return {"PYTHONPATH": str(place)}


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tracked and the new files, so that no ignored file gets into the package."""
    place = tmp_path_factory.mktemp("source") / "jobmock"
    listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place / name)
    return place


def build(kind: str, source: Path, place: Path, backend: Mapping[str, str]) -> Path:
    """Build a `wheel` or an `sdist` of a source tree into a new folder."""
    place.mkdir()
    run([sys.executable, "-c", BUILD, f"build_{kind}", place], source, backend)
    (made,) = place.iterdir()
    return made


@pytest.fixture(scope="session")
def wheel(source: Path, backend: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sources."""
    return build("wheel", source, tmp_path_factory.mktemp("dist") / "wheel", backend)


@pytest.fixture(scope="session")
def sdist(source: Path, backend: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, built from the sources."""
    return build("sdist", source, tmp_path_factory.mktemp("dist") / "sdist", backend)


def listing(wheel: Path) -> dict[str, int]:
    """Return the checksum of each file in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist()}


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_installs_two_packages(wheel: Path) -> None:
    """The wheel installs `jobmock` and `pytest_jobmock` only, and no common name like `schemas` or `tests`."""
    tops = {name.partition("/")[0] for name in listing(wheel)}
    assert tops == {"jobmock", "pytest_jobmock", f"jobmock-{jobmock.__version__}.dist-info"}
    assert wheel.name == f"jobmock-{jobmock.__version__}-py3-none-any.whl"


def test_the_wheel_has_all_code_and_data(wheel: Path, source: Path) -> None:
    """The wheel has exactly the files of `schemas/`, `scenarios/` and both packages, with `py.typed`."""
    wanted = {f"jobmock/{name}" for name in files(source / "mockserver" / "jobmock")}
    wanted |= {f"pytest_jobmock/{name}" for name in files(source / "pytest_plugin" / "pytest_jobmock")}
    wanted |= {f"jobmock/_data/{top}/{name}" for top in ("schemas", "scenarios") for name in files(source / top)}
    packed = {name for name in listing(wheel) if ".dist-info/" not in name}
    assert packed == wanted
    assert {"jobmock/py.typed", "pytest_jobmock/py.typed", "jobmock/_data/schemas/scenario.schema.json"} <= packed


def test_wheel_declares_the_command(wheel: Path) -> None:
    """The wheel has the entry point `jobmock = jobmock.cli:main`, the version and the licence."""
    info = f"jobmock-{jobmock.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        points, metadata = archive.read(f"{info}/entry_points.txt"), archive.read(f"{info}/METADATA").decode()
        assert f"{info}/licenses/LICENSE" in archive.namelist()
    assert b"[console_scripts]\njobmock = jobmock.cli:main\n" in points
    assert f"\nVersion: {jobmock.__version__}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata


def test_the_sdist_has_all_sources(sdist: Path, source: Path) -> None:
    """The sdist has every source, schema, scenario, test and document of the repository, below one folder."""
    with tarfile.open(sdist) as archive:
        names = {member.name for member in archive if member.isfile()}
    top = f"jobmock-{jobmock.__version__}"
    folders = ("mockserver", "pytest_plugin", "schemas", "scenarios", "tests")
    wanted = {f"{top}/{folder}/{name}" for folder in folders for name in files(source / folder)}
    assert wanted - names == set()
    wanted = {f"{top}/{path.name}" for path in source.glob("*.md")}
    assert wanted | {f"{top}/pyproject.toml", f"{top}/LICENSE"} <= names
    assert {name.partition("/")[0] for name in names} == {top}


def test_wheel_of_the_sdist_is_the_same(sdist: Path, wheel: Path, backend: dict[str, str], tmp_path: Path) -> None:
    """A wheel that is built from the sdist has exactly the files of the wheel."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    other = build("wheel", tmp_path / f"jobmock-{jobmock.__version__}", tmp_path / "dist", backend)
    record = f"jobmock-{jobmock.__version__}.dist-info/RECORD"
    ours, theirs = listing(wheel), listing(other)
    assert ours.pop(record)
    assert theirs.pop(record)
    assert theirs == ours


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a new environment with the wheel, which uses the dependencies of this one."""
    place = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "venv", "--without-pip", place / "venv"], place)
    python = place / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "--python", python]
    run([*pip, "install", "--no-deps", "--no-index", wheel], place)
    (own,) = (place / "venv" / "lib").glob("python*/site-packages")
    # A plain path: `site.addsitedir` would also read the .pth file of an editable install of this project.
    (own / "dependencies.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    return python.parent


def test_the_installed_package_is_used(installed: Path, tmp_path: Path) -> None:
    """`jobmock` and its data are in the environment, and the source tree isn't on its path."""
    code = (
        "import jobmock, json, sys; from jobmock import resources;"
        "print(json.dumps([jobmock.__file__, str(resources.folder('schemas')), sys.path]))"
    )
    module, data, path = json.loads(run([installed / "python", "-c", code], tmp_path))
    home = installed.parent.resolve()
    assert Path(module).resolve().is_relative_to(home)
    assert Path(data).resolve().is_relative_to(home)
    assert not [place for place in path if place and Path(place).is_relative_to(ROOT) and ".venv" not in place]


def test_installed_command_lists_every_bundled_scenario(installed: Path, tmp_path: Path, source: Path) -> None:
    """`jobmock list` of the wheel, run in another folder, lists every bundled scenario."""
    rows = json.loads(run([installed / "jobmock", "list", "--format", "json"], tmp_path))
    assert {f"{row['name']}.yaml" for row in rows} == {
        name for name in files(source / "scenarios") if name.endswith(".yaml")
    }
    assert {row["source"] for row in rows} == {"bundled"}


def test_installed_command_explains_a_scenario(installed: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    """`jobmock explain` of the wheel, with its own schemas, prints the timeline."""
    out = run([installed / "jobmock", "explain", "clado/two-pages"], tmp_path)
    assert out.startswith(f"clado/two-pages (clado): {catalogue.plan('clado/two-pages').scenario.summary}\n\nFrom the")
    assert "completed   for ever" in out
