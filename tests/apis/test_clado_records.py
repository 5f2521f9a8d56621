"""Clado's three record shapes have the documented members and agree with each other and the person."""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
import pytest

from jobmock.apis.clado import serialized_people
from jobmock.apis.clado.documented_record import NO_END, shape_a
from jobmock.apis.clado.legacy_record import legacy_record
from jobmock.apis.clado.modern_record import modern_record
from jobmock.apis.clado.record_values import Record
from jobmock.apis.clado.serialized_people import BLOCK, people, people_part
from jobmock.people import AS_OF, Person, person

SHAPES: dict[str, Callable[[Person], Record]] = {"a": shape_a, "b": legacy_record, "modern": modern_record}
PEOPLE = [person(seed, number) for seed in (1, 7) for number in range(250)]

# schemas/clado/README.md#4.6, in the order of the documents' sample.
PROFILE = (
    "id", "name", "location", "location_country", "location_regions", "headline", "description", "linkedin_url",
    "picture_permalink", "connections_count", "followers_count", "is_working", "is_decision_maker",
    "total_experience_duration_months", "projected_total_salary", "post_count", "posts", "liked_posts",
    "recommendations", "recommendations_count", "skills",
)  # fmt: skip
EXPERIENCE = ("title", "company_name", "start_date", "end_date", "description", "location")
EDUCATION = ("degree", "field_of_study", "school_name", "start_date", "end_date")
POST = (
    "text", "totalReactionCount", "likeCount", "appreciationCount", "empathyCount", "InterestCount", "praiseCount",
    "commentsCount", "repostsCount", "postUrl", "postedAt", "postedDate", "postedDateTimestamp", "reposted", "urn",
    "author", "mentions", "companyMentions", "isBrandPartnership",
)  # fmt: skip
AUTHOR = ("firstName", "lastName", "username", "url")
MENTION = ("id", "name", "publicIdentifier", "url")
OPTIONAL = ("picture_permalink", "posts", "liked_posts", "recommendations", "recommendations_count")

# schemas/clado/README.md#4.6: what it adds with medium confidence.
TOTAL = "total_experience_duration_months"
PAY = {f"projected_{kind}_salary_{end}" for kind in ("base", "total") for end in ("p25", "median", "p75")}
PAY |= {f"projected_{kind}_salary_{end}" for kind in ("base", "additional", "total")
        for end in ("period", "currency", "updated_at")}  # fmt: skip
MODERN_PROFILE = PAY | {
    "full_name", "first_name", "first_name_initial", "middle_name", "middle_name_initial", "last_name",
    "last_name_initial", "summary", "picture_url", "location_full", "location_city", "location_state",
    "location_country_iso2", "location_country_iso3", "linkedin_shorthand_names", f"{TOTAL}_breakdown_department",
    f"{TOTAL}_breakdown_management_level", "active_experience_company_id", "active_experience_title",
    "active_experience_description", "active_experience_department", "active_experience_management_level",
    "inferred_skills", "historical_skills", "interests", "services", "last_graduation_date", "education_degrees",
    "projected_additional_salary", "patents_count", "patents_topics", "publications_count", "publications_topics",
    "projects_count", "projects_topics",
}  # fmt: skip
MODERN_DATES = {"date_from_year", "date_from_month", "date_to_year", "date_to_month", "duration_months"}
MODERN_LISTS = {
    "awards", "certifications", "organizations", "patents", "projects", "publications", "github_repos",
}  # fmt: skip

