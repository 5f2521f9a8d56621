"""Two states of the project, each installed in its own virtual environment, in a temporary folder.

One is a commit; the other is a copy of the working tree, so that you can go on editing. Both use the dependencies of
the present environment if those satisfy both, so that only the project differs. A state with other requirements gets
its own dependencies from pip's index.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

ROUND_BASE = "d9de08a37816aff07d06a03182aad1e20a8f87dc"
"""The base commit with which all changes of this round are compared.

Each change may cost 3 %. Ten changes, each compared with the one before, could together cost a quarter.
"""
ROOT = Path(__file__).parents[2]
_CLIENTS = ("aiohttp", "httpx2", "requests")
_WHERE = "import jobmock, pytest_jobmock; print(jobmock.__file__, pytest_jobmock.__file__, sep='\\n')"


class Tree(NamedTuple):
    """An installed state: its name, its interpreter, and the environment variables of its processes."""

    name: str
    python: str
    env: dict[str, str]


def commit_of(given: str) -> str:
    """Return the full hash of a commit. Raises SystemExit if there is none."""
    return _run("git", "rev-parse", "--verify", "--quiet", f"{given}^{{commit}}", cwd=ROOT).decode().strip()


def install_both(commit: str, folder: Path) -> tuple[Tree, Tree]:
    """Install the commit and the working tree. The working tree's benchmarks measure both."""
    old, new = folder / "before", folder / "now"
    _check_out(commit, old)
    _copy(new)
    env = environment(new)
    return tuple(Tree(source.name, _installed(source, env), env) for source in (old, new))  # type: ignore[return-value]


def install_working_tree(folder: Path) -> Tree:
    """Install the working tree alone."""
    source = folder / "now"
    _copy(source)
    env = environment(source)
    return Tree(source.name, _installed(source, env), env)


def _check_out(commit: str, folder: Path) -> None:
    with tarfile.open(fileobj=BytesIO(_run("git", "archive", commit, cwd=ROOT))) as archive:
        archive.extractall(folder, filter="data")


def _copy(folder: Path) -> None:
    """Copy the tracked and the new files of the working tree."""
    names = _run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def environment(source: Path) -> dict[str, str]:
    """Return environment variables with which no plugin is loaded by itself, and bytecode is written."""
    own = {"PYTHONPATH": str(source), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": ""}
    return {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"} | own


def _installed(source: Path, env: dict[str, str]) -> str:
    place = source.with_name(f"{source.name}-venv")
    _run(sys.executable, "-m", "venv", "--without-pip", str(place))
    python = str(place / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--ignore-installed"]
    if missing := _missing(source):
        print(f"{source.name}: dependencies of its own, for {', '.join(missing)}", file=sys.stderr)
        _run(*pip, str(source), *_CLIENTS)
    else:
        _share(place)
        _run(*pip, "--no-deps", "--no-build-isolation", str(source))
    for module in _run(python, "-c", _WHERE, env=env, cwd=place).decode().split():
        if not Path(module).is_relative_to(place):
            raise SystemExit(f"The installed module isn't used, but {module}.")
    return python


def _missing(source: Path) -> list[str]:
    """Return the declared dependencies that this environment doesn't satisfy."""
    declared = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    wanted = [one for one in map(Requirement, declared) if one.marker is None or one.marker.evaluate()]
    return [str(one) for one in wanted if not _has(one)]


def _has(wanted: Requirement) -> bool:
    try:
        return wanted.specifier.contains(version(wanted.name), prereleases=True)
    except PackageNotFoundError:
        return False


def _share(place: Path) -> None:
    """Let an environment use the packages of this one, but not its `.pth` files, which editable installs have."""
    own = sysconfig.get_path("purelib", vars={"base": str(place)})
    shared = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    (Path(own) / "shared.pth").write_text("\n".join(sorted(shared)) + "\n", encoding="utf-8")


def _run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> bytes:
    ran = subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{ran.stderr.decode(errors='replace')[-2_000:]}")
    return ran.stdout
