"""HTTP/1.1 by h11, which itself ignores an offer to upgrade the protocol."""

from __future__ import annotations

from uvicorn.protocols.http.h11_impl import H11Protocol

from .server_log import OwnLog


class Protocol(OwnLog, H11Protocol):
    """uvicorn's protocol. It logs no warning about an offer to upgrade."""

    def _unsupported_upgrade_warning(self) -> None:
        pass
