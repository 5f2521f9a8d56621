"""Scripts: sequences of symbols, one for each status request of a job.

A symbol is the status that a request is answered with, or the fault that it meets. After its last symbol, a script ends
with success. Scripts whose statuses can't follow one another are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from .. import apis
from ..dialect.api import Api
from ..engine.progression import Plan, plan
from ..engine.transitions import illegal_steps
from ..errors import UsageError, hint, short_repr
from ..models import After, Fault, Respond, Results, RetryAfter, Scenario, Step, When
from .arguments import load_api
from .vocabulary import UNKNOWN_STATUS, statuses, terminal_statuses

FAULT_SYMBOLS: Mapping[str, Mapping[str, object]] = {
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
"""Symbol → the fault that the request meets."""
Script = tuple[str, ...]


def alphabet(api: str, symbols: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the given symbols without repeats, or the usual ones of an API. Raises UsageError for an unknown one."""
    dialect = load_api(api)
    known = (*statuses(dialect), UNKNOWN_STATUS, *FAULT_SYMBOLS)
    if isinstance(symbols, str) or not isinstance(symbols, Sequence):
        raise UsageError(f"'symbols' is a list of symbols, not {short_repr(symbols)}. Allowed: {', '.join(known)}.")
    for symbol in symbols:
        if symbol not in known:
            raise UsageError(f"There is no symbol {symbol!r}. Allowed: {', '.join(known)}.{hint(symbol, known)}")
    return tuple(dict.fromkeys(symbols)) or (*_running_statuses(dialect), "429", "503", "reset", "half-json")


def scripts(api: str, symbols: Sequence[str], length: int) -> Iterator[Script]:
    """Yield every playable script of up to `length` symbols, the shorter ones first."""
    dialect = apis.load(api)
    for size in range(length + 1):
        for script in product(symbols, repeat=size):
            if _is_playable(dialect, script):
                yield script


def count_scripts(symbols: Sequence[str], length: int) -> int:
    """Return the number of scripts of up to `length` symbols, playable or not."""
    return sum(len(symbols) ** size for size in range(length + 1))


def script_scenario(api: str, script: Script) -> Scenario:
    """Return the scenario of a script."""
    return Scenario(
        name=f"{api}/{'-'.join(script) or 'nothing'}",
        api=api,
        summary=f"The script {' '.join(script) or 'without a symbol'}.",
        progression=tuple(_steps(apis.load(api), script)),
        results=Results(count=3),
        faults=tuple(_fault(symbol, number) for number, symbol in enumerate(script, 1) if symbol in FAULT_SYMBOLS),
    )


def script_plan(api: str, script: Script) -> Plan:
    """Return the plan of a playable script."""
    return plan(script_scenario(api, script), apis.load(api).shows)


def _is_playable(api: Api, script: Script) -> bool:
    """Return whether the statuses may follow one another, and nothing follows a terminal one."""
    steps = [Step(status=symbol) for symbol in script if symbol not in FAULT_SYMBOLS]
    if any(status in api.terminal for status in script[:-1]):
        return False
    return not any(illegal_steps(steps, api.transitions))


def _steps(api: Api, script: Script) -> Iterator[Step]:
    """Yield a step for each status; a lost answer counts as a poll too, so the next step lasts one poll longer."""
    lost, ended = 0, False
    for symbol in script:
        if symbol in FAULT_SYMBOLS:
            lost += "respond" not in FAULT_SYMBOLS[symbol]
        elif symbol in api.terminal:
            yield Step(status=symbol)
            ended = True
        else:
            violates = frozenset() if symbol in api.transitions else frozenset({"schema"})
            yield Step(status=symbol, after=After(polls=1 + lost), violates=violates)
            lost = 0
    if not ended:
        yield Step(status=terminal_statuses(api)[0])


def _fault(symbol: str, number: int) -> Fault:
    return Fault(when=When(requests=(number, number)), **FAULT_SYMBOLS[symbol])  # type: ignore[arg-type]


def _running_statuses(api: Api) -> tuple[str, ...]:
    return tuple(status for status in statuses(api) if api.transitions.get(status))
