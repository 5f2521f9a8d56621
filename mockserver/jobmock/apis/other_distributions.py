"""The APIs of other distributions: imported, checked, and compared with each other and with those of jobmock.

One that can't be used is left out, with the reason in words, and doesn't stop the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from itertools import combinations, product
from typing import Any, NamedTuple

from .. import key_prefixes
from ..api_packages import ApiPackage
from ..dialect.api import Api, Operation
from ..dialect.credentials import Credential
from ..dialect.failures import place_of, sentence_of, shown
from ..dialect.routing import overlaps
from ..dialect.scenario_words import scenario_words
from ..errors import short_repr
from ..redaction import redact

_NEEDED: Mapping[str, type] = {
    "host": str, "prefix": str, "credential": Credential, "operations": tuple, "reserved": Mapping,
    "default_scenarios": Mapping,
}  # fmt: skip
"""The members by which APIs are told apart and listed, with their types. A wrong one would stop the other APIs too."""
_SHORTEST_PREFIX = 3
"""A shorter one can't be found in texts, from which keys are removed by their prefixes."""


class Signs(NamedTuple):
    """What requests and keys of an API are told by."""

    host: str
    prefix: str
    paths: tuple[str, ...]


class Clash(NamedTuple):
    """What two APIs share: `host`, `prefix` or `route`, and in words."""

    kind: str
    text: str


class OtherApis(NamedTuple):
    """The APIs of other distributions that can be used, and why others can't, by their names."""

    usable: Mapping[str, Api]
    problems: Mapping[str, str]


def load_others(packages: Sequence[ApiPackage], own: Iterable[Api]) -> OtherApis:
    """Import these packages. Of two APIs that can't be told apart, those of other distributions are left out."""
    distributions = {package.name: package.distribution for package in packages}
    loaded, problems = {api.name: api for api in own}, dict[str, str]()
    for package in packages:
        try:
            api = loaded[package.name] = _imported(package)
            key_prefixes.add(api.prefix)
        except (Exception, SystemExit) as error:
            place = place_of(package, error)
            where, what = f" at {shown(package, place)}" if place else "", sentence_of(error, place)
            text = f"The API {package.name!r} of {package.distribution} can't be used{where}. {what}"
            problems[package.name] = redact(text)
    for pair in combinations(loaded.values(), 2):
        for clash in clashes(*map(signs_of, pair)):
            one, other = (f"{api.name!r} of {distributions.get(api.name, 'jobmock')}" for api in pair)
            text = f"The APIs {one} and {other} can't be used together. Both have {clash.text}."
            for api in pair:
                if api.name in distributions:
                    problems.setdefault(api.name, text)
    usable = {name: loaded[name] for name in distributions if name not in problems}
    return OtherApis(usable, problems)


def words_of(package: ApiPackage) -> Mapping[str, Any] | None:
    """Return the words of a package's scenarios, made from its tables; None if it can't be imported."""
    try:
        return scenario_words(import_module(package.module).API)
    except (Exception, SystemExit):
        return None


def _imported(package: ApiPackage) -> Api:
    """Return the API of a package.

    Raises whatever its import raises, and TypeError if it has none of its name.
    """
    api = getattr(import_module(package.module), "API", None)
    if not isinstance(api, Api):
        raise TypeError(f"{package.module}.API is no jobmock.dialect.api.Api.")
    if api.name != package.name:
        raise TypeError(f"{package.module}.API has the name {api.name!r}, and the entry point {package.name!r}.")
    for member, kind in _NEEDED.items():
        if not isinstance(value := getattr(api, member), kind):
            raise TypeError(f"{package.module}.API has the {member} {short_repr(value)}. It is a {kind.__name__}.")
    if not all(isinstance(one, Operation) and isinstance(one.path, str) for one in api.operations):
        raise TypeError(f"{package.module}.API has operations that are no Operation, or have a path that is no text.")
    if len(api.prefix) < _SHORTEST_PREFIX:
        raise TypeError(f"Its keys begin with {api.prefix!r}. A prefix has at least {_SHORTEST_PREFIX} characters.")
    return api


def signs_of(api: Api) -> Signs:
    """Return what requests and keys of an API are told by."""
    return Signs(api.host, api.prefix, tuple(operation.path for operation in api.operations))


def clashes(one: Signs, other: Signs) -> Iterator[Clash]:
    """Yield what two APIs share, so that a request or a key may belong to both of them."""
    if one.host == other.host:
        yield Clash("host", f"the host {one.host}")
    if one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix):
        yield Clash("prefix", f"keys that begin with {max(one.prefix, other.prefix, key=len)}")
    for own, its in product(one.paths, other.paths):
        if overlaps(own, its):
            yield Clash("route", f"a route for the same requests: {own} and {its}")
