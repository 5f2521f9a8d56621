"""Whether an API that isn't installed yet can be told from those that are, and what to change if it can't."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import api_packages
from ..dialect.defaults import usual_prefix
from . import all_apis
from .other_distributions import Signs, clashes, signs_of

_REMEDIES = {
    "host": "change HOST in tables.py",
    "prefix": "choose another name, or give its API another `prefix`",
    "route": "change the paths in OPERATIONS of tables.py",
}


def problems_of(name: str, host: str, paths: Iterable[str]) -> Iterator[str]:
    """Yield why a new API of this name can't be used together with one that is installed, and what to change."""
    new = Signs(host, usual_prefix(name), tuple(paths))
    for api in all_apis():
        package = api_packages.found().usable[api.name]
        first = {clash.kind: clash.text for clash in reversed([*clashes(new, signs_of(api))])}
        for kind, text in reversed(first.items()):
            other = "" if package.is_own else f", or uninstall {package.distribution}"
            pair = f"The APIs {name!r} and {api.name!r} of {package.distribution}"
            yield f"{pair} can't be used together. Both have {text}. To mend that, {_REMEDIES[kind]}{other}."
