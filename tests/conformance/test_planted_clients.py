"""Each bug can be planted in both reference clients, and the clients stay programs that can be run."""

from __future__ import annotations

import py_compile
import subprocess
from pathlib import Path

import pytest
from tests.conformance.planted_bugs import PLANTED_BUGS, SOURCES, planted, planted_source
from tests.preloads.node_process import NODE
from tests.support import HANGS


@pytest.mark.parametrize("language", SOURCES)
def test_each_bug_applies_once(language: str) -> None:
    """The text that a bug replaces is in the reference client once, and no two bugs make the same client."""
    sources = {planted_source(bug, language): bug.id for bug in PLANTED_BUGS}
    assert len(sources) == len(PLANTED_BUGS)
    assert SOURCES[language].read_text("utf-8") not in sources


def test_ids() -> None:
    """Each bug has an id of its own, and a sentence of its own."""
    assert len({bug.id for bug in PLANTED_BUGS}) == len({bug.sentence for bug in PLANTED_BUGS}) == len(PLANTED_BUGS)


def test_python_clients_compile(tmp_path: Path) -> None:
    """Clients in Python with a bug are programs of Python."""
    for bug in PLANTED_BUGS:
        py_compile.compile(str(planted(bug, "python", tmp_path)), doraise=True)


def test_typescript_clients_compile(tmp_path: Path) -> None:
    """Clients in TypeScript with a bug are programs of TypeScript, and the last one is a program of Node."""
    files = [planted(bug, "typescript", tmp_path) for bug in PLANTED_BUGS]
    ran = subprocess.run([str(NODE), "--check", files[-1]], capture_output=True, text=True, timeout=HANGS, check=False)
    assert ran.returncode == 0, ran.stderr
