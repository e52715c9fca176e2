"""The card of a job, wherever it is shown."""
