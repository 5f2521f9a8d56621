"""The prices of Orbit: 10 credits for a run, 1 for reading a profile. Failed runs may be refunded.

Source: schemas/orbit/README.md#6.
"""

from __future__ import annotations

from ...dialect.answers import Refused
from ...dialect.request_context import RequestContext
from ...engine.headers import Headers
from ...engine.namespace import Namespace

RUN_PRICE = 10
READ_PRICE = 1


def afford(call: RequestContext, price: int) -> None:
    """Raise Refused (402, with both amounts) where the balance is below the price."""
    settle_refunds(call.namespace, call.now)
    balance = call.namespace.credits.balance
    if balance < price:
        raise Refused("developer_api_credits_insufficient", requiredCredits=price, remainingCredits=balance)


def remaining(call: RequestContext) -> Headers:
    """Return the header with the remaining balance (schemas/orbit/README.md#4.1)."""
    return ((b"x-developer-api-credits-remaining", b"%d" % call.namespace.credits.balance),)


def settle_refunds(namespace: Namespace, now: int) -> None:
    """Refund the failed runs whose scenario sets `refund_failed`.

    Source: schemas/orbit/README.md#11.31.
    """
    for job in namespace.open_charges.pop_changed(now):
        stage = job.stage(now)
        if stage.status == "failed":
            namespace.credits.refund(job.charged)
            job.charged = 0
        if stage.after is None:
            del namespace.open_charges[job.id]
