"""What the system reports about one end of a TCP connection: how many bytes it has received and sent. Linux only."""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any, NamedTuple

try:
    from fcntl import ioctl
    from termios import FIONREAD

    _REPORTS_BYTES = sys.platform == "linux"
except ImportError:
    _REPORTS_BYTES = False
_LENGTH = 216
_TCP_INFO = struct.Struct("=B 127x Q 8x I 52x QQ")
"""The fields of `struct tcp_info`: state, bytes_received, notsent_bytes, bytes_sent, bytes_retrans."""
CONNECTING = (2, 3)
"""TCP_SYN_SENT and TCP_SYN_RECV."""
OPEN = (1, 4, 5)
"""TCP_ESTABLISHED, TCP_FIN_WAIT1 and TCP_FIN_WAIT2: this end doesn't know yet whether the other end is closed."""


class TcpInfo(NamedTuple):
    """The state of one end, and its bytes."""

    state: int
    received: int
    sent: int
    """The number of bytes written, including those held back."""


def tcp_info(end: Any) -> TcpInfo | None:
    """Return what the system reports about a socket; None if it is closed or the system reports too little."""
    if not _REPORTS_BYTES:
        return None
    try:
        info = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LENGTH)
    except OSError:
        return None
    if len(info) < _LENGTH:
        return None
    state, received, held_back, went_out, repeated = _TCP_INFO.unpack(info)
    return TcpInfo(state, received, went_out - repeated + held_back)


def bytes_sent_and_read(end: Any) -> tuple[int | None, int | None]:
    """Return how many bytes were written on a socket, and read from it; None if the system doesn't count them."""
    info = tcp_info(end)
    while info is not None:
        unread = ioctl(end.fileno(), FIONREAD, bytes(4))
        before, info = info, tcp_info(end)
        if info == before:  # no data came between the two counts
            return info.sent, info.received - int.from_bytes(unread, sys.byteorder)
    return None, None
