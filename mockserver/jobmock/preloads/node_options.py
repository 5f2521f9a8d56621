"""The variable NODE_OPTIONS of a process that loads the preload for Node."""

from __future__ import annotations

from collections.abc import Mapping

from ..resources import package_file

PRELOAD = package_file("preloads/node/jobmock.cjs")
"""The file that Node loads. It is CommonJS, which Node loads before modules of both kinds, and in worker threads."""


def with_node_preload(environment: Mapping[str, str]) -> dict[str, str]:
    """Return NODE_OPTIONS with the preload behind the options that the environment has."""
    own = environment.get("NODE_OPTIONS", "").strip()
    return {"NODE_OPTIONS": f"{own} --require {_quoted(str(PRELOAD))}".strip()}


def _quoted(path: str) -> str:
    """Return a path as Node reads it in NODE_OPTIONS: in double quotes, with backslashes before both signs."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
