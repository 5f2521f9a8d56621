"""The rules about a run of a client that jobmock itself calls, with one job and a budget."""

from __future__ import annotations

from .rule import Rule

RUN_TABLE = (
    Rule(
        id="budget", severity="error", needs="run",
        summary="It sends too many requests for one job, or doesn't end.",
        evidence=(
            "A run of `assert_client_survives` or `jobmock exhaust` was stopped, because the client had sent more than"
            " `requests` requests, or was still running after `seconds`. What it did until then is judged by all rules"
            " that need the requests alone."
        ),
        remedy="Give the client a deadline. If it has a longer one than the run, raise `requests` or `seconds`.",
        source="getsentry/sentry-cli#3118",
        example="Its loop has no way out but a terminal status.",
    ),
    Rule(
        id="nothing-asked", severity="error", needs="run",
        summary="It sends no request about its job.",
        evidence=(
            "A run of `assert_client_survives` or `jobmock exhaust` ended, and no request with its key was about the"
            " job that the client was given."
        ),
        remedy="Use the URL, the key and the job id that the client is called with.",
        source="found by the clients of this project's tests",
        example="Its base URL is a constant.",
    ),
    Rule(
        id="protocol", severity="error", needs="run",
        summary="As a persistent command, it doesn't answer one line for one job.",
        evidence=(
            "In a run of `assert_client_survives` or `jobmock exhaust`, a persistent command wrote anything else than"
            " one line of JSON for its job, ended before it did, or sent requests about a job that it had answered for."
        ),
        remedy="Write one line for each job, once all work for it has ended. Print everything else to stderr.",
        source="the line protocol of persistent commands",
        example="It prints its progress to stdout.",
    ),
)  # fmt: skip
