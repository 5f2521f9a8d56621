"""The seam to an API: what its package gives, and what it is given with each request.

A package with an API imports these names from here; each is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from ..clock import SECOND
    from ..engine.headers import retry_headers
    from ..engine.pagination import CURSOR, Paging
    from ..models import After, Limit, RetryAfter, Step
    from .answers import JSON_LINES, Answer, Refused, json_lines
    from .api import Api, Operation
    from .credentials import BEARER, NO_KEY, Credential
    from .job_changes import cancel_job, continue_job, results_left
    from .job_views import JobView, current_view, views_of_key
    from .observation import Observation, ObservedPeople
    from .reference_client import ReferenceClient
    from .request_bodies import checked_body
    from .request_context import RequestContext
    from .served_pages import ServedPage, served_page
    from .starts import start_job
    from .status_answers import status_operation

__all__ = [
    "BEARER", "CURSOR", "JSON_LINES", "NO_KEY", "SECOND", "After", "Answer", "Api", "Credential", "JobView", "Limit",
    "Observation", "ObservedPeople", "Operation", "Paging", "ReferenceClient", "Refused", "RequestContext",
    "RetryAfter", "ServedPage", "Step", "cancel_job", "checked_body", "continue_job", "current_view", "json_lines",
    "results_left", "retry_headers", "served_page", "start_job", "status_operation", "views_of_key",
]  # fmt: skip

_MODULES = {
    ".clock": ("SECOND",),
    ".engine.headers": ("retry_headers",),
    ".engine.pagination": ("CURSOR", "Paging"),
    ".models": ("After", "Limit", "RetryAfter", "Step"),
    "answers": ("JSON_LINES", "Answer", "Refused", "json_lines"),
    "api": ("Api", "Operation"),
    "credentials": ("BEARER", "NO_KEY", "Credential"),
    "job_changes": ("cancel_job", "continue_job", "results_left"),
    "job_views": ("JobView", "current_view", "views_of_key"),
    "observation": ("Observation", "ObservedPeople"),
    "reference_client": ("ReferenceClient",),
    "request_bodies": ("checked_body",),
    "request_context": ("RequestContext",),
    "served_pages": ("ServedPage", "served_page"),
    "starts": ("start_job",),
    "status_answers": ("status_operation",),
}
__getattr__, __dir__ = lazy_names(__name__, {name: module for module, names in _MODULES.items() for name in names})
