"""The facts of the API. A line with `GAP:` says what is a guess or an example: put in what your API does."""

# Where the API is. jobmock finds requests to this host, and records from it.
# GAP: The host is invented.
HOST = "yourapi.invalid"

# The header with the key, and the word before the key, which may be empty. An API without keys has None and "".
# GAP: Keys are sent as bearer tokens.
CREDENTIAL = ("authorization", "Bearer")

# Error name: HTTP status and text.
# GAP: These errors are the usual ones.
ERRORS = {
    "bad_request": (400, "The body is wrong."),
    "unauthorized": (401, "The key is missing or wrong."),
    "not_found": (404, "There is no such job."),
    "too_many_requests": (429, "Too many requests."),
    "server_error": (500, "Something went wrong."),
}

# Error name: the code in the body of the error, where that isn't the name.
ERROR_CODES = {}

# The error for a start whose body `start-request.json` doesn't allow; empty if the body isn't checked.
BAD_REQUEST = "bad_request"

# Name, method, path, and HTTP status: the schema of that answer, None without a body. A job's id is `{job}` in a path.
# GAP: The paths and the schemas are examples.
OPERATIONS = (
    (
        "start", "POST", "/yourapi/jobs",
        {202: "start-response.json", 400: "error.json", 401: "error.json", 429: "error.json", 500: "error.json"},
    ),
    (
        "status", "GET", "/yourapi/jobs/{job}",
        {200: "status.json", 401: "error.json", 404: "error.json", 429: "error.json", 500: "error.json"},
    ),
    (
        "cancel", "POST", "/yourapi/jobs/{job}/cancel",
        {200: "status.json", 401: "error.json", 404: "error.json", 429: "error.json", 500: "error.json"},
    ),
)  # fmt: skip

# The HTTP status of an answer to a start, to a poll of a job that isn't over, and to one of a job that is over.
STARTED = 202
AT_WORK = 200
OVER = 200

# Status: the statuses that may follow it. None follows a last one. A job begins with the first.
# GAP: The statuses and their order are examples.
TRANSITIONS = {
    "queued": ("running", "completed", "failed", "cancelled"),
    "running": ("completed", "failed", "cancelled"),
    "completed": (),
    "failed": (),
    "cancelled": (),
}

# The status of a job that the operation `cancel` has cancelled; empty without that operation.
CANCELLED = "cancelled"

# Status: how many results it shows. `all` makes it the success; `nobody` has none.
# GAP: Only a success shows results.
SHOWS = {"queued": "nobody", "running": "nobody", "completed": "all", "failed": "nobody", "cancelled": "nobody"}

# The path of the job's id in the answer to a start, and in a status body; empty where there is none.
STARTED_ID = ("id",)
JOB_ID = ("id",)

# The header of the answer to a start with the job's URL, such as "location"; empty if the body has the id.
ID_HEADER = ""

# The paths of the status and of the list of results in a status body, and of the id in one result. If there is an
# operation `results`, the list is in its body, or is its body if the path is empty.
STATUS = ("status",)
RESULTS = ("results",)
RESULT_ID = ("id",)

# The path of the text in the body of an error, and nothing where a body has no such place.
MESSAGE = ("error", "message")
