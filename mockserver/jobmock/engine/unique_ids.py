"""Makes UUIDs that are the same in each run. Servers with the same secret can check for which key one was made."""

from __future__ import annotations

from hashlib import blake2b

from ..errors import UsageError

_LENGTH = 36
_KEY_BYTES, _CHECK_BYTES = 3, 5
_VERSION = 4


def unique_id(salt: str) -> str:
    """Return a UUID that depends only on the salt."""
    return _uuid(blake2b(salt.encode(), digest_size=16).digest())


def _uuid(octets: bytes) -> str:
    """Return 16 bytes as a UUID of version 4, which replaces six bits of them."""
    from uuid import UUID  # imported late, so that a server starts quickly

    return str(UUID(bytes=octets, version=_VERSION))


class KeyedIds:
    """Ids that each server with the same secret can check without asking another one.

    An id is a UUID of version 4. Its first eight bytes depend on the salt, as those of `unique_id`. The last three are
    a digest of the key and the first eight. The five between them are a digest of all others, but for two bits that
    belong to the form of a UUID. Both digests are keyed by the secret. So one of 2**38 other ids passes for one that
    was made with it, and one of 2**24 keys for the owner of an id.
    """

    def __init__(self, secret: str) -> None:
        if not secret:
            raise UsageError("--id-secret is empty. Give a text, or leave it out.")
        self._secret = blake2b(secret.encode("utf-8", "surrogateescape")).digest()

    def make(self, salt: str, key: str) -> str:
        """Return an id for a key. It depends only on the salt, the key and the secret."""
        return self._id_of(unique_id(salt)[:18], key)

    def is_of_another_key(self, job_id: str, key: str) -> bool:
        """Return whether an id was made with this secret, and for another key."""
        if len(job_id) != _LENGTH or not job_id.isascii():
            return False
        try:
            owner = bytes.fromhex(job_id[-2 * _KEY_BYTES :])
            start = job_id[:18]
            return self._checked(start, owner) == job_id and self._owner(start, key) != owner
        except ValueError:
            return False

    def _id_of(self, start: str, key: str) -> str:
        return self._checked(start, self._owner(start, key))

    def _owner(self, start: str, key: str) -> bytes:
        """Return the digest of a key, which differs from id to id."""
        text = f"{start}/{key}".encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=_KEY_BYTES, key=self._secret).digest()

    def _checked(self, start: str, owner: bytes) -> str:
        """Return the id that begins with `start` and ends with `owner`. Raises ValueError for another start."""
        head = bytes.fromhex(start.replace("-", ""))
        check = blake2b(head + owner, digest_size=_CHECK_BYTES, key=self._secret).digest()
        return _uuid(head + check + owner)


class UniqueIds:
    """The ids of one key, one after the other. With `keyed`, servers with the same secret know them."""

    def __init__(self, seed: int, key: str, keyed: KeyedIds | None = None) -> None:
        self._seed, self._key, self._keyed, self._count = seed, key, keyed, 0

    def __call__(self, kind: str) -> str:
        """Return a new UUID. It depends only on the seed, the key, the secret, `kind` and the number of earlier ids."""
        self._count += 1
        salt = f"{self._seed}/{self._key}/{kind}/{self._count}"
        return unique_id(salt) if self._keyed is None else self._keyed.make(salt, self._key)

    def reset(self) -> None:
        """Begin with the first id again."""
        self._count = 0
