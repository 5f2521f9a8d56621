"""All rules by their ids. `jobmock rules` prints them, and the documents have the same texts."""

from __future__ import annotations

from collections.abc import Mapping

from .outcome_rule_table import OUTCOME_TABLE
from .page_rule_table import PAGE_TABLE
from .request_rule_table import REQUEST_TABLE
from .rule import Rule
from .run_rule_table import RUN_TABLE

__all__ = ["EXPLAINED", "RULES", "Rule"]

RULES: Mapping[str, Rule] = {rule.id: rule for rule in (*REQUEST_TABLE, *PAGE_TABLE, *OUTCOME_TABLE)}
"""Every rule of the verdict by its id."""
EXPLAINED: Mapping[str, Rule] = {**RULES, **{rule.id: rule for rule in RUN_TABLE}}
"""Every rule, also those about the runs of `assert_client_survives` and `jobmock exhaust`."""
