"""The environment of a client: where the mock is, its keys and jobs, and the variables that the user forms of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .. import apis
from ..errors import UsageError, hint
from ..preloads.environment import without_virtual_time
from ..proxies import without_proxy
from .run_mock import RunMock

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
"""A doubled brace, which stands for itself, a placeholder, or a single brace."""
_DOUBLED = "Write '{{' and '}}' for braces that stand for themselves."
_NAME = re.compile(r"[^=\0]+")
_MOCK_HOSTS = ("127.0.0.1",)


def mock_environment(
    base: Mapping[str, str], url: str, keys: Mapping[str, str], jobs: Mapping[str, str]
) -> dict[str, str]:
    """Return `base` with the address of a mock, and with the keys and jobs of each API: `CLADO_BASE_URL` and so on."""
    return {**base, **without_proxy(base, _MOCK_HOSTS), **mock_variables(url, keys, jobs)}


def mock_variables(url: str, keys: Mapping[str, str], jobs: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a mock's address, its keys and its jobs by API."""
    found = {f"{api.upper()}_BASE_URL": url for api in keys}
    found |= {f"{api.upper()}_API_KEY": key for api, key in keys.items()}
    return found | {f"{api.upper()}_JOB_ID": job for api, job in jobs.items()}


def client_environment(
    base: Mapping[str, str], mock: RunMock, own: Sequence[tuple[str, str]], proxy: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of a client of a run's mock: jobmock's variables, those of its proxy, the user's `own`."""
    keys = {api: namespace.key for api, namespace in mock.namespaces.items()}
    values = _placeholder_values(mock.url, keys, mock.jobs)
    made = {name: _formed(text, values) for name, text in own}
    base = without_virtual_time(base)
    time = mock.virtual_time_variables(base) if mock.is_virtual else {}
    found = mock_environment(base, mock.url, keys, mock.jobs)
    return {**found, "JOBMOCK_CONTROL_URL": mock.url, **time, **proxy, **made}


def parse_variable(text: str, *, with_job: bool) -> tuple[str, str]:
    """Return name and value of `NAME=VALUE`. Raises UsageError, also for an unknown placeholder in the value."""
    name, equals, value = text.partition("=")
    if not equals or not _NAME.fullmatch(name) or "\0" in value:
        raise UsageError(f"--env is {text!r}. Expected: NAME=VALUE, such as SEARCH_URL={{{apis.EXAMPLE}.url}}/api.")
    for found in _BRACES.finditer(value):
        if found[1] is not None:
            _check_placeholder(name, found[1], with_job=with_job)
        elif len(found[0]) == 1:
            raise UsageError(f"--env {name} has a single {found[0]!r}. {_DOUBLED}")
    return name, value


def _check_placeholder(variable: str, name: str, *, with_job: bool) -> None:
    """Raise UsageError unless a value may have this name in braces."""
    allowed = placeholders(with_job=with_job)
    if name not in allowed:
        job = " A job needs --with-job." if name in placeholders(with_job=True) else ""
        known = ", ".join(f"{{{one}}}" for one in allowed)
        near = job or hint(name, allowed) or f" {_DOUBLED}"
        raise UsageError(f"--env {variable} has {{{name}}}. Allowed: {known}.{near}")


def _formed(text: str, values: Mapping[str, str]) -> str:
    """Return a value of `--env` with the values of its placeholders, and single braces for doubled ones."""
    return _BRACES.sub(lambda found: found[0][0] if found[1] is None else values[found[1]], text)


def placeholders(*, with_job: bool) -> list[str]:
    """Return the names that a value of `--env` may have in braces."""
    members = ("url", "key", "job") if with_job else ("url", "key")
    return [*(f"{api}.{member}" for api in apis.names() for member in members), "control.url"]


def _placeholder_values(url: str, keys: Mapping[str, str], jobs: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each placeholder."""
    found = {"control.url": url}
    for api, key in keys.items():
        found |= {f"{api}.url": url, f"{api}.key": key}
    return found | {f"{api}.job": job for api, job in jobs.items()}