# schemas/clado/README.md#4.6, and schemas/clado/README.md#12.
LEGACY = ("profile", "experience", "education", "skills", "languages", "location", "certifications", "honors")
LEGACY_PROFILE = (
    "id", "name", "headline", "summary", "location", "title", "linkedin_profile_url", "linkedin_flagship_url",
    "profile_picture_url", "num_of_connections", "last_updated", "linkedin_url", "twitter_handle", "websites", "emails",
    "criteria",
)  # fmt: skip
LEGACY_EXPERIENCE = (
    "employee_position_id", "employee_title", "employer_name", "employee_description", "employer_linkedin_description",
    "employer_linkedin_id", "employer_linkedin_url", "employer_logo_url", "start_date", "end_date", "employee_location",
    "employer_company_ids", "employer_company_website_domains", "location", "is_current",
)  # fmt: skip
LEGACY_EDUCATION = (
    "institute_name", "degree_name", "field_of_study", "institute_linkedin_id", "institute_linkedin_url",
    "institute_logo_url", "start_date", "end_date", "description",
)  # fmt: skip
LEGACY_NULLABLE = {
    "employee_description", "employer_linkedin_description", "employer_linkedin_url", "employee_location", "location",
}  # fmt: skip


def entries(shape: Callable[[Person], Record], member: str) -> Iterator[Record]:
    """Yield every entry of one list of everybody's records."""
    for one in PEOPLE:
        yield from shape(one).get(member, ())


def in_order(members: Any, documented: tuple[str, ...]) -> bool:
    """Whether members are documented ones, in the documented order."""
    return list(members) == [member for member in documented if member in members]


@pytest.mark.parametrize(
    ("shape", "seed", "digest"),
    [
        (shape_a, 1, "c5a927f079db99d3f3097e1c183de8a65f97370c1284485170c2cac148ae7e9b"),
        (shape_a, 7, "7fc407aac6491c7fa626f192b892bac6e00c5cf3eac2665289fbd0cce1064e3e"),
        (modern_record, 1, "ede8ba97cc1e2227733d54e7bb8fee325d2682c2f0245099092e3ce8cf74cedd"),
        (modern_record, 7, "da4c3bf77c8ed5e13f78c4de71b9c93487fe061ab03547edf3149d19629eae47"),
        (legacy_record, 1, "771f8eeab325be9b595cee516cf3d832a317a3ccfcc1ed73fdec74e8d0c30c2c"),
        (legacy_record, 7, "8ac174f4d743ae5a800b0859b5b0d67b10bb83bf50194dd89b05283476497daf"),
    ],
)
def test_stable(shape: Callable[[Person], Record], seed: int, digest: str) -> None:
    """The first hundred records of a seed are the same on every machine and in every release."""
    records = [shape(person(seed, number)) for number in range(100)]
    assert sha256(json.dumps(records, sort_keys=True).encode()).hexdigest() == digest


@pytest.mark.parametrize("shape", SHAPES.values())
def test_plain_json(shape: Callable[[Person], Record]) -> None:
    """A record has only plain JSON values, and survives JSON unchanged."""
    records = [shape(one) for one in PEOPLE]
    assert json.loads(json.dumps(records, allow_nan=False)) == records


@pytest.mark.parametrize("shape", SHAPES.values())
def test_own_record(shape: Callable[[Person], Record]) -> None:
    """Two records share no mutable value."""
    record = shape(PEOPLE[0])
    record["profile"].clear()
    record["experience"][0].clear()
    assert shape(PEOPLE[0])["profile"]
    assert shape(PEOPLE[0])["experience"][0]


@pytest.mark.parametrize("shape", SHAPES.values())
def test_no_real_host(shape: Callable[[Person], Record]) -> None:
    """Addresses lead to LinkedIn's example slugs or to hosts under `.invalid`, and nowhere else."""
    text = json.dumps([shape(one) for one in PEOPLE])
    allowed = r"https://(www\.linkedin\.com/(in|company|posts)/example-|[a-z0-9.-]+\.invalid(/|$))"
    addresses = re.findall(r"https?://[^\"\s]+", text)
    assert addresses
    assert all(re.match(allowed, address) for address in addresses)
    assert all(host.endswith(".invalid") for host in re.findall(r"@([^\"\s]+)", text))


def test_shape_a_members() -> None:
    """Shape A holds the documented members, in the documents' order, and every one of them occurs."""
    profiles = [shape_a(one)["profile"] for one in PEOPLE]
    assert all(in_order(profile, PROFILE) for profile in profiles)
    assert set().union(*profiles) == set(PROFILE)
    assert all(set(PROFILE) - set(profile) <= set(OPTIONAL) for profile in profiles)
    assert all(in_order(shape_a(one), ("profile", "experience", "education", "posts")) for one in PEOPLE)


