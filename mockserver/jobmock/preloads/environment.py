"""The environment that brings a process into virtual time, on a clock that others share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from .node_options import with_node_preload
from .python_path import with_python_preload

_NAMES = (
    *(f"JOBMOCK_TIME_{name}" for name in ("URL", "KEY", "PORTS", "START", "NOW")), "JOBMOCK_HOSTS", "JOBMOCK_VERSION",
)  # fmt: skip
_PRELOADS: tuple[Callable[[Mapping[str, str]], dict[str, str]], ...] = (with_node_preload, with_python_preload)
"""Functions of an environment that return the variables by which a process loads what brings it into virtual time."""


class StartedClock(Protocol):
    """A clock that reads nanoseconds since its start."""

    @property
    def started(self) -> int:
        """Its start, in nanoseconds since 1970."""

    @property
    def elapsed(self) -> int:
        """The reading."""


def without_virtual_time(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the clock of an outer run."""
    return {name: value for name, value in environment.items() if name not in _NAMES}


def virtual_time_variables(
    base: Mapping[str, str], url: str, key: str, clock: StartedClock, *, ports: Iterable[int], hosts: Mapping[str, int]
) -> dict[str, str]:
    """Return the variables that bring a process with the environment `base` into the time of a mock's clock.

    `url` is that of the control API, `key` one that has this clock, `ports` are the mock's on the loopback address, and
    `hosts` the real hosts, each with the mock's port in its place.
    """
    found = {
        "JOBMOCK_TIME_URL": f"{url.rstrip('/')}/__jobmock/clock", "JOBMOCK_TIME_KEY": key,
        "JOBMOCK_TIME_PORTS": ",".join(map(str, sorted(ports))), "JOBMOCK_TIME_START": str(clock.started),
        "JOBMOCK_TIME_NOW": str(clock.elapsed), "JOBMOCK_HOSTS": json.dumps(hosts),
    }  # fmt: skip
    for preload in _PRELOADS:
        found |= preload(base)
    return found
