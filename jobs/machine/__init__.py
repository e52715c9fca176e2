"""What this machine lends: its disk and its threads, what it counts, and what is away from it."""
