"""Finds the namespace on which a control call acts."""

from __future__ import annotations

from ... import apis
from ...dialect.answers import Refused
from ...engine.headers import bearer, is_key
from ...engine.namespace import Namespace
from ...service.service import Service
from .fields import Problem


def namespace_of(service: Service, header: str | None) -> Namespace | None:
    """Return the namespace of a call with this Authorization, which is opened if it is new; None without a key."""
    if header is None:
        return None
    token = bearer(header.encode("latin-1")) or ""
    api = next((api for api in apis.all_apis() if is_key(token, api.prefix)), None)
    if api is None:
        raise Problem(400, f"No API has such a key. Prefixes: {', '.join(api.prefix for api in apis.all_apis())}.")
    try:
        return service.namespace(api, api.authorize(header.encode("latin-1"), None))
    except Refused as refused:
        if token in api.reserved:
            raise Problem(400, f"This key is reserved ({api.reserved[token]}) and opens no namespace.") from None
        raise Problem(400, refused.text or api.errors[refused.name][1]) from None
