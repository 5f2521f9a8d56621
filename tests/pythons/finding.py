"""The supported CPythons of this machine: pyenv's, and those on the PATH."""

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
_ASKED = (
    "import platform, sysconfig; "
    "print(platform.python_implementation(), platform.python_version(), sysconfig.get_config_var('Py_GIL_DISABLED'))"
)
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython. `enter` is what a command begins with where the interpreter lives elsewhere than this process."""

    version: str
    path: str
    enter: tuple[str, ...] = ()

    @property
    def minor(self) -> str:
        """The version without its last number, such as `3.12`."""
        return self.version.rpartition(".")[0]


def supported() -> tuple[str, ...]:
    """Return the versions that the package's classifiers name, such as `3.12`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(match[1] for line in project["classifiers"] if (match := _CLASSIFIER.fullmatch(line)))


def interpreters(candidates: Iterable[Path] | None = None) -> list[Interpreter]:
    """Return every supported CPython, the oldest first, each version once."""
    found: dict[str, Interpreter] = {}
    for path in _candidates() if candidates is None else candidates:
        version = asked((str(path),))
        if version and version.rpartition(".")[0] in supported():
            found.setdefault(version, Interpreter(version, str(path)))
    return ordered(found.values())


def ordered(found: Iterable[Interpreter]) -> list[Interpreter]:
    """Return interpreters with the oldest first."""
    return sorted(found, key=lambda interpreter: tuple(map(int, interpreter.version.split("."))))


def asked(command: tuple[str, ...]) -> str | None:
    """Return the version of a final release of CPython with its lock; None for whatever else answers, or fails."""
    try:
        done = subprocess.run((*command, "-c", _ASKED), capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    implementation, version, free, *_ = (*done.stdout.split(), "", "", "")
    usual = implementation == "CPython" and free in ("0", "None") and re.fullmatch(r"3\.\d+\.\d+", version)
    return version if usual else None


def _candidates() -> Iterator[Path]:
    """Yield what may be an interpreter; pyenv puts commands on the PATH that fail, so each is asked."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places = [*sorted(pyenv.glob("versions/*/bin")), *map(Path, filter(None, os.get_exec_path()))]
    for place in places:
        yield from (place / f"python{minor}" for minor in supported() if os.access(place / f"python{minor}", os.X_OK))
