"""Finds the Python callable that an option `--client MODULE:NAME` names."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from ..errors import UsageError


def imported(name: str) -> Any:
    """Return the callable `module:name`. Modules are found in the working folder, too. Raises UsageError."""
    module, _, attribute = name.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        found: Any = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        expected = "Expected: MODULE:NAME, such as shop.people:poll."
        raise UsageError(f"There is no client {name!r}: {error}. {expected}") from None
    except Exception as error:
        raise UsageError(f"The module of {name!r} can't be imported: {type(error).__name__}: {error}.") from None
    if not callable(found):
        raise UsageError(f"The client {name!r} is {found!r}, which can't be called.")
    return found
