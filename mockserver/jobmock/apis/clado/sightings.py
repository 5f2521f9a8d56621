"""Where Clado's documents and its public clients show what the rules of the etiquette are about."""

from __future__ import annotations

SIGHTINGS = {
    "polled-after-end": "every public Clado client that was read polls cancelled jobs on",
    "gave-up-early": "a public Clado SDK returns at `processing`",
    "error-as-result": "a public Clado MCP server reads `error` where the body has `detail`",
    "partial-as-whole": "`final_results_count` and `search_chunk_done`, schemas/clado/README.md#4.3",
}
