"""The old record of a person, as live answers of Clado have it (schemas/clado/README.md#4.6,#12).

Members have the order of those answers. A missing value is null or an empty string, as it is there.
"""

from __future__ import annotations

from ...people import LAST_MONTH, Job, Person, Study
from .record_values import LINKEDIN, Record, company_page, first_day, location


def legacy_record(person: Person) -> Record:
    """Return the old record and the lists that live answers have beside it (schemas/clado/README.md#4.6,#12)."""
    return {
        "profile": _profile(person),
        "experience": [_experience(person, row, job) for row, job in enumerate(person.jobs)],
        "education": [_education(study) for study in person.studies],
        "skills": list(person.skills),
        "languages": list(person.languages),
        "location": location(person),
        "certifications": list(person.certifications),
        "honors": list(person.honors),
    }


def _profile(person: Person) -> Record:
    url = f"{LINKEDIN}/in/{person.slug}"
    return {
        "id": person.digits,
        "name": person.name,
        "headline": person.headline,
        "summary": person.summary,
        "location": location(person),
        "title": person.jobs[0].title,
        "linkedin_profile_url": url,
        "linkedin_flagship_url": url,
        "profile_picture_url": person.picture or "",
        "num_of_connections": person.connections,
        "last_updated": first_day(LAST_MONTH + 1),
        "linkedin_url": url,
        "twitter_handle": person.slug if person.verified else "",
        "websites": [f"https://{person.slug}.invalid"] if person.verified else [],
        "emails": [person.email] if person.email else [],
        "criteria": _criteria(person),
    }


def _criteria(person: Person) -> Record:
    """Return an answer and its reasoning for each criterion. They are about the person: a record knows no query."""
    job = person.jobs[0]
    return {
        f"Works in {job.department}": {
            "answer": "Yes" if person.working else "No",
            "reasoning": f"{person.name}'s newest role is {job.title}; it {'lasts' if person.working else 'is over'}.",
        },
        "Decides about budgets": {
            "answer": "Yes" if person.decision_maker else "No",
            "reasoning": f"The newest role is of the level {job.level}.",
        },
    }


def _experience(person: Person, row: int, job: Job) -> Record:
    company = job.company
    place = f"{job.place.city}, {job.place.region}" if job.detailed else None
    return {
        "employee_position_id": int(person.digits) * 10 + row,
        "employee_title": job.title,
        "employer_name": company.name,
        "employee_description": job.description if job.detailed else None,
        "employer_linkedin_description": f"{company.name} is an invented company." if company.listed else None,
        "employer_linkedin_id": str(company.number),
        "employer_linkedin_url": company_page(company) if company.listed else None,
        "employer_logo_url": f"https://{company.host}/logo.png",
        "start_date": first_day(job.start)[:7],
        "end_date": "" if job.end is None else first_day(job.end)[:7],
        "employee_location": place,
        "employer_company_ids": [company.number],
        "employer_company_website_domains": [company.host],
        "location": place,
        "is_current": job.end is None,
    }


def _education(study: Study) -> Record:
    school = study.school
    return {
        "institute_name": school.name,
        "degree_name": study.degree,
        "field_of_study": study.field,
        "institute_linkedin_id": str(school.number),
        "institute_linkedin_url": company_page(school),
        "institute_logo_url": f"https://{school.host}/logo.png",
        "start_date": first_day(study.start)[:7],
        "end_date": first_day(study.end)[:7],
        "description": study.note,
    }
