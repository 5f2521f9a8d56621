"""The public names of namespaces: without the key, and never the same for two."""

from __future__ import annotations

import re

import pytest

from jobmock.catalogue import Catalogue
from jobmock.clock import Clock
from jobmock.engine import public_names
from jobmock.engine.namespace import Namespaces
from jobmock.engine.public_names import PublicNames


def names(*keys: str) -> list[str]:
    """Return the names of some keys on one server."""
    known = PublicNames()
    return [known.add("clado", key, names_scenario="--" in key) for key in keys]


def test_a_name_has_the_api_six_digits_and_the_scenario() -> None:
    """A name says which API, and which scenario the key names, and the rest of it is six hex digits."""
    plain, named = names("lk_secret", "lk_secret--slow")
    assert re.fullmatch(r"clado-[0-9a-f]{6}", plain)
    assert re.fullmatch(r"clado-[0-9a-f]{6}--slow", named)


def test_another_server_has_another_name_for_a_key() -> None:
    """The digits depend on a secret of the server: who guesses a key can't check it."""
    assert len({names("lk_secret")[0] for _ in range(20)}) == 20


def test_two_dashes_are_shown_only_before_a_scenario() -> None:
    """What follows two dashes in a key that names no scenario is part of the key, and isn't shown."""
    assert "private" not in PublicNames().add("clado", "lk_secret--private", names_scenario=False)
    assert "private" not in PublicNames().add("clado", "lk_private", names_scenario=True)


def test_a_name_gets_more_digits_where_two_would_have_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of open namespaces are never the same: the later one has more digits of its own digest."""
    monkeypatch.setattr(public_names, "FEWEST_DIGITS", 1)
    found = names(*(f"lk_{number}" for number in range(200)))
    lengths = {len(name.removeprefix("clado-")) for name in found}
    assert len(set(found)) == 200
    assert {1, 2, 3} <= lengths


def test_a_closed_namespace_gives_its_name_back(catalogue: Catalogue) -> None:
    """The names of closed namespaces are forgotten, so they take no memory, and a key has its name again later."""
    spaces = Namespaces(clock=lambda: Clock("manual", start=0), most=2)
    first = spaces.open("clado", "lk_a--slow", catalogue.plan("clado/slow")).name
    others = [spaces.open("clado", f"lk_{number}", None).name for number in range(5)]
    assert [spaces.names.key_of(name) for name in (first, *others)] == [None, None, None, None, "lk_3", "lk_4"]
    assert spaces.open("clado", "lk_a--slow", catalogue.plan("clado/slow")).name == first


def test_a_namespace_that_replaces_another_of_its_key_has_its_name() -> None:
    """A key that gets a new namespace keeps its name, as with a command that gets one job after another."""
    spaces = Namespaces(clock=lambda: Clock("manual", start=0))
    assert spaces.open("clado", "lk_a", None).name == spaces.open("clado", "lk_a", None).name
