"""Generates people: the facts of each are chosen one after another, from a digest of its seed and number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from hashlib import shake_256
from struct import Struct
from typing import Final, NamedTuple, TypeVar

from . import words
from .records import AS_OF, LAST_MONTH, Job, Organisation, Person, Place, Post, Study

T = TypeVar("T")

_HOUR = 3_600
_BITS_BOUND = 2**31  # a choice below this decides several facts, by divisors without a common factor
_JUNE, _SEPTEMBER = 5, 8
_UNPACK = Struct(">68I").unpack


class Choices:
    """Makes choices, each from the next 32 bits of a digest. Raises StopIteration when all bits are used."""

    __slots__ = ("_next",)

    WORDS: Final = 68  # the person with the most facts takes fewer; as many as two blocks of the digest hold

    def __init__(self, seed: int, number: int) -> None:
        digest = shake_256(b"%d:%d" % (seed, number)).digest(4 * self.WORDS)
        self._next: Callable[[], int] = iter(_UNPACK(digest)).__next__

    def below(self, bound: int) -> int:
        """Return a number from 0 to `bound` - 1; `bound` is far smaller than 2**32, or a power of two."""
        return self._next() % bound

    def pick(self, table: Sequence[T]) -> T:
        """Return one of a table's entries."""
        return table[self._next() % len(table)]


class _Profession(NamedTuple):
    department: str
    titles: tuple[str, ...]
    skills: tuple[str, ...]
    fields: tuple[str, ...]
    topics: tuple[str, ...]
    duties: tuple[str, ...]
    news: tuple[tuple[str, str], ...]  # a post's text and its topic


