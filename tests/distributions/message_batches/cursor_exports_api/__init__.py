"""An API of exports, without keys: rows are read in pages, each of which has the cursor of the next one."""

from __future__ import annotations

from jobmock.dialect import (
    CURSOR,
    NO_KEY,
    Answer,
    Api,
    JobView,
    Operation,
    Paging,
    RequestContext,
    current_view,
    served_page,
    start_job,
    status_operation,
)

PAGING = Paging(
    page="from_cursor", size="row_limit", default_size=10, largest_size=50, identity=("row_key",),
    stated={CURSOR: ("next_from",), "total_results": ("row_total",)},
)  # fmt: skip
REFUSALS = dict.fromkeys((404, 429, 500), "error.json")


def start(call: RequestContext) -> Answer:
    """Start an export."""
    return Answer(201, {"export_key": start_job(call).id})


def render_status(view: JobView) -> Answer:
    """Answer a poll."""
    return Answer(200, {"export_key": view.job_id, "export_phase": view.stage.status})


def rows(call: RequestContext) -> Answer:
    """Answer with the page of rows that the cursor stands for. An export that isn't gathered has none."""
    served = served_page(current_view(call), PAGING, "cursor_unreadable")
    listed = [{"row_key": f"row-{number + 1}"} for number in served.numbers]
    body = {"exported_rows": listed, "next_from": served.cursor, "row_total": served.page.total_results}
    return Answer(200, body, page=served.info)


API = Api(
    name="cursor_exports",
    credential=NO_KEY,
    operations=(
        Operation(name="start", method="POST", path="/v1/exports", answer=start,
                  replies={429: "error.json", 500: "error.json", 201: "start-response.json"}),
        Operation(name="status", method="GET", path="/v1/exports/{job}", answer=status_operation(render_status),
                  replies={**REFUSALS, 200: "status.json"}),
        Operation(name="results", method="GET", path="/v1/exports/{job}/exported_rows", answer=rows,
                  parameters=("from_cursor", "row_limit"),
                  replies={**REFUSALS, 200: "rows.json", 400: "error.json"}),
    ),
    transitions={"gathering": frozenset({"gathered", "collapsed"}),
                 **dict.fromkeys(("gathered", "collapsed"), frozenset())},
    shows={"gathering": "nobody", "gathered": "all", "collapsed": "nobody"},
    errors={
        "cursor_unreadable": (400, "This is no cursor of the export."),
        "export_unknown": (404, "There is no such export."),
        "export_crowded": (429, "There are too many requests."),
        "export_defect": (500, "The export service is broken."),
    },
    id_path=("export_key",), status_path=("export_phase",),
    results=("exported_rows",),
    paging=PAGING,
    result_nouns={"job": ("exported row", "exported rows")},
)  # fmt: skip
