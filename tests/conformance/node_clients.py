"""Clients in TypeScript, as JavaScript that every Node can run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.preloads.node_process import NODE, PACKAGES
from tests.support import HANGS

_EXAMPLES = Path(__file__).parents[1] / "examples"


def as_javascript(source: str) -> str:
    """Return a program in TypeScript without its types. Skips the test if there is no esbuild or no node."""
    if NODE is None:
        pytest.skip("node isn't installed")
    ran = subprocess.run(
        [_esbuild(), "--loader=ts", "--target=node20", "--log-level=error"],
        input=source, capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise ValueError(ran.stderr)
    return ran.stdout


@cache
def _esbuild() -> Path:
    """Return the program of esbuild. Skips the test if there is none."""
    for folder in _folders():
        program = folder / ".bin" / "esbuild"
        if program.exists():
            return program
    pytest.skip(f"There is no esbuild here (npm install in {_EXAMPLES / 'conformance'}, or {PACKAGES}).")


def _folders() -> Iterator[Path]:
    """Yield the folders `node_modules` in which it may be."""
    if os.environ.get(PACKAGES):
        yield Path(os.environ[PACKAGES])
    for name in ("conformance", "typescript"):
        yield _EXAMPLES / name / "node_modules"
