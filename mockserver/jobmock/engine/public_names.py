"""The public names of namespaces, by which journals, findings and logs say whose a request is. No key is in a name."""

from __future__ import annotations

from hashlib import blake2b
from secrets import token_bytes

FEWEST_DIGITS = 6


class PublicNames:
    """The names of all open namespaces of one server, each with its key.

    A name has the API, a digest of the key, and the scenario that the key names: `clado-3f9a1c--slow`. The digest is
    keyed by a random secret, so nobody can find a key by trying keys out.
    """

    def __init__(self) -> None:
        self._secret = token_bytes(16)
        self._keys: dict[str, str] = {}

    def add(self, api: str, key: str, *, names_scenario: bool) -> str:
        """Return the name of a key whose namespace is opened. It has more digits if another open one has these six."""
        _, dashes, scenario = key.rpartition("--")
        end = f"--{scenario}" if names_scenario and dashes else ""
        digits = self._digits(key)
        names = (f"{api}-{digits[:count]}{end}" for count in range(FEWEST_DIGITS, len(digits) + 1))
        name = next(name for name in names if self._keys.get(name, key) == key)
        self._keys[name] = key
        return name

    def remove(self, name: str) -> None:
        """Forget the name of a namespace that is closed."""
        del self._keys[name]

    def key_of(self, name: str) -> str | None:
        """Return the key of the open namespace with a name, or None."""
        return self._keys.get(name)

    def _digits(self, key: str) -> str:
        return blake2b(key.encode("utf-8", "surrogatepass"), key=self._secret).hexdigest()
