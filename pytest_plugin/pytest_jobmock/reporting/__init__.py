"""What pytest prints and writes: the story of a failed test, its artifacts, and the summary of the run."""
