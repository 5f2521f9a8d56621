"""Seeded, synthetic people, described in no API's words.

`person(seed, number)` is the same record on every machine and in every release: its facts are read from a SHAKE-256
digest of the two numbers, never from a library's random generator, and don't depend on how many people are asked for.
New facts are drawn after the old ones. Nobody is real: slugs begin with `example-`, pictures lie under `.invalid`.
"""

from .drawing import Draw, drawn, person, profile_id, slugged
from .facts import AS_OF, LAST_MONTH, Job, Organisation, Person, Place, Post, Study

__all__ = [
    "AS_OF",
    "LAST_MONTH",
    "Draw",
    "Job",
    "Organisation",
    "Person",
    "Place",
    "Post",
    "Study",
    "drawn",
    "person",
    "profile_id",
    "slugged",
]
