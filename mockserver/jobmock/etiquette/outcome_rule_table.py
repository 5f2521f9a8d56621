"""The rules about how the client's call ended, and about the value that it returned."""

from __future__ import annotations

from .rule import Rule

OUTCOME_TABLE = (
    Rule(
        id="gave-up-early", severity="error", needs="outcome",
        summary="It leaves a job that may still be running.",
        evidence=(
            "The call ended sooner after the start than a job may take, and nothing said that the job was over:"
            " the last answer was the status of a running job or an error that may pass, or no answer came. The"
            " client may have waited after its last request. So `end_of_call` is added, up to the verdict at most,"
            " or the time of a Retry-After."
        ),
        remedy="Go on polling, through errors that pass, until a terminal status or your deadline.",
        source="browser-use/sdk#274",
        example="It raises at the first 503.",
    ),
    Rule(
        id="unknown-status-as-result", severity="error", needs="outcome",
        summary="It returns a status that no document lists as if the job had finished.",
        evidence="The call returned, and the last status that was delivered is in no document.",
        remedy="Go on polling, or raise: only the documented terminal statuses are an end.",
        source="ecmwf/cdsapi#49; apimatic/apimatic-cli#305",
        example="Its loop ends when the status isn't `pending`.",
    ),
    Rule(
        id="error-as-result", severity="error", needs="outcome",
        summary="It returns the answer of an error as a result.",
        evidence=(
            "The call returned something, and its last answer was an error. None, or an empty value, isn't the answer"
            " of an error."
        ),
        remedy="Look at the HTTP status before the body.",
        example="It takes the `status: failed` in the body of a 429 for a failed run.",
    ),
    Rule(
        id="result-raised-as-error", severity="error", needs="outcome",
        summary="It raises although it has received the result.",
        evidence=(
            "The call raised, and the last answer about the job showed its success. A client that reads pages side by"
            " side may raise if one of them fails to its deadline, whichever answer comes last."
        ),
        remedy="Look at the last answer first, and at the deadline then.",
        source="modelcontextprotocol/servers#4811",
        example="It looks at its deadline before it looks at the answer of its last allowed poll.",
    ),
    Rule(
        id="result-unread", severity="warning", needs="outcome",
        summary="It returns after the success of a job, and never reads its results.",
        evidence=(
            "The API has an operation for the results of a job. The call returned, the last status of the job was its"
            " success, and no request for its results came. A job without results is left out."
        ),
        remedy="Read the results, unless your function only waits. Then turn this rule off for its test.",
        source="found by the planted clients of this project",
        example="It returns the body with the last status, which has only the URL of the results.",
    ),
    Rule(
        id="failure-as-nothing", severity="warning", needs="value",
        summary="It returns None, or an empty value, for a job that failed or was cancelled.",
        evidence="The last status is an end without success, or the poll was refused, and the returned value is empty.",
        remedy="Raise, or return the status: an empty result looks like a search that found nobody.",
        source="Azure/azure-sdk-for-js#22067; HKUDS/DeepTutor#595; nashsu/llm_wiki#409",
        example="`return body.get('results', [])` for every terminal status.",
    ),
    Rule(
        id="result-as-nothing", severity="warning", needs="value",
        summary="It returns None, or an empty value, for a job that has a result.",
        evidence=(
            "The last status is a success that has something to show, and the returned value is empty. A job whose"
            " scenario changes its pages or its body is left out. An empty list instead of people is `wrong-count`."
        ),
        remedy="Return the result. If your function hands it over in another way, don't give its value to the verdict.",
        source="found by the mutants of this project's reference client",
        example="A branch of its function ends without `return`.",
    ),
    Rule(
        id="wrong-status", severity="error", needs="value",
        summary="It returns another status than the job's.",
        evidence="The returned mapping has a `status` that the API has, and it isn't the one that the job ended with.",
        remedy="Return the answer that showed the end.",
        source="found by the planted clients of this project",
        example="It returns the last answer but one.",
    ),
    Rule(
        id="wrong-count", severity="error", needs="value",
        summary="It returns another number of people than the job has.",
        evidence=(
            "The returned value is a list of records, or a mapping with one such list, and its length isn't the number"
            " that the job's success shows. A job whose scenario changes its pages or its body is left out."
        ),
        remedy="Collect every page, and each person once.",
        source="modelcontextprotocol/typescript-sdk#2735; langwatch/langwatch#7364",
        example="It keeps only the last page that it read.",
    ),
    Rule(
        id="twice", severity="error", needs="value",
        summary="It returns the same person twice.",
        evidence="Two records of the returned list are equal, and their number is right.",
        remedy="Collect each page once.",
        source="PrefectHQ/fastmcp#3167",
        example="It reads page 1 twice, and never page 2.",
    ),
    Rule(
        id="partial-as-whole", severity="warning", needs="value",
        summary="It returns a partial result as a whole one, where only the answer says so.",
        evidence=(
            "The answer of the success has a member that says that parts are missing, such as a number of results that"
            " is larger than that of the shown ones, and the returned value doesn't have that member."
        ),
        remedy="Look at these members too, and say in the result that it is partial.",
        example="It returns three people although the answer says that 47 were found.",
    ),
)  # fmt: skip
