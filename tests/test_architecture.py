"""Rules for the source tree: imports, lengths, names, docstrings and tracked files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.support import HANGS

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "mockserver" / "jobmock"
SOURCES = sorted([*(ROOT / "mockserver").rglob("*.py"), *(ROOT / "pytest_plugin").rglob("*.py")])
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 45
TOP_FOLDERS = {"mockserver", "schemas", "scenarios", "pytest_plugin", "tests", ".ci", ".github"}
KEY = re.compile(r"\b(sk_orb|lk)_[A-Za-z0-9]{24,}")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(home|Users|root|work)/[A-Za-z0-9._-]+")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def public(body: list[ast.stmt], outer: str = "") -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Yield the public functions and classes of a module, and the public methods of those classes."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield outer + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{node.name}.")


def overrides(path: Path) -> set[str]:
    """Return the methods of classes with a base class, which may have the docstring."""
    classes = (node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef) and node.bases)
    return {f"{node.name}.{method.name}" for node in classes for method in node.body if isinstance(method, Function)}


@cache
def tracked() -> list[str]:
    """Return the names of the tracked and the new files, without the ignored ones."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(name for name in names if name and (ROOT / name).is_file())


def matches(pattern: re.Pattern[str]) -> list[str]:
    """Return `file:line: text` for each match of the pattern in a tracked file."""
    return [
        f"{name}:{number}: {found.group()}"
        for name in tracked()
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        for found in pattern.finditer(line)
    ]


def test_import_contracts_hold() -> None:
    """import-linter finds no broken contract: imports go downward only, and no API imports another."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANGS, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"Contracts: [2-9]\d* kept, 0 broken\.", ran.stdout)


def test_only_one_module_finds_data() -> None:
    """Only `resources.py` uses `_data`, `__file__` and `importlib.resources`, so a wheel works like a checkout."""
    named = {shown(path) for path in SOURCES if re.search(r"\b_data\b|importlib.resources", path.read_text())}
    climbing = {shown(path) for path in SOURCES if "__file__" in path.read_text()}
    assert named == climbing == {"mockserver/jobmock/resources.py"}


def undocumented(path: Path) -> list[str]:
    """Return what has no docstring in a module."""
    known = overrides(path)
    return [
        f"{shown(path)}:{node.lineno}: {name}" for name, node in public(tree(path).body)
        if not ast.get_docstring(node) and name not in known and not is_property(node)
    ] + ([] if ast.get_docstring(tree(path)) else [f"{shown(path)}: the module"])  # fmt: skip


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCES}), ids=shown)
def test_everything_public_has_a_docstring(folder: Path) -> None:
    """Each module, public class, function and method has a docstring, unless the method may override one."""
    assert [text for path in SOURCES if path.parent == folder for text in undocumented(path)] == []


def is_property(node: ast.AST) -> bool:
    """Say whether a node is a property, which may have no docstring."""
    marks = getattr(node, "decorator_list", [])
    return any(isinstance(mark, ast.Name) and mark.id == "property" for mark in marks)


def test_no_file_is_too_long() -> None:
    """A file has at most 250 lines."""
    lengths = {shown(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > MAX_FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    """A function has at most 45 lines, with its docstring."""
    lengths = {
        f"{shown(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in functions(path)
    }
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def test_no_module_has_a_vague_name() -> None:
    """No module is named `utils`, `helpers`, `manager` or the like, but after its job."""
    vague = re.compile(r"(^|_)(utils?|helpers?|managers?|common|misc|tools)(_|$)")
    named = [shown(path) for path in SOURCES for part in path.with_suffix("").parts if vague.search(part)]
    assert named == []


def test_top_level_folders() -> None:
    """The repository has no top-level folders but the agreed ones, and the source roots are no packages."""
    assert {name.partition("/")[0] for name in tracked() if "/" in name} <= TOP_FOLDERS
    roots = [ROOT / name / "__init__.py" for name in ("mockserver", "pytest_plugin")]
    assert not any(path.exists() for path in roots), "A source root is a package."


def test_no_path_of_a_machine_is_tracked() -> None:
    """No tracked file contains the path of a home folder or of a checkout."""
    assert matches(MACHINE_PATH) == []


def names_and_literals(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each name and each literal of a module, docstrings aside."""
    bodies = [body for node in ast.walk(tree(path)) if isinstance(body := getattr(node, "body", None), list)]
    documented = {id(one.value) for body in bodies for one in body if isinstance(one, ast.Expr)}
    for node in ast.walk(tree(path)):
        fields = [value for _, value in ast.iter_fields(node)] if id(node) not in documented else []
        for text in (one for value in fields for one in (value if isinstance(value, list) else [value])):
            if isinstance(text, str | bytes):
                yield getattr(node, "lineno", 0), text if isinstance(text, str) else text.decode("latin-1")


def test_only_the_apis_are_named_after_the_apis() -> None:
    """Outside `apis/` no name, no literal and no file of the page has the name of an API: its package has its facts."""
    others = [path for path in SOURCES if LIBRARY / "apis" not in path.parents]
    own = {path.parent.name for path in (LIBRARY / "apis").glob("*/__init__.py")}
    api = re.compile("|".join(own), re.IGNORECASE)
    found = [(shown(path), line, text) for path in others for line, text in names_and_literals(path)]
    assert [f"{path}:{line}: {text}" for path, line, text in found if api.search(text)] == []
    static = [path for path in (LIBRARY / "server" / "page" / "static").iterdir() if path.suffix in (".js", ".html")]
    assert [path.name for path in static if api.search(path.read_text("utf-8"))] == [] and len(static) > 10
    assert len(found) > 50_000 and own >= {"clado", "orbit"}


def test_nothing_that_looks_like_a_real_key_is_tracked() -> None:
    """No tracked file contains a key that is as long as a real one; made-up keys are short."""
    assert matches(KEY) == []


def test_the_pattern_of_keys() -> None:
    """The pattern matches keys that are as long as real ones, and no made-up keys."""
    assert KEY.search("Bearer lk_" + "a1B2" * 6)
    assert KEY.search('"sk_orb_' + "a1B2" * 8 + '"')
    assert not KEY.search("lk_test sk_orb_noscope lk_ci42--two-pages")
