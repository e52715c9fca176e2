"""What providers answer, and what they declare."""
