"""Recording: exchanges of a live API, or of files, become scenarios without any real data.

Sockets: `proxy` forwards requests to the live API through `upstream`; `nonstandard_status` sends unusual statuses.
Files: `file_recorder` reads exchanges that lie in files.
One exchange: `raw_exchange` is what the proxy saw; `sanitizer` makes a `sanitized_exchange` of it, by the `allow_list`
and the `documented_values`, with `observed_fault`, `retry_after` and `content_types`. `hidden_values` stand for what is
kept back, `replaced_names` for unlisted words and members, and `synthetic_shapes` for unlisted values. `deviations` are
the places where an answer leaves the contract.
Output: `recorder` gives each exchange to the `exchange_log` (JSON Lines, filled in by the `synthetic_host`) and to the
`scenario_writer`, which works in the `background`. `files` writes to disk, `yaml_text` renders, `warnings` reports.
Inference: `recorded_jobs` groups exchanges by job; `infer_scenario` turns a job into a scenario with `infer_steps`,
`infer_faults`, `infer_changes`, `switch_choices` and `declared_violations`. `cursors` number pages.
`page_people` and `known_pages` know who is on which page. `replay` plays the scenario on a mock; `body_diff`,
`outline`, `differences` and `score` compare the answers with the recorded ones.
"""