@pytest.mark.parametrize(
    ("member", "documented"), [("experience", EXPERIENCE), ("education", EDUCATION), ("posts", POST)]
)
def test_shape_a_lists(member: str, documented: tuple[str, ...]) -> None:
    """Every job, study and post of shape A holds all its documented members, in the documents' order."""
    found = [tuple(entry) for entry in entries(shape_a, member)]
    assert set(found) == {documented}


def test_post_parts() -> None:
    """A post's author and company mentions hold their documented members, and some post mentions a company."""
    posts = list(entries(shape_a, "posts"))
    assert {tuple(post["author"]) for post in posts} == {AUTHOR}
    assert {tuple(mention) for post in posts for mention in post["companyMentions"]} == {MENTION}
    assert {bool(post["companyMentions"]) for post in posts} == {True, False}


@pytest.mark.parametrize("member", OPTIONAL)
def test_optional_members(member: str) -> None:
    """Each optional member is present in some of the first fifty records and absent in others."""
    assert {member in shape_a(person(1, number))["profile"] for number in range(50)} == {True, False}


def test_optional_list() -> None:
    """The list of posts is present in some of the first fifty records, absent in others, and never empty."""
    records = [shape_a(person(1, number)) for number in range(50)]
    assert {"posts" in record for record in records} == {True, False}
    assert all(record.get("posts", True) for record in records)


def test_absent_together() -> None:
    """Recommendations come with their count, and the posts' text with the posts."""
    for one in PEOPLE:
        record = shape_a(one)
        profile = record["profile"]
        assert ("recommendations" in profile) == ("recommendations_count" in profile)
        assert ("posts" in profile) == ("posts" in record)


def test_types() -> None:
    """Shape A's members have the documented types; the salary is a number with a fraction, as in the sample."""
    whole = {"connections_count", "followers_count", TOTAL, "post_count", "recommendations_count"}
    types: dict[str, type] = {**dict.fromkeys(PROFILE, str), **dict.fromkeys(whole, int)}
    types |= {"location_regions": list, "skills": list, "projected_total_salary": float}
    types |= {"is_working": bool, "is_decision_maker": bool}
    for one in PEOPLE:
        assert all(type(value) is types[name] for name, value in shape_a(one)["profile"].items())


def test_current_job() -> None:
    """A current job ends at the sentinel date; only the newest can be current, exactly if the person works."""
    for one in PEOPLE:
        record = shape_a(one)
        ends = [job["end_date"] for job in record["experience"]]
        assert (ends[0] == NO_END) == record["profile"]["is_working"]
        assert NO_END not in ends[1:]
    assert NO_END == "1970-01-01T00:00:00"


@pytest.mark.parametrize("member", ["experience", "education"])
def test_dates(member: str) -> None:
    """Dates are ISO times without a zone, the start before the end."""
    for entry in entries(shape_a, member):
        start, end = (datetime.fromisoformat(entry[name]) for name in ("start_date", "end_date"))
        assert start.tzinfo is None
        assert entry["start_date"] == f"{start:%Y-%m-01T00:00:00}"
        assert entry["end_date"] == NO_END or start < end


def test_last_day() -> None:
    """A job ends on the last day of its month, as in the sample, leap years included."""
    ends = {job["end_date"][5:10] for job in entries(shape_a, "experience")} - {"01-01"}
    assert ends <= {"02-29", *(f"{month:02}-{monthrange(2025, month)[1]}" for month in range(1, 13))}
    assert {"02-28", "02-29", "12-31"} <= ends


