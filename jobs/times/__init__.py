"""The time that all processes agree on, and moments and months as people read them."""
