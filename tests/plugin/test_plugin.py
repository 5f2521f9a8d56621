"""The cost of the plugin for a run that doesn't use it."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest_jobmock

from .conftest import Project

HEAVY = (
    "starlette", "uvicorn", "hypothesis", "jsonschema", "httpx", "httpx2", "aiohttp", "trio", "anyio", "yaml", "orjson",
    "harfile", "time_machine", "click", "referencing", "requests", "asyncio",
)  # fmt: skip


FINDS_APIS = ["jobmock", "jobmock.api_packages", "jobmock.resources"]


def test_nothing_heavy_is_loaded_before_a_fixture_is_used(project: Project) -> None:
    """A run that uses no mock finds the names of the APIs, and loads nothing else of jobmock.

    It loads none of jobmock's libraries that pytest doesn't load itself.
    """
    project.write("test_sample.py", "def test_nothing(): pass\n")
    project.write(
        "conftest.py",
        """
        import json, sys

        def pytest_unconfigure(config):
            with open("loaded.json", "w") as file:
                json.dump(sorted(sys.modules), file)
        """,
    )
    heavy = [f"no:{name}" for name in ("time_machine", "xdist.looponfail", "xdist")]
    off = [word for name in heavy for word in ("-p", name)]
    for args in ([], ["--collect-only"]):
        loaded = _loaded(project, *off, *args)
        project.write("pytest.ini", "[pytest]\naddopts = -p no:cacheprovider\n")
        without = _loaded(project, *off, *args)
        project.ini()
        assert "pytest_jobmock.plugin" in loaded - without
        assert sorted(name for name in loaded - without if name.partition(".")[0] in (*HEAVY, "jobmock")) == FINDS_APIS


def _loaded(project: Project, *args: str) -> set[str]:
    """Return the modules that a run has imported. From Python 3.14 on, pytest's own debugger imports asyncio."""
    project.run_fresh(*args)
    return set(json.loads((project.path / "loaded.json").read_text()))


def test_everything_public_has_a_docstring() -> None:
    """Each public class and function of the plugin has a docstring."""
    folder = Path(pytest_jobmock.__file__).parent
    without = [
        f"{path.name}: {node.name}"
        for path in folder.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]
    assert without == []
