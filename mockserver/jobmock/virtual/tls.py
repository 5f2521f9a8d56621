"""TLS in memory, as event loops have it: what a client asks a server elsewhere through it, and what it is answered.

Each function here stands in for the method of `ssl` of the same name; `real` is that method.
"""

from __future__ import annotations

import ssl
from typing import Any
from weakref import WeakKeyDictionary

from .current import here

_outgoing: WeakKeyDictionary[ssl.SSLObject, ssl.MemoryBIO] = WeakKeyDictionary()
"""Where a client's layer has put what is to go out, until its first message is known."""


def wrap_bio(real: Any, context: ssl.SSLContext, incoming: Any, outgoing: Any, *args: Any, **kwargs: Any) -> Any:
    """Note where a client's layer puts what is to go out."""
    layer = real(context, incoming, outgoing, *args, **kwargs)
    if here() is not None and not layer.server_side:
        _outgoing[layer] = outgoing
    return layer


def do_handshake(real: Any, layer: ssl.SSLObject) -> None:
    """Begin: whose connection this is will be known by the first message."""
    me = here()
    try:
        real(layer)
    except ssl.SSLWantReadError:
        if me is not None and (outgoing := _outgoing.pop(layer, None)) is not None:
            message = outgoing.read()
            outgoing.write(message)
            me.world.pace.other_servers.begins_layer(layer, message)
        raise
    if me is not None:
        me.world.pace.other_servers.layer_hears(layer)


def write(real: Any, layer: ssl.SSLObject, data: Any) -> int:
    """Ask something."""
    if (me := here()) is not None and len(data):
        me.world.pace.other_servers.layer_asks(layer)
    return int(real(layer, data))


def read(real: Any, layer: ssl.SSLObject, *args: Any, **kwargs: Any) -> Any:
    """Be answered, by its end too; what isn't for the reader is no answer."""
    try:
        found = real(layer, *args, **kwargs)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        raise
    except ssl.SSLError:
        _answered(layer)
        raise
    _answered(layer)
    return found


def unwrap(real: Any, layer: ssl.SSLObject) -> Any:
    """Ask for the end, which the other side confirms."""
    if (me := here()) is not None:
        me.world.pace.other_servers.layer_asks(layer)
    return read(real, layer)


def _answered(layer: ssl.SSLObject) -> None:
    if (me := here()) is not None:
        me.world.pace.other_servers.layer_hears(layer)


METHODS = (
    (ssl.SSLContext, "wrap_bio", wrap_bio),
    (ssl.SSLObject, "do_handshake", do_handshake),
    (ssl.SSLObject, "write", write),
    (ssl.SSLObject, "read", read),
    (ssl.SSLObject, "unwrap", unwrap),
)
