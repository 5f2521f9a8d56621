"""What the reports of all commands share: how each format is written, and where a report goes."""
