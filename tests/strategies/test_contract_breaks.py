"""Off-contract answers break the contract in exactly one place, and their tag says how and where."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api_facts import OWN
from tests.strategies.drawing import reached, same, simplest, some

from jobmock.contract import body_validation
from jobmock.errors import UsageError
from jobmock.strategies import OffContract, off_contract_responses
from jobmock.strategies.contract_breaks import BREACHES

APIS = OWN
IMPOSSIBLE = {("clado", "unknown-word")}  # its status answers and errors have no other word that is listed
POSSIBLE = [(api, kind) for api in APIS for kind in BREACHES if (api, kind) not in IMPOSSIBLE]


def breaking_pointers(drawn: OffContract) -> list[str]:
    """Return the pointers of everything breaking that the judge finds."""
    found = body_validation.violations(drawn.document, drawn.response.json())
    return [violation.pointer for violation in found if violation.kind == "breaking"]


@pytest.mark.parametrize(("api", "kind"), POSSIBLE)
def test_every_kind_is_reached_and_selects(api: str, kind: str) -> None:
    """Each kind of break is reached, and `kinds` selects it alone."""
    reached(off_contract_responses(api, errors=True), lambda drawn: drawn.breach.kind == kind)
    assert {drawn.breach.kind for drawn in some(off_contract_responses(api, errors=True, kinds=[kind]), 20)} == {kind}


def test_places_are_reached() -> None:
    """A breach may be at the top, in a member, and deep in a person's record."""
    depths = off_contract_responses("clado").map(lambda drawn: drawn.breach.pointer.count("/"))
    for depth in (0, 1, 2, 3):
        reached(depths, same(depth))


def test_other_operations() -> None:
    """Any operation's answers can be broken, those with errors only too."""
    for operation in ("start", "profile", "events"):
        assert all(breaking_pointers(drawn) for drawn in some(off_contract_responses("orbit", operation=operation), 10))


@pytest.mark.parametrize("api", APIS)
def test_shrinking(api: str) -> None:
    """The simplest is the answer at the ordinary end, broken near its top."""
    drawn = simplest(off_contract_responses(api))
    assert drawn.breach.kind in BREACHES[:2]
    assert drawn.breach.pointer in ("", "/status")
    assert drawn.response.json()["job_id" if api == "clado" else "request_id"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kinds": ["absent"]}, "Unknown name in 'kinds': 'absent'. Allowed: missing, unknown-status"),
        ({"kinds": ["unknown-word"]}, "Unknown name in 'kinds': 'unknown-word'. Allowed: missing"),
        ({"operation": "sttus"}, "Did you mean 'status'?"),
        ({"api": "clade"}, "Did you mean 'clado'?"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    """A wrong argument is named at once; so is a breach that no answer of the operation can have."""
    with pytest.raises(UsageError) as caught:
        off_contract_responses(**{"api": "clado", **arguments})
    assert message in str(caught.value)
