"""The listing of a key's batches. A cursor is the last batch that was listed."""

from __future__ import annotations

from urllib.parse import parse_qsl

from jobmock.dialect import Answer, Refused, RequestContext, views_of_key

from .batches import batch_in

_DEFAULT, _LARGEST = 20, 100


def list_batches(call: RequestContext) -> Answer:
    """Answer with the batches of the key, the newest first."""
    query = dict(parse_qsl(call.request.query.decode("latin-1"), keep_blank_values=True))
    limit, after = query.get("batch_limit", str(_DEFAULT)), query.get("after_batch")
    if not limit.isdecimal() or not 1 <= int(limit) <= _LARGEST:
        raise Refused("cursor_invalid", f"The limit is a whole number from 1 to {_LARGEST}.")
    listed = [batch_in(view) for view in views_of_key(call)]
    places = {one["batch_ref"]: number for number, one in enumerate(listed)}
    if after is not None and after not in places:
        raise Refused("cursor_invalid")
    begin = 0 if after is None else places[after] + 1
    page, has_more = listed[begin : begin + int(limit)], begin + int(limit) < len(listed)
    cursor = page[-1]["batch_ref"] if has_more else None
    return Answer(200, {"batches": page, "following_cursor": cursor, "has_following": has_more})
