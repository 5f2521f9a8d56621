"""The page of what is public and the code name the same."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module

import pytest
from tests.documents.reading import chapter, tables

import jobmock
from jobmock import cli
from pytest_jobmock import plugin

PAGE = "PUBLIC_API.md"
MODULES = ("jobmock", "jobmock.live", "jobmock.transport", "jobmock.strategies", "jobmock.dialect")


@pytest.mark.parametrize(("number", "name"), [*enumerate(MODULES)])
def test_names_of_a_module(number: int, name: str) -> None:
    """The page lists each name in a public module's `__all__`, and each of them can be imported."""
    table = tables(PAGE, "Python")[number]
    module = import_module(name)
    assert table[0][0].startswith(f"Name in `{name}`")
    assert {word for row in table[1:] for word in re.findall(r"`(\w+)`", row[0])} == set(module.__all__)
    assert [word for word in module.__all__ if not hasattr(module, word)] == []


def test_a_name_that_there_is_not() -> None:
    """A name that jobmock doesn't have is an AttributeError, and its packages can be imported from it."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = jobmock.nothing
    from jobmock import apis

    assert apis.names()


def test_import_is_cheap() -> None:
    """`import jobmock` imports nothing else that isn't loaded in every Python."""
    code = "import sys; before = {*sys.modules}; import jobmock; print(*{*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert {*done.stdout.split()} <= {"jobmock", "__future__"}


def test_fixtures_and_commands() -> None:
    """The page lists each fixture that tests use, and each command."""
    kind = type(plugin.contract)
    known = {name for name, value in vars(plugin).items() if isinstance(value, kind)}
    (row,) = [row for row in tables(PAGE, "pytest")[0] if row[0] == "fixtures"]
    assert set(re.findall(r"`(\w+)`", row[1])) == known - {"jobmock_session"}
    (commands,) = re.findall(r"the commands (.*?), their options", chapter(PAGE, "The rest"))
    assert re.findall(r"`([\w-]+)`", commands) == list(cli._COMMANDS)
