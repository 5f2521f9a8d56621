"""The rules about requests: polls, waits, starts and keys."""

from __future__ import annotations

from .rule import Rule

REQUEST_TABLE = (
    Rule(
        id="polled-after-end", severity="error",
        summary="It polls a job whose end it has seen.",
        evidence=(
            "After a terminal status was delivered, the same client asks for the same again, page or whole, in one"
            " visit. Two repeats are a warning, the third is an error. A cancel counts as well. A refresh after a long"
            " pause begins a new visit."
        ),
        remedy="Stop at every terminal status, also at failed and cancelled jobs, and use the answer that showed it.",
        source="boto/botocore#2059",
        example="It waits for the status `success`, which no API has, and polls a completed job to its time limit.",
    ),
    Rule(
        id="polled-too-fast", severity="error",
        summary="It polls a running job more often than it should.",
        evidence=(
            "One client asks for the same part of a running job, in any spelling of the query, so often that a row of"
            " polls is shorter than `poll_rows` allows. A single short pause is no finding. Polls that take turns on"
            " two connections are those of one client if no pause is between any of them."
        ),
        remedy="Wait some seconds between two polls.",
        source="Azure/azure-sdk-for-js#19479",
        example="It takes its interval of 5 seconds for 5 milliseconds, and adds `&_=1`, `&_=2`, … to the query.",
    ),
    Rule(
        id="retry-after-ignored", severity="error",
        summary="It repeats a request before the time that Retry-After gives.",
        evidence=(
            "The next request of the same client for the same thing comes earlier than the delivered Retry-After"
            " allowed. Every error counts, and every answer to a poll. It is a warning if the job's end was read more"
            " than once, but seldom: then several workers may have polled it."
        ),
        remedy="Wait as long as Retry-After says, on 429 and 503 alike.",
        source="basecamp/basecamp-sdk#564, #775, #857; e2b-dev/E2B#1797; Azure/azure-sdk-for-js#19479",
        example="It reads `Retry-After: 12` as 12 milliseconds.",
    ),
    Rule(
        id="no-back-off", severity="error",
        summary="It keeps a failing server under load.",
        evidence=(
            "Answers fail in a row (429 or 5xx without Retry-After, lost, or garbled), and the waits between them are"
            " together shorter than `failure_rows` allows. How the waits grow doesn't matter. For starts of different"
            " jobs one after another, `starts_in_a_row` failures are needed."
        ),
        remedy="Wait longer after each error in a row, for example twice as long, up to a minute.",
        source="browser-use/sdk#274; random waits of 0 to 0.5 s, and 40 refused starts at once, were seen in the field",
        example="It waits 1 s and 2 s after the first two errors, and not at all after the others.",
    ),
    Rule(
        id="no-deadline", severity="error",
        summary="It polls a job that never ends for more than a day, or twice as long as a job may take.",
        evidence="One visit of one client, without a long pause in it, lasts longer than the setting `deadline`.",
        remedy="Give the wait a deadline, somewhat longer than the documented duration.",
        source="getsentry/sentry-cli#3118; Digital-Process-Tools/claude-supertool#1852; ecmwf/cdsapi#49",
        example="Its loop has no way out but a terminal status.",
    ),
    Rule(
        id="polls-after-refusal", severity="error",
        summary="It repeats a request that is refused for good.",
        evidence=(
            "One client sends the same poll, start, `more` or cancel again and again, and each is refused by a status"
            " that repeating can't change. A 404 may be repeated more often, because a job may appear late."
        ),
        remedy="Stop at a refusal that asking again can't change, such as 401, 403 or 404.",
        example="It doesn't look at the HTTP status, and polls an unknown run for ever.",
    ),
    Rule(
        id="started-twice", severity="error",
        summary=(
            "It repeats a start or a `more` that may have succeeded, so the work may be done and charged twice."
        ),
        evidence=(
            "The answer to a start was lost, so the client can't know whether there is a job. Where the API has"
            " idempotency keys, a 5xx is no clear answer either. Then the client sends the same body again without"
            " the same key. A `more` may be repeated if the client looks at the job first."
        ),
        remedy="Repeat it with the same idempotency key, or, where there is none, look first, or don't repeat it.",
        source="zernio-dev/zernio-python#42; gocardless/gocardless-pro-python#12; codalab/codabench#2425",
        example="Its HTTP library retries a POST after a timeout, with a new `requestId`.",
    ),
    Rule(
        id="started-over", severity="error",
        summary="It starts the same work over and over.",
        evidence=(
            "One program starts the same work again and again. A start counts if nothing came of the job before"
            " it: the client left that job while it was running, or started again at once after it had failed, or"
            " never requested its status. `starts_over` says how many such starts in a row are too many."
        ),
        remedy="Poll the job that you have, through errors that pass. Each start is paid.",
        source="a client in the field started a job after each failed poll until its credits were gone",
        example="Its retry decorator is around start and poll together.",
    ),
    Rule(
        id="unknown-route", severity="error",
        summary="It sends its requests to paths or with methods that the API doesn't have.",
        evidence=(
            "Every request of the key is answered 404 or 405, because the API has no such path, or another method for"
            " it. If only some requests are, that is a warning."
        ),
        remedy="Compare the base URL, the path and the method with the API's documents.",
        source="a mistyped base URL looks like a client that sends nothing",
        example="Its base URL ends with `/v1`, and its paths begin with `/api/v1`.",
    ),
    Rule(
        id="key-in-url", severity="error",
        summary="It sends an API key in a URL, where logs keep it.",
        evidence="The path or the query has a key: as it is, percent-encoded, in base64, base32 or hexadecimal.",
        remedy="Send the key in the Authorization header alone.",
        source="OWASP: information exposure through query strings in URL",
        example="It polls `?api_key=lk_…`.",
    ),
)  # fmt: skip
