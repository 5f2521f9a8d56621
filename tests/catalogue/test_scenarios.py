"""Scenarios are found by path and checked against their API, and the last good version of each is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api_facts import OWN

from jobmock import apis, resources
from jobmock.catalogue import Catalogue, compile_scenario, scenario_files
from jobmock.errors import ScenarioError, UnknownScenario, UsageError

BUNDLED = Catalogue().names()


def write(path: Path, api: str = "clado", summary: str = "Mine.", status: str = "completed") -> Path:
    """Write a scenario of one step and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"version: 1\napi: {api}\nsummary: {summary}\nprogression:\n  - status: {status}\n")
    return path


def own(catalogue: Catalogue) -> list[str]:
    """Return the names that aren't bundled."""
    return [name for name in catalogue.names() if name not in BUNDLED]


@pytest.mark.parametrize("api", OWN)
def test_bundled(catalogue: Catalogue, api: str) -> None:
    """Each API has at least twelve bundled scenarios, among them its default ones."""
    names = [entry.name for entry in catalogue.entries() if entry.scenario.api == api and entry.source == "bundled"]
    assert len(names) >= 12
    assert set(apis.load(api).default_scenarios.values()) <= set(names)
    assert names == sorted(names)


def test_names_are_paths(tmp_path: Path) -> None:
    """A scenario is named after its path below the folder, without the suffix."""
    write(tmp_path / "clado" / "one.yaml")
    write(tmp_path / "clado" / "deep" / "two.yml")
    (tmp_path / "orbit").mkdir()
    (tmp_path / "orbit" / "three.json").write_text(
        '{"version": 1, "api": "orbit", "progression": [{"status": "completed"}]}'
    )
    (tmp_path / "clado" / ".hidden").mkdir()
    for ignored in ("clado/.hidden.yaml", "clado/.hidden/three.yaml", "clado/notes.md", "clado/part.yaml~"):
        (tmp_path / ignored).write_text("nothing")
    catalogue = Catalogue([tmp_path])
    assert own(catalogue) == ["clado/deep/two", "clado/one", "orbit/three"]
    assert catalogue.problems == {}
    assert catalogue.plan("clado/deep/two").name == "clado/deep/two"


def test_files_are_in_order(tmp_path: Path) -> None:
    """The files of a folder are listed in the order of their names."""
    for name in ("b/z.yaml", "b/a.yaml", "a/m.yaml", "c.yaml"):
        write(tmp_path / name)
    assert [name for _, name in scenario_files(tmp_path)] == ["c", "a/m", "b/a", "b/z"]


def test_beside_the_bundled(tmp_path: Path) -> None:
    """A user's scenarios stand beside the bundled ones, with their file as the source."""
    path = write(tmp_path / "clado" / "own.yaml")
    sources = {entry.name: entry.source for entry in Catalogue([tmp_path]).entries()}
    assert sources == {**dict.fromkeys(BUNDLED, "bundled"), "clado/own": str(path)}


def test_override(tmp_path: Path) -> None:
    """A user's scenario replaces a bundled one of the same name until its file is deleted."""
    path = write(tmp_path / "clado" / "usual.yaml")
    catalogue = Catalogue([tmp_path])
    assert catalogue.plan("clado/usual").scenario.summary == "Mine."
    path.unlink()
    catalogue.reload()
    assert catalogue.plan("clado/usual").scenario.summary == "The usual job - three people after six polls."
    assert next(entry.source for entry in catalogue.entries() if entry.name == "clado/usual") == "bundled"


def test_override_of_one_in_use(tmp_path: Path) -> None:
    """A scenario added later replaces the bundled one, even if that was played before."""
    catalogue = Catalogue([tmp_path])
    running = catalogue.plan("orbit/usual")
    write(tmp_path / "orbit" / "usual.yaml", "orbit")
    catalogue.reload()
    assert catalogue.plan("orbit/usual").scenario.summary == "Mine."
    assert running.scenario.summary == "The usual run - a profile after four polls."


