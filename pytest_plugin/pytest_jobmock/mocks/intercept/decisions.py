"""Where a call may go: to the mock, to a host that is allowed, to this machine, or nowhere.

A mocked host has a *stand-in*: a loopback address that it alone has. Look-ups of its name return the stand-in, and a
connection to the stand-in is led to the mock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from jobmock.errors import hint
from jobmock.proxies import is_own, proxies

from . import owners
from .errors import HostRefused, caller
from .interception import Interception, written

_stand_ins: dict[str, str] = {}
"""The stand-in of each host. It stays the same, as clients keep the results of look-ups."""


def stand_in(host: str) -> str:
    """Return the stand-in of a mocked host."""
    number = len(_stand_ins) + 1
    return _stand_ins.setdefault(host, f"127.66.{number >> 8}.{number & 255}")


def mocking(host: object) -> Interception | None:
    """Return the intercept that mocks a host, given by its name or its stand-in; None if there is none.

    It is one of the calling thread's, or else any: no thread may call the real API during a test that mocks it.
    """
    name = written(host)
    for intercept in (*owners.current(), *owners.active):
        if intercept.mocks and name in (intercept.host, stand_in(intercept.host)):
            return intercept
    return None


def name_to_look_up(host: Any, port: object = None) -> Any:
    """Return what to look up in place of a host: the stand-in of a mocked one. Raises HostRefused."""
    __tracebackhide__ = True
    if not owners.active or host is None:
        return host
    if (intercept := mocking(host)) is not None:
        return stand_in(intercept.host)
    check(host, port)
    return host


def address_to_use(address: Any, *, datagram: bool = False) -> Any:
    """Return the address to connect to in place of an address: the mock's for a stand-in. Raises HostRefused."""
    __tracebackhide__ = True
    if not owners.active or not isinstance(address, tuple) or len(address) < 2:
        return address
    if not datagram and (intercept := mocking(address[0])) is not None:
        return intercept.address(address[1])
    check(*address[:2])
    return address


def check(host: Any, port: object = None) -> None:
    """Raise HostRefused if the calling thread belongs to an intercept that doesn't allow this host."""
    __tracebackhide__ = True
    intercepts = owners.current()
    if not intercepts:
        return
    name = written(host)
    allowed = {one for intercept in intercepts for one in intercept.allowed}
    if name in allowed or any(name in intercept.looked_up for intercept in intercepts):
        return
    variable = _proxy_variable(name, port)
    if variable is None and is_own(name):
        return
    raise HostRefused(_message(name, port, variable, intercepts))


def note_found(addresses: Iterable[object]) -> None:
    """Let the calling thread connect to addresses that a look-up of an allowed host has returned."""
    names = {written(address) for address in addresses}
    others = {name for name in names if not is_own(name)}  # a proxy on this machine is refused after a look-up too
    for intercept in owners.current():
        intercept.looked_up |= others


def _proxy_variable(name: str, port: object) -> str | None:
    """Return the variable that names a proxy at this place; None if there is none. A look-up may have no port."""
    own = is_own(name)
    for variable, (host, its_port) in proxies().items():
        if str(port) == str(its_port) and (is_own(host) if own else name == host):
            return variable
        if not own and name == host and port in (None, 0, ""):
            return variable
    return None


def _message(name: str, port: object, variable: str | None, intercepts: Sequence[Interception]) -> str:
    known = sorted({one.host for one in intercepts if one.mocks} | {name for one in intercepts for name in one.allowed})
    place = name if port in (None, 0, "") else f"{name}:{port}"
    if variable is not None:
        return (
            f"intercept() refused a call{caller()} to {place}, the proxy in {variable}: the client was made before the"
            f" mock, or ignores NO_PROXY. Make it in the test, or remove {variable}."
            f" To let the proxy through: intercept(allow=[{name!r}])."
        )
    return (
        f"intercept() refused a call{caller()} to {place}. Allowed hosts: {', '.join(known)}.{hint(name, known)}"
        " To let a host through: intercept(allow=[…])."
    )
