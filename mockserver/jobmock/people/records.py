"""The records of a person, its jobs, studies and posts; all immutable.

A month is counted as `year * 12 + month - 1`; people are described as they were at `AS_OF`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

AS_OF: Final = 1_767_225_600  # Unix seconds: 2026-01-01T00:00:00Z
LAST_MONTH: Final = 2025 * 12 + 11  # the last full month before AS_OF


class Place(NamedTuple):
    """A city. `short_region`, `iso2` and `iso3` are codes; `regions` go from the continent to the sales region."""

    city: str
    region: str
    short_region: str
    country: str
    iso2: str
    iso3: str
    regions: tuple[str, ...]
    language: str


class Organisation(NamedTuple):
    """A company or a school. `listed` says whether it has a public page; `host` is the host of its web site."""

    number: int
    name: str
    slug: str
    host: str
    listed: bool


class Job(NamedTuple):
    """One job, from its first month to its last; `end` is None while it lasts. `detailed`: the person filled it in."""

    title: str
    department: str
    level: str
    company: Organisation
    place: Place
    description: str
    start: int
    end: int | None
    detailed: bool

    @property
    def months(self) -> int:
        """The duration of the job in months, at least 1."""
        return (LAST_MONTH if self.end is None else self.end) - self.start + 1


class Study(NamedTuple):
    """One course of study, from its first month to its last."""

    degree: str
    field: str
    school: Organisation
    start: int
    end: int
    note: str | None


class Post(NamedTuple):
    """One public post. `moment` is in Unix seconds; `reactions` counts the five kinds and any others.

    `topic` is written as in URLs.
    """

    text: str
    topic: str
    number: int
    moment: int
    reactions: int
    likes: int
    appreciations: int
    empathies: int
    interests: int
    praises: int
    comments: int
    reposts: int
    reposted: bool
    sponsored: bool
    company: Organisation | None


class Person(NamedTuple):
    """Everything that the two APIs may show of a person. Jobs, studies and posts are newest first.

    `digits` and `slug` are unique within a seed. `salary` is in US dollars a year. `posts` are the newest of
    `post_count`. None or an empty tuple is an unknown fact.
    """

    digits: str
    first_name: str
    last_name: str
    slug: str
    place: Place
    headline: str
    summary: str
    jobs: tuple[Job, ...]
    studies: tuple[Study, ...]
    skills: tuple[str, ...]
    interests: tuple[str, ...]
    languages: tuple[str, ...]
    decision_maker: bool
    salary: int
    connections: int
    followers: int
    post_count: int
    posts: tuple[Post, ...]
    liked_posts: str | None
    recommendation: str | None
    recommendation_count: int
    picture: str | None
    email: str | None
    verified: bool
    certifications: tuple[str, ...]
    honors: tuple[str, ...]
    memberships: tuple[str, ...]
    papers: tuple[str, ...]
    patents: tuple[str, ...]
    projects: tuple[str, ...]
    repositories: tuple[str, ...]

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def working(self) -> bool:
        """Whether the newest job still lasts."""
        return self.jobs[0].end is None

    @property
    def months(self) -> int:
        """The duration of all jobs together, in months."""
        return sum([job.months for job in self.jobs])
