"""A person as Orbit's profile read shows it (schemas/orbit/README.md#4.7).

Only some sections' items are documented; those of the others have a title and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...people import Person, person

Items = list[dict[str, Any]]


def profile_payload(profile_id: str, seed: int, number: int, sections: int, aliases: Sequence[str]) -> dict[str, Any]:
    """Return the payload with `basic` and the first `sections` of the other standard sections; the rest is null."""
    who = person(seed, number)
    job, school = who.jobs[0], who.studies[0].school.name if who.studies else None
    return {
        "id": profile_id,
        "displayName": who.name,
        "personName": who.name,
        "aliases": list(aliases),
        "avatarUrl": who.picture,
        "profileUrl": f"https://orbitsearch.com/{who.slug}",
        "verified": who.verified,
        "location": {"city": f"{who.place.city}, {who.place.iso2}"},
        "headline": {"jobTitle": job.title, "companyName": job.company.name, "schoolName": school},
        "sections": _sections(who, sections),
    }


def _sections(who: Person, count: int) -> dict[str, Any]:
    """Return the standard sections, null where they weren't written, and the contributions there are data for."""
    shown: dict[str, Any] = {"basic": {"items": _basic(who)}}
    for row, (name, items) in enumerate(_STANDARD.items()):
        shown[name] = {"items": items(who)} if row < count else None
    contributions = {"researchPapers": who.papers, "githubRepos": who.repositories, "books": who.projects}
    if count >= len(_STANDARD):
        shown |= {name: {"items": _titles(found)} for name, found in contributions.items() if found}
    return shown


def _basic(who: Person) -> Items:
    items: Items = [{"kind": "location", "title": who.place.city, "location": f"{who.place.city}, {who.place.iso2}"}]
    for study in who.studies:
        items.append({"kind": "school", "title": study.degree, "school": study.school.name, "year": study.end // 12})
    return items


def _images(who: Person) -> Items:
    if who.picture is None:
        return []
    return [{"id": f"img_{who.digits}", "imageUrl": who.picture, "role": "primary", "sources": []}]


def _titles(texts: Sequence[str]) -> Items:
    return [{"title": text} for text in texts]


_STANDARD: dict[str, Callable[[Person], Items]] = {
    "jobs": lambda who: _titles([f"{job.title}, {job.company.name}" for job in who.jobs]),
    "education": lambda who: _titles([f"{study.degree}, {study.school.name}" for study in who.studies]),
    "images": _images,
    "bestQualities": lambda who: _titles(who.skills[:3]),
    "passions": lambda who: _titles(who.interests),
    "personalLife": lambda who: _titles([f"Lives in {who.place.city}"]),
    "accomplishments": lambda who: _titles(who.honors + who.certifications),
    "portfolio": lambda who: _titles(who.projects),
    "worldview": lambda who: [],
    "controversies": lambda who: [],
    "netWorth": lambda who: [],
    "families": lambda who: [],
}
"""The standard sections without `basic`, in the order in which a run writes them."""
