"""The working tree with more APIs installed, to be compared with the same tree without them."""

from __future__ import annotations

import os
from pathlib import Path

from tests.benchmarks.trees import Tree

_SOURCE = Path(__file__).parents[1] / "distributions" / "toast" / "toast_api"


def with_more_apis(tree: Tree, count: int, folder: Path) -> Tree:
    """Return a tree whose processes find so many more APIs: copies of the API of the tests, under other names."""
    for number in range(1, count + 1):
        _copy(f"toast{number}", folder)
    path = os.pathsep.join([tree.env["PYTHONPATH"], str(folder)])
    return Tree("now", tree.python, {**tree.env, "PYTHONPATH": path})


def _copy(name: str, folder: Path) -> None:
    """Write a distribution with an API of this name. All its words have the name in place of `toast`."""
    package = folder / f"{name}_api"
    for path in _SOURCE.rglob("*"):
        if path.suffix in (".py", ".json", ".yaml"):
            place = package / path.relative_to(_SOURCE)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(path.read_text("utf-8").replace("toast", name), "utf-8")
    metadata = folder / f"{name}_api-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text(f"[jobmock.apis]\n{name} = {name}_api\n", "utf-8")
