"""The recording proxy: it forwards requests to a live API, and writes each job as a scenario without any real data.

Sockets: `proxy` forwards requests to the live API through `upstream`; `nonstandard_status` sends unusual statuses.
One exchange: `raw_exchange` is what the proxy saw; `sanitizer` makes a `sanitized_exchange` of it, by the `allow_list`
and the `documented_values`, with `observed_fault` and `retry_after`. `hidden_values` stand for what is kept back.
Files: `recorder` gives each exchange to the `exchange_log` (JSON Lines, filled in by the `synthetic_host`) and to the
`scenario_writer`, which works in the `background`. `files` writes to disk, `yaml_text` renders, `warnings` reports.
Inference: `recorded_jobs` groups exchanges by job; `infer_scenario` turns a job into a scenario with `infer_steps`,
`infer_faults`, `switch_choices` and `declared_violations`. `replay` plays the scenario on a mock; `body_diff`,
`outline`, `differences` and `score` compare the answers with the recorded ones.
"""
