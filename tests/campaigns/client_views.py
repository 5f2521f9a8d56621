"""What a correct client sees: one in another process, which prints it, and the same one in process."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.commands.clients import correct_client

from jobmock import apis
from jobmock.catalogue import Catalogue
from jobmock.strategies.harness import Harness

CLIENTS = Path(correct_client.__file__).parent


def client_commands() -> dict[str, tuple[str, ...]]:
    """Return the commands of the correct clients; that in Node only if there is one."""
    node, python = shutil.which("node"), (sys.executable, str(CLIENTS / "correct_client.py"))
    return {**({"Node": (node, str(CLIENTS / "correct_client.mjs"))} if node else {}), "Python": python}


class Sent(NamedTuple):
    """A request as the client saw it. The times are in milliseconds of its own clock since its beginning."""

    at: int
    received: int
    method: str
    path: str
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """What a client saw and found: its requests, how its call ended, and the ids of the people."""

    seen: Sequence[Sent]
    ended: str
    people: Sequence[str]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> ClientView:
        """Return what a client printed or returned."""
        seen = [
            Sent(
                at=_milliseconds(one["at"]), received=_milliseconds(one["received"]), method=one["method"],
                path=one["path"], status=one.get("status"),
            )
            for one in found["seen"]
        ]  # fmt: skip
        return cls(seen=seen, ended=found["ended"], people=found["people"])

    def difference(self, other: ClientView) -> str:
        """Return the first difference from another view in words; nothing if there is none."""
        for number, (one, another) in enumerate(zip(self.seen, other.seen, strict=False), 1):
            if one != another:
                return f"request {number}: {one} and {another}"
        mine, others = ((len(view.seen), view.ended, view.people) for view in (self, other))
        return "" if mine == others else f"{mine} and {others}"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def seen_in_process(name: str) -> ClientView:
    """Return what the correct client in Python sees in a bundled scenario, in this process and in virtual time."""
    plan = Catalogue().plan(name)
    api = apis.load(plan.scenario.api)
    harness = Harness(api)
    harness.api_key = f"{api.prefix}jobmock"
    with harness.open():
        harness.start_run(plan)
        with correct_client.connected("http://jobmock", harness.api_key, harness.transport) as http:
            found = correct_client.Client(api.name, plan.scenario.run_shape, http).run()
    return ClientView.of(found)
