"""Makes UUIDs that are the same in each run."""

from __future__ import annotations

from hashlib import blake2b


def unique_id(salt: str) -> str:
    """Return a UUID that depends only on the salt."""
    from uuid import UUID  # imported late, so that a server starts quickly

    return str(UUID(bytes=blake2b(salt.encode(), digest_size=16).digest(), version=4))
