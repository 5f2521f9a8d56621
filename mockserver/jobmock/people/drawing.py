"""How a person's facts are drawn: one after another, from a digest of the seed and the number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from hashlib import shake_256
from struct import Struct
from typing import Final, NamedTuple, TypeVar

from . import words
from .facts import AS_OF, LAST_MONTH, Job, Organisation, Person, Place, Post, Study

T = TypeVar("T")

_HOUR = 3_600
_LUCK = 2**31  # a draw below this is used more than once, by divisors without a common factor
_JUNE, _SEPTEMBER = 5, 8
_UNPACK = Struct(">68I").unpack


class Draw:
    """Choices made one after another, each from the next 32 bits of a digest. It raises StopIteration when used up."""

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


def slugged(text: str) -> str:
    """Return a text as lower-case ASCII letters and digits with single hyphens, as addresses use it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")


def _organisation(number: int, name: str) -> Organisation:
    slug = f"example-{slugged(name).removeprefix('example-')}"
    return Organisation(number=number, name=name, slug=slug, host=f"{slug}.invalid", listed=number % 8 != 0)


_FIRST_NAMES = tuple((name, slugged(name)) for name in words.FIRST_NAMES)
_LAST_NAMES = tuple((name, slugged(name)) for name in words.LAST_NAMES)
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
        news=tuple((f"{opening} {topic}.", slugged(topic)) for topic in topics for opening in words.POST_OPENINGS),
    )
    for department, titles, skills, fields, topics in words.PROFESSIONS
)


def person(seed: int, number: int) -> Person:
    """Return person `number` (>= 0) of a seed."""
    return drawn(Draw(seed, number), seed, number)


def profile_id(seed: int, number: int) -> str:
    """Return a profile id, `prf_` and twelve hex digits, for person `number` of a seed (apis/orbit §4.5)."""
    return "prf_" + shake_256(b"%d:%d:profile" % (seed, number)).hexdigest(6)


def drawn(draw: Draw, seed: int, number: int) -> Person:
    """Return the person that a row of choices describes."""
    first_name, first_slug = draw.pick(_FIRST_NAMES)
    last_name, last_slug = draw.pick(_LAST_NAMES)
    slug = f"example-{first_slug}-{last_slug}-{seed}-{number}"
    place, profession = draw.pick(_PLACES), draw.pick(_PROFESSIONS)
    jobs, level = _jobs(draw, profession, place)
    headline = _headline(jobs[0])
    skills = _run(draw, profession.skills, 4 + draw.below(5))
    posts = _posts(draw, profession, jobs[0].company)
    topic = draw.pick(profession.topics)
    luck, recommended = draw.below(_LUCK), draw.below(3)
    return Person(
        digits=_digits(seed, number),
        first_name=first_name,
        last_name=last_name,
        slug=slug,
        place=place,
        headline=headline,
        summary=_summary(headline, jobs, f"{draw.pick(words.CLOSINGS)} {skills[0]} and {topic}."),
        jobs=jobs,
        studies=_studies(draw, profession, jobs[-1].start),
        skills=skills,
        interests=_run(draw, words.INTERESTS, draw.below(4)),
        languages=("English",) if place.language == "English" else (place.language, "English"),
        decision_maker=level >= 2,
        salary=1_000 * (words.LEVELS[level][1] + draw.below(40)),
        connections=draw.below(2_000),
        followers=draw.below(12_000),
        post_count=len(posts) + draw.below(30),
        posts=posts,
        liked_posts=f"{draw.pick(words.LIKED_OPENINGS)} {topic}." if draw.below(3) else None,
        recommendation=f"{first_name} {draw.pick(words.PRAISES)} {skills[1]}." if recommended else None,
        recommendation_count=1 + draw.below(9) if recommended else 0,
        picture=f"https://pictures.invalid/{slug}.jpg" if draw.below(4) else None,
        email=None if luck % 2 else f"{first_slug}.{last_slug}@mail.invalid",
        verified=luck % 5 == 0,
        certifications=() if luck % 3 else (f"Example Certificate in {skills[2]}",),
        honors=() if luck % 7 else (f"Example Prize for {skills[0]}",),
        memberships=() if luck % 11 else (f"Example Society for {skills[1]}",),
        papers=() if luck % 13 else (f"On {topic}: a field study",),
        patents=() if luck % 17 else (f"Method and apparatus for {topic}",),
        projects=() if luck % 19 else (f"A handbook of {topic}",),
        repositories=() if luck % 23 else (f"example-{slugged(topic)}",),
    )