@pytest.mark.parametrize("name", ["flat", "clado", "team/flat"])
def test_flat_files(tmp_path: Path, name: str) -> None:
    """A file outside an API's folder gets its API's name in front, whatever the file is called."""
    write(tmp_path / f"{name}.yaml", "orbit")
    catalogue = Catalogue([tmp_path])
    assert catalogue.problems == {}
    assert own(catalogue) == [f"orbit/{name}"]
    assert catalogue.plan(f"orbit/{name}").name == f"orbit/{name}"


def test_flat_file_changes_its_api(tmp_path: Path) -> None:
    """A flat file that changes its API has its new name only."""
    path = write(tmp_path / "flat.yaml", "clado")
    catalogue = Catalogue([tmp_path])
    write(path, "orbit")
    catalogue.reload()
    assert own(catalogue) == ["orbit/flat"]


def test_wrong_folder(tmp_path: Path) -> None:
    """A scenario of one API in the folder of another is an error at its `api`."""
    path = write(tmp_path / "clado" / "lost.yaml", "orbit")
    catalogue = Catalogue([tmp_path])
    [problem] = catalogue.problems[path]
    assert str(problem) == f"{path}:2:6: error: A scenario in the folder 'clado' has `api: clado`, not orbit."
    assert own(catalogue) == []


def test_broken_file_stops_no_other(tmp_path: Path) -> None:
    """A broken file is reported, and the other files can be played."""
    shape = write(tmp_path / "clado" / "a.yaml", status="complete")
    legality = tmp_path / "clado" / "b.yaml"
    legality.write_text(
        "version: 1\napi: clado\nprogression:\n  - {status: completed, after: {polls: 1}}\n  - status: pending\n"
    )
    write(tmp_path / "clado" / "c.yaml")
    catalogue = Catalogue([tmp_path])
    assert own(catalogue) == ["clado/c"]
    assert set(catalogue.problems) == {shape, legality}
    assert str(catalogue.problems[shape][0]).startswith(f"{shape}:5:13: error: 'status' is 'complete'.")


@pytest.mark.parametrize("name", ["clado/a", "a", "clado/b", "orbit/team/c"])
def test_plan_of_a_broken_file(tmp_path: Path, name: str) -> None:
    """A request for a scenario with a broken file raises the problems of the file, not UnknownScenario."""
    write(tmp_path / "clado" / "a.yaml", status="complete")
    write(tmp_path / "b.yaml", status="complete")
    write(tmp_path / "team" / "c.yaml", "orbit", status="complete")
    catalogue = Catalogue([tmp_path])
    with pytest.raises(ScenarioError, match=r":5:13: error: 'status' is 'complete'") as caught:
        catalogue.resolve(name, name.partition("/")[0] if "/" in name else "clado")
    assert not isinstance(caught.value, UnknownScenario)
    assert Path(caught.value.problems[0].origin.source).stem == name.rpartition("/")[2]


@pytest.mark.parametrize("second", ["clado/own.yml", "own.yaml"])
def test_two_files_of_one_name(tmp_path: Path, second: str) -> None:
    """The second file with a name is a problem that names the first file, and the first is played."""
    one, two = tmp_path / "one" / "clado" / "own.yaml", tmp_path / "two" / second
    write(one, summary="First.")
    write(two, summary="Second.")
    catalogue = Catalogue([tmp_path / "one", tmp_path / "two"])
    assert list(catalogue.problems) == [two]
    [problem] = catalogue.problems[two]
    assert problem.message == f"Another file has the same name: {one}."
    assert own(catalogue) == ["clado/own"]
    assert catalogue.plan("clado/own").scenario.summary == "First."
    one.unlink()
    catalogue.reload()
    assert catalogue.problems == {}
    assert catalogue.plan("clado/own").scenario.summary == "Second."