def test_post_times() -> None:
    """A post's three times agree: text with Z, Unix seconds, and how long ago that was."""
    sizes = {"hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000, "year": 31_536_000}
    units = set()
    for post in entries(shape_a, "posts"):
        moment = datetime.fromtimestamp(post["postedDateTimestamp"], UTC)
        assert post["postedDate"] == f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        count, unit, ago = post["postedAt"].replace("s ago", " ago").split()
        age = AS_OF - post["postedDateTimestamp"]
        assert int(count) * sizes[unit] <= age < (int(count) + 1) * sizes[unit]
        assert ago == "ago"
        assert (int(count) == 1) == (f"{unit} ago" in post["postedAt"])
        units.add(unit)
    assert {"day", "week", "month", "year"} <= units


def test_post_identity() -> None:
    """A post's address and URN carry one number, and its author is the person."""
    for one in PEOPLE:
        record = shape_a(one)
        for post in record.get("posts", ()):
            number = post["urn"].removeprefix("urn:li:activity:")
            assert number.isdigit()
            assert post["postUrl"].endswith(f"-activity-{number}")
            assert post["author"]["url"] == record["profile"]["linkedin_url"]
            assert f"{post['author']['firstName']} {post['author']['lastName']}" == record["profile"]["name"]
            assert post["text"] in record["profile"]["posts"]


def test_modern_holds_shape_a() -> None:
    """The modern record holds everything of shape A unchanged."""
    for one in PEOPLE:
        old, new = shape_a(one), modern_record(one)
        assert old["profile"].items() <= new["profile"].items()
        assert all(
            before.items() <= after.items() for before, after in zip(old["experience"], new["experience"], strict=True)
        )
        assert all(new[member] == old[member] for member in old if member not in ("profile", "experience"))


def test_modern_members() -> None:
    """The modern record always adds the same known members, and no others."""
    for one in PEOPLE:
        old, new = shape_a(one), modern_record(one)
        assert set(new) - set(old) == MODERN_LISTS
        assert set(new["profile"]) - set(old["profile"]) == MODERN_PROFILE
        assert {frozenset(job) - set(EXPERIENCE) for job in new["experience"]} == {frozenset(MODERN_DATES)}


def test_modern_dates() -> None:
    """Year and month numbers agree with the dates; they are null at the end of a current job."""
    for job in entries(modern_record, "experience"):
        assert job["start_date"].startswith(f"{job['date_from_year']}-{job['date_from_month']:02}-")
        if job["end_date"] == NO_END:
            assert (job["date_to_year"], job["date_to_month"]) == (None, None)
        else:
            assert job["end_date"].startswith(f"{job['date_to_year']}-{job['date_to_month']:02}-")
            months = (
                12 * (job["date_to_year"] - job["date_from_year"]) + job["date_to_month"] - job["date_from_month"] + 1
            )
            assert job["duration_months"] == months


def test_modern_totals() -> None:
    """Durations add up to the total in the jobs and in both breakdowns."""
    for one in PEOPLE:
        record = modern_record(one)
        profile = record["profile"]
        assert profile[TOTAL] == sum(job["duration_months"] for job in record["experience"])
        for by in ("department", "management_level"):
            rows = profile[f"{TOTAL}_breakdown_{by}"]
            assert sum(row[TOTAL] for row in rows) == profile[TOTAL]
            assert len({row[by] for row in rows}) == len(rows)


def test_modern_active_job() -> None:
    """The members of the active job describe the newest job, and are null for a person who doesn't work."""
    for one in PEOPLE:
        record = modern_record(one)
        profile = record["profile"]
        active = {profile[name] for name in MODERN_PROFILE if name.startswith("active_experience_")}
        assert (active == {None}) == (not profile["is_working"])
        assert profile["active_experience_title"] in (None, record["experience"][0]["title"])


def test_modern_pay() -> None:
    """The quartiles of pay are in order, and the total's median is the pay of shape A."""
    for one in PEOPLE:
        profile = modern_record(one)["profile"]
        for kind in ("base", "total"):
            low, median, high = (profile[f"projected_{kind}_salary_{end}"] for end in ("p25", "median", "p75"))
            assert 0 < low < median < high
        assert profile["projected_total_salary_median"] == profile["projected_total_salary"]


def test_modern_lists() -> None:
    """Every added list is empty for some people and filled for others, and the counts agree with the lists."""
    for member in MODERN_LISTS:
        assert {bool(modern_record(person(1, number))[member]) for number in range(300)} == {True, False}
    for one in PEOPLE:
        record = modern_record(one)
        for member in ("patents", "publications", "projects"):
            assert record["profile"][f"{member}_count"] == len(record[member])


def test_legacy_members() -> None:
    """The legacy record holds the members seen, in the order seen."""
    for one in PEOPLE:
        record = legacy_record(one)
        assert tuple(record) == LEGACY
        assert tuple(record["profile"]) == LEGACY_PROFILE
    assert {tuple(job) for job in entries(legacy_record, "experience")} == {LEGACY_EXPERIENCE}
    assert {tuple(study) for study in entries(legacy_record, "education")} == {LEGACY_EDUCATION}


def test_legacy_nulls() -> None:
    """In legacy jobs and studies exactly the members that were null in live answers may be null."""
    for member, nullable in (("experience", LEGACY_NULLABLE), ("education", {"description"})):
        found = list(entries(legacy_record, member))
        assert {name for entry in found for name, value in entry.items() if value is None} == nullable
        assert all(any(entry[name] is not None for entry in found) for name in nullable)


def test_legacy_dates() -> None:
    """Legacy dates are year and month; the end of a current job is an empty string."""
    for job in entries(legacy_record, "experience"):
        assert re.fullmatch(r"\d{4}-\d{2}", job["start_date"])
        assert re.fullmatch(r"(\d{4}-\d{2})?", job["end_date"])
        assert job["is_current"] == (job["end_date"] == "")


def test_legacy_criteria() -> None:
    """Criteria map a criterion's text to an answer and its reasoning, and both answers occur."""
    verdicts = [verdict for one in PEOPLE for verdict in legacy_record(one)["profile"]["criteria"].values()]
    assert {tuple(verdict) for verdict in verdicts} == {("answer", "reasoning")}
    assert {verdict["answer"] for verdict in verdicts} == {"Yes", "No"}
    assert all(verdict["reasoning"] for verdict in verdicts)


def test_one_person_in_every_shape() -> None:
    """All shapes describe the same person."""
    for one in PEOPLE:
        profiles = [shape(one)["profile"] for shape in SHAPES.values()]
        for member in ("id", "name", "headline", "location", "linkedin_url"):
            assert len({profile[member] for profile in profiles}) == 1


@pytest.mark.parametrize("shape", SHAPES)
def test_people(shape: str) -> None:
    """A seed's people come in the order of their numbers, and more of them begin with the same ones."""
    numbers = [BLOCK + 1, 0, 2]
    records = orjson.loads(orjson.dumps(people(shape, 7, numbers)))
    assert records == [SHAPES[shape](person(7, number)) for number in numbers]
    assert people(shape, 7, range(9))[:3] == people(shape, 7, range(3))
    assert people(shape, 7, range(0)) == []


def test_people_are_kept_up_to_a_limit() -> None:
    """However many seeds and people are shown, only the blocks that were used last are kept."""
    for seed in range(1, 200):
        people("a", seed, [0, 9_900])
    kept = serialized_people._block.cache_info()
    assert kept.currsize == kept.maxsize and 0 < (kept.maxsize or 0) * BLOCK <= 20_000


def test_a_long_list_of_people_is_made_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each slice makes at most one block, and nobody is made after the last slice, even if blocks were dropped."""
    made = list[int]()
    serialized_people._block.cache_clear()
    monkeypatch.setattr(serialized_people, "_renderer", lambda shape: lambda seed, number: made.append(number))
    part = people_part("a", 3, range(450))
    assert part.slices is not None
    counts = [len(made) for _ in part.slices()]
    assert counts == [100, 200, 300, 400, 450]
    serialized_people._block.cache_clear()
    assert len(part.make()) == len(made) == 450
    assert people_part("a", 3, range(100)).slices is None