def _digits(seed: int, number: int) -> str:
    # The step shares no factor with the range, so that a seed's numbers meet again only after 900 million people.
    return str(100_000_000 + (seed * 104_729_017 + number * 611_953_001) % 900_000_000)


def _run(draw: Draw, table: tuple[str, ...], length: int) -> tuple[str, ...]:
    """Return some neighbours of a table that is taken as a ring, hence without repeats."""
    first = draw.below(len(table))
    return table[first : first + length] + table[: max(first + length - len(table), 0)]


def _jobs(draw: Draw, profession: _Profession, home: Place) -> tuple[tuple[Job, ...], int]:
    """Return one to four jobs, newest first, and the level reached in the newest."""
    count = 1 + draw.below(4)
    level = min(draw.below(count + 1), len(words.LEVELS) - 1)
    last = LAST_MONTH if draw.below(5) else LAST_MONTH - 1 - draw.below(18)
    jobs = []
    for row in range(count):
        luck = draw.below(_LUCK)
        jobs.append(_job(draw, profession, max(level - row, 0), home, last, luck))
        last = jobs[row].start - 1 - luck % 4
    return tuple(jobs), level


def _job(draw: Draw, profession: _Profession, level: int, home: Place, last: int, luck: int) -> Job:
    return Job(
        title=profession.titles[level],
        department=profession.department,
        level=words.LEVELS[level][0],
        company=draw.pick(_COMPANIES),
        place=home if luck % 5 else draw.pick(_PLACES),
        description=draw.pick(profession.duties),
        start=last - 3 - luck % 67,
        end=None if last == LAST_MONTH else last,
        detailed=luck % 3 > 0,
    )


def _studies(draw: Draw, profession: _Profession, before: int) -> tuple[Study, ...]:
    """Return up to two courses of study, newest first, that end in a June before month `before`."""
    end = (before - _JUNE - 1) // 12 * 12 + _JUNE
    studies = []
    for degrees in _DEGREES_OF[draw.below(len(_DEGREES_OF))]:
        degree, years = draw.pick(degrees)
        studies.append(
            Study(
                degree=degree,
                field=draw.pick(profession.fields),
                school=draw.pick(_SCHOOLS),
                start=end - 12 * years + _SEPTEMBER - _JUNE,
                end=end,
                note=None if draw.below(4) else "Student council, debating club",
            )
        )
        end -= 12 * years
    return tuple(studies)


# None, one or two, and of what kind; a first degree alone is the usual case.
_DEGREES_OF = ((), (words.DEGREES,), (words.DEGREES,), (words.HIGHER_DEGREES, words.DEGREES))


_POST_COUNTS = (0, 0, 1, 1, 1, 2, 3)


def _posts(draw: Draw, profession: _Profession, company: Organisation) -> tuple[Post, ...]:
    posts: list[Post] = []
    moment = AS_OF
    for _ in range(draw.pick(_POST_COUNTS)):
        moment -= _HOUR + draw.below(4_000 * _HOUR)
        posts.append(_post(draw, profession, company, moment))
    return tuple(posts)


def _post(draw: Draw, profession: _Profession, company: Organisation, moment: int) -> Post:
    text, topic = draw.pick(profession.news)
    luck = draw.below(_LUCK)
    likes, rest = luck % 401, luck % 61
    return Post(
        text=text,
        topic=topic,
        number=7_000_000_000_000 + luck,
        moment=moment,
        reactions=likes + 2 * rest,
        likes=likes,
        appreciations=rest // 2,
        empathies=rest // 3,
        interests=rest // 4,
        praises=rest // 6,
        comments=luck % 50,
        reposts=luck % 23,
        reposted=luck % 7 == 0,
        sponsored=luck % 19 == 0,
        company=company if company.listed and luck % 3 else None,
    )


def _headline(job: Job) -> str:
    role = f"{job.title} at {job.company.name}"
    return role if job.end is None else f"Formerly {role}"


def _summary(headline: str, jobs: tuple[Job, ...], closing: str) -> str:
    before = " and ".join([job.company.name for job in jobs[1:3]])
    return f"{headline}. Previously at {before}. {closing}" if before else f"{headline}. {closing}"
