"""People are invented, consistent, and the same for ever."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from tests.support import examples

from jobmock.people import AS_OF, LAST_MONTH, Choices, Person, build_person, person, profile_id, slugify

PEOPLE = [person(seed, number) for seed in (1, 7) for number in range(500)]
OPTIONAL = (
    "posts", "studies", "interests", "liked_posts", "recommendation", "picture", "email", "certifications", "honors",
)  # fmt: skip
RARE = ("memberships", "papers", "patents", "projects", "repositories")


def named(fact: Any) -> Any:
    """Return a fact with every record in it as a dictionary."""
    if hasattr(fact, "_asdict"):
        return {name: named(value) for name, value in fact._asdict().items()}
    return [named(entry) for entry in fact] if isinstance(fact, tuple) else fact


@pytest.mark.parametrize(
    ("seed", "digest"),
    [
        (1, "4f8fe440e8db5985941bef42ac9e7415fe100cd2593b5e3e99aacb0a39c2dcc4"),
        (7, "6e9958d696e96402e6231763ac7596d24a65241ef3564367283c0854a10450f4"),
    ],
)
def test_stable(seed: int, digest: str) -> None:
    """The first hundred people of a seed are the same on every machine and in every release."""
    facts = [named(person(seed, number)) for number in range(100)]
    assert sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest() == digest


def test_profile_ids_stable() -> None:
    """A profile id never changes and is `prf_` with twelve hex digits."""
    assert [profile_id(1, 0), profile_id(1, 1), profile_id(7, 0)] == [
        "prf_984493168f4d",
        "prf_4ba5cfebf61d",
        "prf_4d997f97390e",
    ]
    assert re.fullmatch("prf_[0-9a-f]{12}", profile_id(1, 2))


def test_independent_of_count() -> None:
    """A person doesn't depend on how many others are asked for, nor on their order."""
    forwards = [person(3, number) for number in range(50)]
    backwards = [person(3, number) for number in reversed(range(50))]
    assert forwards == backwards[::-1]
    assert person(3, 49) == forwards[49]


def test_seed_and_number_are_kept_apart() -> None:
    """Seed 1, number 12 isn't seed 11, number 2."""
    assert person(1, 12) != person(11, 2)
    assert profile_id(1, 12) != profile_id(11, 2)


@pytest.mark.parametrize("seed", [0, 1, -5, 2**70])
def test_unique_within_a_seed(seed: int) -> None:
    """Thousands of people of any seed have as many slugs, ids and profile ids."""
    count = examples(10_000)
    people = [person(seed, number) for number in range(count)]
    assert len({one.slug for one in people}) == count
    assert len({one.digits for one in people}) == count
    assert len({profile_id(seed, number) for number in range(count)}) == count


def test_slugs_unique_over_seeds() -> None:
    """No two seeds share a slug."""
    assert len({person(seed, number).slug for seed in range(-5, 20) for number in range(200)}) == 25 * 200


def test_slugs_and_ids_are_well_formed() -> None:
    """Slugs are example slugs in plain ASCII, and ids are nine digits."""
    for one in PEOPLE:
        assert re.fullmatch(r"example-[a-z]+(-[a-z]+)+-[17]-\d+", one.slug)
        assert re.fullmatch(r"[1-9]\d{8}", one.digits)
        for organisation in (*(job.company for job in one.jobs), *(study.school for study in one.studies)):
            assert re.fullmatch(r"example-[a-z-]+", organisation.slug)
            assert organisation.host == f"{organisation.slug}.invalid"
            assert "Example" in organisation.name


@pytest.mark.parametrize("fact", OPTIONAL)
def test_optional_facts(fact: str) -> None:
    """What may be unknown is known of some of the first fifty people and unknown of others."""
    assert len({bool(getattr(person(1, number), fact)) for number in range(50)}) == 2


@pytest.mark.parametrize("fact", RARE)
def test_rare_facts(fact: str) -> None:
    """What few people have is known of some of the first thousand and unknown of others."""
    assert len({bool(getattr(one, fact)) for one in PEOPLE}) == 2


@pytest.mark.parametrize("fact", ["working", "decision_maker", "verified"])
def test_both_answers(fact: str) -> None:
    """Every yes-or-no fact is true of somebody and false of somebody."""
    assert {getattr(one, fact) for one in PEOPLE} == {True, False}


def test_how_many() -> None:
    """People have one to four jobs, none to two studies, none to three posts, and all of these counts occur."""
    assert {len(one.jobs) for one in PEOPLE} == {1, 2, 3, 4}
    assert {len(one.studies) for one in PEOPLE} == {0, 1, 2}
    assert {len(one.posts) for one in PEOPLE} == {0, 1, 2, 3}


