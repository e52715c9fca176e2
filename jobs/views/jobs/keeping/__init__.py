"""What is done with one video or many at once: choose, file, throw away, and take it back."""