def test_latest(tmp_path: Path) -> None:
    """The latest version of a plan is the last good one of its file; a plan without a file is returned unchanged."""
    path = write(tmp_path / "clado" / "own.yaml", summary="First.")
    catalogue = Catalogue([tmp_path])
    first = catalogue.plan("clado/own")
    stranger = catalogue.resolve({"version": 1, "api": "clado", "progression": [{"status": "completed"}]})
    assert catalogue.latest(first) is first
    assert catalogue.latest(stranger) is stranger
    write(path, summary="Second.")
    catalogue.reload()
    second = catalogue.latest(first)
    assert second is catalogue.plan("clado/own")
    assert second.scenario.summary == "Second."
    path.write_text("version: 2\n")
    catalogue.reload()
    assert catalogue.latest(first) is second


def test_has(tmp_path: Path) -> None:
    """A catalogue has a file while some version of it can be played."""
    path, broken = write(tmp_path / "own.yaml"), write(tmp_path / "broken.yaml", status="complete")
    catalogue = Catalogue([tmp_path])
    assert (catalogue.has(path), catalogue.has(broken)) == (True, False)
    path.write_text("version: 2\n")
    catalogue.reload()
    assert catalogue.has(path)


def test_last_good_version(tmp_path: Path) -> None:
    """A file that breaks is reported and keeps its last good version until it is repaired."""
    path = write(tmp_path / "clado" / "own.yaml", summary="First.")
    catalogue = Catalogue([tmp_path])
    path.write_text("version: 2\n")
    assert catalogue.reload() == [path]
    assert catalogue.plan("clado/own").scenario.summary == "First."
    assert path in catalogue.problems
    write(path, summary="Second.")
    catalogue.reload()
    assert catalogue.plan("clado/own").scenario.summary == "Second."
    assert catalogue.problems == {}


def test_reload_of_some(tmp_path: Path) -> None:
    """Only the named files are read again."""
    one, two = (write(tmp_path / "clado" / f"{name}.yaml", summary="Old.") for name in ("one", "two"))
    catalogue = Catalogue([tmp_path])
    write(one, summary="New.")
    write(two, summary="New.")
    assert catalogue.reload([one, tmp_path / "elsewhere.yaml"]) == [one]
    assert catalogue.plan("clado/one").scenario.summary == "New."
    assert catalogue.plan("clado/two").scenario.summary == "Old."


@pytest.mark.parametrize("broken", [False, True])
def test_removed_file_is_forgotten(tmp_path: Path, broken: bool) -> None:
    """The scenario and the problems of a deleted file are removed."""
    path = write(tmp_path / "clado" / "own.yaml")
    catalogue = Catalogue([tmp_path])
    if broken:
        path.write_text("version: 2\n")
        catalogue.reload()
    path.unlink()
    assert catalogue.reload() == []
    assert own(catalogue) == []
    assert catalogue.problems == {}
    with pytest.raises(UnknownScenario):
        catalogue.plan("clado/own")


def test_removed_file_that_never_worked(tmp_path: Path) -> None:
    """The problems of a file that was never valid are removed with it, too."""
    path = write(tmp_path / "clado" / "own.yaml", status="complete")
    catalogue = Catalogue([tmp_path])
    path.unlink()
    catalogue.reload()
    assert catalogue.problems == {}


def test_symlink_loops_end(tmp_path: Path) -> None:
    """Links to folders aren't followed, so a loop ends; a link to a file is a file."""
    path = write(tmp_path / "clado" / "own.yaml")
    (tmp_path / "clado" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "clado" / "same.yaml").symlink_to(path)
    (tmp_path / "clado" / "dangling.yaml").symlink_to(tmp_path / "nowhere.yaml")
    catalogue = Catalogue([tmp_path])
    assert own(catalogue) == ["clado/own", "clado/same"]
    [problem] = catalogue.problems[tmp_path / "clado" / "dangling.yaml"]
    assert problem.message == "There is no such file."


