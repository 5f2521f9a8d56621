"""Written scenario files name the schema by a path that resolves from where they lie, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jobmock import scenario as language
from jobmock.models import Scenario, Step
from jobmock.recording.files import ScenarioFolder
from jobmock.scenario import schema_line
from jobmock.strategies import regressions

SCENARIO = Scenario(name="it", api="clado", summary="", progression=(Step(status="completed"),))


@pytest.mark.parametrize(
    ("schema", "folder", "path"),
    [
        ("scenario.schema.json", ".", "scenario.schema.json"),
        ("scenario.schema.json", "scenarios/clado", "../../scenario.schema.json"),
        ("schemas/scenario.schema.json", "scenarios/clado", "../../schemas/scenario.schema.json"),
        ("scenarios/scenario.schema.json", "scenarios/not/yet/there", "../../../scenario.schema.json"),
        ("own/scenario.schema.json", "scenarios", None),
        ("a b/scenario.schema.json", "a b", "scenario.schema.json"),
        ("schemas/scenario.schema.json", "a b/c", "../../schemas/scenario.schema.json"),
        ("../scenario.schema.json", "scenarios", None),
    ],
)
def test_the_path_is_relative(schema: str, folder: str, path: str | None, tmp_path: Path) -> None:
    """The schema is looked for in the folder and those above it, up to the root of the repository."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / schema).parent.mkdir(parents=True, exist_ok=True)
    (root / schema).write_text("{}")
    assert schema_line(root / folder) == (f"# yaml-language-server: $schema={path}\n" if path else "")


def test_the_folder_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative folder is one of the current folder."""
    (tmp_path / "scenario.schema.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    assert schema_line(Path("scenarios")) == "# yaml-language-server: $schema=../scenario.schema.json\n"


def record(root: Path) -> Path:
    ScenarioFolder(root / "recorded", print).write("job-1", language.to_text(SCENARIO).encode())
    return root / "recorded" / "job-1.yaml"


def save(root: Path) -> Path:
    return regressions.write(SCENARIO, "it", "Why.", root / "scenarios")


def keep(root: Path) -> Path:
    from jobmock.client_reports.artifacts import write

    (path,) = write(root / "artifacts", "test_it", lambda path: None, None, {"it": lambda: language.to_text(SCENARIO)})
    return path


@pytest.mark.parametrize("write", [record, save, keep])
@pytest.mark.parametrize("has_schema", [False, True])
def test_every_written_file_has_the_line(write: Callable[[Path], Path], has_schema: bool, tmp_path: Path) -> None:
    """Recorded scenarios, saved counterexamples and artifacts begin with the line, and are scenarios."""
    (tmp_path / ".git").mkdir()
    if has_schema:
        (tmp_path / "scenario.schema.json").write_text("{}")
    path = write(tmp_path)
    first, _, _ = path.read_text().partition("\n")
    marker, _, target = first.partition("$schema=")
    assert (marker == "# yaml-language-server: ") == has_schema
    assert not has_schema or (path.parent / target).resolve() == tmp_path / "scenario.schema.json"
    assert replace(language.from_file(path), name="it", summary="") == SCENARIO
