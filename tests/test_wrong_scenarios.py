"""What isn't a scenario is refused in words, wherever a scenario is taken: what it is, where, and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import strategies as st

from jobmock import Catalogue, JobmockError, Scenario, Service, in_process, strategies
from jobmock.errors import UsageError, short_repr
from jobmock.models import Step
from jobmock.scenario import from_mapping
from pytest_jobmock.mocks.mock import Mock

STEP = {"status": "completed"}
OTHER_TYPES: dict[str, tuple[Any, ...]] = {
    "version": ("1", None), "api": (3, None, ["clado"]), "progression": (3, "completed", STEP, [3], [None]),
    "faults": (3, {}, [3], [{}]), "results": (3, []), "more": (3, {"count": 1, "progression": 3}),
    "limits": (3, {"start": {}}), "switches": (3, []), "summary": (3,), "run_shape": (3,),
}  # fmt: skip
"""Members of a scenario, with values that they can't have."""
WRONG: dict[str, Any] = {
    "None": None, "number": 5, "true": True, "bytes": b"clado/usual", "class": Scenario, "set": {1},
    "step": STEP, "list of steps": [STEP], "tuple of steps": (STEP,), "Step": Step(status="completed"),
    "plan": Catalogue().plan("clado/usual"), "empty mapping": {}, "key that is no text": {1: 2},
    "no version": {"api": "clado", "progression": [STEP]}, "no steps": {"version": 1, "api": "clado"},
    **{
        f"{key} {value}": {"version": 1, "api": "clado", "progression": [STEP], key: value}
        for key, values in OTHER_TYPES.items() for value in values
    },
    "object inside": {"version": 1, "api": "clado", "progression": [Step(status="completed")]},
    "folder": Path(__file__).parent, "no file": Path("there-is-none.yaml"), "no file as text": "there-is-none.yaml",
    "no name": "", "unknown name": "clado/there-is-none",
}  # fmt: skip


def client(url: str, api_key: str, job_id: str) -> None:
    """A client that isn't called."""
    raise AssertionError("It is called.")


class Machine(strategies.ClientMachine):
    """A machine that gets as far as its first scenario."""

    api = "clado"


def begin_machine(drawn: Any) -> None:
    """Begin a run of a machine with these scenarios, and end it."""

    class WithScenarios(Machine):
        scenarios = drawn

    machine, data = WithScenarios(), cast(Any, None)
    try:
        machine.begin(data)
    finally:
        machine.teardown()


TAKERS: dict[str, Callable[[Any], Any]] = {
    "Catalogue.resolve": Catalogue().resolve,
    "Catalogue.plan": Catalogue().plan,
    "Catalogue": lambda value: Catalogue([value]),
    "from_mapping": from_mapping,
    "Service": lambda value: Service(Catalogue(), plans={"clado": value}),
    "in_process": in_process,
    "assert_client_survives": lambda value: strategies.assert_client_survives(
        client, api="clado", scenarios=value, max_examples=1
    ),
    "what scenarios draw": lambda value: strategies.assert_client_survives(
        client, api="clado", scenarios=st.just(value), max_examples=1
    ),
    "ClientMachine": begin_machine,
    "faults of scenarios": lambda value: strategies.scenarios("clado", faults=value),
    "a client": lambda value: strategies.exhaust(value, api="clado", length=1),
}  # fmt: skip
FINE = {
    ("assert_client_survives", "None"), ("ClientMachine", "None"), ("faults of scenarios", "None"),
    ("Service", "plan"), ("what scenarios draw", "class"),
}  # fmt: skip
"""What isn't wrong there, and what Hypothesis itself can't print."""
CASES = [
    (taker, name) for taker in TAKERS for name, value in WRONG.items()
    if not isinstance(value, dict | str | Path) and (taker, name) not in FINE
]  # fmt: skip


@pytest.mark.parametrize(("taker", "name"), CASES)
def test_another_type_is_refused(taker: str, name: str) -> None:
    """Each public function that takes a scenario, or what plays one, refuses another type and says what is allowed."""
    with pytest.raises(JobmockError) as caught:
        TAKERS[taker](WRONG[name])
    assert short_repr(WRONG[name]) in str(caught.value)


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.jobmock(etiquette="off")
def test_play_refuses_it(name: str, clado_mock: Mock) -> None:
    """A mock refuses it, and still plays what it played before."""
    with pytest.raises(JobmockError) as caught:
        clado_mock.play(WRONG[name])
    said = str(caught.value)
    assert any(words in said for words in ("Allowed: ", "A scenario is a name, ", "such file", "a file", "no scenario"))
    assert clado_mock.play("clado/at-once").scenario == "clado/at-once"


@pytest.mark.parametrize("job_id", ["", 5, b"job", "x" * 201, ["job"]])
def test_id_of_another_type_is_refused(job_id: Any, clado_mock: Mock) -> None:
    """A job's id is a text of 1 to 200 characters."""
    with pytest.raises(JobmockError, match="A job's id is a text of 1 to 200 characters, not"):
        clado_mock.play("clado/at-once", job_id=job_id)


def test_file_of_another_api_is_refused(orbit_mock: Mock, tmp_path: Path) -> None:
    """A path is held to the mock's API, like a name."""
    path = tmp_path / "mine.yaml"
    path.write_text("version: 1\napi: clado\nprogression: [{status: completed}]\n")
    with pytest.raises(JobmockError, match="The scenario 'mine' belongs to clado, not to orbit"):
        orbit_mock.play(path)


OTHER_ARGUMENTS: dict[str, tuple[Callable[..., Any], dict[str, Any], tuple[Any, ...]]] = {
    "seed": (strategies.assert_client_survives, {"run_client": client, "api": "clado"}, ("x", 1.5, [], True)),
    "name": (strategies.assert_client_survives, {"run_client": client, "api": "clado"}, (5, b"x", ["x"])),
    "folder": (strategies.assert_client_survives, {"run_client": client, "api": "clado"}, (5, b"x", ["x"])),
    "rules": (strategies.assert_client_survives, {"run_client": client, "api": "clado"}, (5, "x", ["x"])),
    "client": (strategies.exhaust, {"run_client": client, "api": "clado", "length": 1}, (5, ["x"])),
    "symbols": (strategies.exhaust, {"run_client": client, "api": "clado", "length": 1}, (None, 5, "429")),
    "kinds": (strategies.failure_sequences, {"api": "clado"}, (5, "hang", True)),
    "names": (strategies.error_responses, {"api": "clado"}, (5, "not_found", True)),
    "run_shapes": (strategies.scenarios, {"api": "orbit"}, (5, "partial_only", [])),
    "page_size": (strategies.scenarios, {"api": "clado"}, (None, "x", 0)),
    "run_shape": (strategies.progressions, {"api": "orbit"}, (5, [], "")),
}


@pytest.mark.parametrize(
    ("argument", "value"), [(name, value) for name, (_, _, values) in OTHER_ARGUMENTS.items() for value in values]
)
def test_other_arguments_of_strategies_are_refused(argument: str, value: Any) -> None:
    """An argument of another type, or with a value that it can't have, is a UsageError that shows the value."""
    function, others, _ = OTHER_ARGUMENTS[argument]
    with pytest.raises(UsageError) as caught:
        function(**others, **{argument: value})
    assert short_repr(value) in str(caught.value)
