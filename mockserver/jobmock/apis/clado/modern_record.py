"""The record of a person with `legacy=false`: shape A and more members (schemas/clado/README.md#4.6).

No document shows this record; its members are inferred. An added member is null where the person has no value for it.
"""

from __future__ import annotations

from ...people import LAST_MONTH, Job, Person
from .documented_record import shape_a
from .record_values import Record, first_day, location

_SPREAD = ((0.85, "p25"), (1.0, "median"), (1.2, "p75"))


def modern_record(person: Person) -> Record:
    """Return shape A with the members that the modern record probably adds (schemas/clado/README.md#4.6)."""
    record = shape_a(person)
    record["profile"] |= _profile(person)
    for job, experience in zip(person.jobs, record["experience"], strict=True):
        experience |= _dates(job)
    return record | _lists(person)


def _profile(person: Person) -> Record:
    first, last = person.first_name, person.last_name
    place, studies = person.place, person.studies
    return {
        "full_name": person.name,
        "first_name": first,
        "first_name_initial": first[0],
        "middle_name": None,
        "middle_name_initial": None,
        "last_name": last,
        "last_name_initial": last[0],
        "summary": person.summary,
        "picture_url": person.picture,
        "location_full": location(person),
        "location_city": place.city,
        "location_state": place.region,
        "location_country_iso2": place.iso2,
        "location_country_iso3": place.iso3,
        "linkedin_shorthand_names": [person.slug],
        **_breakdowns(person),
        **_active(person.jobs[0]),
        "inferred_skills": list(person.skills[:2]),
        "historical_skills": list(person.skills[2:]),
        "interests": list(person.interests),
        "services": None,
        "last_graduation_date": studies[0].end // 12 if studies else None,
        "education_degrees": [study.degree for study in studies],
        **_pay(person.salary),
        "patents_count": len(person.patents),
        "patents_topics": list(person.patents),
        "publications_count": len(person.papers),
        "publications_topics": list(person.papers),
        "projects_count": len(person.projects),
        "projects_topics": list(person.projects),
    }


def _breakdowns(person: Person) -> Record:
    total = "total_experience_duration_months"
    departments: dict[str, int] = {}
    levels: dict[str, int] = {}
    for job in person.jobs:
        departments[job.department] = departments.get(job.department, 0) + job.months
        levels[job.level] = levels.get(job.level, 0) + job.months
    return {
        f"{total}_breakdown_department": [
            {"department": department, total: months} for department, months in departments.items()
        ],
        f"{total}_breakdown_management_level": [
            {"management_level": level, total: months} for level, months in levels.items()
        ],
    }


def _active(job: Job) -> Record:
    facts: Record = {
        "active_experience_company_id": job.company.number,
        "active_experience_title": job.title,
        "active_experience_description": job.description,
        "active_experience_department": job.department,
        "active_experience_management_level": job.level,
    }
    return facts if job.end is None else dict.fromkeys(facts)


def _pay(salary: int) -> Record:
    """Return the yearly pay in US dollars: nine tenths are base salary, one tenth is a bonus."""
    kinds = {"base": round(salary * 0.9), "total": salary}
    pay: Record = {
        f"projected_{kind}_salary_{name}": round(amount * share)
        for kind, amount in kinds.items()
        for share, name in _SPREAD
    }
    for kind in ("base", "additional", "total"):
        pay |= {
            f"projected_{kind}_salary_period": "ANNUAL",
            f"projected_{kind}_salary_currency": "$",
            f"projected_{kind}_salary_updated_at": first_day(LAST_MONTH)[:10],
        }
    bonus = {f"projected_additional_salary_{name}": round(salary * share / 10) for share, name in _SPREAD}
    return pay | {"projected_additional_salary": [{"projected_additional_salary_type": "Bonus"} | bonus]}


def _dates(job: Job) -> Record:
    return {
        "date_from_year": job.start // 12,
        "date_from_month": job.start % 12 + 1,
        "date_to_year": None if job.end is None else job.end // 12,
        "date_to_month": None if job.end is None else job.end % 12 + 1,
        "duration_months": job.months,
    }


def _lists(person: Person) -> Record:
    """Return the added lists. Each entry has only a name, because its other members aren't known."""
    return {
        "awards": _named("title", person.honors),
        "certifications": _named("title", person.certifications),
        "organizations": _named("organization_name", person.memberships),
        "patents": _named("title", person.patents),
        "projects": _named("name", person.projects),
        "publications": _named("title", person.papers),
        "github_repos": _named("name", person.repositories),
    }


def _named(member: str, names: tuple[str, ...]) -> list[Record]:
    return [{member: name} for name in names]
