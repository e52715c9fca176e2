"""What is told of what goes on: lines of the log, without secrets, and reports of faults."""
