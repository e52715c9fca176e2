"""Signs that all is well, for monitors: who was heard of, what lies about, how much of what."""
