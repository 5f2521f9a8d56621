"""Checking: judges live and recorded answers against the contract, and reports where they leave it.

Sources: `transport` and `adapter` see a client's own traffic, `poller` polls a live job through `sender`, `readers`
read recorded files. Each gives an `exchange`.
Rules: `check` judges an exchange. `answer_rules` are about one answer, `sequence_rules` and `page_rules` about what the
answers show of one job (`job_answers`). `violation` has the table of all rules and their kinds, `messages` the words.
`distribution` checks many files in one process, in several, or on a cluster.
Results: `report`, its `formats`, the `baseline` of accepted violations, and `schema_patches` that would accept more.
"""
