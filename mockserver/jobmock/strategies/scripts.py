"""Small worlds: every script of up to so many symbols, one symbol for each status request of a job.

A symbol is a status that is told, or a fault that meets the request. After its last symbol a script ends with the
status that means success. Scripts whose statuses can't follow one another are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from .. import apis
from ..contract import documents
from ..dialect.api import Api
from ..engine.progression import Plan, illegal, plan
from ..errors import UsageError, hint
from ..models import After, Fault, Respond, Results, RetryAfter, Scenario, Step, When
from .arguments import api_named
from .vocabulary import UNHEARD_OF

FAULTS: Mapping[str, Mapping[str, object]] = {
    "429": {"respond": Respond(status=429), "retry_after": RetryAfter(seconds=7)},
    "429-date": {"respond": Respond(status=429), "retry_after": RetryAfter(seconds=7, as_date=True)},
    "503": {"respond": Respond(status=503), "retry_after": RetryAfter(seconds=11)},
    "500": {"respond": Respond(status=500)},
    "reset": {"disconnect": "reset"},
    "closed": {"disconnect": "before_response"},
    "cut": {"disconnect": "mid_body"},
    "short": {"corrupt": "short_body"},
    "half-json": {"corrupt": "truncated_json"},
    "garbage": {"corrupt": "garbage"},
    "empty": {"corrupt": "empty_body"},
    "hang": {"hang": True},
}
"""Symbol → what happens to the request."""
Script = tuple[str, ...]


def alphabet(api: str, symbols: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the symbols of an API, or the given ones, checked. Raises UsageError with the nearest symbol."""
    known = (*_statuses(api_named(api).name), UNHEARD_OF, *FAULTS)
    for symbol in symbols:
        if symbol not in known:
            raise UsageError(f"There is no symbol {symbol!r}. Allowed: {', '.join(known)}.{hint(symbol, known)}")
    return tuple(dict.fromkeys(symbols)) or (*_at_work(apis.load(api)), "429", "503", "reset", "half-json")


def scripts(api: str, symbols: Sequence[str], length: int) -> Iterator[Script]:
    """Yield every script of up to `length` symbols that may be played, the shorter ones first."""
    dialect = apis.load(api)
    for size in range(length + 1):
        for script in product(symbols, repeat=size):
            if _legal(dialect, script):
                yield script


def counted(symbols: Sequence[str], length: int) -> int:
    """Return how many scripts there are, those that may not be played included."""
    return sum(len(symbols) ** size for size in range(length + 1))


def scenario_of(api: str, script: Script) -> Scenario:
    """Return the scenario of a script."""
    return Scenario(
        name=f"{api}/{'-'.join(script) or 'nothing'}",
        api=api,
        summary=f"The script {' '.join(script) or 'without a symbol'}.",
        progression=tuple(_steps(apis.load(api), script)),
        results=Results(count=3),
        faults=tuple(_fault(symbol, number) for number, symbol in enumerate(script, 1) if symbol in FAULTS),
    )


def plan_of(api: str, script: Script) -> Plan:
    """Return the plan of a script, which is legal by construction."""
    return plan(scenario_of(api, script), apis.load(api).shows)


def _legal(api: Api, script: Script) -> bool:
    """Say whether the statuses may follow one another, nothing comes after an end, and no answer is lost there."""
    statuses = [symbol for symbol in script if symbol not in FAULTS]
    if any(status in api.terminal for status in script[:-1]):
        return False
    steps = [Step(status=status) for status in statuses]
    return not any(illegal(steps, api.transitions))


def _steps(api: Api, script: Script) -> Iterator[Step]:
    """Yield a step for each status; an answer that gets lost is a poll too, so the step after it answers one more."""
    lost, ended = 0, False
    for symbol in script:
        if symbol in FAULTS:
            lost += "respond" not in FAULTS[symbol]
        elif symbol in api.terminal:
            yield Step(status=symbol)
            ended = True
        else:
            violates = frozenset() if symbol in api.transitions else frozenset({"schema"})
            yield Step(status=symbol, after=After(polls=1 + lost), violates=violates)
            lost = 0
    if not ended:
        yield Step(status=_success(api))


def _fault(symbol: str, number: int) -> Fault:
    return Fault(when=When(requests=(number, number)), **FAULTS[symbol])  # type: ignore[arg-type]


def _at_work(api: Api) -> tuple[str, ...]:
    return tuple(status for status in _statuses(api.name) if status in api.transitions and status not in api.terminal)


def _success(api: Api) -> str:
    """Return the status that shows everybody: the one that means success."""
    return next(status for status in api.terminal if api.shows[status] == "all")


def _statuses(api: str) -> tuple[str, ...]:
    return tuple(documents.definitions(api)["status"]["enum"])
