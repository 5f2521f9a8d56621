"""The clients in other languages pass their own tests, and those tests see a bug in each of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.documents.reading import tables
from tests.support import HANGS, KEYS, Served, served

FOLDER = Path(__file__).parent
SPEED = 100
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Options of Java for programs that end soon."""
INSTALL = "npm install in tests/examples/typescript"


class Example(NamedTuple):
    """A client: its tests, the tools that they need, and a bug: a part of a file, and what stands in its place.

    In virtual time, `jobmock run` runs the tests. The others run beside a server.
    """

    command: tuple[str, ...]
    tools: tuple[str, ...]
    file: str
    bug: tuple[str, str]
    virtual: bool = False


EXAMPLES = {
    "node": Example(
        ("node", "--test"), ("node",), "client.mjs", ("more = answer.pagination.has_next", "more = false"),
        virtual=True,
    ),
    "typescript": Example(
        ("npx", "vitest", "run"), ("node", "npx"), "client.ts", ('"running", "generating_sections"', '"running"'),
        virtual=True,
    ),
    "java": Example(
        ("java", "Client.java", "--test"), ("java", "javac"), "Client.java",
        ('!"true".equals(member("has_next", answer))', "true"),
    ),
    "bash": Example(
        ("bash", "test_client.sh"), ("bash", "curl", "awk"), "client.sh",
        ("[[ $(member status) != completed ]]", "false"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def mock() -> Iterator[Served]:
    """A server whose clock runs much faster than real time."""
    with served("--time", "scaled", "--speed", SPEED) as server:
        yield server


def tried(name: str, folder: Path, mock: Served, kind: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of an example in a folder, with keys of this kind. Skips where a tool is missing."""
    example = EXAMPLES[name]
    for tool in example.tools:
        if not shutil.which(tool):
            pytest.skip(f"There is no {tool} here.")
    if "node" in example.tools and node_version() < 20:
        pytest.skip("Node is older than 20 here.")
    if "vitest" in example.command and not (folder / "node_modules" / "vitest").exists():
        pytest.skip(f"There is no vitest here ({INSTALL}).")
    if example.virtual:
        return run((sys.executable, "-m", "jobmock", "run", "--", *example.command), folder)
    env = {"JOBMOCK_CONTROL_URL": mock.url, "SECOND_MS": str(1000 // SPEED), "NO_PROXY": "127.0.0.1"}
    env["JDK_JAVA_OPTIONS"] = QUICK_START
    for api, key in KEYS.items():
        env |= {f"{api.upper()}_BASE_URL": mock.url, f"{api.upper()}_API_KEY": f"{key}-{name}-{kind}"}
    return run(example.command, folder, {**os.environ, **env})


def run(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, and return its exit code and output."""
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=HANGS, check=False)


def node_version() -> int:
    """Return the first number of Node's version."""
    return int(run(["node", "--version"], FOLDER).stdout.strip().removeprefix("v").partition(".")[0])


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, mock: Served) -> None:
    """The tests of each client pass against the mock."""
    ran = tried(name, FOLDER / name, mock, "right")
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", EXAMPLES)
def test_bug(name: str, mock: Served, tmp_path: Path) -> None:
    """The tests of each client fail if one line of the client is wrong."""
    folder = tmp_path / name
    shutil.copytree(FOLDER / name, folder, ignore=shutil.ignore_patterns("node_modules"))
    if (FOLDER / name / "node_modules").exists():
        (folder / "node_modules").symlink_to(FOLDER / name / "node_modules")
    file, (right, wrong) = folder / EXAMPLES[name].file, EXAMPLES[name].bug
    assert file.read_text("utf-8").count(right) == 1
    file.write_text(file.read_text("utf-8").replace(right, wrong), "utf-8")
    ran = tried(name, folder, mock, "wrong")
    assert ran.returncode == 1, ran.stdout + ran.stderr


def test_types() -> None:
    """The client in TypeScript has no error of types."""
    folder = FOLDER / "typescript"
    if not shutil.which("npx") or not (folder / "node_modules" / "typescript").exists():
        pytest.skip(f"There is no TypeScript here ({INSTALL}).")
    ran = run(["npx", "tsc"], folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_readme() -> None:
    """The README has the command of the example in TypeScript."""
    command = " ".join(EXAMPLES["typescript"].command)
    assert f"`jobmock run -- {command}`" in (FOLDER.parents[1] / "README.md").read_text("utf-8")


def test_page() -> None:
    """The page has each example, with the command of its tests."""
    rows = [row for row in tables("tests/examples/README.md")[0][1:] if "conformance" not in row[0]]
    lines = {row[0].strip("`"): re.split(r" -- ", row[2].strip("`")) for row in rows}
    assert {name: (line[1].split(), line[0] == "jobmock run") for name, line in lines.items()} == {
        name: (list(example.command), example.virtual) for name, example in EXAMPLES.items()
    }
