"""Names of scenarios that may be meant by a wrong one."""

from __future__ import annotations

from collections.abc import Iterable

from .. import apis
from ..errors import nearest


def similar_names(wanted: str, names: Iterable[str]) -> list[str]:
    """Return the names that may be meant: with the same last part, or else with the most similar one.

    If an API is named, or nearly, all are of that API. What names have in common before their last part doesn't make
    them similar.
    """
    place, _, last = wanted.rpartition("/")
    first = place.partition("/")[0]
    api = first if first in apis.names() else nearest(first, apis.names())
    known = {name: name.rpartition("/")[2] for name in names if api is None or name.partition("/")[0] == api}
    meant = last if last in known.values() else nearest(last, known.values())
    return [name for name, end in known.items() if end == meant]


def hint_of_names(wanted: str, names: Iterable[str]) -> str:
    """Return ` Did you mean 'x' or 'y'?` for the similar names; an empty text where there is none."""
    similar = similar_names(wanted, names)
    return f" Did you mean {' or '.join(map(repr, similar))}?" if similar else ""
