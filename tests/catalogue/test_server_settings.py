"""The server's limits and switches are read by the rules of the scenario language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.api_facts import ALLOWED

from jobmock.catalogue.server_settings import limits_from_file, switches_from_flags
from jobmock.clock import SECOND
from jobmock.errors import JobmockError, ScenarioError, UsageError
from jobmock.models import Limit


def limits(folder: Path, text: str, name: str = "limits.yaml") -> Any:
    """Read text as a limits file."""
    path = folder / name
    path.write_text(text)
    return limits_from_file(path)


def test_limits(tmp_path: Path) -> None:
    """A limits file maps APIs to operations to rates; null is no limit."""
    text = (
        "clado:\n  start: {requests: 5, seconds: 0.5}\n"
        "orbit:\n  status: {requests: 25, seconds: 1, burst: 150}\n  start: null\n"
    )
    assert limits(tmp_path, text) == {
        "clado": {"start": Limit(requests=5, period=SECOND // 2)},
        "orbit": {"status": Limit(requests=25, period=SECOND, burst=150), "start": None},
    }


def test_limits_as_json(tmp_path: Path) -> None:
    """A limits file may be JSON."""
    found = limits(tmp_path, '{"clado": {"start": {"requests": 5, "seconds": 60}}}', "limits.json")
    assert found == {"clado": {"start": Limit(requests=5, period=60 * SECOND)}}


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("clado:\n  start: {requests: 0, seconds: 1}\n", ":2:21", "'requests' is 0. Allowed: a whole number from 1"),
        ("clado:\n  start: {requests: 1, secs: 1}\n", ":2:10", "'seconds' is missing in 'start'"),
        ("clado:\n  strat: null\n", ":2:3", "Unknown key 'strat' in 'limits'. Allowed: start"),
        ("clado:\n  start: often\n", ":2:10", "'start' is 'often'. Allowed: null for no limit, or a mapping"),
        ("clado: 5\n", ":1:8", "Allowed: a mapping"),
        ("orbit:\n", ":1:7", "Allowed: a mapping"),
        ("clad:\n  start: null\n", ":1:1", f"Unknown api 'clad'. {ALLOWED}. Did you mean 'clado'?"),
        ("orbit:\n  start: null\nmercury: {}\n", ":3:1", f"Unknown api 'mercury'. {ALLOWED}."),
        ("- clado\n", ":1:1", "mapping from api to operations"),
        ("clado: {start: on}\n", ":1:16", "YAML 1.1 reads 'on'"),
        ("", ":1:1", "empty"),
    ],
)
def test_bad_limits(tmp_path: Path, text: str, where: str, says: str) -> None:
    """An error in a limits file shows line and column, the value, and the allowed values."""
    with pytest.raises(ScenarioError) as caught:
        limits(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'limits.yaml'}{where}: error: ")
    assert says in str(caught.value)


def test_all_bad_limits_at_once(tmp_path: Path) -> None:
    """All errors in one API's limits are listed, in the order of the file."""
    with pytest.raises(ScenarioError) as caught:
        limits(tmp_path, "clado:\n  strat: null\n  start: {requests: 0, seconds: 0}\n")
    assert [problem.position for problem in caught.value.problems] == [(2, 3), (3, 21), (3, 33)]


def test_bad_limits_as_json(tmp_path: Path) -> None:
    """An error in a limits file in JSON shows the pointer of the value in that file."""
    with pytest.raises(ScenarioError) as caught:
        limits(tmp_path, '{"clado": {"start": {"requests": 0, "seconds": 1}}}', "limits.json")
    assert str(caught.value).startswith(f"{tmp_path / 'limits.json'}#/clado/start/requests: error: 'requests' is 0.")


def test_missing_limits(tmp_path: Path) -> None:
    """A missing limits file is an error with its name."""
    with pytest.raises(ScenarioError, match=r"none\.yaml:1:1: error: There is no such file\."):
        limits_from_file(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], {}),
        (["clado.tier=free"], {"clado": {"tier": "free"}}),
        (["clado.limit_maximum=5", "clado.after_removal=true"], {"clado": {"limit_maximum": 5, "after_removal": True}}),
        (["clado.limit_maximum=null"], {"clado": {"limit_maximum": None}}),
        (
            ["orbit.extra_run_shapes=[a, b]", "clado.tier=paid"],
            {"orbit": {"extra_run_shapes": ["a", "b"]}, "clado": {"tier": "paid"}},
        ),
        (["orbit.profile_aliases={a=b: c}"], {"orbit": {"profile_aliases": {"a=b": "c"}}}),
        (["clado.tier=free", "clado.tier=paid"], {"clado": {"tier": "paid"}}),
    ],
)  # fmt: skip
def test_switches(flags: list[str], expected: dict[str, Any]) -> None:
    """A flag is API.NAME=VALUE with a YAML value; of two flags for one switch the later counts."""
    assert switches_from_flags(flags) == expected


@pytest.mark.parametrize(
    ("flag", "kind", "says"),
    [
        ("clado.tier", UsageError, "'clado.tier' is not a switch. Write API.NAME=VALUE, where API is clado or orbit."),
        ("tier=free", UsageError, "'tier=free' is not a switch."),
        ("mars.tier=free", UsageError, "where API is clado or orbit"),
        ("=", UsageError, "'=' is not a switch."),
        ("clado.tier=gold", ScenarioError, "--switch clado.tier=gold#/switches/tier: error: 'tier' is 'gold'."),
        ("clado.tier=gold", ScenarioError, "Allowed: free, paid, paid_50, paid_250."),
        ("clado.teir=free", ScenarioError, "Did you mean 'tier'?"),
        ("clado.=free", ScenarioError, "Unknown key ''"),
        ("clado.legacy_default=yes", ScenarioError, "--switch clado.legacy_default:1:1: error: YAML 1.1 reads 'yes'"),
        ("clado.tier=]", ScenarioError, "--switch clado.tier:1:1: error: This is not YAML"),
        ("orbit.tier=free", ScenarioError, "Unknown key 'tier' in 'switches'. Allowed: "),
        ("clado.tier=", UsageError, "The switch 'clado.tier' has no value."),
    ],
)
def test_bad_switches(flag: str, kind: type[JobmockError], says: str) -> None:
    """The error for a bad flag shows the flag, the allowed values and the nearest name."""
    with pytest.raises(kind) as caught:
        switches_from_flags(["clado.error_as=object", flag])
    assert says in str(caught.value)
