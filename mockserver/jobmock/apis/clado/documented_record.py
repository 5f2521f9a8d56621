"""The record of a person that Clado's documents show, shape A (schemas/clado/README.md#4.6).

Members have the order of the documents. A member is left out where the person has no value for it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from functools import cache
from typing import Final

from ...people import AS_OF, Job, Organisation, Person, Post, Study
from .record_values import LINKEDIN, Record, company_page, first_day, location

NO_END: Final = "1970-01-01T00:00:00"  # the end date of a current job (schemas/clado/README.md#4.6)
_OPTIONAL = ("picture_permalink", "posts", "liked_posts", "recommendations", "recommendations_count")
_AGES = ((31_536_000, "year"), (2_592_000, "month"), (604_800, "week"), (86_400, "day"), (3_600, "hour"))  # seconds


def shape_a(person: Person) -> Record:
    """Return the record of a person in shape A (schemas/clado/README.md#4.6)."""
    record: Record = {
        "profile": _profile(person),
        "experience": [_experience(job) for job in person.jobs],
        "education": [_education(study) for study in person.studies],
    }
    if person.posts:
        record["posts"] = [_post(person, post) for post in person.posts]
    return record


def _profile(person: Person) -> Record:
    profile: Record = {
        "id": person.digits,
        "name": person.name,
        "location": location(person),
        "location_country": person.place.country,
        "location_regions": list(person.place.regions),
        "headline": person.headline,
        "description": person.summary,
        "linkedin_url": f"{LINKEDIN}/in/{person.slug}",
        "picture_permalink": person.picture,
        "connections_count": person.connections,
        "followers_count": person.followers,
        "is_working": person.working,
        "is_decision_maker": person.decision_maker,
        "total_experience_duration_months": person.months,
        "projected_total_salary": float(person.salary),
        "post_count": person.post_count,
        "posts": " ".join([post.text for post in person.posts]) or None,
        "liked_posts": person.liked_posts,
        "recommendations": person.recommendation,
        "recommendations_count": person.recommendation_count or None,
        "skills": list(person.skills),
    }
    for name in _OPTIONAL:
        if profile[name] is None:
            del profile[name]
    return profile


def _experience(job: Job) -> Record:
    return {
        "title": job.title,
        "company_name": job.company.name,
        "start_date": first_day(job.start),
        "end_date": NO_END if job.end is None else _last_day(job.end),
        "description": job.description,
        "location": f"{job.place.city}, {job.place.short_region}",
    }


def _education(study: Study) -> Record:
    return {
        "degree": study.degree,
        "field_of_study": study.field,
        "school_name": study.school.name,
        "start_date": first_day(study.start),
        "end_date": first_day(study.end),
    }


def _post(person: Person, post: Post) -> Record:
    return {
        "text": post.text,
        "totalReactionCount": post.reactions,
        "likeCount": post.likes,
        "appreciationCount": post.appreciations,
        "empathyCount": post.empathies,
        "InterestCount": post.interests,
        "praiseCount": post.praises,
        "commentsCount": post.comments,
        "repostsCount": post.reposts,
        "postUrl": f"{LINKEDIN}/posts/{person.slug}_{post.topic}-activity-{post.number}",
        "postedAt": _age(AS_OF - post.moment),
        "postedDate": datetime.fromtimestamp(post.moment, UTC).isoformat()[:19] + "Z",
        "postedDateTimestamp": post.moment,
        "reposted": post.reposted,
        "urn": f"urn:li:activity:{post.number}",
        "author": {
            "firstName": person.first_name,
            "lastName": person.last_name,
            "username": person.slug,
            "url": f"{LINKEDIN}/in/{person.slug}",
        },
        "mentions": [],
        "companyMentions": [_mention(post.company)] if post.company else [],
        "isBrandPartnership": post.sponsored,
    }


def _mention(company: Organisation) -> Record:
    return {
        "id": company.number,
        "name": company.name,
        "publicIdentifier": company.slug,
        "url": company_page(company),
    }


@cache
def _last_day(month: int) -> str:
    year, number = month // 12, month % 12 + 1
    return f"{year:04}-{number:02}-{monthrange(year, number)[1]}T00:00:00"


def _age(seconds: int) -> str:
    """Return a duration as text such as `3 weeks ago`: in the largest whole unit, at least an hour."""
    for size, unit in _AGES:
        if count := seconds // size:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "1 hour ago"