def test_folder_that_is_none(tmp_path: Path) -> None:
    """A missing folder is an error with its name."""
    with pytest.raises(UsageError, match="none' is not a folder"):
        Catalogue([tmp_path / "none"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("clado/usul", "There is no scenario 'clado/usul'. Did you mean 'clado/usual'?"),
        ("two-pages", "Did you mean 'clado/two-pages'?"),
        ("at-once", "Did you mean 'clado/at-once' or 'orbit/at-once'?"),
        ("orbit/two-pages", "There is no scenario 'orbit/two-pages'. `jobmock list`"),
        ("clado/zzzzz", "There is no scenario 'clado/zzzzz'. `jobmock list`"),
        ("clad/usul", "There is no scenario 'clad/usul'. Did you mean 'clado/usual'? `"),
        ("zzzzzzzzzzzz", "There is no scenario 'zzzzzzzzzzzz'. `jobmock list`"),
        ("", "There is no scenario ''."),
        ("../secret", "There is no scenario '../secret'."),
    ],
)
def test_unknown_scenario(catalogue: Catalogue, name: str, says: str) -> None:
    """The error for an unknown name has the nearest names and the command that lists all."""
    with pytest.raises(UnknownScenario) as caught:
        catalogue.plan(name)
    assert says in str(caught.value)
    assert str(caught.value).endswith("`jobmock list` shows them all.")


def test_resolve(catalogue: Catalogue) -> None:
    """A name is resolved with or without its API in front, and an object as a scenario."""
    assert catalogue.resolve("clado/usual").name == "clado/usual"
    assert catalogue.resolve("usual", "orbit").name == "orbit/usual"
    assert catalogue.resolve("orbit/usual", "orbit").name == "orbit/usual"
    value = {"version": 1, "api": "orbit", "progression": [{"status": "completed"}]}
    assert catalogue.resolve(value, "orbit").scenario.progression[0].status == "completed"
    assert catalogue.resolve(value).name == "scenario"


def test_plans_are_compiled_once(catalogue: Catalogue) -> None:
    """A scenario is compiled on first use and stays the same."""
    assert catalogue.plan("clado/usual") is catalogue.plan("clado/usual")


def test_resolve_of_another_api(catalogue: Catalogue) -> None:
    """A scenario of another API is an error that names both APIs."""
    with pytest.raises(UsageError, match="The scenario 'clado/usual' belongs to clado, not to orbit"):
        catalogue.resolve("clado/usual", "orbit")
    value = {"version": 1, "api": "orbit", "progression": [{"status": "completed"}]}
    with pytest.raises(UsageError, match=r"^The scenario .* belongs to orbit, not to clado\.$"):
        catalogue.resolve(value, "clado")
    with pytest.raises(UnknownScenario, match=r"'clado/usul'.* Did you mean 'clado/usual'"):
        catalogue.resolve("usul", "clado")


def test_compiled_names_everything(catalogue: Catalogue) -> None:
    """An object that can't be played is refused with all its problems; warnings don't refuse it."""
    step = {"status": "completed", "body": {"total_filtered": "x", "message": 5}}
    with pytest.raises(ScenarioError) as caught:
        catalogue.resolve({"version": 1, "api": "clado", "progression": [step]})
    pointers = [problem.pointer for problem in caught.value.problems]
    assert pointers == ["/progression/0/body/message", "/progression/0/body/total_filtered"]
    warned = {"version": 1, "api": "clado", "progression": [{"status": "completed", "body": {"zzz": 1}}]}
    assert compile_scenario(catalogue.resolve(warned).scenario).name == "scenario"


def test_bundled_files_hint_editors() -> None:
    """Each bundled file begins with the line that gives editors the schema, at its right place."""
    for path, _ in scenario_files(resources.folder("scenarios")):
        first = path.read_text("utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../../schemas/scenario.schema.json", path
