"""Sends calls to the real API's host to the mock, and refuses calls to other hosts, below all libraries.

It is for a client whose code names the real host. Whichever library a client uses, names are looked up, connections are
made and TLS is begun in Python's own modules `socket` and `ssl`. So the functions are replaced there.
"""

from __future__ import annotations

from typing import ClassVar

from jobmock.virtual import current_participant

from . import owners
from .errors import HostRefused
from .interception import Interception, Target
from .net import Net

__all__ = ["HostRefused", "Intercept", "Target"]

_net = Net()


class Intercept(Interception):
    """Sends calls to the host of one API to its mock, within a `with` block. Several can be active together."""

    active: ClassVar[list[Interception]] = owners.active

    def __enter__(self) -> Intercept:
        if self not in self.active:
            me = current_participant()
            self.scheduler = me.scheduler if me is not None else None
            owners.add(self)
            _net.enter()
        return self

    def __exit__(self, *error: object) -> None:
        if self in self.active:
            owners.remove(self)
            _net.leave()
