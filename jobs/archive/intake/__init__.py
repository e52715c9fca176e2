"""What people hand in for videos to be made from; decoded, a few at a time."""