def test_jobs_in_order() -> None:
    """Jobs are newest first, don't overlap, and only the newest may last."""
    for one in PEOPLE:
        assert one.working == (one.jobs[0].end is None)
        assert one.months == sum(job.months for job in one.jobs) > 0
        later = LAST_MONTH + 1
        for row, job in enumerate(one.jobs):
            assert row == 0 or job.end is not None
            last = LAST_MONTH if job.end is None else job.end
            assert job.start <= last < later
            later = job.start


def test_studies_in_order() -> None:
    """Studies are newest first and end before the first job begins."""
    for one in PEOPLE:
        later = one.jobs[-1].start
        for study in one.studies:
            assert study.start < study.end < later
            later = study.start


def test_nobody_started_as_a_child() -> None:
    """Even the longest life fits between 1970 and the day people are described at."""
    first_months = [(one.studies or one.jobs)[-1].start for one in PEOPLE]
    assert min(first_months) > 1970 * 12


def test_posts_in_order() -> None:
    """Posts are newest first and older than the day people are described at."""
    for one in PEOPLE:
        moments = [AS_OF, *(post.moment for post in one.posts)]
        assert moments == sorted(set(moments), reverse=True)
        assert one.post_count >= len(one.posts)


def test_texts_agree() -> None:
    """Headline and summary name the newest job, and a recommendation the person."""
    for one in PEOPLE:
        role = f"{one.jobs[0].title} at {one.jobs[0].company.name}"
        assert one.headline == (role if one.working else f"Formerly {role}")
        assert one.summary.startswith(one.headline)
        assert one.recommendation is None or one.recommendation.startswith(one.first_name)
        assert (one.recommendation is None) == (one.recommendation_count == 0)


def test_no_repeats() -> None:
    """Nobody has a skill, an interest or a language twice."""
    for one in PEOPLE:
        for names in (one.skills, one.interests, one.languages):
            assert len(names) == len(set(names))
        assert 4 <= len(one.skills) <= 8


def test_counts() -> None:
    """No count is negative, and a post's reactions are at least those of the five kinds."""
    for one in PEOPLE:
        assert min(one.connections, one.followers, one.post_count, one.recommendation_count) >= 0
        assert one.salary > 0
        for post in one.posts:
            kinds = (post.likes, post.appreciations, post.empathies, post.interests, post.praises)
            assert min(*kinds, post.comments, post.reposts) >= 0
            assert post.reactions >= sum(kinds)


def test_no_real_host() -> None:
    """No address in anybody's facts leads to a real host."""
    hosts = re.findall(r"(?:https?://|@)([^/\"\s]+)", json.dumps([named(one) for one in PEOPLE]))
    assert hosts
    assert all(host.endswith(".invalid") for host in hosts)


def test_names_beyond_ascii() -> None:
    """Some names need more than ASCII, as clients must expect."""
    assert any(not one.name.isascii() for one in PEOPLE)


def test_frozen() -> None:
    """A person can't be changed."""
    with pytest.raises(AttributeError):
        person(1, 0).slug = "example-else"  # type: ignore[misc]


def test_draw_lasts() -> None:
    """The digest is long enough for the person with the most facts, and a draw beyond its end is an error."""

    class Counted(Choices):
        taken = 0

        def below(self, bound: int) -> int:
            self.taken += 1
            return super().below(bound)

        def pick(self, table: Sequence[Any]) -> Any:
            self.taken += 1
            return super().pick(table)

    draws = [Counted(5, number) for number in range(2_000)]
    people: list[Person] = [build_person(draw, 5, number) for number, draw in enumerate(draws)]
    assert people[9] == person(5, 9)
    assert max(draw.taken for draw in draws) < Choices.WORDS - 4
    left = Choices.WORDS - draws[0].taken
    assert len([draws[0].below(2) for _ in range(left)]) == left
    with pytest.raises(StopIteration):
        draws[0].below(2)


def test_draw_is_even() -> None:
    """Every entry of a table is picked about as often as any other."""
    picks = [Choices(1, number).pick("abcd") for number in range(4_000)]
    assert all(900 < picks.count(letter) < 1_100 for letter in "abcd")


@pytest.mark.parametrize(
    ("text", "slug"),
    [("Chloé", "chloe"), ("Ayşe", "ayse"), ("Example & Daughters", "example-daughters"), (" A/B ", "a-b")],
)
def test_slugged(text: str, slug: str) -> None:
    """A slug keeps ASCII letters and digits, without accents, and joins the rest by single hyphens."""
    assert slugify(text) == slug
