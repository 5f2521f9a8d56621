"""The payload of a profile: a person in Orbit's sections (schemas/orbit/README.md#4.7).

The items of some sections aren't documented; these have only a title.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...people import Person
from ...people import person as person_of

Items = list[dict[str, Any]]


def profile_payload(profile_id: str, seed: int, number: int, sections: int, aliases: Sequence[str]) -> dict[str, Any]:
    """Return the payload. It has `basic` and the first `sections` of the other standard sections; the rest is null."""
    person = person_of(seed, number)
    job, school = person.jobs[0], person.studies[0].school.name if person.studies else None
    return {
        "id": profile_id,
        "displayName": person.name,
        "personName": person.name,
        "aliases": list(aliases),
        "avatarUrl": person.picture,
        "profileUrl": f"https://orbitsearch.com/{person.slug}",
        "verified": person.verified,
        "location": {"city": _place(person)},
        "headline": {"jobTitle": job.title, "companyName": job.company.name, "schoolName": school},
        "sections": _sections(person, sections),
    }


def _sections(person: Person, count: int) -> dict[str, Any]:
    """Return the standard sections, null where not yet written, and at the end those of contributions."""
    sections: dict[str, Any] = {"basic": {"items": _basic(person)}}
    for row, (name, items) in enumerate(_STANDARD.items()):
        sections[name] = {"items": items(person)} if row < count else None
    contributions = {"researchPapers": person.papers, "githubRepos": person.repositories, "books": person.projects}
    if count >= len(_STANDARD):
        sections |= {name: {"items": _titles(titles)} for name, titles in contributions.items() if titles}
    return sections


def _basic(person: Person) -> Items:
    items: Items = [{"kind": "location", "title": person.place.city, "location": _place(person)}]
    for study in person.studies:
        items.append({"kind": "school", "title": study.degree, "school": study.school.name, "year": study.end // 12})
    return items


def _place(person: Person) -> str:
    return f"{person.place.city}, {person.place.iso2}"


def _images(person: Person) -> Items:
    if person.picture is None:
        return []
    return [{"id": f"img_{person.digits}", "imageUrl": person.picture, "role": "primary", "sources": []}]


def _titles(texts: Sequence[str]) -> Items:
    return [{"title": text} for text in texts]


_STANDARD: dict[str, Callable[[Person], Items]] = {
    "jobs": lambda person: _titles([f"{job.title}, {job.company.name}" for job in person.jobs]),
    "education": lambda person: _titles([f"{study.degree}, {study.school.name}" for study in person.studies]),
    "images": _images,
    "bestQualities": lambda person: _titles(person.skills[:3]),
    "passions": lambda person: _titles(person.interests),
    "personalLife": lambda person: _titles([f"Lives in {person.place.city}"]),
    "accomplishments": lambda person: _titles(person.honors + person.certifications),
    "portfolio": lambda person: _titles(person.projects),
    "worldview": lambda person: [],
    "controversies": lambda person: [],
    "netWorth": lambda person: [],
    "families": lambda person: [],
}
"""The standard sections without `basic`, in the order in which a run writes them."""