def slugify(text: str) -> str:
    """Return a text as lower-case ASCII letters and digits with single hyphens, as in URLs."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")


def _organisation(number: int, name: str) -> Organisation:
    slug = f"example-{slugify(name).removeprefix('example-')}"
    return Organisation(number=number, name=name, slug=slug, host=f"{slug}.invalid", listed=number % 8 != 0)


_FIRST_NAMES = tuple((name, slugify(name)) for name in words.FIRST_NAMES)
_LAST_NAMES = tuple((name, slugify(name)) for name in words.LAST_NAMES)
_PLACES = tuple(Place(*row) for row in words.PLACES)
_COMPANIES = tuple(_organisation(900_001 + row, name) for row, name in enumerate(words.COMPANIES))
_SCHOOLS = tuple(_organisation(800_001 + row, name) for row, name in enumerate(words.SCHOOLS))
_PROFESSIONS = tuple(
    _Profession(
        department=department,
        titles=titles,
        skills=skills,
        fields=fields,
        topics=topics,
        duties=tuple(f"{opening} {topic}" for topic in topics for opening in words.DUTIES),
        news=tuple((f"{opening} {topic}.", slugify(topic)) for topic in topics for opening in words.POST_OPENINGS),
    )
    for department, titles, skills, fields, topics in words.PROFESSIONS
)


def person(seed: int, number: int) -> Person:
    """Return person `number` (>= 0) of a seed."""
    return build_person(Choices(seed, number), seed, number)


def profile_id(seed: int, number: int) -> str:
    """Return a profile id, `prf_` and twelve hex digits, for person `number` of a seed.

    Source: schemas/orbit/README.md#4.5.
    """
    return "prf_" + shake_256(b"%d:%d:profile" % (seed, number)).hexdigest(6)


def build_person(choices: Choices, seed: int, number: int) -> Person:
    """Return the person that a sequence of choices describes."""
    first_name, first_slug = choices.pick(_FIRST_NAMES)
    last_name, last_slug = choices.pick(_LAST_NAMES)
    slug = f"example-{first_slug}-{last_slug}-{seed}-{number}"
    place, profession = choices.pick(_PLACES), choices.pick(_PROFESSIONS)
    jobs, level = _jobs(choices, profession, place)
    headline = _headline(jobs[0])
    skills = _neighbours(choices, profession.skills, 4 + choices.below(5))
    posts = _posts(choices, profession, jobs[0].company)
    topic = choices.pick(profession.topics)
    bits, recommended = choices.below(_BITS_BOUND), choices.below(3)
    return Person(
        digits=_digits(seed, number),
        first_name=first_name,
        last_name=last_name,
        slug=slug,
        place=place,
        headline=headline,
        summary=_summary(headline, jobs, f"{choices.pick(words.CLOSINGS)} {skills[0]} and {topic}."),
        jobs=jobs,
        studies=_studies(choices, profession, jobs[-1].start),
        skills=skills,
        interests=_neighbours(choices, words.INTERESTS, choices.below(4)),
        languages=("English",) if place.language == "English" else (place.language, "English"),
        decision_maker=level >= 2,
        salary=1_000 * (words.LEVELS[level][1] + choices.below(40)),
        connections=choices.below(2_000),
        followers=choices.below(12_000),
        post_count=len(posts) + choices.below(30),
        posts=posts,
        liked_posts=f"{choices.pick(words.LIKED_OPENINGS)} {topic}." if choices.below(3) else None,
        recommendation=f"{first_name} {choices.pick(words.PRAISES)} {skills[1]}." if recommended else None,
        recommendation_count=1 + choices.below(9) if recommended else 0,
        picture=f"https://pictures.invalid/{slug}.jpg" if choices.below(4) else None,
        email=None if bits % 2 else f"{first_slug}.{last_slug}@mail.invalid",
        verified=bits % 5 == 0,
        certifications=() if bits % 3 else (f"Example Certificate in {skills[2]}",),
        honors=() if bits % 7 else (f"Example Prize for {skills[0]}",),
        memberships=() if bits % 11 else (f"Example Society for {skills[1]}",),
        papers=() if bits % 13 else (f"On {topic}: a field study",),
        patents=() if bits % 17 else (f"Method and apparatus for {topic}",),
        projects=() if bits % 19 else (f"A handbook of {topic}",),
        repositories=() if bits % 23 else (f"example-{slugify(topic)}",),
    )


def _digits(seed: int, number: int) -> str:
    # The step shares no factor with the range, so a seed's numbers repeat only after 900 million people.
    return str(100_000_000 + (seed * 104_729_017 + number * 611_953_001) % 900_000_000)


def _neighbours(choices: Choices, table: tuple[str, ...], length: int) -> tuple[str, ...]:
    """Return neighbouring entries of a table that is used as a ring, so without repeats."""
    first = choices.below(len(table))
    return table[first : first + length] + table[: max(first + length - len(table), 0)]


def _jobs(choices: Choices, profession: _Profession, home: Place) -> tuple[tuple[Job, ...], int]:
    """Return one to four jobs, newest first, and the level of the newest."""
    count = 1 + choices.below(4)
    level = min(choices.below(count + 1), len(words.LEVELS) - 1)
    last = LAST_MONTH if choices.below(5) else LAST_MONTH - 1 - choices.below(18)
    jobs = []
    for row in range(count):
        bits = choices.below(_BITS_BOUND)
        jobs.append(_job(choices, profession, max(level - row, 0), home, last, bits))
        last = jobs[row].start - 1 - bits % 4
    return tuple(jobs), level


def _job(choices: Choices, profession: _Profession, level: int, home: Place, last: int, bits: int) -> Job:
    return Job(
        title=profession.titles[level],
        department=profession.department,
        level=words.LEVELS[level][0],
        company=choices.pick(_COMPANIES),
        place=home if bits % 5 else choices.pick(_PLACES),
        description=choices.pick(profession.duties),
        start=last - 3 - bits % 67,
        end=None if last == LAST_MONTH else last,
        detailed=bits % 3 > 0,
    )


def _studies(choices: Choices, profession: _Profession, before: int) -> tuple[Study, ...]:
    """Return up to two courses of study, newest first, which end in a June before month `before`."""
    end = (before - _JUNE - 1) // 12 * 12 + _JUNE
    studies = []
    for degrees in _DEGREES_OF[choices.below(len(_DEGREES_OF))]:
        degree, years = choices.pick(degrees)
        studies.append(
            Study(
                degree=degree,
                field=choices.pick(profession.fields),
                school=choices.pick(_SCHOOLS),
                start=end - 12 * years + _SEPTEMBER - _JUNE,
                end=end,
                note=None if choices.below(4) else "Student council, debating club",
            )
        )
        end -= 12 * years
    return tuple(studies)


# None, one or two, and of what kind; a first degree alone is the usual case.
_DEGREES_OF = ((), (words.DEGREES,), (words.DEGREES,), (words.HIGHER_DEGREES, words.DEGREES))


_POST_COUNTS = (0, 0, 1, 1, 1, 2, 3)


def _posts(choices: Choices, profession: _Profession, company: Organisation) -> tuple[Post, ...]:
    posts: list[Post] = []
    moment = AS_OF
    for _ in range(choices.pick(_POST_COUNTS)):
        moment -= _HOUR + choices.below(4_000 * _HOUR)
        posts.append(_post(choices, profession, company, moment))
    return tuple(posts)


def _post(choices: Choices, profession: _Profession, company: Organisation, moment: int) -> Post:
    text, topic = choices.pick(profession.news)
    bits = choices.below(_BITS_BOUND)
    likes, rest = bits % 401, bits % 61
    return Post(
        text=text,
        topic=topic,
        number=7_000_000_000_000 + bits,
        moment=moment,
        reactions=likes + 2 * rest,
        likes=likes,
        appreciations=rest // 2,
        empathies=rest // 3,
        interests=rest // 4,
        praises=rest // 6,
        comments=bits % 50,
        reposts=bits % 23,
        reposted=bits % 7 == 0,
        sponsored=bits % 19 == 0,
        company=company if company.listed and bits % 3 else None,
    )


def _headline(job: Job) -> str:
    role = f"{job.title} at {job.company.name}"
    return role if job.end is None else f"Formerly {role}"


def _summary(headline: str, jobs: tuple[Job, ...], closing: str) -> str:
    before = " and ".join([job.company.name for job in jobs[1:3]])
    return f"{headline}. Previously at {before}. {closing}" if before else f"{headline}. {closing}"
