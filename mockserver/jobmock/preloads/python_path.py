"""The environment of a CPython process that loads the preload for Python."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ..resources import package_file
from ..version import __version__

PRELOAD = package_file("preloads/python")
"""A folder with `sitecustomize` alone, which Python imports when it starts."""

_WITHOUT_PRELOAD = re.compile(r"(?:^|[/(\s])python[\d.]*(?:\s+-[a-zA-Z]+)*?\s+-[a-zA-Z]*?([IES])")


def option_without_preload(command: str) -> str | None:
    """Return the option of Python in a command under which it doesn't load the preload; None if there is none."""
    found = _WITHOUT_PRELOAD.search(command)
    return None if found is None else f"-{found[1]}"


def with_python_preload(environment: Mapping[str, str]) -> dict[str, str]:
    """Return PYTHONPATH with the preload before the places that the environment has, and the version to expect."""
    own = environment.get("PYTHONPATH", "")
    path = f"{PRELOAD}{os.pathsep}{own}" if own else str(PRELOAD)
    return {"PYTHONPATH": path, "JOBMOCK_VERSION": __version__}
