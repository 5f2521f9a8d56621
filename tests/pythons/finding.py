"""Find the supported CPythons of this machine: those of pyenv, and those on the PATH."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")
_PROGRAM = (
    "import platform, sysconfig; "
    "print(platform.python_implementation(), platform.python_version(), sysconfig.get_config_var('Py_GIL_DISABLED'))"
)
_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython. `enter` is the prefix of its commands if it is in a chroot."""

    version: str
    path: str
    enter: tuple[str, ...] = ()

    @property
    def minor(self) -> str:
        """The version without its last number, such as `3.12`."""
        return self.version.rpartition(".")[0]


def supported() -> tuple[str, ...]:
    """Return the versions in the package's classifiers, such as `3.12`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(match[1] for line in project["classifiers"] if (match := _CLASSIFIER.fullmatch(line)))


def interpreters(candidates: Iterable[Path] | None = None) -> list[Interpreter]:
    """Return the supported CPythons, each version once, in ascending order."""
    found: dict[str, Interpreter] = {}
    for path in _candidates() if candidates is None else candidates:
        version = version_of((str(path),))
        if version and version.rpartition(".")[0] in supported():
            found.setdefault(version, Interpreter(version, str(path)))
    return ordered(found.values())


def ordered(found: Iterable[Interpreter]) -> list[Interpreter]:
    """Return interpreters in ascending order of version."""
    return sorted(found, key=lambda interpreter: tuple(map(int, interpreter.version.split("."))))


def version_of(command: tuple[str, ...]) -> str | None:
    """Return the version if the command is a final CPython release with a GIL; None for anything else."""
    try:
        done = subprocess.run((*command, "-c", _PROGRAM), capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    implementation, version, free, *_ = (*done.stdout.split(), "", "", "")
    usual = implementation == "CPython" and free in ("0", "None") and re.fullmatch(r"3\.\d+\.\d+", version)
    return version if usual else None


def _candidates() -> Iterator[Path]:
    """Yield files that may be interpreters. Some fail, because pyenv also puts shims on the PATH."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places = [*sorted(pyenv.glob("versions/*/bin")), *map(Path, filter(None, os.get_exec_path()))]
    for place in places:
        yield from (place / f"python{minor}" for minor in supported() if os.access(place / f"python{minor}", os.X_OK))
