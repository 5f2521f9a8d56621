"""Documents are found in a checkout and in an installed package, and refer only to each other."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema.exceptions import ValidationError

from jobmock import resources
from jobmock.contract import documents
from jobmock.errors import NoSuchDocument

ROOT = Path(__file__).resolve().parents[2]
NAMES = documents.names()


def installed(folder: Path) -> ModuleType:
    """Return the module `resources` of a package in `folder`."""
    package = folder / "jobmock"
    package.mkdir(parents=True, exist_ok=True)
    copied = package / "resources.py"
    copied.write_text(Path(resources.__file__).read_text("utf-8"), "utf-8")
    spec = importlib.util.spec_from_file_location("copied_resources", copied)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_names() -> None:
    """Every JSON document of schemas/ is named by its path from there, sorted, with forward slashes."""
    found = sorted(path.relative_to(ROOT / "schemas").as_posix() for path in (ROOT / "schemas").glob("**/*.json"))
    assert found == NAMES
    assert {"scenario.schema.json", "clado/scenario.json", "orbit/scenario.json"} < set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_document(name: str) -> None:
    """A document is its file's JSON, read once."""
    assert documents.document(name) == json.loads((ROOT / "schemas" / name).read_text("utf-8"))
    assert documents.document(name) is documents.document(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("clado/scenarios.json", " Did you mean 'clado/scenario.json'?"),
        ("scenario.schema.jsn", " Did you mean 'scenario.schema.json'?"),
        ("zzz", ""),
        ("clado", ""),
        ("", ""),
        ("https://elsewhere.invalid/clado/scenario.json", None),
    ],
)
def test_unknown_document(name: str, hint: str | None) -> None:
    """An unknown document, or its validator, is an error with the nearest name."""
    for ask in (documents.document, documents.validator):
        with pytest.raises(NoSuchDocument) as raised:
            ask(name)
        assert str(raised.value).startswith(f"There is no document {name!r} in schemas/.")
        assert hint is None or str(raised.value).endswith(f"schemas/.{hint}")


@pytest.mark.parametrize("api", ["clado", "orbit"])
def test_definitions(api: str) -> None:
    """The definitions of an API are those of its scenario document."""
    words = documents.definitions(api)
    assert words == documents.document(f"{api}/scenario.json")["definitions"]
    assert {"status", "error", "operation", "switches"} <= set(words)


def test_definitions_of_no_api() -> None:
    """An unknown API has no definitions."""
    with pytest.raises(NoSuchDocument, match=r"'acme/scenario\.json'"):
        documents.definitions("acme")


@pytest.mark.parametrize("name", NAMES)
def test_validator(name: str) -> None:
    """Each document has one validator, of the draft it declares."""
    judge = documents.validator(name)
    assert judge is documents.validator(name)
    declared = documents.document(name)["$schema"]
    assert judge.META_SCHEMA["$schema"].rstrip("#") == declared.rstrip("#")


def test_validator_follows_references() -> None:
    """A validator follows references to other documents."""
    judge: Any = documents.validator("scenario.schema.json")
    scenario = {"version": 1, "api": "clado", "progression": [{"status": "completed"}]}
    judge.validate(scenario)
    scenario["progression"] = [{"status": "running"}]
    with pytest.raises(ValidationError, match="'running' is not one of"):
        judge.validate(scenario)


@pytest.mark.parametrize(
    "reference",
    [
        "https://elsewhere.invalid/schema.json",
        "https://json-schema.invalid/draft-07/schema",
        "nowhere.json",
        "https://jobmock.invalid/schemas/nowhere.json",
        "https://jobmock.invalid/pyproject.toml",
        Path(__file__).as_uri(),
    ],
)
def test_references_stay_inside(reference: str) -> None:
    """A reference that leads out of schemas/ is not followed."""
    judge = documents.validator("scenario.schema.json").evolve(schema={"$ref": reference})
    with pytest.raises(Exception, match=r"There is no document|Unresolvable|unresolvable") as raised:
        judge.validate({})
    causes = [raised.value, raised.value.__cause__, raised.value.__context__]
    assert not any(isinstance(cause, OSError) for cause in causes)


@pytest.mark.parametrize("name", ["schemas", "scenarios"])
def test_folder_of_a_checkout(name: str) -> None:
    """In a checkout the data lies at the repository's top level."""
    assert resources.folder(name) == ROOT / name
    assert resources.folder(name).is_dir()


def test_folder_of_a_wheel(tmp_path: Path) -> None:
    """An installed package has its data in `_data`, whatever is beside the package."""
    (tmp_path / "site" / "jobmock" / "_data" / "schemas").mkdir(parents=True)
    (tmp_path / "schemas").mkdir()
    package = installed(tmp_path / "site")
    assert package.folder("schemas") == tmp_path / "site" / "jobmock" / "_data" / "schemas"
    assert package.folder("scenarios") == tmp_path / "scenarios"


def test_data_that_is_no_folder(tmp_path: Path) -> None:
    """A file called `_data` is no installed data."""
    (tmp_path / "site" / "jobmock").mkdir(parents=True)
    (tmp_path / "site" / "jobmock" / "_data").write_text("")
    assert installed(tmp_path / "site").folder("schemas") == tmp_path / "schemas"


@pytest.mark.parametrize(("items", "repeats"), [
    ([], False), (["a", "b"], False), (["a", "b", "a"], True), ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], True),
    ([{"a": number} for number in range(5_000)], False), ([1, True, "1", [1], None], False),
])  # fmt: skip
def test_repeated_items(items: list[Any], repeats: bool) -> None:
    """A list that may not repeat an item is checked in time that grows with its length, whatever its items are."""
    errors = documents.validator("scenario.schema.json", "/definitions/step/properties/violates").iter_errors(items)
    assert any(error.validator == "uniqueItems" for error in errors) == repeats
