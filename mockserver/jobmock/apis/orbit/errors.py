"""The errors of Orbit: its catalogue, and the codes that no document gives (schemas/orbit/README.md#8)."""

from __future__ import annotations

ERRORS = {
    "developer_deep_search_field_unsupported": (400, "The body has a field that is not supported."),
    "developer_deep_search_field_invalid": (400, "urls and usernames are lists of text."),
    "developer_deep_search_url_invalid": (400, "Each entry of urls is an http or https URL."),
    "developer_deep_search_email_invalid": (400, "email is not an e-mail address."),
    "developer_deep_search_phone_invalid": (400, "phoneNumber is not a phone number."),
    "developer_deep_search_linkedin_invalid": (400, "linkedinUrl is not the URL of a LinkedIn profile."),
    "developer_deep_search_run_shape_invalid": (400, "runShape is not one of the run shapes."),
    "developer_deep_search_request_id_invalid": (400, "requestId is text that is not empty."),
    "developer_deep_search_profile_id_invalid": (400, "profileId is text that is not empty."),
    "developer_deep_search_input_required": (400, "At least one identity signal is needed."),
    "developer_deep_search_personalization_unsupported": (400, "structuredIntent.personalization is not supported."),
    "developer_deep_search_unprocessable_seed": (400, "These signals can't start a run."),
    "developer_deep_search_invalid_request": (400, "The body is not a JSON object."),
    "structured_intent_required": (400, "structuredIntent is an object."),
    "structured_intent_invalid": (400, "structuredIntent is malformed."),
    "structured_intent_version_unsupported": (400, "structuredIntent.version must be v1."),
    "structured_intent_entity_clauses_unsupported": (400, "structuredIntent.entityClauses is not supported."),
    "structured_intent_server_owned_field": (400, "structuredIntent has a field that the server owns."),
    "missing_api_key": (401, "The bearer header is missing."),
    "developer_api_credits_insufficient": (402, "The balance is below the cost."),
    "invalid_api_key": (403, "The API key is invalid."),
    "missing_api_key_scope": (403, "The API key lacks the scope."),
    "developer_deep_search_run_not_found": (404, "There is no such run."),
    "developer_profile_not_found": (404, "There is no such profile."),
    "developer_api_idempotency_key_conflict": (409, "This requestId was used with another content."),
    "developer_api_idempotency_key_refunded": (409, "The charge of this requestId was refunded."),
    "developer_api_key_rate_limited": (429, "The API key exceeded its rate limit."),
    "developer_deep_search_request_failed": (502, "The backend refused the request."),
    "developer_deep_search_unavailable_for_request": (503, "This kind of request is not available."),
    "developer_deep_search_unavailable": (503, "Deep Search is unavailable."),
    "developer_deep_search_not_configured": (503, "Deep Search is not configured."),
    "rate_limited": (429, "The API key exceeded its rate limit."),
    "unavailable": (503, "Deep Search is unavailable."),
    "server_error": (500, "Internal error."),
}
"""Error name → HTTP status and text. The texts are the mock's own (schemas/orbit/README.md#8)."""

CODE_OF_NAME = {
    "rate_limited": "developer_api_key_rate_limited",
    "unavailable": "developer_deep_search_unavailable",
    "server_error": "internal_error",
}
"""Short error name, as scenarios may use it → the code in the answer."""

BY_STATUS = {
    400: "developer_deep_search_invalid_request", 401: "missing_api_key", 402: "developer_api_credits_insufficient",
    403: "invalid_api_key", 404: "developer_deep_search_run_not_found", 409: "developer_api_idempotency_key_conflict",
    429: "rate_limited", 500: "server_error", 502: "developer_deep_search_request_failed", 503: "unavailable",
}  # fmt: skip
"""HTTP status → the error that a scripted status without a body stands for."""

UNDOCUMENTED_CODES = {
    404: "not_found", 405: "method_not_allowed", 410: "route_removed", 413: "body_too_large",
    415: "content_encoding_unsupported", 500: "internal_error",
}  # fmt: skip
"""HTTP status → the code where no document has one (schemas/orbit/README.md#11.33-#11.35)."""
