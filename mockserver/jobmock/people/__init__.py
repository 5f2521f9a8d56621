"""Synthetic people from a seed, independent of any API.

`person(seed, number)` returns the same record on every machine and in every release: its facts come from a SHAKE-256
digest of the two numbers, never from a library's random generator, and don't depend on the number of people. New facts
are chosen after the old ones. Nobody is real: slugs begin with `example-`, pictures are under `.invalid`.
"""

from .generator import Choices, build_person, person, profile_id, slugify
from .records import AS_OF, LAST_MONTH, Job, Organisation, Person, Place, Post, Study

__all__ = [
    "AS_OF",
    "LAST_MONTH",
    "Choices",
    "Job",
    "Organisation",
    "Person",
    "Place",
    "Post",
    "Study",
    "build_person",
    "person",
    "profile_id",
    "slugify",
]
