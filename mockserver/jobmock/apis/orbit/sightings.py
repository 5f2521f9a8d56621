"""Where Orbit's documents and samples show what the rules of the etiquette are about."""

from __future__ import annotations

SIGHTINGS = {
    "polled-too-fast": "schemas/orbit/README.md#5 suggests some seconds",
    "polls-after-refusal": "Orbit's own samples don't look at a 404",
    "error-as-result": "Orbit's own samples",
    "partial-as-whole": "`sections_ready`, schemas/orbit/README.md#5",
    "min_interval": "schemas/orbit/README.md#5",
    "deadline": "schemas/orbit/README.md#11.37",
    "refusals": "the bundled scenario orbit/found-late",
}
