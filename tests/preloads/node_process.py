"""Runs small Node programs under the preload, against a server in this process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from tests.support import EPOCH, HANGS

from jobmock.preloads.node_options import with_node_preload

PROGRAMS = Path(__file__).with_name("node_programs")
NODE = shutil.which("node")
PACKAGES = "JOBMOCK_NODE_MODULES"
"""An environment variable that names a folder `node_modules`. Without it, the one in this checkout is looked at."""
HOST = "search.clado.ai"

needs_node = pytest.mark.skipif(NODE is None, reason="node isn't installed")


class Ended(NamedTuple):
    """How a Node process has ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The JSON in its only line of output."""
        assert self.code == 0, self.err
        return json.loads(self.out)


def environment(url: str, key: str, **more: str) -> dict[str, str]:
    """Return the environment of a process that takes part in virtual time."""
    port = urlsplit(url).port
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NODE_", "npm_"))}
    mock = {
        "MOCK_URL": url, "MOCK_KEY": key, "JOBMOCK_TIME_URL": f"{url}/__jobmock/clock", "JOBMOCK_TIME_KEY": key,
        "JOBMOCK_TIME_PORTS": str(port), "JOBMOCK_TIME_START": str(EPOCH), "JOBMOCK_HOSTS": json.dumps({HOST: port}),
    }  # fmt: skip
    return {**clean, **mock, **with_node_preload(clean), **more}


def start(*arguments: object, env: Mapping[str, str], cwd: Path = PROGRAMS) -> subprocess.Popen[str]:
    """Start `node ARGUMENTS` in a folder, that of the programs by default."""
    assert NODE is not None
    command: Sequence[str] = [NODE, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, cwd=cwd, text=True, stdin=pipe, stdout=pipe, stderr=pipe)


def end(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end of a process."""
    try:
        out, err = process.communicate(timeout=HANGS)
    finally:
        process.kill()
    return Ended(process.returncode, out, err)


def run(*arguments: object, env: Mapping[str, str], cwd: Path = PROGRAMS) -> Ended:
    """Run `node ARGUMENTS` to its end."""
    return end(start(*arguments, env=env, cwd=cwd))


def installed_packages() -> Path:
    """Return the folder `node_modules` of these tests, which may be missing."""
    return Path(os.environ.get(PACKAGES) or Path(__file__).parents[2] / "node_modules")


def packages(*names: str) -> Path:
    """Return a folder `node_modules` with packages. Skips the test if one is missing."""
    folder = installed_packages()
    missing = [name for name in names if not (folder / name).is_dir()]
    if missing:
        pytest.skip(f"{', '.join(missing)} isn't in {folder}, and {PACKAGES} names no other folder")
    return folder


def project(place: Path, folder: Path) -> Path:
    """Return a copy of the programs beside a folder `node_modules`, so that they find its packages."""
    copy = place / "project"
    shutil.copytree(PROGRAMS, copy)
    (copy / "package.json").write_text("{}", encoding="utf-8")
    (copy / "node_modules").symlink_to(folder, target_is_directory=True)
    return copy
