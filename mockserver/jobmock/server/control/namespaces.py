"""Finds the namespace on which a control call acts."""

from __future__ import annotations

from collections.abc import Iterator

from ... import apis
from ...dialect.answers import Refused
from ...dialect.api import Api
from ...engine.headers import bearer, is_key
from ...engine.namespace import Namespace
from ...service.service import Service
from .fields import Problem


def namespace_of(service: Service, header: str | None) -> Namespace | None:
    """Return the namespace of a call with this Authorization, which is opened if it is new; None without a key."""
    if header is None:
        return None
    api, token = next(_keys_in(header.encode("latin-1")), (None, ""))
    if api is None:
        raise Problem(400, f"No API has such a key. Prefixes: {', '.join(api.prefix for api in apis.all_apis())}.")
    try:
        return service.namespace(api, api.authorize(api.credential.value(token), None))
    except Refused as refused:
        if token in api.reserved:
            raise Problem(400, f"This key is reserved ({api.reserved[token]}) and opens no namespace.") from None
        raise Problem(400, refused.text or api.errors[refused.name][1]) from None


def _keys_in(header: bytes) -> Iterator[tuple[Api, str]]:
    """Yield the API and the key of an Authorization header: a bearer token, or as the API's own clients send it."""
    for api in apis.all_apis():
        own = api.credential.key_in(header) if api.credential.header == b"authorization" else None
        for key in (bearer(header), own):
            if key and is_key(key, api.prefix):
                yield api, key
