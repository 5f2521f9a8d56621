"""The name of a new API: what it may be, and whether it is free."""

from __future__ import annotations

import keyword
import re

from .. import api_packages
from ..errors import UsageError, short_repr

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 40
ALLOWED = f"lower-case letters, digits and underscores, a letter first, at most {_LONGEST} characters"


def check_name(name: str) -> None:
    """Raise UsageError for a name that no new API can have."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or name.endswith("_"):
        raise UsageError(f"{short_repr(name)} is no name of an API. Allowed: {ALLOWED}, and no underscore last.")
    if keyword.iskeyword(name):
        raise UsageError(f"{name!r} is a word of Python, so no API can have this name. Choose another one.")
    taken = [*api_packages.names(), *api_packages.found().refused]
    if name in taken:
        raise UsageError(f"There is an API {name!r} already. Choose another name than: {', '.join(sorted(taken))}.")
